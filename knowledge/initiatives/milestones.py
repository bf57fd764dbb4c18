"""Milestones, and the changes of what an initiative is to do."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment


class Milestone(Table, table=True):
    """Something that is to be done by a day."""

    __tablename__ = "milestone"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    title: str = Field(max_length=200)
    due: date
    done_on: date | None = None
    created_at: datetime = moment()
    version: int = 1


class ScopeChange(Table, table=True):
    """What an initiative was to do and what it is to do from then on, and why; append-only [P4]."""

    __tablename__ = "scope_change"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    changes_from: str = Field(max_length=500)
    changes_to: str = Field(max_length=500)
    why: str = Field(max_length=1_000)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
