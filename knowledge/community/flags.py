"""Flags: what a reader finds wrong with an entry or a comment, and how those who keep it settle that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, people
from knowledge.community import comments
from knowledge.community.comments import CommentRow
from knowledge.community.reactions import require_somebody
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    sliced,
    slices,
    table_of,
    word,
)
from knowledge.entries import Entry, EntryRow, freshness
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import OPERATOR, Act, PersonRow, Viewer
from knowledge.words import FlagOutcome, FlagReason, FlagState


class Flag(Table, table=True):
    """What one reader finds wrong with an entry, or with one comment on it."""

    __tablename__ = "flag"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    comment_id: int | None = Field(default=None, foreign_key="comment.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    reason: FlagReason = word(FlagReason)
    note: str = Field(default="", max_length=1000)
    state: FlagState = word(FlagState, FlagState.OPEN, index=True)
    settlement: str = Field(default="", max_length=300)
    created_at: datetime = moment()
    settled_at: datetime | None = moment(default=None)
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")


class FlagRow(Row):
    """A flag as it is read."""

    uid: UUID
    entry_id: int
    comment_id: int | None
    person_id: int | None
    reason: FlagReason
    note: str
    state: FlagState
    settlement: str
    created_at: datetime
    settled_at: datetime | None
    settled_by_id: int | None


_f = table_of(Flag).c
_e = table_of(Entry).c
_NEWEST = Order("newest", ((_f.created_at, True), (_f.id, True)))


def _flags() -> Select[Any]:
    return select(*columns_of(Flag)).select_from(table_of(Flag).join(table_of(Entry), _e.id == _f.entry_id))


def _visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whose flags are one's to see: one's own, those on what one owns, and all for those who curate."""
    own = or_(_f.person_id == (viewer.id or -1), _e.owner_id == (viewer.id or -1))
    curates = true() if viewer.may(Act.ENTRIES_CURATE) else own
    readable = select(comments.table.id).where(comments.live_for(viewer))
    return and_(entries.visible_to(viewer), curates, or_(_f.comment_id.is_(None), _f.comment_id.in_(readable)))


def listing(session: Session, viewer: Viewer, page: Page, *, states: tuple[FlagState, ...] = ()) -> Slice[FlagRow]:
    """Flags in these states, the newest first: all of them for those who curate."""
    statement = _flags().where(_visible_to(viewer))
    if states:
        statement = statement.where(_f.state.in_(states))
    return sliced(session, FlagRow, statement, _NEWEST, page)


def _pages(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[FlagRow]]:
    statement = _flags().where(_visible_to(viewer), _f.state == FlagState.OPEN)
    return slices(session, FlagRow, statement, _NEWEST, page, rows, _f.entry_id)


