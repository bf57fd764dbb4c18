"""What is known of customers, what they need, who serves them, and what was agreed with them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from knowledge import customers
from knowledge.customers import characteristics, needs, relationships
from knowledge.customers.characteristics import Value
from knowledge.database import Page
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.estimates import Estimate, estimated
from schema.fields import After, Before, First, Last, given, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.people import FunctionalGroup, Person
from schema.words import NeedDecision, PlanStatus, Stage, ValueKind


@strawberry.type(description="Something that can be known of every customer.")
class Characteristic(Node):
    """A characteristic."""

    name: str = shown("What it is called.")
    kind: ValueKind = shown("What its values are.")
    personal: bool = shown("Whether its values are personal: then they are kept, and not shown.")
    description: str = shown("What is meant by it.")


@strawberry.type(description="What is known of one customer, and is not personal; one of the four is given.")
class CharacteristicValue:
    """A value."""

    characteristic: Characteristic = shown(
        "What it is a value of.", lambda row, _: characteristics.characteristic_of(row)
    )
    text: str | None = shown("The value, where it is a text.")
    number: float | None = shown("The value, where it is a number.")
    day: date | None = shown("The value, where it is a day.")
    flag: bool | None = shown("The value, where it is yes or no.")
    set_at: datetime = shown("When that was said.")


@strawberry.type(description="Something that customers need, in a sentence.")
class Need(Node):
    """A need."""

    statement: str = shown("What they need.")
    decision: NeedDecision = shown("What the company has decided about it.")
    why: str = shown("Why it has decided so.")
    importance: Estimate = shown(
        "How important it is to them, from 1 to 10: the mean of the latest word of each.",
        lambda row, info: estimated(needs.ratings_of(row, info.context.viewer).importance),
    )
    satisfaction: Estimate = shown(
        "How well it is met, from 1 to 10: the mean of the latest word of each.",
        lambda row, info: estimated(needs.ratings_of(row, info.context.viewer).satisfaction),
    )
    opportunity: Estimate = shown(
        "How much there is to win: importance, and again as much as it exceeds satisfaction.",
        lambda row, info: estimated(needs.ratings_of(row, info.context.viewer).opportunity),
    )
    version: int = shown("How often it was written; an update may name the one it is based on.")
    created_at: datetime = shown("When it was written down.")
    updated_at: datetime = shown("When it last changed.")


@strawberry.type(description="How one customer rates a need; the latest word.")
class NeedRating:
    """A rating."""

    need: Need = shown("Which need.", lambda row, _: needs.need_of(row))
    importance: int = shown("How important it is to them, from 1 to 10.")
    satisfaction: int | None = shown("How well it is met, from 1 to 10, if they said so.")
    rated_at: datetime = shown("When they said so.")


@strawberry.type(description="What customers on one rung need, and what is done for it.")
class StageNeed(Node):
    """A stage's need."""

    stage: Stage = shown("On which rung.")
    need: Need = shown("What they need there.", lambda row, _: needs.need_of(row))
    action: str = shown("What is done for it.")
    next_stage: Stage | None = shown("Where it helps them to.")


@strawberry.type(description="A group serves a customer at one step of the value chain.")
class ServiceRelationship(Node):
    """A relationship."""

    group: FunctionalGroup | None = shown("Who serves them.", lambda row, _: relationships.group_of(row))
    step: str = shown("At which step.")
    created_at: datetime = shown("When that was said.")
    ended_at: datetime | None = shown("When it ended, if it did.")


@strawberry.type(description="What the company and a customer mean to reach together.")
class PartnershipPlan(Node):
    """A plan."""

    title: str = shown("What it is called.")
    goal: str = shown("What is to be reached.")
    status: PlanStatus = shown("Where it is.")
    owner: Person | None = shown("Who sees to it.", lambda row, _: relationships.owner_of(row))
    review_on: date | None = shown("When it is looked at again.")
    version: int = shown("How often it was written; an update may name the one it is based on.")
    created_at: datetime = shown("When it was written down.")
    updated_at: datetime = shown("When it last changed.")


