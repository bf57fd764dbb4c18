"""The twelve principles, and what puts each into practice."""

from typing import Any

import strawberry

from knowledge import entries
from knowledge.entries import practising
from knowledge.people import Act
from knowledge.principles import PrincipleRow
from knowledge.words import Kind
from schema.atomic import query
from schema.context import Info
from schema.entries.entry import Entry
from schema.fields import listed, shown
from schema.missing import Missing
from schema.paging import Connection


def _number(row: Any, _: object) -> int:
    return entries.detail_of(row, PrincipleRow).number


def _of_kind(kind: Kind) -> Any:
    return lambda row, info, page: practising.in_practice(row, info.context.viewer, page, kinds=(kind,))


@strawberry.type(description="One of the twelve principles.")
class Principle(Entry):
    """A principle."""

    number: int = shown("Which of the twelve it is.", _number)
    of_the_week: bool = shown(
        "Whether it is this week's turn: one after the other, from Monday to Sunday, the same for everybody.",
        lambda row, info: _number(row, info) == practising.of_the_week(),
    )
    practices: Connection[Entry] = listed(
        "What puts it into practice, the latest changed first: practices, requirements, guides, stories and lessons.",
        lambda row, info, page: practising.in_practice(row, info.context.viewer, page),
    )
    insights: Connection[Entry] = listed(
        "The insights that speak of it, the latest changed first.", _of_kind(Kind.INSIGHT)
    )
    initiatives: Connection[Entry] = listed(
        "The initiatives that work on it, the latest changed first.", _of_kind(Kind.INITIATIVE)
    )
    missing: list[Missing] = shown(
        "What it still lacks, for colleagues: a practice, one that was held against what customers say, an insight, an initiative.",
        lambda row, info: practising.missing(row, info.context.viewer),
    )


@strawberry.input(description="Which of the twelve a principle is.")
class PrincipleInput:
    """Nested in the inputs of entries."""

    number: strawberry.Maybe[int] = strawberry.field(description="From 1 to 12.")


@query("The twelve principles, in their order.", list[Principle], needs=Act.ENTRIES_READ)
def principles(info: Info) -> Any:
    return practising.twelve(info.context.session, info.context.viewer)


QUERIES = [principles]
