"""One entry, lists of entries, and tags."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from knowledge import entries, markup
from knowledge.database import Page
from knowledge.entries import EntryRow, listing, tags
from knowledge.listening.searches import Heard
from knowledge.people import Act
from schema.atomic import query
from schema.context import Info
from schema.entries.entry import Entry, Tag
from schema.fields import After, Before, First, Last
from schema.nodes import parts
from schema.paging import Connection
from schema.words import Audience, EntrySort, Freshness, GroupKind, Kind, Stage, Status, TagSort


@strawberry.input(description="Which entries are wanted; what is left out does not matter.")
class EntryFilter:
    """Filter of entries."""

    kinds: list[Kind] | None = strawberry.field(description="Any of these kinds.", default=None)
    tags: list[str] | None = strawberry.field(
        description="With any of these tags, by slug or name; former ones and synonyms find them too.", default=None
    )
    functions: list[GroupKind] | None = strawberry.field(description="Concerning any of these functions.", default=None)
    stages: list[Stage] | None = strawberry.field(description="Serving any of these rungs.", default=None)
    status: list[Status] | None = strawberry.field(
        description="In any of these states; PUBLISHED unless given.", default=None
    )
    freshness: list[Freshness] | None = strawberry.field(
        description="In any of these states of freshness.", default=None
    )
    audiences: list[Audience] | None = strawberry.field(description="For any of these audiences.", default=None)
    languages: list[str] | None = strawberry.field(description="In any of these languages.", default=None)
    author: strawberry.ID | None = strawberry.field(description="Begun by this person.", default=None)
    owner: strawberry.ID | None = strawberry.field(description="Owned by this person.", default=None)
    principle: int | None = strawberry.field(description="Putting this principle into practice.", default=None)
    updated_after: datetime | None = strawberry.field(description="Changed after this moment.", default=None)
    updated_before: datetime | None = strawberry.field(description="Changed before this moment.", default=None)


def _wanted(filter: EntryFilter | None) -> listing.Filter | None:
    if filter is None:
        return None
    found: dict[str, Any] = {}
    for name, value in vars(filter).items():
        if isinstance(value, list):
            found[name] = tuple(value)
        elif name in {"author", "owner"} and value is not None:
            found[name] = (parts(value) or ("", UUID(int=0)))[1]
        elif value is not None:
            found[name] = value
    return listing.Filter(**found)


Id = Annotated[strawberry.ID | None, strawberry.argument(description="By id.")]
Slug = Annotated[str | None, strawberry.argument(description="By slug; a former one finds it too.")]
FoundBy = Annotated[
    str | None,
    strawberry.argument(
        description="The query among whose hits it was opened: counted, without a name, as a question that was answered."
    ),
]
Filter = Annotated[EntryFilter | None, strawberry.argument(description="Which entries.")]
Sort = Annotated[EntrySort, strawberry.argument(description="In which order.")]
Tags = Annotated[TagSort, strawberry.argument(description="In which order.")]
TagSlug = Annotated[
    str, strawberry.argument(description="The tag as it stands in addresses; a former slug finds it too.")
]
Prefix = Annotated[str | None, strawberry.argument(description="The beginning of the tag.")]
Containing = Annotated[str | None, strawberry.argument(description="A part of the tag, or of another word for it.")]
Markdown = Annotated[str, strawberry.argument(description="The text, at most 256 kB.")]


@query(
    "One entry, by id or by slug; null where there is none that the viewer may see.",
    Entry | None,
    needs=Act.ENTRIES_READ,
)
def entry(info: Info, id: Id = None, slug: Slug = None, found_by: FoundBy = None) -> Any:
    found = _entry(info, id, slug)
    if found is not None and found_by:
        info.context.heard.append(Heard(found_by, opened=found.uid))
    return found


def _entry(info: Info, id: str | None, slug: str | None) -> EntryRow | None:
    if slug is not None:
        return entries.by_slug(info.context.session, info.context.viewer, slug)
    found = parts(id) if id is not None else None
    return entries.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@query("A page of entries.", Connection[Entry], needs=Act.ENTRIES_READ, name="entries")
def all_entries(
    info: Info,
    filter: Filter = None,
    sort_by: Sort = listing.Sort.UPDATED_DESC,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return listing.listing(info.context.session, info.context.viewer, page, filter=_wanted(filter), sort=sort_by)


@query("One tag, if something published that the viewer may see has it.", Tag | None, needs=Act.ENTRIES_READ)
def tag(info: Info, slug: TagSlug) -> Any:
    return tags.by_slug(info.context.session, info.context.viewer, slug)


@query("Tags of what is published for the viewer.", Connection[Tag], needs=Act.ENTRIES_READ, name="tags")
def all_tags(
    info: Info,
    prefix: Prefix = None,
    containing: Containing = None,
    sort_by: Tags = tags.TagSort.NAME,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    viewer = info.context.viewer
    return tags.listing(
        info.context.session, viewer, page, prefix=prefix or "", containing=containing or "", sort=sort_by
    )


@strawberry.type(description="A text as it will look.")
class Preview:
    """Answer of preview."""

    html: str = strawberry.field(description="The text as safe HTML.")
    text: str = strawberry.field(description="The text without markup.")


@query("How a text in Markdown will look; nothing is kept.", Preview, needs=Act.ENTRIES_WRITE)
def preview(info: Info, markdown: Markdown) -> Any:
    if not info.context.viewer.may(Act.ENTRIES_WRITE):
        return Preview(html="", text="")
    return markup.render_apart(markdown)


QUERIES = [entry, all_entries, tag, all_tags, preview]
