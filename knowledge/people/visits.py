"""Visits: when somebody was last here, so that they can be shown what is new since; nobody else is told it."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Table, added, moment, table_of

APART = timedelta(hours=4)
"""Who was away for so long comes back for another visit; a lunch is no absence."""


class Visit(Table, table=True):
    """When somebody was last here and when their visit before ended; one row a person, written at most every ten minutes."""

    __tablename__ = "visit"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    seen_at: datetime = moment()
    before_at: datetime | None = moment(default=None)


_v = table_of(Visit).c


def seen(session: Session, person_id: int) -> None:
    """Note that somebody is here; after an absence, until when they were here before."""
    now = clock.now()
    if added(session, Visit, person_id=person_id, seen_at=now):
        return
    row = session.get_one(Visit, person_id, with_for_update=True)
    if now - row.seen_at >= APART:
        row.before_at = row.seen_at
    row.seen_at = max(row.seen_at, now)


def ended() -> ColumnElement[datetime | None]:
    """When the visit before this one ended, of the rows of a statement; their visit may not have been noted yet."""
    return case((_v.seen_at <= clock.minute() - APART, _v.seen_at), else_=_v.before_at)
