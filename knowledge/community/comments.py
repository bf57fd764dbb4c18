"""Comments: conversations on entries, four deep, and who reads which of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import auto
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Select, and_, case, false, func, null, or_, select, true
from sqlmodel import Field, Session

from knowledge import clock, entries, people
from knowledge.community.reactions import CommentReaction, Reactions, counted, gathered
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    families,
    moment,
    neighbours,
    one,
    read,
    remembered,
    sliced,
    table_of,
    word,
)
from knowledge.entries import Entry, EntryRow
from knowledge.people import OPERATOR, Act, PersonRow, Viewer
from knowledge.words import CommentAudience, Status, Word

DEEPEST = 4


class Comment(Table, table=True):
    """What somebody said about an entry, or in answer to a comment on it."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_author_id_created_at", "author_id", "created_at"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="comment.id")
    root_id: int | None = Field(default=None, foreign_key="comment.id", index=True)
    depth: int = 1
    author_id: int | None = Field(default=None, foreign_key="person.id")
    audience: CommentAudience = word(CommentAudience)
    body: str
    body_html: str
    renderer: str = Field(default="", max_length=80)
    quote: str = Field(default="", max_length=300)
    quote_revision: int | None = None
    created_at: datetime = moment(index=True)
    active_at: datetime = moment()
    active_for_readers_at: datetime = moment()
    edited_at: datetime | None = moment(default=None)
    resolved_at: datetime | None = moment(default=None)
    resolved_by_id: int | None = Field(default=None, foreign_key="person.id")
    removed_at: datetime | None = moment(default=None)
    hidden_at: datetime | None = moment(default=None)
    hidden_by_id: int | None = Field(default=None, foreign_key="person.id")
    hidden_reason: str | None = Field(default=None, max_length=300)


class CommentAct(Word):
    """One thing that can be done to a comment."""

    REPLY = auto()
    EDIT = auto()
    REMOVE = auto()
    RESOLVE = auto()
    REOPEN = auto()
    HIDE = auto()
    UNHIDE = auto()


class CommentRow(Row):
    """A comment as one viewer reads it: the words, their author and the reason are empty where they are not for them."""

    uid: UUID
    entry_id: int
    parent_id: int | None
    root_id: int
    depth: int
    author_id: int | None
    audience: CommentAudience
    body: str | None
    body_html: str | None
    quote: str | None
    quote_revision: int | None
    created_at: datetime
    edited_at: datetime | None
    resolved_at: datetime | None
    resolved_by_id: int | None
    removed_at: datetime | None
    hidden_at: datetime | None
    hidden_reason: str | None
    reacted: str | None
    kept_by_author_id: int | None
    kept_by_owner_id: int | None
    entry: EntryRow | None = None

    @property
    def reactions(self) -> Sequence[Reactions]:
        """How many reacted in which way."""
        return counted(self.reacted) if self.body is not None else ()


_c = table = table_of(Comment).c
_e = table_of(Entry).c
_other = table_of(Comment).alias("other")
_OPEN = ("body", "body_html", "quote", "quote_revision", "author_id", "hidden_reason")
_ALWAYS = (
    "id",
    "uid",
    "entry_id",
    "parent_id",
    "root_id",
    "depth",
    "audience",
    "created_at",
    "edited_at",
    "resolved_at",
    "resolved_by_id",
    "removed_at",
    "hidden_at",
)


def _for(viewer: Viewer, columns: Any = _c) -> ColumnElement[bool]:
    """Whether a comment is for the viewer, of those who read the entry."""
    return true() if viewer.is_inside else columns.audience == CommentAudience.READERS


def _live(viewer: Viewer, columns: Any = _c) -> ColumnElement[bool]:
    """Whether the viewer may read its words: not what was removed, and what was hidden only its author and those who curate."""
    hidden = true() if viewer.may(Act.ENTRIES_CURATE) else columns.author_id == (viewer.id or -1)
    return and_(columns.removed_at.is_(None), or_(columns.hidden_at.is_(None), hidden))


