"""What stands beside a tag: the tags of its company, the kinds of its entries, and what merging it would do."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.database import Page
from knowledge.entries import company, curating, tags
from knowledge.errors import Invalid
from schema.context import Info
from schema.fields import After, Before, First, Last, shown
from schema.paging import Connection
from schema.words import Kind

if TYPE_CHECKING:
    from schema.entries.entry import Entry, Tag

LazyTag = Annotated["Tag", strawberry.lazy("schema.entries.entry")]
LazyEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]
Kinds = Annotated[list[Kind] | None, strawberry.argument(description="Any of these kinds.")]
Few = Annotated[int, strawberry.argument(description="How many at most, 1 to 50.")]


@strawberry.type(description="A tag that stands beside another on the same entries.")
class RelatedTag:
    """One tag of another's company."""

    tag: LazyTag = shown("The other tag.")
    shared: int = shown("How many published entries that the viewer sees have both.")


@strawberry.type(description="How many entries of one kind there are.")
class KindCount:
    """A kind with its count."""

    kind: Kind = strawberry.field(description="The kind.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(
    description="What merging a tag into another would do, counted in published entries that the viewer sees."
)
class TagMerging:
    """Said before it is done."""

    into: LazyTag = shown("The tag that would stay.")
    moved: int = shown("How many entries would get the tag that stays.")
    both: int = shown("How many have both now.")
    after: int = shown("How many would have the tag that stays.")


def few(size: int, most: int = 50) -> int:
    """A number of items within its bounds; refuses INVALID."""
    if not 1 <= size <= most:
        raise Invalid(f"first must be from 1 to {most}.", "first")
    return size


def kinds(row: Any, info: Info) -> list[KindCount]:
    """The kinds of a tag's entries."""
    return [KindCount(kind=kind, count=count) for kind, count in company.kinds_of(row, info.context.viewer)]


def related(parent: strawberry.Parent[Any], info: Info, first: Few = 8) -> list[RelatedTag]:
    """The company that a tag keeps."""
    return list(company.related_to(parent, info.context.viewer, few(first)))  # type: ignore[arg-type]


def merging(
    parent: strawberry.Parent[Any],
    info: Info,
    into: Annotated[str, strawberry.argument(description="The name of the tag that would stay.")],
) -> TagMerging | None:
    """What merging would do."""
    return curating.merging(info.context.session, info.context.viewer, parent, into)  # type: ignore[return-value]


def entries(
    parent: strawberry.Parent[Any],
    info: Info,
    kinds: Kinds = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection[LazyEntry]:
    """The entries that have a tag."""
    page = Page(first, after, last, before)
    return tags.entries_of(parent, info.context.viewer, page, tuple(kinds or ()))  # type: ignore[return-value]
