"""Thanks: from one to another, by one of the three values; either side may take it back [A2]."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import CultureValue


class Appreciation(Table, table=True):
    """Who thanked whom for what; exactly one of person, group and customer is thanked, never oneself [A1]."""

    __tablename__ = "appreciation"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    from_id: int = Field(foreign_key="person.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    text: str = Field(max_length=500)
    value: CultureValue = word(CultureValue)
    public: bool = True
    created_at: datetime = moment(index=True)
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by_id: int | None = Field(default=None, foreign_key="person.id")
    sample: bool = False
