"""Freshness: who vouched for an entry, until when, and what puts that in doubt."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, jobs
from knowledge.database import table_of
from knowledge.entries.entry import Entry, EntryRow, by_uid
from knowledge.entries.writing import reread
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import Act, Viewer
from knowledge.words import Freshness, Kind, Status

DUE = timedelta(days=7)
VERIFIED_FOR: Mapping[Kind, timedelta] = {Kind.VISION: timedelta(days=365), Kind.PRINCIPLE: timedelta(days=365)}
USUALLY = timedelta(days=90)


def verify(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Vouch that an entry still holds: its owner or a curator, for 90 days, a vision for 365. Refuses NOT_FOUND, NOT_ALLOWED."""
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such entry.", "id")
    if not may_verify(viewer, row):
        raise NotAllowed("An entry is verified by its owner or by those who curate.", "id")
    if row.status is not Status.PUBLISHED:
        raise Invalid("Only what is published can be verified.", "id")
    entry = session.get_one(Entry, row.id, with_for_update=True)
    now = clock.now()
    before, entry.freshness = entry.freshness, Freshness.VERIFIED
    entry.verified_by_id = viewer.id
    entry.verified_until = now + VERIFIED_FOR.get(entry.kind, USUALLY)
    entry.updated_at = now
    for moment in (entry.verified_until - DUE, entry.verified_until):
        jobs.later(session, "entry.lapse", str(entry.uid), at=moment)
    activity.record(
        session,
        viewer.id,
        "entry.verified",
        "Entry",
        entry.uid,
        revision=row.revision,
        moved={"freshness": (before, Freshness.VERIFIED)},
    )
    return reread(session, entry)


def may_verify(viewer: Viewer, entry: EntryRow) -> bool:
    """Whether the viewer may vouch for an entry."""
    if not viewer.may(Act.ENTRIES_WRITE):
        return False
    return viewer.may(Act.ENTRIES_CURATE) or (entry.owner_id is not None and entry.owner_id == viewer.id)


def lapse(session: Session, uid: UUID) -> None:
    """Move a verification whose time has come: due a week before it ends, expired when it does. Running it twice does no harm."""
    entry = session.connection().execute(select(table_of(Entry).c.id).where(table_of(Entry).c.uid == uid)).first()
    found = session.get(Entry, entry.id, with_for_update=True) if entry else None
    if found is None or found.verified_until is None or found.freshness not in (Freshness.VERIFIED, Freshness.DUE):
        return
    now = clock.now()
    wanted = Freshness.VERIFIED if now < found.verified_until - DUE else Freshness.DUE
    wanted = Freshness.EXPIRED if now >= found.verified_until else wanted
    if wanted is not found.freshness:
        before, found.freshness = found.freshness, wanted
        activity.record(session, None, "entry.lapsed", "Entry", uid, moved={"freshness": (before, wanted)})


def contest(session: Session, entry: Entry, person_id: int | None, *, why: str) -> None:
    """Put an entry in doubt at once, saying why; `person_id` is None where nobody in particular did. Twice does no harm."""
    if entry.freshness is Freshness.CONTESTED:
        return
    before, entry.freshness = entry.freshness, Freshness.CONTESTED
    entry.updated_at = clock.now()
    moved = {"freshness": (before, Freshness.CONTESTED), "why": (None, why)}
    activity.record(session, person_id, "entry.contested", "Entry", entry.uid, moved=moved)


def forget(entry: Entry) -> None:
    """Start over: nobody has vouched for what is published now."""
    entry.freshness, entry.verified_by_id, entry.verified_until = Freshness.UNVERIFIED, None, None
