"""Rows by the hundred: each answers by itself."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from knowledge.errors import Problem, Refusal
from schema.nodes import id_of
from schema.refusals import UserError, user_errors


@strawberry.type(description="What became of one row.")
class UpsertResult:
    """A result."""

    index: int = strawberry.field(description="Which row, counted from 0.")
    id: strawberry.ID | None = strawberry.field(description="What the row is here; null where it was refused.")
    created: bool = strawberry.field(description="Whether it is new.")
    errors: list[UserError] = strawberry.field(
        description="All that is wrong with the row; nothing of it was written then."
    )


def answered(type: str, index: int, uid: UUID | None, created: bool, problems: Sequence[Problem]) -> UpsertResult:
    """A result as it leaves the product."""
    errors = user_errors(Refusal(problems=tuple(problems))) if problems else []
    return UpsertResult(index=index, id=id_of(type, uid) if uid is not None else None, created=created, errors=errors)
