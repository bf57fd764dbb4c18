"""The year of the sample's firm before its last quarter: who came, what they said, and what became of it."""

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import table_of
from knowledge.feedback.items import Feedback
from knowledge.ladder.offerings import Offering
from knowledge.year import answering, arriving, complaining, customers, hearing, material, meeting, trying, writing
from knowledge.year.arriving import SOURCE
from knowledge.year.fates import Fates
from knowledge.year.writing import EARLIEST

__all__ = ["EARLIEST", "SOURCE", "forget", "live"]


def live(session: Session) -> None:
    """Live it; nothing where that has been done, or where the sample is not there."""
    activity.hush(session)
    by = hearing.colleagues(session)
    if len(by) < 5 or not _is_due(session):
        return
    writing.date(session)
    everyone, now = customers.everyone(), clock.now()
    keys = arriving.arrive(session, everyone)
    fates = Fates(now)
    told = [(item, fates.of(item)) for item in material.items(everyone, now)]
    kept = hearing.hear(session, told, keys, by)
    answering.answer(session, kept, by)
    complaining.follow(session, kept, by)
    meeting.meet(session, everyone, keys, by)
    trying.use(session, by)


def forget(session: Session) -> None:
    """Take away what does not go with the sample's own rows."""
    trying.forget(session)


def _is_due(session: Session) -> bool:
    f, o = table_of(Feedback).c, table_of(Offering).c
    lived = session.connection().execute(select(f.id).where(f.source == SOURCE).limit(1)).first()
    return lived is None and session.connection().execute(select(o.id).where(o.sample).limit(1)).first() is not None
