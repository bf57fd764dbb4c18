"""Share links: an address by which somebody without an account reads what has been approved to leave the house."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Field, Session

from knowledge import activity, attachments, clock
from knowledge.attachments import AttachmentRow
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.entries import EntryRow, by_slug, may_edit
from knowledge.entries import by_ids as entries_by_ids
from knowledge.entries.entry import Entry, everything, published
from knowledge.errors import NotAllowed, NotFound, Problem, refuse
from knowledge.people import OPERATOR, Act, Person, Viewer, require
from knowledge.people.signing import digest
from knowledge.words import Audience, Status

USUALLY = timedelta(days=30)
LONGEST = timedelta(days=365)
MOST = 20
OUTWARD = (Audience.CUSTOMERS, Audience.PUBLIC)
"""What has been approved to leave the house."""


class ShareLink(Table, table=True):
    """A secret address of an entry, kept as SHA-256 only."""

    __tablename__ = "share_link"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    digest: str = Field(unique=True, max_length=64)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)


class ShareRow(Row):
    """A share link as those who look after it see it: all but the secret."""

    uid: UUID
    entry_id: int
    author_id: int | None
    created_at: datetime
    expires_at: datetime


class SharedRow(EntryRow):
    """What is read by a share link, and until when."""

    share_expires_at: datetime


_s = table_of(ShareLink).c
_e = table_of(Entry).c
_COLUMNS = ("id", "uid", "entry_id", "author_id", "created_at", "expires_at")


def may_share(entry: EntryRow, viewer: Viewer) -> bool:
    """Whether the viewer may make a share link: colleagues who write, for what is published for customers or for everyone."""
    is_out = entry.status in (Status.PUBLISHED, Status.OBSOLETE) and entry.audience in OUTWARD
    return is_out and viewer.is_inside and viewer.may(Act.ENTRIES_WRITE)


def create(
    session: Session, viewer: Viewer, entry: EntryRow, *, expires_at: datetime | None = None
) -> tuple[str, ShareRow]:
    """A new link and its secret, which is stored nowhere; it ends after 30 days unless told otherwise. Refuses NOT_ALLOWED, INVALID."""
    require(viewer, Act.ENTRIES_WRITE, doing="share entries")
    if not may_share(entry, viewer):
        raise NotAllowed("What is published for customers or for everyone can be shared; this is not.", "entry")
    until = expires_at or clock.now() + USUALLY
    session.get_one(Entry, entry.id, with_for_update=True)  # of two links at once the second is counted
    refuse(_faults(session, entry, until))
    secret = secrets.token_urlsafe(32)
    link = ShareLink(
        digest=digest(secret), entry_id=entry.id, author_id=viewer.id, created_at=clock.now(), expires_at=until
    )
    session.add(link)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "entry.shared", "ShareLink", link.uid, moved={"entry": (None, entry.uid)})
    row = one(session, ShareRow, select(*columns_of(ShareLink, *_COLUMNS)).where(_s.id == link.id))
    assert row is not None
    return secret, row


def _faults(session: Session, entry: EntryRow, until: datetime) -> Iterable[Problem]:
    now = clock.now()
    if until <= now:
        yield Problem("expiresAt", "This moment has passed.")
    elif until > now + LONGEST + timedelta(days=1):  # a day is chosen, not a moment
        yield Problem("expiresAt", "A link ends after a year at the latest.")
    alive = select(func.count()).where(_s.entry_id == entry.id, _s.revoked_at.is_(None), _s.expires_at > now)
    if session.connection().execute(alive).scalar_one() >= MOST:
        yield Problem("entry", f"This entry has {MOST} links already: revoke one first.")


def revoke(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """End a link at once: whoever made it, and those who may edit the entry. Refuses NOT_FOUND and NOT_ALLOWED."""
    require(viewer, Act.ENTRIES_WRITE, doing="revoke links")
    statement = select(*columns_of(ShareLink, *_COLUMNS)).where(_s.uid == uid, _s.revoked_at.is_(None))
    row = one(session, ShareRow, statement)
    entry = entries_by_ids(session, viewer, [row.entry_id]).get(row.entry_id) if row else None
    if row is None or entry is None or not _is_theirs(row, entry, viewer):
        raise NotFound("There is no such link.", "id")
    session.get_one(ShareLink, row.id).revoked_at = clock.now()
    activity.record(
        session, viewer.id, "entry.unshared", "ShareLink", uid, deleted=True, moved={"entry": (entry.uid, None)}
    )
    return entry


def _is_theirs(row: ShareRow, entry: EntryRow, viewer: Viewer) -> bool:
    return may_edit(viewer, entry) or (row.author_id is not None and row.author_id == viewer.id)


def _links(session: Session, entries: list[EntryRow], viewer: Viewer) -> Mapping[int, list[ShareRow]]:
    shared = {entry.id: entry for entry in entries if may_share(entry, viewer)}
    if not shared:
        return {entry.id: [] for entry in entries}
    statement = select(*columns_of(ShareLink, *_COLUMNS)).where(
        _s.entry_id.in_(shared), _s.revoked_at.is_(None), _s.expires_at > clock.now()
    )
    rows = read(session, ShareRow, statement.order_by(_s.expires_at, _s.id))
    theirs = [row for row in rows if _is_theirs(row, shared[row.entry_id], viewer)]
    return grouped(entries, theirs, lambda row: row.entry_id)


def links_of(entry: EntryRow, viewer: Viewer) -> Sequence[ShareRow]:
    """The links by which an entry can be read now: all for those who may edit it, their own for others. Costs nothing for what
    cannot be shared.
    """
    return neighbours(entry, _links, viewer)


def reading(session: Session, secret: str) -> SharedRow | None:
    """What the holder of a link reads, or None: it has ended, was revoked, whoever made it has gone, or the entry is no longer meant
    to leave the house.
    """
    gone = select(table_of(Person).c.id).where(table_of(Person).c.disabled_at.is_not(None))
    statement = (
        everything()
        .add_columns(_s.expires_at.label("share_expires_at"))
        .join(table_of(ShareLink), _s.entry_id == _e.id)
        .where(
            _s.digest == digest(secret),
            _s.revoked_at.is_(None),
            _s.expires_at > clock.now(),
            or_(_s.author_id.is_(None), _s.author_id.not_in(gone)),
            _e.audience.in_(OUTWARD),
            published(),
        )
    )
    return one(session, SharedRow, statement)


def file(session: Session, secret: str, uid: UUID) -> AttachmentRow | None:
    """An attachment of what the holder of a link reads, or None; what came after it was published is not for them."""
    entry = reading(session, secret)
    there = attachments.of_entry(entry, Viewer()) if entry is not None else ()
    return next((item for item in there if item.uid == uid), None)


def file_named(session: Session, secret: str, slug: str, name: str) -> AttachmentRow | None:
    """The same by the name that its text uses; the entry may have had that slug before."""
    entry = reading(session, secret)
    meant = by_slug(session, OPERATOR, slug) if entry is not None else None
    if entry is None or meant is None or meant.id != entry.id:
        return None
    return attachments.named(session, Viewer(), entry, name)


def entry_of(row: ShareRow, viewer: Viewer) -> EntryRow | None:
    """The entry that a link leads to, if the viewer may see it."""
    return neighbours(row, _entries, viewer)


def _entries(session: Session, rows: list[ShareRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries_by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def forget(session: Session) -> None:
    """Remove links that ended 90 days ago; run by a job."""
    past = clock.now() - timedelta(days=90)
    gone = select(_s.id).where(or_(_s.revoked_at < past, _s.expires_at < past))
    session.connection().execute(table_of(ShareLink).delete().where(_s.id.in_(gone)))
