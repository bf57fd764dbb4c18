"""What one revision of an initiative states: its kind, where it stands, and its dates."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Field

from knowledge.database import Row, Table, word
from knowledge.detail import Detail, too_long
from knowledge.errors import Problem
from knowledge.words import Contribution, Horizon, InitiativeKind, InitiativeStatus


class Initiative(Table, table=True):
    """The facts of one revision of an initiative."""

    __tablename__ = "initiative"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    kind: InitiativeKind = word(InitiativeKind, InitiativeKind.NEW)
    status: InitiativeStatus = word(InitiativeStatus, InitiativeStatus.PROPOSED)
    planned_launch: date | None = None
    planned_completion: date | None = None
    launched_on: date | None = None
    completed_on: date | None = None
    changes_from: str | None = None
    changes_to: str | None = None
    horizon: Horizon | None = word(Horizon, None)
    trade_off: str | None = None
    reach: int | None = None
    impact: int | None = None
    effort: float | None = None
    contribution: Contribution | None = word(Contribution, None)
    cadence_days: int | None = None


class InitiativeRow(Row):
    """The facts of an initiative as they are read."""

    kind: InitiativeKind
    status: InitiativeStatus
    planned_launch: date | None
    planned_completion: date | None
    launched_on: date | None
    completed_on: date | None
    changes_from: str | None
    changes_to: str | None
    horizon: Horizon | None
    trade_off: str | None
    reach: int | None
    impact: int | None
    effort: float | None
    contribution: Contribution | None
    cadence_days: int | None


MOST_REACHED = 10_000_000
STRONGEST = 5
MOST_EFFORT = 10_000.0
LONGEST_SILENCE = 365

_FIELDS = {
    "kind": InitiativeKind.NEW,
    "status": InitiativeStatus.PROPOSED,
    "planned_launch": None,
    "planned_completion": None,
    "launched_on": None,
    "completed_on": None,
    "changes_from": None,
    "changes_to": None,
    "horizon": None,
    "trade_off": None,
    "reach": None,
    "impact": None,
    "effort": None,
    "contribution": None,
    "cadence_days": None,
}


def _faults(values: Mapping[str, Any]) -> Iterable[Problem]:
    yield from too_long(values, "initiative", {"changes_from": 500, "changes_to": 500, "trade_off": 500})
    for early, late in (("planned_launch", "planned_completion"), ("launched_on", "completed_on")):
        if values[early] and values[late] and values[late] < values[early]:
            yield Problem(f"initiative.{late}", "It cannot end before it begins.")
    yield from _weight_faults(values)


def _weight_faults(values: Mapping[str, Any]) -> Iterable[Problem]:
    reach, impact, effort, cadence = (values[each] for each in ("reach", "impact", "effort", "cadence_days"))
    if reach is not None and not 0 <= reach <= MOST_REACHED:
        yield Problem("initiative.reach", f"How many customers it reaches in a quarter is from 0 to {MOST_REACHED:,}.")
    if impact is not None and not 1 <= impact <= STRONGEST:
        yield Problem("initiative.impact", f"What it changes for each of them is from 1 to {STRONGEST}.")
    if effort is not None and not 0 < effort <= MOST_EFFORT:
        yield Problem(
            "initiative.effort", f"The effort is in weeks of one person's work, above 0 and up to {MOST_EFFORT:,.0f}."
        )
    if cadence is not None and not 1 <= cadence <= LONGEST_SILENCE:
        yield Problem("initiative.cadence_days", f"Progress is due every 1 to {LONGEST_SILENCE} days.")


def _gaps(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values["kind"] is InitiativeKind.CHANGING and not (values["changes_from"] and values["changes_to"]):
        yield Problem("initiative.changes_to", "An initiative that changes says from what and to what.")
    if values["status"] is InitiativeStatus.LAUNCHED and values["planned_completion"] is None:
        yield Problem("initiative.planned_completion", "A launched initiative says when it is to be complete.")


INSIDE = frozenset({"trade_off", "reach", "impact", "effort", "contribution", "cadence_days"})
"""What is weighed among colleagues, and told to nobody else whoever may read of the initiative."""

DETAIL = Detail("initiative", Initiative, InitiativeRow, _FIELDS, faults=_faults, gaps=_gaps, inside=INSIDE)
