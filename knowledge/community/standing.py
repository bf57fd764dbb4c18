"""How entries stand with their readers, all of it counted in one statement for a whole list."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session

from knowledge.community import comments, flags, suggestions
from knowledge.community.reactions import EntryReaction, Reactions, counted, gathered
from knowledge.community.votes import Usefulness, Vote
from knowledge.database import Row, neighbours, read, table_of
from knowledge.entries import Entry, EntryRow, may_edit
from knowledge.people import Act, Viewer


class StandingRow(Row):
    """What readers say of one entry, in numbers."""

    reacted: str | None
    useful: int
    not_useful: int
    mine: bool | None
    comments: int
    suggestions: int
    flags: int


_e = table_of(Entry).c
_v = table_of(Vote).c


def _standings(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, StandingRow]:
    statement = select(
        _e.id,
        gathered(EntryReaction, "entry_id", _e.id, viewer).label("reacted"),
        _votes(True).label("useful"),
        _votes(False).label("not_useful"),
        select(_v.useful)
        .where(_v.entry_id == _e.id, _v.person_id == (viewer.id or -1))
        .scalar_subquery()
        .label("mine"),
        comments.on_entry(viewer, _e.id).label("comments"),
        suggestions.open_on(_e.id).label("suggestions"),
        flags.open_on(_e.id).label("flags"),
    ).where(_e.id.in_([row.id for row in rows]))
    return {row.id: row for row in read(session, StandingRow, statement)}


def _votes(useful: bool) -> ColumnElement[int]:
    mine = and_(_v.entry_id == _e.id, _v.useful.is_(useful))
    return select(func.count()).where(mine).select_from(table_of(Vote)).correlate(table_of(Entry)).scalar_subquery()


def reactions_of(entry: EntryRow, viewer: Viewer) -> Sequence[Reactions]:
    """How many reacted to an entry in which way."""
    return counted(neighbours(entry, _standings, viewer).reacted)


def usefulness_of(entry: EntryRow, viewer: Viewer) -> Usefulness:
    """How many found an entry useful."""
    found = neighbours(entry, _standings, viewer)
    return Usefulness(found.useful, found.not_useful, found.mine)


def comments_on(entry: EntryRow, viewer: Viewer) -> int:
    """How many comments on an entry the viewer may read."""
    return neighbours(entry, _standings, viewer).comments


def suggestions_on(entry: EntryRow, viewer: Viewer) -> int | None:
    """How many suggestions wait, for those who edit the entry."""
    return neighbours(entry, _standings, viewer).suggestions if may_edit(viewer, entry) else None


def flags_on(entry: EntryRow, viewer: Viewer) -> int | None:
    """How many flags wait on an entry and its comments, for its owner and those who curate."""
    owns = viewer.is_inside and viewer.id is not None and viewer.id == entry.owner_id
    return neighbours(entry, _standings, viewer).flags if owns or viewer.may(Act.ENTRIES_CURATE) else None
