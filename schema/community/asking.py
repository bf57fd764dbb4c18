"""Whom a question asks, as inputs name them."""

import strawberry

from knowledge.community.asking import Whom
from schema.nodes import uid_of


@strawberry.input(one_of=True, description="Whom a question asks: a colleague or a group.")
class QuestionInput:
    """Nested in the inputs of entries and posts; exactly one of the two."""

    person: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The colleague.")
    group: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The group.")


def whom(input: QuestionInput | None) -> Whom:
    """Who is meant; nobody in particular where null was given. Refuses NOT_FOUND."""
    if input is None:
        return Whom()
    if input.person is not None:
        return Whom(person=uid_of(input.person.value, "Person", "question.person"))
    assert input.group is not None
    return Whom(group=uid_of(input.group.value, "FunctionalGroup", "question.group"))