def open_of(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[FlagRow]:
    """The flags that wait on an entry and its comments, the newest first."""
    return neighbours(entry, _pages, viewer, page)


def open_on(entry_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many flags wait on the entry `entry_id` of a statement."""
    waiting = (_f.entry_id == entry_id) & (_f.state == FlagState.OPEN)
    return select(func.count()).where(waiting).select_from(table_of(Flag)).scalar_subquery()


def waiting(viewer: Viewer) -> Select[Any]:
    """The flags that the viewer may settle as (entry, since when), for whoever counts them among other things."""
    settles = true() if viewer.may(Act.ENTRIES_CURATE) else _e.owner_id == (viewer.id or -1)
    joined = table_of(Flag).join(table_of(Entry), _e.id == _f.entry_id)
    chosen = and_(_visible_to(viewer), settles, _f.state == FlagState.OPEN)
    return select(_f.entry_id, _f.created_at).select_from(joined).where(chosen)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> FlagRow | None:
    """One flag that the viewer may see, or None."""
    return one(session, FlagRow, _flags().where(_visible_to(viewer), _f.uid == uid))


def _entries(session: Session, rows: list[FlagRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(flag: FlagRow, viewer: Viewer) -> EntryRow | None:
    """The entry that is flagged, or that the flagged comment is on."""
    return neighbours(flag, _entries, viewer)


def _comments(session: Session, rows: list[FlagRow], viewer: Viewer) -> Mapping[int, CommentRow | None]:
    found = comments.by_ids(session, viewer, (row.comment_id for row in rows if row.comment_id is not None))
    return {row.id: found.get(row.comment_id or 0) for row in rows}


def comment_of(flag: FlagRow, viewer: Viewer) -> CommentRow | None:
    """The comment that is flagged; None where it is the entry."""
    return neighbours(flag, _comments, viewer)


def reporter_of(flag: FlagRow, viewer: Viewer) -> PersonRow | None:
    """Who flagged it: for those who curate, and for themselves."""
    own = viewer.id is not None and flag.person_id == viewer.id
    return neighbours(flag, people.loaded, "person_id") if own or viewer.may(Act.ENTRIES_CURATE) else None


def flag(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    reason: FlagReason,
    *,
    comment: CommentRow | None = None,
    note: str = "",
) -> FlagRow:
    """Say that something is wrong with an entry, or with a comment on it; said again while it waits, it changes what was said.

    UNSAFE contests the entry at once, if it is published [E3]. Refuses NOT_ALLOWED and INVALID.
    """
    person = require_somebody(viewer, doing="flag what is wrong")
    if len(note.strip()) > 1000:
        raise Invalid("This has at most 1,000 characters.", "note")
    locked = session.get_one(Entry, entry.id, with_for_update=True)  # of two clicks at once the second finds the first
    row = session.get(Flag, known) if (known := _waiting(session, person, entry, comment)) else None
    if row is None:
        target = None if comment is None else comment.id
        row = Flag(
            entry_id=entry.id, comment_id=target, person_id=person, reason=reason, note=note, created_at=clock.now()
        )
        session.add(row)
        activity.record(session, viewer.id, "flag.raised", "Flag", row.uid, moved={"reason": (None, reason)})
    elif (row.reason, row.note) != (reason, note.strip()):
        moved = {"reason": (row.reason, reason)}
        activity.record(session, viewer.id, "flag.changed", "Flag", row.uid, moved=moved)
    row.reason, row.note = reason, note.strip()
    if reason is FlagReason.UNSAFE and comment is None:
        freshness.contest(session, locked, None, why="A reader flagged it as unsafe.")  # who it was is not for all
    return _reread(session, row.uid)


def _waiting(session: Session, person: int, entry: EntryRow, comment: CommentRow | None) -> int | None:
    target = _f.comment_id.is_(None) if comment is None else _f.comment_id == comment.id
    same = and_(_f.person_id == person, _f.entry_id == entry.id, target, _f.state == FlagState.OPEN)
    return session.connection().execute(select(_f.id).where(same)).scalar()


def may_settle(flag: FlagRow, viewer: Viewer) -> bool:
    """Whether the viewer may settle it now: the entry's owner, and those who curate."""
    entry = entry_of(flag, viewer)
    owns = entry is not None and viewer.id is not None and entry.owner_id == viewer.id and viewer.is_inside
    curates = viewer.may(Act.ENTRIES_CURATE) or viewer == OPERATOR
    return flag.state is FlagState.OPEN and viewer.may(Act.COMMUNITY_WRITE) and (owns or curates)


def settle(session: Session, viewer: Viewer, uid: UUID, outcome: FlagOutcome, *, note: str = "") -> FlagRow:
    """Say whether a flag was right, which closes it; what is to be done about it is done by itself. Refuses NOT_FOUND, NOT_ALLOWED,
    and INVALID where it was settled already.
    """
    found = by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such flag.", "id")
    row = session.get_one(Flag, found.id, with_for_update=True)  # of two who settle at once the second waits
    if row.state is not FlagState.OPEN:
        raise Invalid("This flag is settled already.", "id")
    if not may_settle(found, viewer):
        raise NotAllowed("Flags are settled by the entry's owner and by those who curate.", "id")
    if len(note.strip()) > 300:
        raise Invalid("This has at most 300 characters.", "note")
    row.state, row.settlement = FlagState(outcome.value), note.strip()
    row.settled_at, row.settled_by_id = clock.now(), viewer.id
    activity.record(session, viewer.id, "flag.settled", "Flag", uid, moved={"state": (FlagState.OPEN, row.state)})
    return _reread(session, uid)


def _reread(session: Session, uid: UUID) -> FlagRow:
    session.flush()  # the answer is read back
    row = one(session, FlagRow, _flags().where(_f.uid == uid))
    assert row is not None
    return row
