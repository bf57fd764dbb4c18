"""Moderation of posts: hidden from all but their author and those who curate, for a reason that is kept and that the author reads."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Row, Table, columns_of, moment, neighbours, read, table_of
from knowledge.entries import freshness, publishing
from knowledge.entries.entry import Entry, EntryRow, by_uid
from knowledge.entries.writing import reread
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import OPERATOR, Act, Viewer, require
from knowledge.words import Kind, Status

POSTS = (Kind.STORY, Kind.IDEA, Kind.QUESTION, Kind.LESSON)
"""What people write for the community."""


class Hiding(Table, table=True):
    """That a post is hidden, and why; what was hidden and is shown again is in the record of what was done."""

    __tablename__ = "hiding"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    reason: str = Field(max_length=300)
    hidden_at: datetime = moment()
    hidden_by_id: int | None = Field(default=None, foreign_key="person.id")


class HidingRow(Row):
    """The same as it is read."""

    entry_id: int
    reason: str
    hidden_at: datetime


_h = table_of(Hiding).c


def _hidings(session: Session, rows: list[EntryRow]) -> Mapping[int, HidingRow | None]:
    wanted = [row.id for row in rows if row.status is Status.ARCHIVED and row.kind in POSTS]
    if not wanted:
        return dict.fromkeys((row.id for row in rows), None)
    columns = columns_of(Hiding, "entry_id", "reason", "hidden_at")
    statement = select(_h.entry_id.label("id"), *columns).where(_h.entry_id.in_(wanted))
    found = {row.entry_id: row for row in read(session, HidingRow, statement)}
    return {row.id: found.get(row.id) for row in rows}


def of(entry: EntryRow, viewer: Viewer) -> HidingRow | None:
    """Why a post is hidden, if it is: for its author and those who curate. No statement for what is not archived."""
    mine = viewer.id is not None and viewer.id in (entry.author_id, entry.owner_id)
    return neighbours(entry, _hidings) if mine or viewer.may(Act.ENTRIES_CURATE) else None


def hide(session: Session, viewer: Viewer, uid: UUID, reason: str) -> EntryRow:
    """Hide a published post. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    row, entry = _moderated(session, viewer, uid)
    if row.kind not in POSTS:
        raise Invalid("Only what is written for the community is hidden; archive this.", "id")
    if entry.status is not Status.PUBLISHED:
        raise Invalid("Only what is published can be hidden.", "id")
    if not 1 <= len(reason.strip()) <= 300:
        raise Invalid("Say why, in at most 300 characters; its author reads it.", "reason")
    hidden = Hiding(entry_id=row.id, reason=reason.strip(), hidden_at=clock.now(), hidden_by_id=viewer.id)
    session.add(hidden)
    moved = {"reason": (None, hidden.reason)}
    publishing.close(session, viewer, row, entry, Status.ARCHIVED, "post.hidden", moved)
    return reread(session, entry)


def unhide(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Show a hidden post again. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID where it is not hidden."""
    row, entry = _moderated(session, viewer, uid)
    hidden = session.get(Hiding, row.id)
    if hidden is None:
        raise Invalid("This is not hidden.", "id")
    session.delete(hidden)
    entry.status, entry.updated_at = Status.PUBLISHED, clock.now()
    freshness.resume(session, entry)
    moved = {"reason": (hidden.reason, None), "status": (Status.ARCHIVED, Status.PUBLISHED)}
    activity.record(session, viewer.id, "post.unhidden", "Entry", uid, revision=row.revision, moved=moved)
    return reread(session, entry)


def _moderated(session: Session, viewer: Viewer, uid: UUID) -> tuple[EntryRow, Entry]:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such entry.", "id")
    require(viewer, Act.COMMUNITY_WRITE, doing="moderate")
    if not viewer.may(Act.ENTRIES_CURATE):
        raise NotAllowed("Posts are hidden and shown again by those who curate.", "id")
    return row, session.get_one(Entry, row.id, with_for_update=True)


def is_hidden(session: Session, entry: Entry) -> bool:
    """Whether somebody hid it; only what is archived can be."""
    return entry.status is Status.ARCHIVED and session.get(Hiding, entry.id) is not None


def refuse_hidden(session: Session, viewer: Viewer, entry: Entry) -> None:
    """Refuse NOT_ALLOWED where somebody hid it and the viewer is not among those who may."""
    if is_hidden(session, entry) and viewer != OPERATOR and not viewer.may(Act.ENTRIES_CURATE):
        raise NotAllowed("This was hidden; those who curate show it again.", "id")


def forget(session: Session, entry: Entry) -> None:
    """What is out again is hidden no more."""
    if entry.status is Status.ARCHIVED:
        session.connection().execute(delete(table_of(Hiding)).where(_h.entry_id == entry.id))
