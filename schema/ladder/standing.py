"""Where a customer stands on the ladder, and why: the fields that a customer has of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.ladder import advocacies, moving, offerings, transactions
from knowledge.people import Act
from schema.context import Info
from schema.fields import listed, shown
from schema.paging import Connection
from schema.people import Person
from schema.words import Stage, StageSource, TransitionCause

if TYPE_CHECKING:
    from schema.ladder.dealings import Advocacy, Transaction
    from schema.ladder.offered import StatedOffering

SomeTransactions = Annotated["Transaction", strawberry.lazy("schema.ladder.dealings")]
SomeAdvocacies = Annotated["Advocacy", strawberry.lazy("schema.ladder.dealings")]
SomeOfferings = Annotated["StatedOffering", strawberry.lazy("schema.ladder.offered")]


def inside(info: Info, value: Any) -> Any:
    """What colleagues say of a customer among themselves is not for the customer."""
    return value if info.context.viewer.may(Act.CUSTOMERS_READ) else None


@strawberry.type(description="One move on the ladder. Moves are only ever added.")
class StageTransition:
    """A row of the history."""

    from_stage: Stage | None = shown("From where; null for the first.")
    to_stage: Stage = shown("To where.")
    at: datetime = shown("When.")
    passing: bool = shown("Whether the stage was only passed on the way to another, at the same moment.")
    cause: TransitionCause = shown("What moved the customer.")
    reason: str | None = shown("Why, in the words of whoever did it.", lambda row, info: inside(info, row.reason))
    evidence: str | None = shown("The facts that led there, where a rule moved the customer.")
    review_on: date | None = shown("When it was to be looked at again.")
    actor: Person | None = shown("The colleague who did it.", lambda row, info: inside(info, moving.actor_of(row)))


def _moves(row: Any, info: Info) -> Sequence[Stage]:
    return moving.moves_of(row) if info.context.viewer.may(Act.CUSTOMERS_WRITE) else ()


@strawberry.type(description="Where somebody stands on the ladder, and why.")
class OnTheLadder:
    """Fields of a customer."""

    stage_source: StageSource = shown("Whether the stage follows from facts or was set by a person.")
    stage_review_on: date | None = shown("When a stage that a person set is to be looked at again.")
    review_due: bool = shown("Whether that day is over.", lambda row, _: moving.is_due(row))
    moves: list[Stage] = shown("Where the viewer may move them by hand.", _moves)
    need_confirmed: bool | None = shown("Whether they need what we offer; null as long as nobody knows.")
    ability_confirmed: bool | None = shown("Whether they are able to buy it; null as long as nobody knows.")
    transitions: Connection[StageTransition] = listed(
        "How they came to where they stand, the latest move first.", lambda row, _, page: moving.history(row, page)
    )
    transactions: Connection[SomeTransactions] = listed(
        "What they bought, renewed and were served, the latest first.",
        lambda row, info, page: transactions.of_customer(row, info.context.viewer, page),
    )
    advocacies: Connection[SomeAdvocacies] = listed(
        "How they spoke for us, the latest first.",
        lambda row, info, page: advocacies.of_customer(row, info.context.viewer, page),
    )
    applicabilities: list[SomeOfferings] = shown(
        "Which offerings they can use and which not, as far as somebody said so.",
        lambda row, info: offerings.stated_for(row, info.context.viewer),
    )
