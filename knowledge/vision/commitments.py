"""Commitments: who has a stake in a vision, and where each of them stood towards which version of it [V4]."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import CommitmentState


class Stakeholder(Table, table=True):
    """Someone whose support a vision needs: a colleague, a group, or somebody outside by name. Exactly one is given."""

    __tablename__ = "stakeholder"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    name: str | None = Field(default=None, max_length=120)
    key: bool = False
    created_at: datetime = moment()
    removed_at: datetime | None = moment(default=None)
    sample: bool = False


class Commitment(Table, table=True):
    """Where a stakeholder stood towards version k of the vision at one time; append-only, the newest counts."""

    __tablename__ = "commitment"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    stakeholder_id: int = Field(foreign_key="stakeholder.id", index=True)
    version: int
    state: CommitmentState = word(CommitmentState)
    statement: str = Field(default="", max_length=1_000)
    expires_on: date | None = None
    given_at: datetime = moment()
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")
