"""Counts who looked for something and did not find it, and by which wordings people did.

A person has another hash every month, so people are counted within one month, and the month that has most of them speaks for the
rest: one person who asks in three months is one person, and never three.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, or_, select, update
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.listening.people import FEWEST
from knowledge.listening.searches import PastSearch, Searched, Sought

LATELY = timedelta(days=183)
"""How long a search counts."""

_s, _q, _past = table_of(Sought).c, table_of(Searched).c, table_of(PastSearch).c


@dataclass(frozen=True, slots=True)
class _Month:
    """One month of one subject: how many people looked for it, how many of them in vain, and when the last of these did."""

    asked: int
    in_vain: int
    last_on: date

    @property
    def is_gap(self) -> bool:
        """Whether enough people looked in vain, and no fewer than those who found what they opened."""
        return self.in_vain >= FEWEST and 2 * self.in_vain >= self.asked


def recount(session: Session, ids: Sequence[int]) -> None:
    """Count anew what these subjects have come to; a statement more for each of them that many people look for."""
    _gaps(session, ids)
    _past_searches(session, ids)


def _gaps(session: Session, ids: Sequence[int]) -> None:
    """How many looked in vain since the subject was last answered; an answer that enough people did not find reopens it."""
    found = {id: [month for month in months if month.is_gap] for id, months in _months(session, ids).items()}
    wordings = _wordings(session, [id for id in ids if found.get(id)])
    table = table_of(Sought)
    for id, months in found.items():
        if months:
            most, last_on = max(month.in_vain for month in months), max(month.last_on for month in months)
            values = {"people": most, "last_on": last_on, "wording": wordings[id], "answered_at": None}
            draft = case(
                (_s.answered_at.is_not(None), None), else_=_s.draft_id
            )  # what was written is out, and did not help
            session.connection().execute(update(table).where(_s.id == id).values(**values, draft_id=draft))
    silent = [id for id in ids if not found.get(id)]
    over = update(table).where(_s.id.in_(silent), _s.answered_at.is_(None), _s.people > 0)
    session.connection().execute(over.values(people=0, last_on=None, wording=""))


def _counted() -> list[Any]:
    """Which rows count: those of lately from which it is known whether something was found, since the last answer."""
    known = or_(_q.hits.is_not(None), _q.opened.is_not(None))
    since = or_(_s.answered_at.is_(None), _q.at > _s.answered_at)
    return [_q.at > clock.now() - LATELY, known, since]


def _months(session: Session, ids: Sequence[int]) -> Mapping[int, list[_Month]]:
    opened = func.max(case((_q.opened.is_not(None), 1), else_=0)).label("opened")
    missed = func.max(case((or_(_q.hits == 0, _q.is_watched), 1), else_=0)).label("missed")
    each = (
        select(_q.sought_id, _q.month, _q.person, opened, missed, func.max(_q.day).label("day"))
        .join_from(table_of(Searched), table_of(Sought), _s.id == _q.sought_id)
        .where(_q.sought_id.in_(ids), *_counted())
        .group_by(_q.sought_id, _q.month, _q.person)
        .subquery()
        .c
    )
    in_vain = case((and_(each.opened == 0, each.missed == 1), 1), else_=0)
    last = func.max(case((in_vain == 1, each.day)))
    whole = select(each.sought_id, func.count(), func.sum(in_vain), last).group_by(each.sought_id, each.month)
    found: dict[int, list[_Month]] = {}
    for id, asked, missing, day in session.connection().execute(whole):
        if day is not None:
            found.setdefault(id, []).append(_Month(int(asked), int(missing), day))
    return found


def _wordings(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
    """The wording that most people used for each subject; among equals the shortest."""
    if not ids:
        return {}
    people = func.count(_q.person.distinct())
    statement = (
        select(_q.sought_id, _q.query, people.label("people"))
        .join_from(table_of(Searched), table_of(Sought), _s.id == _q.sought_id)
        .where(_q.sought_id.in_(ids), *_counted())
        .group_by(_q.sought_id, _q.query)
    )
    rows = sorted(session.connection().execute(statement), key=lambda row: (row.people, -len(row.query), row.query))
    return {row.sought_id: row.query for row in rows}


def _past_searches(session: Session, ids: Sequence[int]) -> None:
    found = func.count(_q.person.distinct())
    statement = (
        select(_q.sought_id, _q.query, found.label("people"))
        .where(_q.sought_id.in_(ids), _q.at > clock.now() - LATELY, or_(_q.hits > 0, _q.opened.is_not(None)))
        .group_by(_q.sought_id, _q.query, _q.month)
        .having(found >= FEWEST)
    )
    most: dict[str, tuple[int, int]] = {}
    for id, query, people in session.connection().execute(statement):
        most[query] = max((people, id), most.get(query, (0, id)))
    session.connection().execute(delete(table_of(PastSearch)).where(_past.sought_id.in_(ids)))
    if most:
        session.connection().execute(insert(table_of(PastSearch)), [*_rows(most)])


def _rows(most: Mapping[str, tuple[int, int]]) -> Iterable[Mapping[str, Any]]:
    for query, (people, id) in most.items():
        yield {"query": query, "sought_id": id, "people": people}