def live_for(viewer: Viewer) -> ColumnElement[bool]:
    """Which comments the viewer may read, of entries that they may see."""
    return and_(_for(viewer), _live(viewer)) if viewer.may(Act.ENTRIES_READ) else false()


def _read_by(viewer: Viewer) -> Select[Any]:
    """All comments for the viewer, without the words that are not for them; what has gone is there for its replies' sake."""
    live = _live(viewer)
    return (
        select(
            *(_c[name] for name in _ALWAYS),
            *(case((live, _c[name]), else_=null()).label(name) for name in _OPEN),
            gathered(CommentReaction, "comment_id", _c.id, viewer).label("reacted"),
            _e.author_id.label("kept_by_author_id"),
            _e.owner_id.label("kept_by_owner_id"),
        )
        .select_from(table_of(Comment).join(table_of(Entry), _e.id == _c.entry_id))
        .where(_for(viewer) if viewer.may(Act.ENTRIES_READ) else false())
    )


def _begins_something(viewer: Viewer) -> ColumnElement[bool]:
    """First comments of threads in which there is something for the viewer to read."""
    replied = select(_other.c.id).where(_other.c.root_id == _c.id, _for(viewer, _other.c), _live(viewer, _other.c))
    return and_(_c.parent_id.is_(None), or_(_live(viewer), replied.exists()))


def _by_activity(viewer: Viewer) -> Order:
    # What colleagues say among themselves must not move a thread in the eyes of those who do not hear it.
    at = _c.active_at if viewer.is_inside else _c.active_for_readers_at
    return Order("active" if viewer.is_inside else "active-for-readers", ((at, True), (_c.id, True)))


def _threads(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[CommentRow]]:
    heads = select(_c.id).where(_for(viewer), _begins_something(viewer))
    members = _read_by(viewer).order_by(_c.entry_id)
    order = _by_activity(viewer)
    found = families(session, CommentRow, members, _c.root_id, heads, order, page, rows, _c.entry_id)
    known = remembered(session, (CommentRow, viewer))
    known.update((row.id, row) for each in found.values() for row in each.rows if row.body is not None)
    return found


