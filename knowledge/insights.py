"""Insights: a claim about customers that stands beside its evidence."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Field

from knowledge.database import Row, Table, word
from knowledge.detail import Detail, too_long
from knowledge.errors import Problem
from knowledge.words import InsightKind, InsightState


class Insight(Table, table=True):
    """What one revision of an insight claims."""

    __tablename__ = "insight"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    claim: str = ""
    state: InsightState = word(InsightState, InsightState.UNTESTED)
    kind: InsightKind = word(InsightKind, InsightKind.OBSERVATION, server_default=InsightKind.OBSERVATION)
    review_by: date | None = None


class InsightRow(Row):
    """A claim as it is read."""

    claim: str
    state: InsightState
    kind: InsightKind
    review_by: date | None


def _faults(values: Mapping[str, Any]) -> Iterable[Problem]:
    yield from too_long(values, "insight", {"claim": 500})


def _gaps(values: Mapping[str, Any]) -> Iterable[Problem]:
    if not values["claim"].strip():
        yield Problem("insight.claim", "State the claim in one sentence that evidence could support or contradict.")


def _along(before: Mapping[str, Any], changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """A claim that changes has not been tested."""
    said, says = " ".join(before["claim"].split()), " ".join((changes.get("claim", before["claim"]) or "").split())
    return {"state": InsightState.UNTESTED} if said != says and "state" not in changes else {}


_FIELDS = {"claim": "", "kind": InsightKind.OBSERVATION, "state": InsightState.UNTESTED, "review_by": None}

DETAIL = Detail("insight", Insight, InsightRow, _FIELDS, faults=_faults, gaps=_gaps, along=_along)
