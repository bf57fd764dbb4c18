"""Fields in one line: a description, and how the value is found."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from knowledge.database import Page
from schema.context import Info

First = Annotated[int | None, strawberry.argument(description="How many from the start, 1 to 100; 20 unless given.")]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end, 1 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]

Id = Annotated[strawberry.ID, strawberry.argument(description="The id of what is wanted.")]


def shown(description: str, found: Callable[[Any, Info], Any] | None = None) -> Any:
    """A field whose value is an attribute of the row, or what `found(row, info)` answers."""
    if found is None:
        return strawberry.field(description=description)

    def resolver(parent: strawberry.Parent[Any], info: Info):  # type: ignore[no-untyped-def]
        return found(parent, info)

    resolver.found = found  # type: ignore[attr-defined]  # a plan asks it without the way through the resolver
    return strawberry.field(resolver=resolver, description=description)


def listed(description: str, found: Callable[[Any, Info, Page], Any]) -> Any:
    """A connection field: `found(row, info, page)` answers a slice."""

    def resolver(  # type: ignore[no-untyped-def]
        parent: strawberry.Parent[Any],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ):
        return found(parent, info, Page(first, after, last, before))

    resolver.listed = found  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolver, description=description)


def asked(description: str, resolver: Callable[..., Any], *, name: str | None = None) -> Any:
    """A field with arguments, or with a name of its own: those of `resolver`, after the parent and perhaps the info."""
    return strawberry.field(resolver=resolver, description=description, name=name)


def given(input: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """What an input says: `Maybe` fields that were omitted are left out, those that were null are None."""
    found: dict[str, Any] = {}
    for name, value in vars(input).items():
        if name in but or value is None:
            continue
        found[name] = value.value if isinstance(value, strawberry.Some) else value
    return found
