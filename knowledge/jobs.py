"""What must happen later: a row in the same transaction, run when its time has come, safe to run twice."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, delete, insert, select
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Database, Row, Table, moment, read, table_of

Handler = Callable[[Session, str], None]

TRIES = 8

log = structlog.get_logger()


class Job(Table, table=True):
    """One thing to do, not before `due_at`. Jobs that are done are gone; those that failed too often stay to be looked at."""

    __tablename__ = "job"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=60)
    subject: str = Field(default="", max_length=200)
    due_at: datetime = moment(index=True)
    tries: int = 0
    failure: str | None = None


class JobRow(Row):
    """A job as the worker reads it."""

    kind: str
    subject: str
    due_at: datetime
    tries: int


_j = table_of(Job).c
_ASKED = insert(table_of(Job))  # read once: naming the columns of a statement takes longer than the statement
_CLAIMED = select(_j.id).where(_j.id == bindparam("job")).with_for_update(skip_locked=True)
_DONE = delete(table_of(Job)).where(_j.id == bindparam("job"))


def later(session: Session, kind: str, subject: str = "", *, at: datetime | None = None) -> None:
    """Have `kind` run for `subject` at a moment, or as soon as this transaction is committed."""
    session.add(Job(kind=kind, subject=subject, due_at=at or clock.now()))


def later_each(session: Session, kind: str, wanted: Sequence[tuple[str, datetime]]) -> None:
    """The same for many subjects, each with its moment, in one statement."""
    if wanted:
        rows = [{"kind": kind, "subject": subject, "due_at": at, "tries": 0} for subject, at in wanted]
        session.connection().execute(_ASKED, rows)


def run_due(database: Database, handlers: Mapping[str, Handler], *, most: int = 100) -> int:
    """Run what is due, each job in a transaction of its own with its own removal; returns how many succeeded.

    A job that raises is logged once, and tried again later and later, eight times in all.
    """
    with database.reading() as session:
        due = select(_j.id, _j.kind, _j.subject, _j.due_at, _j.tries).where(_j.due_at <= clock.now(), _j.tries < TRIES)
        waiting = read(session, JobRow, due.order_by(_j.due_at, _j.id).limit(most))
    return sum(_run(database, handlers, job) for job in waiting)


def _run(database: Database, handlers: Mapping[str, Handler], job: JobRow) -> bool:
    def work(session: Session) -> bool:
        connection = session.connection()
        if connection.execute(_CLAIMED, {"job": job.id}).first() is None:
            return False
        handlers[job.kind](session, job.subject)
        connection.execute(_DONE, {"job": job.id})
        return True

    try:
        return database.write(work)
    except Exception as failure:  # the worker loop is one of the two edges
        log.exception("job failed", kind=job.kind, subject=job.subject, tries=job.tries + 1)
        reason = f"{type(failure).__name__}: {failure}"[:500]
        database.write(lambda session: _postpone(session, job.id, reason))
        return False


def _postpone(session: Session, id: int, reason: str) -> None:
    if (row := session.get(Job, id)) is not None:
        row.tries += 1
        row.failure = reason
        row.due_at = clock.now() + timedelta(seconds=15 * 2**row.tries)


def next_due(session: Session) -> datetime | None:
    """When the next job is due, or None where none waits."""
    return session.connection().execute(select(_j.due_at).where(_j.tries < TRIES).order_by(_j.due_at).limit(1)).scalar()
