"""Writes down what was searched for, and forgets it again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.database.upserts import insert_into
from knowledge.listening import counting, people
from knowledge.listening.awaiting import Awaited
from knowledge.listening.searches import Noted, PastSearch, Searched, Sought, sought_ids

KEPT = timedelta(days=395)
"""Thirteen months, so that the same month of last year can be compared."""
TOGETHER = 100
"""How many rows go into one statement."""

_s, _q, _past = table_of(Sought).c, table_of(Searched).c, table_of(PastSearch).c


def keep(session: Session, searches: Sequence[Noted]) -> None:
    """Write down searches, several of one person for the same words on a day as one, and count anew what they are about."""
    rows: dict[tuple[str, date, str], Noted] = {}
    for each in searches:
        key = each.person, each.at.date(), each.query
        rows[key] = _merged(rows[key], each) if key in rows else each
    whole = list(rows.values())
    for start in range(0, len(whole), TOGETHER):
        some = whole[start : start + TOGETHER]
        ids = sought_ids(session, [each.query for each in some])
        _write(session, [{"sought_id": ids[each.query], **_values(each)} for each in some])
        counting.recount(session, sorted(set(ids.values())))


def _merged(before: Noted, after: Noted) -> Noted:
    return replace(
        after,
        hits=before.hits if after.hits is None else after.hits,
        opened=before.opened if after.opened is None else after.opened,
        is_watched=before.is_watched or after.is_watched,
    )


def _values(each: Noted) -> dict[str, Any]:
    known = {"query": each.query, "person": each.person, "hits": each.hits, "opened": each.opened, "at": each.at}
    return {**known, "is_watched": each.is_watched, "month": people.month_of(each.at), "day": each.at.date()}


def _write(session: Session, values: Sequence[Mapping[str, Any]]) -> None:
    table = table_of(Searched)
    statement = insert_into(session, table).values(values)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["person", "day", "query"],
        set_={
            "hits": func.coalesce(new.hits, table.c.hits),
            "opened": func.coalesce(new.opened, table.c.opened),
            "is_watched": or_(new.is_watched, table.c.is_watched),
            "at": new.at,
        },
    )
    session.connection().execute(statement)


def tidy(session: Session) -> None:
    """Forget what is older than thirteen months, what people waited for and were told of that long ago, and what nobody looks for,
    waits for or wrote about; run by a job.
    """
    connection = session.connection()
    connection.execute(delete(table_of(Awaited)).where(table_of(Awaited).c.told_at < clock.now() - KEPT))
    connection.execute(delete(table_of(Searched)).where(_q.day < (clock.now() - KEPT).date()))
    shown = connection.execute(select(_s.id).where(_s.people > 0)).scalars().all()
    some = connection.execute(select(_past.sought_id).distinct()).scalars().all()
    ids = sorted({*shown, *some})
    for start in range(0, len(ids), TOGETHER):
        counting.recount(session, ids[start : start + TOGETHER])
    forget_idle(session)


def forget_idle(session: Session) -> None:
    """Forget the subjects that nobody looks for, waits for or wrote about."""
    searched = select(_q.id).where(_q.sought_id == _s.id).exists()
    awaited = select(table_of(Awaited).c.id).where(table_of(Awaited).c.sought_id == _s.id).exists()
    idle = _s.draft_id.is_(None) & _s.answer_id.is_(None) & ~searched & ~awaited
    session.connection().execute(delete(table_of(Sought)).where(idle))
