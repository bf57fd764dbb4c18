"""The sample's home page: what a leader pinned there, and when each was last here, so that something is new to them."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, people
from knowledge.community import notices
from knowledge.community.notices import Notice
from knowledge.database import added, table_of
from knowledge.entries import by_slug
from knowledge.people import OPERATOR, Person, viewer_for
from knowledge.people.visits import Visit

AWAY = timedelta(days=3)
PINNED = (
    "From Monday on every van carries the new drip-tray kit. If a customer asks, they need not wait for the next visit."
)


def look_in(session: Session) -> None:
    """Pin the notice, and have everybody been here three days ago; nothing where somebody pinned one, or has been here."""
    activity.hush(session)
    person, there = table_of(Person).c, table_of(Notice).c
    for id in session.connection().execute(select(person.id).where(person.sample)).scalars().all():
        added(session, Visit, person_id=id, seen_at=clock.now() - AWAY)
    leader, entry = people.by_email(session, "margit@example.com"), by_slug(session, OPERATOR, "valve-to-the-front")
    if leader is None or entry is None or session.connection().execute(select(there.id).limit(1)).first():
        return
    notices.pin(session, viewer_for(leader), PINNED, entry=entry, sample=True)
