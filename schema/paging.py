"""Relay connections over the slices that `knowledge` answers."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry

from knowledge.database import Slice
from schema.fields import shown

T = TypeVar("T")


@strawberry.type(description="Where a page of a list lies within the list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item of the page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item of the page.")


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its cursor, which is made when it is asked for."""

    found: Slice[Any]
    node: Any

    @property
    def cursor(self) -> str:
        """Its place in the list."""
        return self.found.cursor(self.node)


@strawberry.type(description="An item of a list with its place in it.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(description="The place of this item: stable while others are added.")
    node: T = strawberry.field(description="The item.")


def page_info(found: Slice[Any]) -> PageInfo:
    rows = found.rows
    return PageInfo(
        has_next_page=found.has_next,
        has_previous_page=found.has_previous,
        start_cursor=found.cursor(rows[0]) if rows else None,
        end_cursor=found.cursor(rows[-1]) if rows else None,
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay's connection, with `nodes` for those who need no cursors."""

    edges: list[Edge[T]] = shown(
        "The items with their cursors.",
        lambda found, _: [Placed(found, row) for row in found.rows],
    )
    nodes: list[T] = shown("The items.", lambda found, _: found.rows)
    page_info: PageInfo = shown("Whether there is more.", lambda found, _: page_info(found))
    total_count: int = shown(
        "How many there are in all that the viewer may see; counted only when asked.", lambda found, _: found.total()
    )
