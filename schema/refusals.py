"""Turns an expected no into the payload's errors; no resolver catches anything."""

import re

import strawberry

from knowledge.errors import Problem, Refusal
from schema.words import ErrorCode


@strawberry.type(
    description="One thing that is wrong with the input. All that is wrong is said at once, and nothing is written."
)
class UserError:
    """Part of every payload."""

    field: str | None = strawberry.field(
        description="The path of the input's field, such as practice.do; null for the whole."
    )
    message: str = strawberry.field(description="What is wrong, for the person who sent it.")
    code: ErrorCode = strawberry.field(description="What kind of no it is.")


def user_errors(refusal: Refusal) -> list[UserError]:
    """The problems of a refusal, with their fields named as the API names them."""
    return [_user_error(problem) for problem in refusal.problems]


def _user_error(problem: Problem) -> UserError:
    path = re.sub(r"_([a-z])", lambda found: found[1].upper(), problem.field)
    return UserError(field=path or None, message=problem.message, code=problem.code)
