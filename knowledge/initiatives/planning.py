"""What an initiative is for and what it takes: its sponsor, the vision and the steps it serves, capacity, milestones, measures."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import VisionStep


class InitiativeBacking(Table, table=True):
    """Who sponsors an initiative, and the vision that it carries out."""

    __tablename__ = "initiative_backing"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    sponsor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    vision_id: int | None = Field(default=None, foreign_key="entry.id", index=True)


class InitiativeStep(Table, table=True):
    """A step of the vision that an initiative serves, or one guiding question of that step by its key."""

    __tablename__ = "initiative_step"
    __table_args__ = (UniqueConstraint("entry_id", "step", "question"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    step: VisionStep = word(VisionStep)
    question: str = Field(default="", max_length=80)


class InitiativeCapacity(Table, table=True):
    """How much of a group's time an initiative takes, in percent of what the group has for initiatives."""

    __tablename__ = "initiative_capacity"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    group_id: int = Field(foreign_key="functional_group.id", primary_key=True, index=True)
    percent: int


class InitiativeMeasure(Table, table=True):
    """A question of a survey whose score an initiative means to move."""

    __tablename__ = "initiative_measure"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    question_id: int = Field(foreign_key="survey_question.id", primary_key=True, index=True)


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
