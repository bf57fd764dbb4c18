"""The twelve principles, and what puts each into practice."""

from typing import Any

import strawberry

from knowledge import entries
from knowledge.entries import listing
from knowledge.people import Act
from knowledge.principles import PrincipleRow
from schema.atomic import query
from schema.context import Info
from schema.entries.entry import Entry
from schema.fields import listed, shown
from schema.paging import Connection


def _number(row: Any, _: object) -> int:
    return entries.detail_of(row, PrincipleRow).number


@strawberry.type(description="One of the twelve principles.")
class Principle(Entry):
    """A principle."""

    number: int = shown("Which of the twelve it is.", _number)
    practices: Connection[Entry] = listed(
        "What puts it into practice, the latest changed first.",
        lambda row, info, page: listing.in_practice(row, info.context.viewer, page),
    )


@strawberry.input(description="Which of the twelve a principle is.")
class PrincipleInput:
    """Nested in the inputs of entries."""

    number: strawberry.Maybe[int] = strawberry.field(description="From 1 to 12.")


@query("The twelve principles, in their order.", list[Principle], needs=Act.ENTRIES_READ)
def principles(info: Info) -> Any:
    return listing.twelve(info.context.session, info.context.viewer)


QUERIES = [principles]