def threads_of(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[CommentRow]:
    """The conversations on an entry, the latest active first, each by its first comment and read whole: one statement for all of them,
    replies and reactions included.
    """
    found = neighbours(entry, _threads, viewer, page)
    for row in found.rows:
        row.entry = entry
    return found


def _families(session: Session, rows: list[CommentRow], viewer: Viewer) -> Mapping[int, Sequence[CommentRow]]:
    """The replies to each of these comments, in the order they were written."""
    family = rows
    if any(not hasattr(row, "_head") for row in rows):
        roots = {row.root_id for row in rows}
        family = read(
            session, CommentRow, _read_by(viewer).add_columns(_c.root_id.label("_head")).where(_c.root_id.in_(roots))
        )
    replies: dict[int, list[CommentRow]] = {row.id: [] for row in (*rows, *family)}
    for row in sorted(
        family, key=lambda each: (-each.depth, each.id)
    ):  # leaves first, so that what has gone goes with its replies
        if row.parent_id in replies and (not _has_gone(row) or replies[row.id]):
            replies[row.parent_id].append(row)
    return replies


def _has_gone(row: CommentRow) -> bool:
    return row.body is None


def replies_of(comment: CommentRow, viewer: Viewer) -> Sequence[CommentRow]:
    """The replies to a comment, the oldest first; what was taken away is left out unless it has replies itself."""
    found = neighbours(comment, _families, viewer)
    for each in found:
        each.entry = comment.entry
    return found


def _firsts(session: Session, rows: list[CommentRow], viewer: Viewer) -> Mapping[int, CommentRow | None]:
    roots = _read_by(viewer).where(_c.id.in_({row.root_id for row in rows}))
    found = {row.id: row for row in read(session, CommentRow, roots)}
    return {row.id: found.get(row.root_id) for row in rows}


def first_of(comment: CommentRow, viewer: Viewer) -> CommentRow:
    """The comment that began the thread."""
    return comment if comment.parent_id is None else neighbours(comment, _firsts, viewer) or comment


def _entries(session: Session, rows: list[CommentRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(comment: CommentRow, viewer: Viewer) -> EntryRow | None:
    """The entry that a comment is on, if the viewer may see it."""
    return comment.entry or neighbours(comment, _entries, viewer)


def author_of(comment: CommentRow) -> PersonRow | None:
    """Who wrote it; None where its words have gone."""
    return neighbours(comment, people.loaded, "author_id")


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> CommentRow | None:
    """One comment that the viewer may read, or None; one that has gone is there while it has replies."""
    row = one(session, CommentRow, _read_by(viewer).where(_c.uid == uid))
    if row is None or entry_of(row, viewer) is None:
        return None
    return row if not _has_gone(row) or replies_of(row, viewer) else None


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, CommentRow]:
    """Comments that the viewer may read, by their key: one statement for those that begin no conversation which was read already. Whoever
    asks knows that they may see the entries.
    """
    wanted, known = set(ids), remembered(session, (CommentRow, viewer))
    found: dict[int, CommentRow] = {id: known[id] for id in wanted if id in known}
    if new := wanted - found.keys():
        rows = read(session, CommentRow, _read_by(viewer).where(_live(viewer), _c.id.in_(new)))
        found.update((row.id, row) for row in rows)
    return found


def newest(session: Session, viewer: Viewer, page: Page) -> Slice[CommentRow]:
    """What was last said on published entries that the viewer may see."""
    readable = select(_e.id).where(entries.visible_to(viewer), _e.status == Status.PUBLISHED)
    statement = _read_by(viewer).where(_live(viewer), _c.entry_id.in_(readable))
    return sliced(session, CommentRow, statement, Order("newest", ((_c.created_at, True), (_c.id, True))), page)


def on_entry(viewer: Viewer, entry_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many comments on the entry `entry_id` of a statement the viewer may read."""
    return select(func.count()).where(_c.entry_id == entry_id, live_for(viewer)).scalar_subquery()


def written_by(person_id: int, since: datetime) -> Select[Any]:
    """When somebody wrote comments since a moment, the oldest first."""
    return select(_c.created_at).where(_c.author_id == person_id, _c.created_at > since).order_by(_c.created_at)


def allowed(comment: CommentRow, viewer: Viewer) -> list[CommentAct]:
    """What the viewer may do to a comment that they see, in the order in which it is offered."""
    return [] if _has_gone(comment) else [*_acts(comment, viewer)]


def _acts(comment: CommentRow, viewer: Viewer) -> Iterator[CommentAct]:
    curates = viewer.may(Act.ENTRIES_CURATE)
    if not viewer.may(Act.COMMUNITY_WRITE):
        return
    if comment.hidden_at is not None:
        if curates:
            yield CommentAct.UNHIDE
        return
    yield CommentAct.REPLY
    own = viewer.id is not None and viewer.id == comment.author_id
    if own:
        yield CommentAct.EDIT
        yield CommentAct.REMOVE
    if comment.parent_id is None and (own or curates or may_keep(comment, viewer)):
        yield CommentAct.REOPEN if comment.resolved_at else CommentAct.RESOLVE
    if curates:
        yield CommentAct.HIDE


def may_keep(comment: CommentRow, viewer: Viewer) -> bool:
    """Whether the viewer wrote the entry that the comment is on, or answers for it."""
    kept_by = (comment.kept_by_author_id, comment.kept_by_owner_id)
    return viewer == OPERATOR or (viewer.id is not None and viewer.id in kept_by)
