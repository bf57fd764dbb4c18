"""The rows of series and their chapters, and what each reader sees of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlmodel import Field, Session

from knowledge import clock, people
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    carried,
    columns_of,
    formed,
    moment,
    neighbours,
    one,
    read,
    sliced,
    slices,
    table_of,
)
from knowledge.entries import Entry, EntryRow, seen_by, visible_to
from knowledge.entries.entry import published
from knowledge.people import OPERATOR, Act, PersonRow, Viewer


class Series(Table, table=True):
    """What a series is called and who keeps it. It shows to whoever sees one of its chapters."""

    __tablename__ = "series"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    slug: str = Field(unique=True, max_length=120)
    title: str = Field(max_length=200)
    description: str = ""
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class SeriesChapter(Table, table=True):
    """An entry's place in a series; positions are in order and may have gaps."""

    __tablename__ = "series_chapter"

    series_id: int = Field(foreign_key="series.id", primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", primary_key=True, index=True)
    position: int


class SeriesRedirect(Table, table=True):
    """A slug that a series had before."""

    __tablename__ = "series_redirect"

    slug: str = Field(primary_key=True, max_length=120)
    series_id: int = Field(foreign_key="series.id", index=True)


class SeriesRow(Row):
    """A series as it is read."""

    uid: UUID
    slug: str
    title: str
    description: str
    owner_id: int | None
    created_at: datetime
    updated_at: datetime


class ChapterRow(EntryRow):
    """An entry as a chapter."""

    series_id: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """An entry with its place among the chapters that the viewer sees, counted from 1."""

    position: int
    entry: EntryRow


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in a series, among the chapters that the viewer sees."""

    series: SeriesRow
    position: int
    count: int
    previous: EntryRow | None
    next: EntryRow | None


_s = table_of(Series).c
_c = table_of(SeriesChapter).c
_e = table_of(Entry).c


def _seen(viewer: Viewer) -> Select[Any]:
    """The series of which the viewer sees a chapter, their own, and for those who curate all of them."""
    statement = select(*columns_of(Series))
    if viewer == OPERATOR or viewer.may(Act.ENTRIES_CURATE):
        return statement
    inside = select(_c.series_id).join(table_of(Entry), _e.id == _c.entry_id).where(visible_to(viewer))
    chapter = inside.where(_c.series_id == _s.id).correlate(table_of(Series)).exists()
    return statement.where(or_(chapter, _s.owner_id == viewer.id) if viewer.is_signed_in else chapter)


def by_slug(session: Session, viewer: Viewer, slug: str) -> SeriesRow | None:
    """The series that has this slug or had it before, if the viewer may see it."""
    former = table_of(SeriesRedirect).c
    moved = select(former.series_id).where(former.slug == slug)
    found = _seen(viewer).where(or_(_s.slug == slug, _s.id.in_(moved)))
    return one(session, SeriesRow, found.order_by(_s.slug != slug))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> SeriesRow | None:
    """The same by uid."""
    return one(session, SeriesRow, _seen(viewer).where(_s.uid == uid))


def listing(session: Session, viewer: Viewer, page: Page) -> Slice[SeriesRow]:
    """The series that the viewer may see, the latest changed first."""
    return sliced(session, SeriesRow, _seen(viewer), Order("updated", ((_s.updated_at, True), (_s.id, True))), page)


def may_edit(series: SeriesRow, viewer: Viewer) -> bool:
    """Whether the viewer may change a series: who keeps it, and those who curate."""
    own = series.owner_id is not None and series.owner_id == viewer.id
    return viewer.may(Act.ENTRIES_CURATE) or (own and viewer.may(Act.ENTRIES_WRITE))


def owner_of(series: SeriesRow) -> PersonRow | None:
    """Who keeps a series."""
    return neighbours(series, people.loaded, "owner_id")


def _chapters(session: Session, rows: list[SeriesRow], viewer: Viewer) -> Mapping[int, list[Chapter]]:
    ids = {row.id for row in rows}
    found: dict[int, list[Chapter]] = {id: [] for id in ids}
    statement = (
        seen_by(viewer)
        .add_columns(_c.series_id)
        .join(table_of(SeriesChapter), _c.entry_id == _e.id)
        .where(_c.series_id.in_(ids))
        .order_by(_c.series_id, _c.position, _e.id)
    )
    for row in read(session, ChapterRow, statement):
        chapters = found[row.series_id]
        chapters.append(Chapter(len(chapters) + 1, row))
    return found


def chapters_of(series: SeriesRow, viewer: Viewer) -> Sequence[Chapter]:
    """The chapters that the viewer sees, in order and numbered without gaps; read for the whole list at once."""
    return neighbours(series, _chapters, viewer)


def _entries(session: Session, rows: list[SeriesRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[EntryRow]]:
    statement = seen_by(viewer).join(table_of(SeriesChapter), _c.entry_id == _e.id).where(published())
    order = Order("updated", ((_e.updated_at, True), (_e.id, True)))
    return slices(session, EntryRow, statement, order, page, rows, _c.series_id)


def entries_of(series: SeriesRow, viewer: Viewer, page: Page) -> Slice[EntryRow]:
    """The published entries in a series, the latest changed first, read for the whole list at once."""
    return neighbours(series, _entries, viewer, page)


class _NearRow(EntryRow):
    """An entry that stands in a series at or beside the entry `asked_id`."""

    asked_id: int
    place: int
    count: int
    previous_id: int | None
    next_id: int | None


_TOLD = ("id", "uid", "slug", "title", "description", "owner_id", "created_at", "updated_at")


def _places(session: Session, entries: list[EntryRow], viewer: Viewer) -> Mapping[int, list[Place]]:
    """Each entry's places with the chapters before and after, in one statement: up to three rows a place."""
    ids = {entry.id for entry in entries}
    asked = _numbered(viewer, ids)
    beside = and_(
        asked.c.asked_id.in_(ids), or_(*(_e.id == asked.c[name] for name in ("asked_id", "previous_id", "next_id")))
    )
    told = [_s[name].label(f"series_{name}") for name in _TOLD]
    statement = (
        seen_by(viewer)
        .add_columns(*asked.c, *told)
        .join(asked, beside)
        .join(table_of(Series), _s.id == asked.c.series_key)
        .order_by(_s.title, _s.id)
    )
    rows = read(session, _NearRow, statement)
    series = {carried(row, "series_id"): {name: carried(row, f"series_{name}") for name in _TOLD} for row in rows}
    known = {row.id: row for row in formed(session, SeriesRow, series.values())}
    by_place: dict[tuple[int, int], dict[int, _NearRow]] = {}
    for row in rows:
        by_place.setdefault((row.asked_id, carried(row, "series_id")), {})[row.id] = row
    found: dict[int, list[Place]] = {id: [] for id in ids}
    for (asked_id, series_id), near in by_place.items():
        own = near[asked_id]
        before, after = near.get(own.previous_id or 0), near.get(own.next_id or 0)
        found[asked_id].append(Place(known[series_id], own.place, own.count, before, after))
    return found


def _numbered(viewer: Viewer, ids: set[int]) -> Any:
    """The chapters that the viewer sees, of every series with one of these entries, with their numbers and their neighbours."""
    around = table_of(SeriesChapter).alias("around")
    within = select(around.c.series_id).where(around.c.entry_id.in_(ids))
    order: dict[str, Any] = {"partition_by": _c.series_id, "order_by": (_c.position, _c.entry_id)}
    return (
        select(
            _c.series_id.label("series_key"),
            _c.entry_id.label("asked_id"),
            func.row_number().over(**order).label("place"),
            func.count().over(partition_by=_c.series_id).label("count"),
            func.lag(_c.entry_id).over(**order).label("previous_id"),
            func.lead(_c.entry_id).over(**order).label("next_id"),
        )
        .join_from(table_of(SeriesChapter), table_of(Entry), _e.id == _c.entry_id)
        .where(_c.series_id.in_(within), visible_to(viewer))
        .subquery("asked")
    )


def places_of(entry: EntryRow, viewer: Viewer) -> Sequence[Place]:
    """The series that an entry stands in, by title, each with its place in it; read for the whole list at once."""
    return neighbours(entry, _places, viewer)
