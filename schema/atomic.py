"""Root fields: what each needs, and mutations that leave nothing behind when they are refused."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

import strawberry
from strawberry.types.field import StrawberryField

from knowledge.database import forget_neighbours
from knowledge.errors import Conflict, Refusal
from knowledge.people import Act
from schema.context import Info
from schema.refusals import UserError, user_errors

NEEDS = "needs"
"""The key under which a root field says which act, and so which token scope, it needs."""


@strawberry.interface(description="What every mutation answers: what it changed, or all that was wrong.")
class Payload:
    """The changed object is in the implementing type."""

    errors: list[UserError] = strawberry.field(
        description="All that was wrong; empty when it was done.", default_factory=list
    )


def query(
    description: str, answer: Any, *, needs: Act | None = None, name: str | None = None
) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A root query of type `answer` from a function of (info, arguments), called `name` where its own name is taken."""

    def decorate(find: Callable[..., Any]) -> StrawberryField:
        hints = get_type_hints(find, include_extras=True)
        find.__annotations__ = {**hints, "return": answer}
        field = strawberry.field(resolver=find, name=name, description=_told(description, needs))
        return _root(field, find.__name__, needs)

    return decorate


def mutation(
    description: str, payload: type[Payload], *, needs: Act | None = None
) -> Callable[[Callable[[Info, Any], Mapping[str, object]]], StrawberryField]:
    """A root mutation from a function of (info, input) that answers the payload's fields.

    It runs in a savepoint of its own; a refusal rolls that back and becomes the payload's errors.
    """

    def decorate(work: Callable[[Info, Any], Mapping[str, object]]) -> StrawberryField:
        def resolver(info: Info, input: Any) -> Payload:
            session = info.context.session
            savepoint = session.begin_nested()
            try:
                done: Any = work(info, input)
                answer = payload(**done)
                savepoint.commit()
            except Refusal as refusal:
                savepoint.rollback()
                answer = _refused(payload, refusal)
            finally:
                forget_neighbours(session)
            return answer

        wanted: Any = get_type_hints(work, include_extras=True)["input"]
        told: Any = Annotated[wanted, strawberry.argument(description="What is to be done.")]
        resolver.__annotations__ = {"info": Info, "input": told, "return": payload}
        field: Any = strawberry.mutation(resolver=resolver, description=_told(description, needs))
        return _root(field, work.__name__, needs)

    return decorate


def _root(field: StrawberryField, name: str, needs: Act | None) -> StrawberryField:
    field.python_name = name
    field.metadata = {NEEDS: needs}  # type: ignore[assignment]
    return field


def _told(description: str, needs: Act | None) -> str:
    return f"{description} Needs {needs.value}." if needs else description


def _refused(payload: type[Payload], refusal: Refusal) -> Payload:
    answer = payload(errors=user_errors(refusal))
    if isinstance(refusal, Conflict) and hasattr(answer, "current"):
        answer.current = refusal.current
    if hasattr(answer, "merge"):
        answer.merge = getattr(refusal, "merge", None)
    return answer
