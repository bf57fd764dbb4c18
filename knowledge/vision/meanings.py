"""What a vision means to a person or a group, in their own words, to the version that they read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment


class PersonalMeaning(Table, table=True):
    """ "What does it mean to me?" answered: by a person for themselves, or for a group by one of it."""

    __tablename__ = "personal_meaning"
    __table_args__ = (
        UniqueConstraint("entry_id", "version", "person_id"),
        UniqueConstraint("entry_id", "version", "group_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id")
    version: int
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    text: str = Field(max_length=1_000)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    sample: bool = False
