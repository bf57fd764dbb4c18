"""Communications: to whom the what and the why of a vision were told, when and how."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import Audience


class Communication(Table, table=True):
    """One occasion on which a version of the vision was told to somebody."""

    __tablename__ = "communication"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    version: int
    audience: Audience = word(Audience)
    whom: str = Field(max_length=200)
    told_on: date
    how: str = Field(max_length=200)
    what: bool = True
    why: bool = True
    came_of_it: str = Field(default="", max_length=1_000)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    sample: bool = False
