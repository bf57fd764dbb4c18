"""How entries hang together: backlinks that say how, and texts whose links the viewer may follow."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.entries import mentions
from schema.fields import shown
from schema.paging import PageInfo, Placed, page_info
from schema.words import LinkKind

if TYPE_CHECKING:
    from schema.entries.entry import Entry

LazyEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]


def told(name: str, description: str) -> Any:
    """A text in HTML whose links to entries are those that the viewer may follow."""
    return shown(description, lambda row, info: mentions.told(row, getattr(row, name), info.context.viewer))


@strawberry.type(description="An entry that links to another, with its place in the list.")
class BacklinkEdge:
    """An edge of the backlinks."""

    cursor: str = shown("The place of this item: stable while others are added.")
    node: LazyEntry = shown("The entry that links.")
    kind: LinkKind = shown("How it stands to the one that is linked to.", lambda placed, _: placed.node.link_kind)


@strawberry.type(description="A page of what links to an entry.")
class BacklinkConnection:
    """The backlinks of an entry."""

    edges: list[BacklinkEdge] = shown(
        "The entries with how they link.",
        lambda found, _: [Placed(found, row) for row in found.rows],
    )
    nodes: list[LazyEntry] = shown("The entries.", lambda found, _: found.rows)
    page_info: PageInfo = shown("Whether there is more.", lambda found, _: page_info(found))
    total_count: int = shown(
        "How many there are in all that the viewer may see; counted only when asked.", lambda found, _: found.total()
    )
