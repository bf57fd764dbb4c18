"""Which entries have proven themselves: more than half of those who tried them say so, beyond what chance would do."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import CompoundSelect, case, func, literal, select, union_all
from sqlmodel import Session

from knowledge import estimates
from knowledge.database import table_of
from knowledge.outcomes import OutcomeRecord
from knowledge.uses import Use
from knowledge.words import UseResult, Verdict

LEAST = 0.5
"""The lower bound of Wilson's interval must be above it: four who tried and were all content are enough, six of seven are not."""

_o, _u = table_of(OutcomeRecord).c, table_of(Use).c


def proven(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Those of the entries, by their keys; one statement.

    Everybody has one voice on an entry: the latest that they said of it, be it a use or an outcome. What nobody in particular
    said is a voice for each. What is too early to say is none, and what worked in part did not work.
    """
    if not ids:
        return frozenset()
    told = _told(ids).subquery().c
    newest = (told.day.desc(), told.place.desc(), told.id.desc())
    number = func.row_number().over(partition_by=(told.entry_id, told.nobody, told.someone), order_by=newest)
    latest = select(told.entry_id, told.went_well, number.label("number")).subquery().c
    counts = select(latest.entry_id, func.sum(latest.went_well), func.count()).where(latest.number == 1)
    found = session.connection().execute(counts.group_by(latest.entry_id)).all()
    return frozenset(id for id, hits, voices in found if _is_enough(int(hits), voices))


def _is_enough(hits: int, voices: int) -> bool:
    low = estimates.share(hits, voices, voices=voices).low
    return low is not None and low > LEAST


def _told(ids: Collection[int]) -> CompoundSelect[Any]:
    used = select(
        _u.entry_id,
        _u.id,
        literal(0).label("place"),
        case((_u.person_id.is_(None), 1), else_=0).label("nobody"),
        func.coalesce(_u.person_id, _u.id).label("someone"),
        _u.used_on.label("day"),
        case((_u.result == UseResult.WORKED, 1), else_=0).label("went_well"),
    ).where(_u.withdrawn_at.is_(None), _u.entry_id.in_(ids))
    measured = select(
        _o.entry_id,
        _o.id,
        literal(1).label("place"),
        case((_o.author_id.is_(None), 2), else_=0).label("nobody"),
        func.coalesce(_o.author_id, _o.id).label("someone"),
        _o.to_on.label("day"),
        case((_o.verdict == Verdict.BETTER, 1), else_=0).label("went_well"),
    ).where(_o.withdrawn_at.is_(None), _o.verdict != Verdict.TOO_EARLY, _o.entry_id.in_(ids))
    return union_all(used, measured)