Decision = Annotated[NeedDecision | None, strawberry.argument(description="Only needs with this decision.")]
Stages = Annotated[list[Stage] | None, strawberry.argument(description="Only of these rungs.")]


@query(
    "What can be known of customers, by name.", list[Characteristic], needs=Act.CUSTOMERS_READ, name="characteristics"
)
def all_characteristics(info: Info) -> Any:
    return characteristics.all_of_them(info.context.session, info.context.viewer)


@query("What customers need.", Connection[Need], needs=Act.CUSTOMERS_READ, name="needs")
def all_needs(
    info: Info,
    decision: Decision = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return needs.listing(info.context.session, info.context.viewer, page, decision=decision)


@query("What each rung of the ladder needs, the lowest first.", list[StageNeed], needs=Act.CUSTOMERS_READ)
def stage_needs(info: Info, stages: Stages = None) -> Any:
    return needs.of_stages(info.context.session, info.context.viewer, stages or ())


@strawberry.input(one_of=True, description="One value, of exactly one kind.")
class CharacteristicValueInput:
    """Exactly one of the four."""

    text: strawberry.Maybe[str] = strawberry.field(description="A text of at most 200 characters.")
    number: strawberry.Maybe[float] = strawberry.field(description="A number.")
    day: strawberry.Maybe[date] = strawberry.field(description="A day.")
    flag: strawberry.Maybe[bool] = strawberry.field(description="Yes or no.")


def value_of(input: CharacteristicValueInput) -> Value:
    """The value that `knowledge` understands."""
    return Value(**given(input))


@strawberry.input(description="A new characteristic.")
class DefineCharacteristicInput:
    """Input of defineCharacteristic."""

    name: str = strawberry.field(description="What it is called, 1 to 80 characters.")
    kind: ValueKind = strawberry.field(description="What its values are.")
    personal: strawberry.Maybe[bool] = strawberry.field(description="Whether its values are personal.")
    description: strawberry.Maybe[str] = strawberry.field(description="What is meant by it; at most 300 characters.")


@strawberry.type(description="A characteristic that was written.")
class CharacteristicPayload(Payload):
    """Answer of defineCharacteristic."""

    characteristic: Characteristic | None = strawberry.field(description="The characteristic.", default=None)


@mutation("Say what can be known of customers.", CharacteristicPayload, needs=Act.ENTRIES_CURATE)
def define_characteristic(info: Info, input: DefineCharacteristicInput) -> Mapping[str, object]:
    wanted: Any = given(input)
    return {"characteristic": characteristics.define(info.context.session, info.context.viewer, wanted)}


@strawberry.input(description="What is known of a customer.")
class DescribeCustomerInput:
    """Input of describeCustomer."""

    customer: CustomerRef = strawberry.field(description="Of whom.")
    characteristic: strawberry.ID = strawberry.field(description="What.")
    value: CharacteristicValueInput | None = strawberry.field(description="The value; null forgets it.")


@strawberry.type(description="A customer of whom something was written.")
class DescribedPayload(Payload):
    """Answer of what is written of a customer."""

    customer: Customer | None = strawberry.field(description="The customer as they are now.", default=None)


@mutation("Say what is known of a customer.", DescribedPayload, needs=Act.CUSTOMERS_WRITE)
def describe_customer(info: Info, input: DescribeCustomerInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    customer = customers.named(session, viewer, reference(input.customer))
    uid = uid_of(input.characteristic, "Characteristic", "characteristic")
    characteristic = characteristics.named(session, viewer, uid)
    value = value_of(input.value) if input.value is not None else None
    characteristics.tell(session, viewer, customer, characteristic, value)
    return {"customer": customers.find(session, viewer, customers.Reference(uid=customer.uid))}


@strawberry.input(description="A need.")
class RecordNeedInput:
    """Input of recordNeed."""

    statement: str = strawberry.field(description="What customers need, 1 to 300 characters.")
    decision: strawberry.Maybe[NeedDecision] = strawberry.field(description="EXPLORE unless given.")
    why: strawberry.Maybe[str] = strawberry.field(description="Why; DECLINED needs it.")


@strawberry.input(description="A change of a need: what is omitted stays.")
class UpdateNeedInput:
    """Input of updateNeed."""

    id: strawberry.ID = strawberry.field(description="Which need.")
    version: strawberry.Maybe[int] = strawberry.field(description="The version that this is based on.")
    statement: strawberry.Maybe[str] = strawberry.field(description="What customers need.")
    decision: strawberry.Maybe[NeedDecision] = strawberry.field(description="What is decided about it.")
    why: strawberry.Maybe[str] = strawberry.field(description="Why; DECLINED needs it.")


@strawberry.input(description="How a customer rates a need.")
class RateNeedInput:
    """Input of rateNeed."""

    need: strawberry.ID = strawberry.field(description="Which need.")
    customer: CustomerRef = strawberry.field(description="Who rates it.")
    importance: int = strawberry.field(description="How important it is to them, from 1 to 10.")
    satisfaction: strawberry.Maybe[int | None] = strawberry.field(description="How well it is met, from 1 to 10.")


@strawberry.type(description="A need that was written or rated.")
class NeedPayload(Payload):
    """Answer of recordNeed, updateNeed and rateNeed."""

    need: Need | None = strawberry.field(description="The need as it is now.", default=None)
    current: Need | None = strawberry.field(description="In a conflict, what it is by now.", default=None)


@mutation("Write down what customers need.", NeedPayload, needs=Act.CUSTOMERS_WRITE)
def record_need(info: Info, input: RecordNeedInput) -> Mapping[str, object]:
    wanted: Any = given(input)
    return {"need": needs.record(info.context.session, info.context.viewer, wanted)}


@mutation("Say a need otherwise, or decide on it.", NeedPayload, needs=Act.CUSTOMERS_WRITE)
def update_need(info: Info, input: UpdateNeedInput) -> Mapping[str, object]:
    wanted: Any = given(input, but=("id", "version"))
    version = input.version.value if input.version is not None else None
    uid = uid_of(input.id, "Need")
    return {"need": needs.update(info.context.session, info.context.viewer, uid, wanted, version=version)}


@mutation("Write down how a customer rates a need.", NeedPayload, needs=Act.CUSTOMERS_WRITE)
def rate_need(info: Info, input: RateNeedInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    need = needs.named(session, viewer, uid_of(input.need, "Need", "need"))
    customer = customers.named(session, viewer, reference(input.customer))
    satisfaction = input.satisfaction.value if input.satisfaction is not None else None
    needs.rate(session, viewer, need, customer, importance=input.importance, satisfaction=satisfaction)
    return {"need": needs.by_uid(session, viewer, need.uid)}


@strawberry.input(description="What customers on one rung need.")
class SetStageNeedInput:
    """Input of setStageNeed."""

    stage: Stage = strawberry.field(description="On which rung.")
    need: strawberry.ID = strawberry.field(description="What they need there.")
    action: str = strawberry.field(description="What is done for it, 1 to 500 characters.")
    next_stage: strawberry.Maybe[Stage | None] = strawberry.field(description="Where it helps them to.")


@strawberry.type(description="What a rung needs.")
class StageNeedPayload(Payload):
    """Answer of setStageNeed."""

    stage_need: StageNeed | None = strawberry.field(description="What was said.", default=None)


@mutation("Say what customers on a rung need, and what is done for it.", StageNeedPayload, needs=Act.ENTRIES_CURATE)
def set_stage_need(info: Info, input: SetStageNeedInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    need = needs.named(session, viewer, uid_of(input.need, "Need", "need"))
    onwards = input.next_stage.value if input.next_stage is not None else None
    return {"stage_need": needs.serve(session, viewer, input.stage, need, input.action, onwards)}


@strawberry.input(description="Who serves a customer.")
class ServeCustomerInput:
    """Input of serveCustomer."""

    customer: CustomerRef = strawberry.field(description="Who is served.")
    group: strawberry.ID = strawberry.field(description="Who serves them.")
    step: str = strawberry.field(description="At which step of the value chain, 1 to 120 characters.")


@strawberry.input(description="A service that ended.")
class EndServiceInput:
    """Input of endService."""

    id: strawberry.ID = strawberry.field(description="Which relationship.")


@strawberry.type(description="Who serves whom.")
class ServicePayload(Payload):
    """Answer of serveCustomer and endService."""

    relationship: ServiceRelationship | None = strawberry.field(
        description="The relationship as it is now.", default=None
    )


@mutation("Say that a group serves a customer at a step of the value chain.", ServicePayload, needs=Act.CUSTOMERS_WRITE)
def serve_customer(info: Info, input: ServeCustomerInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    customer = customers.named(session, viewer, reference(input.customer))
    group = uid_of(input.group, "FunctionalGroup", "group")
    return {"relationship": relationships.serve(session, viewer, group, customer, input.step)}


@mutation("Say that a group serves a customer no more.", ServicePayload, needs=Act.CUSTOMERS_WRITE)
def end_service(info: Info, input: EndServiceInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "ServiceRelationship")
    return {"relationship": relationships.end(info.context.session, info.context.viewer, uid)}


@strawberry.input(description="A plan with a customer.")
class CreatePartnershipPlanInput:
    """Input of createPartnershipPlan."""

    customer: CustomerRef = strawberry.field(description="With whom.")
    title: str = strawberry.field(description="What it is called, 1 to 160 characters.")
    goal: strawberry.Maybe[str] = strawberry.field(description="What is to be reached; at most 2,000 characters.")
    status: strawberry.Maybe[PlanStatus] = strawberry.field(description="DRAFT unless given.")
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who sees to it.")
    review_on: strawberry.Maybe[date | None] = strawberry.field(description="When it is looked at again.")


@strawberry.input(description="A change of a plan: what is omitted stays, null clears.")
class UpdatePartnershipPlanInput:
    """Input of updatePartnershipPlan."""

    id: strawberry.ID = strawberry.field(description="Which plan.")
    version: strawberry.Maybe[int] = strawberry.field(description="The version that this is based on.")
    title: strawberry.Maybe[str] = strawberry.field(description="What it is called.")
    goal: strawberry.Maybe[str] = strawberry.field(description="What is to be reached.")
    status: strawberry.Maybe[PlanStatus] = strawberry.field(description="Where it is.")
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who sees to it.")
    review_on: strawberry.Maybe[date | None] = strawberry.field(description="When it is looked at again.")


@strawberry.type(description="A plan that was written.")
class PlanPayload(Payload):
    """Answer of createPartnershipPlan and updatePartnershipPlan."""

    plan: PartnershipPlan | None = strawberry.field(description="The plan as it is now.", default=None)
    current: PartnershipPlan | None = strawberry.field(description="In a conflict, what it is by now.", default=None)


def _planned(input: CreatePartnershipPlanInput | UpdatePartnershipPlanInput) -> Any:
    found = given(input, but=("id", "version", "customer"))
    if found.get("owner") is not None:
        found["owner"] = uid_of(found["owner"], "Person", "owner")
    return found


@mutation("Plan something with a customer.", PlanPayload, needs=Act.CUSTOMERS_WRITE)
def create_partnership_plan(info: Info, input: CreatePartnershipPlanInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    customer = customers.named(session, viewer, reference(input.customer))
    return {"plan": relationships.plan(session, viewer, customer, _planned(input))}


@mutation("Change a plan with a customer.", PlanPayload, needs=Act.CUSTOMERS_WRITE)
def update_partnership_plan(info: Info, input: UpdatePartnershipPlanInput) -> Mapping[str, object]:
    uid, version = uid_of(input.id, "PartnershipPlan"), input.version.value if input.version is not None else None
    session, viewer = info.context.session, info.context.viewer
    return {"plan": relationships.replan(session, viewer, uid, _planned(input), version=version)}


QUERIES = [all_characteristics, all_needs, stage_needs]
MUTATIONS = [
    define_characteristic,
    describe_customer,
    record_need,
    update_need,
    rate_need,
    set_stage_need,
    serve_customer,
    end_service,
    create_partnership_plan,
    update_partnership_plan,
]
