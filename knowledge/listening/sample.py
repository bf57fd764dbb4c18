"""What the sample's people looked for in vain, so that a demonstration has gaps to fill."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.listening import counting, keeping
from knowledge.listening.searches import Noted, Searched

LOOKED_FOR = (("cancel a contract by phone", 0, 5), ("who may give a discount", 0, 4), ("visit a new customer", 2, 3))
FOUND = (("machine fails again", 3, 4),)
"""What, how many hits there were, and how many people looked for it."""

_q = table_of(Searched).c
_OURS = _q.person.like("sample %")


def search(session: Session) -> None:
    """Write down some searches of nobody in particular; nothing where that has been done."""
    if session.connection().execute(select(_q.id).where(_OURS).limit(1)).first() is not None:
        return
    now = clock.now()
    day = now - timedelta(days=min(now.day - 1, 2))  # within this month, for people are counted within one
    keeping.keep(
        session,
        [
            Noted(query, f"sample {number}", day, hits, is_watched=searches is LOOKED_FOR)
            for searches in (LOOKED_FOR, FOUND)
            for query, hits, people in searches
            for number in range(people)
        ],
    )


def forget(session: Session) -> None:
    """Take them away again."""
    ids = session.connection().execute(select(_q.sought_id).where(_OURS).distinct()).scalars().all()
    session.connection().execute(delete(table_of(Searched)).where(_OURS))
    counting.recount(session, ids)
    keeping.forget_idle(session)
