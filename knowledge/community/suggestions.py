"""Suggested edits: new words for an entry by whoever reads it, taken or declined by those who edit it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlmodel import Field, Session

from knowledge import clock, entries, people
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    grouped,
    moment,
    neighbours,
    one,
    read,
    slices,
    table_of,
    word,
)
from knowledge.entries import Entry, EntryRow, may_edit
from knowledge.people import OPERATOR, PersonRow, Viewer
from knowledge.words import SuggestionState


class Suggestion(Table, table=True):
    """New words for parts of an entry, proposed over one of its revisions."""

    __tablename__ = "suggestion"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    base_revision: int
    note: str = Field(default="", max_length=300)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    state: SuggestionState = word(SuggestionState, SuggestionState.OPEN)
    reason: str = Field(default="", max_length=300)
    created_at: datetime = moment()
    decided_at: datetime | None = moment(default=None)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")


class SuggestionPart(Table, table=True):
    """What one part of the entry said, and what it should say."""

    __tablename__ = "suggestion_part"

    suggestion_id: int = Field(foreign_key="suggestion.id", primary_key=True)
    field: str = Field(primary_key=True, max_length=60)
    before: str
    text: str


class SuggestionRow(Row):
    """A suggested edit as it is read."""

    uid: UUID
    entry_id: int
    base_revision: int
    note: str
    author_id: int | None
    state: SuggestionState
    reason: str
    created_at: datetime
    decided_at: datetime | None
    decided_by_id: int | None


class PartRow(Row):
    """One part of a suggested edit; `field` is the input's name, such as practice.do."""

    suggestion_id: int
    field: str
    before: str
    text: str


_s = table_of(Suggestion).c
_e = table_of(Entry).c
_t = table_of(SuggestionPart).c
_NEWEST = Order("newest", ((_s.created_at, True), (_s.id, True)))


def _suggestions() -> Select[Any]:
    return select(*columns_of(Suggestion))


def _for(entry: EntryRow, viewer: Viewer) -> ColumnElement[bool]:
    """Which suggestions on an entry are for the viewer: all for those who edit it, and one's own."""
    return true() if may_edit(viewer, entry) or viewer == OPERATOR else _s.author_id == (viewer.id or -1)


def _pages(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[SuggestionRow]]:
    mine = or_(*((_s.entry_id == row.id) & _for(row, viewer) for row in rows))
    statement = _suggestions().where(_s.state == SuggestionState.OPEN, mine)
    return slices(session, SuggestionRow, statement, _NEWEST, page, rows, _s.entry_id)


def open_of(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[SuggestionRow]:
    """The suggestions that wait on an entry and that the viewer may read, the newest first."""
    return neighbours(entry, _pages, viewer, page)


def open_on(entry_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many suggestions wait on the entry `entry_id` of a statement."""
    waiting = (_s.entry_id == entry_id) & (_s.state == SuggestionState.OPEN)
    return select(func.count()).where(waiting).select_from(table_of(Suggestion)).scalar_subquery()


def waiting(viewer: Viewer) -> Select[Any]:
    """The suggestions on what the viewer wrote or answers for as (entry, since when), for whoever counts them among other things."""
    mine = or_(_e.author_id == (viewer.id or -1), _e.owner_id == (viewer.id or -1))
    joined = table_of(Suggestion).join(table_of(Entry), _e.id == _s.entry_id)
    chosen = and_(entries.visible_to(viewer), mine, _s.state == SuggestionState.OPEN)
    return select(_s.entry_id, _s.created_at).select_from(joined).where(chosen)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> SuggestionRow | None:
    """One suggestion that the viewer may read, or None."""
    row = one(session, SuggestionRow, _suggestions().where(_s.uid == uid))
    entry = entry_of(row, viewer) if row is not None else None
    if row is None or entry is None:
        return None
    own = viewer.id is not None and viewer.id == row.author_id
    return row if own or may_edit(viewer, entry) or viewer == OPERATOR else None


def _parts(session: Session, rows: list[SuggestionRow]) -> Mapping[int, list[PartRow]]:
    statement = select(_t.suggestion_id.label("id"), *columns_of(SuggestionPart))
    found = read(session, PartRow, statement.where(_t.suggestion_id.in_([row.id for row in rows])).order_by(_t.field))
    return grouped(rows, found, lambda part: part.suggestion_id)


def parts_of(suggestion: SuggestionRow) -> Sequence[PartRow]:
    """What is to change, part by part."""
    return neighbours(suggestion, _parts)


def _entries(session: Session, rows: list[SuggestionRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(suggestion: SuggestionRow, viewer: Viewer) -> EntryRow | None:
    """The entry that it would change, if the viewer may see it."""
    return neighbours(suggestion, _entries, viewer)


def author_of(suggestion: SuggestionRow) -> PersonRow | None:
    """Who suggests it."""
    return neighbours(suggestion, people.loaded, "author_id")


def may_decide(suggestion: SuggestionRow, viewer: Viewer) -> bool:
    """Whether the viewer may take or decline it now."""
    entry = entry_of(suggestion, viewer)
    return suggestion.state is SuggestionState.OPEN and entry is not None and may_edit(viewer, entry)


def waiting_by(session: Session, person_id: int, entry_id: int) -> int:
    """How many suggestions of a person wait on an entry."""
    mine = (_s.author_id == person_id) & (_s.entry_id == entry_id) & (_s.state == SuggestionState.OPEN)
    return session.connection().execute(select(func.count()).where(mine)).scalar_one()
