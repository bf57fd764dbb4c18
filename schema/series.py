"""Series: entries told one after another."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from knowledge import series as told
from knowledge.database import Page
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.fields import After, Before, First, Last, given, listed, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.people import Person

if TYPE_CHECKING:
    from schema.entries.entry import Entry

LazyEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]


@strawberry.type(description="An entry as part of a series.")
class Chapter:
    """One chapter."""

    position: int = shown("Its place among the chapters that the viewer sees, counted from 1.")
    entry: LazyEntry = shown("The entry.")


@strawberry.type(description="Entries told one after another. It shows to whoever sees one of its chapters.")
class Series(Node):
    """A series."""

    slug: str = shown("Its name in addresses; a former slug finds it too.")
    title: str = shown("The title.")
    description: str = shown("What it is about; may be empty.")
    owner: Person | None = shown("Who keeps it.", lambda row, _: told.owner_of(row))
    created_at: datetime = shown("When it was begun.")
    updated_at: datetime = shown("When it or its order last changed.")
    chapters: list[Chapter] = shown(
        "The chapters that the viewer sees, in order, at most 100.",
        lambda row, info: told.chapters_of(row, info.context.viewer),
    )
    entries: Connection[LazyEntry] = listed(
        "Those of its chapters that are published, the latest changed first.",
        lambda row, info, page: told.entries_of(row, info.context.viewer, page),
    )
    editable: bool = shown(
        "Whether the viewer may change it.", lambda row, info: told.may_edit(row, info.context.viewer)
    )


@strawberry.type(description="Where an entry stands in a series, among the chapters that the viewer sees.")
class SeriesPlace:
    """A place in a series."""

    series: Series = shown("The series.")
    position: int = shown("The entry's place, counted from 1.")
    count: int = shown("How many chapters there are.")
    previous: LazyEntry | None = shown("The chapter before; null for the first.")
    next: LazyEntry | None = shown("The chapter after; null for the last.")


@strawberry.input(description="A series that begins.")
class CreateSeriesInput:
    """Input of createSeries."""

    title: str = strawberry.field(description="The title, 1 to 200 characters.")
    slug: strawberry.Maybe[str | None] = strawberry.field(description="Made from the title unless given.")
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="What it is about, at most 1,000 characters."
    )
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="Who keeps it; the viewer unless given."
    )


@strawberry.input(description="A series that changes: what is omitted stays as it is, null clears.")
class UpdateSeriesInput:
    """Input of updateSeries."""

    id: strawberry.ID = strawberry.field(description="The series.")
    title: strawberry.Maybe[str] = strawberry.field(description="The title, 1 to 200 characters.")
    slug: strawberry.Maybe[str | None] = strawberry.field(
        description="Its name in addresses; the former one redirects."
    )
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="What it is about, at most 1,000 characters."
    )
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who keeps it.")


@strawberry.input(description="A chapter that is added.")
class AddChapterInput:
    """Input of addChapter."""

    series: strawberry.ID = strawberry.field(description="The series.")
    entry: EntryRef = strawberry.field(description="The entry.")
    position: int | None = strawberry.field(
        description="Its place among the chapters that the viewer sees; the last unless given.", default=None
    )


@strawberry.input(description="A chapter that is moved.")
class MoveChapterInput:
    """Input of moveChapter."""

    series: strawberry.ID = strawberry.field(description="The series.")
    entry: EntryRef = strawberry.field(description="The chapter.")
    position: int = strawberry.field(description="Its new place among the chapters that the viewer sees.")


@strawberry.input(description="A chapter that is taken out.")
class RemoveChapterInput:
    """Input of removeChapter."""

    series: strawberry.ID = strawberry.field(description="The series.")
    entry: EntryRef = strawberry.field(description="The chapter.")


@strawberry.type(description="A series that was begun or changed.")
class SeriesPayload(Payload):
    """Answer of mutations on series."""

    series: Series | None = strawberry.field(description="The series as it is now.", default=None)


Slug = Annotated[
    str, strawberry.argument(description="The series as it stands in addresses; a former slug finds it too.")
]


@query("One series; null where there is none that the viewer may see.", Series | None, needs=Act.ENTRIES_READ)
def series(info: Info, slug: Slug) -> Any:
    return told.by_slug(info.context.session, info.context.viewer, slug)


@query("The series that the viewer may see, the latest changed first.", Connection[Series], needs=Act.ENTRIES_READ)
def all_series(info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
    return told.listing(info.context.session, info.context.viewer, Page(first, after, last, before))


def _wanted(input: CreateSeriesInput | UpdateSeriesInput) -> told.Wanted:
    found = given(input, but=("id",))
    if found.get("owner") is not None:
        found["owner"] = uid_of(found["owner"], "Person", "owner")
    return cast(told.Wanted, found)


@mutation("Begin a series.", SeriesPayload, needs=Act.ENTRIES_WRITE)
def create_series(info: Info, input: CreateSeriesInput) -> Mapping[str, object]:
    return {"series": told.create(info.context.session, info.context.viewer, _wanted(input))}


@mutation("Change what is said of a series: who keeps it, or a curator.", SeriesPayload, needs=Act.ENTRIES_WRITE)
def update_series(info: Info, input: UpdateSeriesInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Series")
    return {"series": told.update(info.context.session, info.context.viewer, uid, _wanted(input))}


@mutation("Make an entry a chapter of a series.", SeriesPayload, needs=Act.ENTRIES_WRITE)
def add_chapter(info: Info, input: AddChapterInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    return {
        "series": told.add(session, viewer, uid_of(input.series, "Series", "series"), entry, position=input.position)
    }


@mutation("Put a chapter at another place.", SeriesPayload, needs=Act.ENTRIES_WRITE)
def move_chapter(info: Info, input: MoveChapterInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    return {"series": told.move(session, viewer, uid_of(input.series, "Series", "series"), entry, input.position)}


@mutation("Take a chapter out of a series; the entry stays.", SeriesPayload, needs=Act.ENTRIES_WRITE)
def remove_chapter(info: Info, input: RemoveChapterInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    return {"series": told.remove(session, viewer, uid_of(input.series, "Series", "series"), entry)}


QUERIES = [series, all_series]
MUTATIONS = [create_series, update_series, add_chapter, move_chapter, remove_chapter]
