"""Insights: a claim and how far it has been tested."""

import strawberry

from knowledge import entries
from knowledge.insights import InsightRow
from schema.entries.entry import Entry
from schema.fields import shown
from schema.words import InsightState


@strawberry.type(description="A claim about customers that stands beside its evidence.")
class Insight(Entry):
    """An insight."""

    claim: str = shown("The claim in one sentence.", lambda row, _: entries.detail_of(row, InsightRow).claim)
    state: InsightState = shown("How far it has been tested.", lambda row, _: entries.detail_of(row, InsightRow).state)


@strawberry.type(description="The claim of one revision of an insight.")
class InsightClaim:
    """The claim as it was written."""

    claim: str = shown("The claim in one sentence.")
    state: InsightState = shown("How far it had been tested.")


@strawberry.input(description="What an insight claims.")
class InsightInput:
    """Nested in the inputs of entries."""

    claim: strawberry.Maybe[str] = strawberry.field(
        description="One sentence that evidence could support or contradict, at most 500 characters."
    )
