"""Related entries, with why they are."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.search import related as nearness
from schema.context import Info
from schema.entries.company import few
from schema.fields import shown
from schema.words import RelatedReason

if TYPE_CHECKING:
    from schema.entries.entry import Entry

Some = Annotated[int, strawberry.argument(description="How many at most, 1 to 20.")]


@strawberry.type(description="An entry that is near another, and why.")
class RelatedEntry:
    """A related entry."""

    entry: Annotated["Entry", strawberry.lazy("schema.entries.entry")] = shown("The other entry.")
    why: list[RelatedReason] = shown("What they have in common.")
    score: float = shown("How near it is; comparable within one list only.")
    tags: list[str] = shown("The names of the tags that both have.")
    steps: int | None = shown(
        "1 where a link leads from one to the other, 2 where there is an entry between; else null."
    )


def related(parent: strawberry.Parent[Any], info: Info, first: Some = 6) -> list[RelatedEntry]:
    """The nearest entries."""
    found = nearness.related(parent, info.context.viewer, info.context.index, few(first, nearness.MOST))
    return list(found)  # type: ignore[arg-type]
