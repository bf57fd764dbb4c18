"""Has the rules of segments choose anew, soon and once, when something is written that they may ask for."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, jobs
from knowledge.database import Table, table_of
from knowledge.jobs import Job
from knowledge.words import SegmentMethod

JOB = "segments.sort"
SOON = timedelta(seconds=10)


def later(session: Session) -> None:
    """One run for all that is written in the meantime, and none where there are no rules.

    A run that may begin before this transaction ends is not counted on.
    """
    segment, job, now = Table.metadata.tables["segment"].c, table_of(Job).c, clock.now()
    ruled = select(segment.id).where(segment.method == SegmentMethod.RULE).exists()
    waits = select(job.id).where(job.kind == JOB, job.due_at > now + SOON / 2, job.due_at <= now + SOON).exists()
    is_ruled, is_waiting = session.connection().execute(select(ruled, waits)).one()
    if is_ruled and not is_waiting:
        jobs.later_each(session, JOB, [("", now + SOON)])
