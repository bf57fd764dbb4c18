"""What colleagues say of practices they used in the year, and what they measured of some and of initiatives."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.entries import Entry
from knowledge.outcomes import OutcomeRecord
from knowledge.uses import Use
from knowledge.words import Comparison, MetricKind, Stage, Status, UseResult, Verdict
from knowledge.year.arriving import SOURCE
from knowledge.year.customers import FOLDER
from knowledge.year.hearing import Colleague

_e = table_of(Entry).c


def use(session: Session, by: Mapping[str, Colleague]) -> None:
    """Write it down of those that are published."""
    told = tomllib.loads((FOLDER / "tried.toml").read_text(encoding="utf-8"))
    rows = session.connection().execute(select(_e.slug, _e.id).where(_e.status == Status.PUBLISHED))
    entries = {row.slug: row.id for row in rows}
    used = [_used(entries[each["practice"]], by, line) for each in told["used"] for line in each["by"]
            if each["practice"] in entries]  # fmt: skip
    measured = [
        _measured(entries[each["practice"]], by, each) for each in told["measured"] if each["practice"] in entries
    ]
    for table, those in ((Use, used), (OutcomeRecord, measured)):
        numbered = [{**row, "source": SOURCE, "external_id": f"{place:03}"} for place, row in enumerate(those, 1)]
        if numbered:
            session.connection().execute(insert(table_of(table)), numbered)


def forget(session: Session) -> None:
    """Take it away again: the practices are not the sample's."""
    for table in (Use, OutcomeRecord):
        session.connection().execute(delete(table_of(table)).where(table_of(table).c.source == SOURCE))


def _used(entry_id: int, by: Mapping[str, Colleague], line: list[Any]) -> dict[str, Any]:
    name, result, stage, days, note = line
    at = clock.now() - timedelta(days=days)
    return {
        "uid": clock.uid(),
        "entry_id": entry_id,
        "person_id": by[name].id,
        "stage": Stage(stage.upper()) if stage else None,
        "result": UseResult(result.upper()),
        "note": note,
        "used_on": at.date(),
        "created_at": at,
    }


def _measured(entry_id: int, by: Mapping[str, Colleague], told: Mapping[str, Any]) -> dict[str, Any]:
    now = clock.now()
    since, until = (now - timedelta(days=each) for each in told["days"])
    sides = {f"{side}_{name}": value for side in ("before", "after") for name, value in _sample(told[side])}
    return {
        "uid": clock.uid(),
        "entry_id": entry_id,
        "author_id": by[told["by"]].id,
        "from_on": since.date(),
        "to_on": until.date(),
        "metric": told["metric"],
        "metric_kind": MetricKind(told.get("kind", "proportion").upper()),
        "comparison": Comparison(told["comparison"].upper()),
        "verdict": Verdict(told["verdict"].upper()),
        "note": told["note"],
        "created_at": until,
        **sides,
    }


def _sample(figures: list[Any]) -> list[tuple[str, Any]]:
    return list(zip(("n", "value", "deviation"), [*figures, None], strict=False))
