"""What a demonstration begins with: some of its people follow something, and have been told of what happened there."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock
from knowledge.community import follows, notifications
from knowledge.database import Row, read, table_of
from knowledge.entries.entry import Entry
from knowledge.people import Person

FOLLOWED = {
    "ines@example.com": ("replace-first", "valve-to-the-front", "coffee-when-the-doors-open"),
    "margit@example.com": ("replace-first", "descaling-valve-out-of-reach"),
    "rosa@example.com": ("coffee-when-your-doors-open",),
}


class _Sample(Row):
    uid: UUID
    slug: str
    author_id: int | None
    owner_id: int | None
    verified_by_id: int | None
    created_at: datetime
    published_at: datetime | None


def begin(session: Session) -> None:
    """Have the people of the sample follow what they wrote and what is listed here, and tell them what happened to it. Doing it
    again changes nothing.
    """
    entry, person = table_of(Entry).c, table_of(Person).c
    people = {row.email: row.id for row in session.connection().execute(select(person.id, person.email))}
    wanted = entry.sample | entry.slug.in_({slug for slugs in FOLLOWED.values() for slug in slugs})
    names = ("id", "uid", "slug", "author_id", "owner_id", "verified_by_id", "created_at", "published_at")
    sample = read(session, _Sample, select(*(entry[name] for name in names)).where(wanted).order_by(entry.id))
    for row in sample:
        also = [people.get(email) for email, slugs in FOLLOWED.items() if row.slug in slugs]
        with clock.held(row.created_at):  # before anything happened to it
            follows.by_itself(session, row.id, [row.author_id, row.owner_id, *also])
    for subject in _happened(sample):
        notifications.notify(session, subject)


def _happened(sample: list[_Sample]) -> Iterator[str]:
    for row in sample:
        if row.published_at is None:
            continue
        at = row.published_at.isoformat()
        if row.verified_by_id is not None:
            yield f"entry.verified Entry {row.uid} {row.verified_by_id} {at}"
        if row.slug == "valve-to-the-front":
            yield f"initiative.progressed Entry {row.uid} {row.owner_id or '-'} {at}"
