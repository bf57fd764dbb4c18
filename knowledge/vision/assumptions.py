"""Assumptions: what a vision takes for granted about the world outside, how that is tested, and what was found."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import AssumptionDomain, AssumptionState, VisionStep


class Assumption(Table, table=True):
    """Something a vision takes for granted, with the sign that would prove it wrong."""

    __tablename__ = "assumption"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    statement: str = Field(max_length=500)
    domain: AssumptionDomain = word(AssumptionDomain)
    state: AssumptionState = word(AssumptionState, AssumptionState.UNTESTED)
    test: str = Field(default="", max_length=1_000)
    found: str = Field(default="", max_length=1_000)
    step: VisionStep | None = word(VisionStep, None)
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    review_by: date | None = None
    settled_at: datetime | None = moment(default=None)
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    updated_at: datetime = moment()
    version: int = 1
    sample: bool = False


class VisionEvidence(Table, table=True):
    """What within a vision a piece of its evidence is about: an assumption, or the answer to a guiding question [V2]."""

    __tablename__ = "vision_evidence"

    id: int | None = Field(default=None, primary_key=True)
    evidence_id: int = Field(foreign_key="evidence.id", index=True, sa_column_kwargs={"info": {"goes_along": True}})
    assumption_id: int | None = Field(default=None, foreign_key="assumption.id", index=True)
    question: str | None = Field(default=None, max_length=80)
