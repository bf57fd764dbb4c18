"""Moves by hand, and what a customer needs and is able to."""

from collections.abc import Mapping
from datetime import date

import strawberry

from knowledge.ladder import moving
from knowledge.ladder.moving import Move
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.words import AdvocacyKind, Stage


@strawberry.input(description="A move by hand: where to, why, and when to look at it again.")
class MoveCustomerInput:
    """Input of moveCustomer."""

    customer: CustomerRef = strawberry.field(description="Which customer.")
    to: Stage = strawberry.field(description="Where to; one of the customer's `moves`.")
    reason: str = strawberry.field(description="Why, in 3 to 300 characters.")
    review_on: date = strawberry.field(description="When to look at it again; until then facts that stand lower wait.")
    believed: Stage | None = strawberry.field(
        description="Where they stood for whoever moves them; CONFLICT if they stand elsewhere by now.", default=None
    )
    advocacy: AdvocacyKind | None = strawberry.field(
        description="With a move to ADVOCATE: what they did for us, which is then recorded along with it.", default=None
    )


@strawberry.type(description="A customer who was moved, or kept, or of whom it was said what they need.")
class MovePayload(Payload):
    """Answer of moveCustomer, keepCustomerStage and qualifyCustomer."""

    customer: Customer | None = strawberry.field(description="The customer, where they stand by now.", default=None)
    current: Customer | None = strawberry.field(
        description="Where they stand, if somebody else was faster.", default=None
    )


@mutation(
    "Move a customer on the ladder by hand, with a reason and a day to look again. Needs one of the 23 legal moves.",
    MovePayload,
    needs=Act.CUSTOMERS_WRITE,
)
def move_customer(info: Info, input: MoveCustomerInput) -> Mapping[str, object]:
    wanted = Move(input.to, input.reason, input.review_on, input.believed, input.advocacy)
    return {"customer": moving.move(info.context.session, info.context.viewer, reference(input.customer), wanted)}


@strawberry.input(description="A customer who still stands where somebody put them.")
class KeepCustomerStageInput:
    """Input of keepCustomerStage."""

    customer: CustomerRef = strawberry.field(description="Which customer.")
    review_on: date = strawberry.field(description="When to look again.")


@mutation("Say that a stage set by hand still holds.", MovePayload, needs=Act.CUSTOMERS_WRITE)
def keep_customer_stage(info: Info, input: KeepCustomerStageInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"customer": moving.keep(session, viewer, reference(input.customer), input.review_on)}


@strawberry.input(description="Whether somebody needs what we offer, and is able to buy it.")
class QualifyCustomerInput:
    """Input of qualifyCustomer."""

    customer: CustomerRef = strawberry.field(description="Which customer.")
    need: bool | None = strawberry.field(description="Whether they need it; null is not known.", default=None)
    ability: bool | None = strawberry.field(description="Whether they can buy it; null is not known.", default=None)


@mutation(
    "Say whether somebody needs what we offer and is able to buy it: who does is a prospect.",
    MovePayload,
    needs=Act.CUSTOMERS_WRITE,
)
def qualify_customer(info: Info, input: QualifyCustomerInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    row = moving.qualify(session, viewer, reference(input.customer), need=input.need, ability=input.ability)
    return {"customer": row}


MUTATIONS = [move_customer, keep_customer_stage, qualify_customer]
