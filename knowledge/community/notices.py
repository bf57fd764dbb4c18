"""The notice: one thing that a leader pins to everybody's home page, until it is taken down or its day is over."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment


class Notice(Table, table=True):
    """What is pinned, in a sentence, and the entry it points to; the newest that is not taken down counts."""

    __tablename__ = "notice"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    text: str = Field(max_length=300)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    pinned_at: datetime = moment(index=True)
    until: datetime | None = moment(default=None)
    taken_down_at: datetime | None = moment(default=None)
    sample: bool = False


class Visit(Table, table=True):
    """When somebody was last here and when their visit before ended, so that home can say what is new since; nobody else is shown it."""

    __tablename__ = "visit"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    seen_at: datetime = moment()
    before_at: datetime | None = moment(default=None)
