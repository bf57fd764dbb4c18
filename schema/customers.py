"""Customers, and how inputs name them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import clock, customers, feedback, unanswered
from knowledge.customers import (
    Changes,
    Reference,
    characteristics,
    interactions,
    merging,
    needs,
    relationships,
    segments,
)
from knowledge.database import Page
from knowledge.people import Act
from knowledge.scores import given as answers
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import After, Before, First, Last, given, listed, shown
from schema.ladder.standing import OnTheLadder
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.people import FunctionalGroup
from schema.privacy.standing import InPrivacy
from schema.words import CustomerKind, CustomerRelation, Phase, Stage

if TYPE_CHECKING:
    from schema.feedback import Feedback
    from schema.interactions import Interaction
    from schema.knowing import CharacteristicValue, NeedRating, PartnershipPlan, ServiceRelationship
    from schema.merging import CustomerMerge
    from schema.scores import GivenAnswer
    from schema.segments import Segment

SomeFeedback = Annotated["Feedback", strawberry.lazy("schema.feedback")]
SomeInteraction = Annotated["Interaction", strawberry.lazy("schema.interactions")]


@strawberry.type(description="What happened with one customer in one phase of the life cycle.")
class Passage:
    """A passage."""

    phase: Phase = shown("Which phase.")
    count: int = shown("How many interactions were logged.")
    last_at: datetime | None = shown("When the latest was.")
    positive: Estimate = shown(
        "The share of them that were positive points of connection, of those where somebody has said so.",
        lambda row, _: estimated(row.positive),
    )


@strawberry.type(
    description="Someone the company serves, outside it or inside. Contact details are personal and not shown here."
)
class Customer(InPrivacy, OnTheLadder, Node):
    """A customer."""

    name: str = shown("What they are called.")
    kind: CustomerKind = shown("One person or an organisation.")
    relation: CustomerRelation = shown("Outside the company or inside it.")
    stage: Stage = shown("The rung of the loyalty ladder they stand on.")
    parent: Annotated["Customer", strawberry.lazy("schema.customers")] | None = shown(
        "The organisation they belong to.", lambda row, info: customers.parent_of(row, info.context.viewer)
    )
    group: FunctionalGroup | None = shown(
        "For internal customers, the functional group they are.", lambda row, _: customers.group_of(row)
    )
    source: str | None = shown("The system that this record comes from.")
    external_id: str | None = shown("Its identifier there.")
    joined_on: date | None = shown("Since when they are a customer.")
    sample: bool = shown("Whether this is part of the sample.")
    created_at: datetime = shown("When it was recorded.")
    updated_at: datetime = shown("When it last changed.")
    feedback: Connection[SomeFeedback] = listed(
        "What they said, the latest first.",
        lambda row, info, page: feedback.of_customer(row, info.context.viewer, page),
    )
    open_feedback: Connection[SomeFeedback] = listed(
        "What they said and have no answer to, the longest waiting first.",
        lambda row, info, page: unanswered.of_customer(row, info.context.viewer, page),
    )
    interactions: Connection[SomeInteraction] = listed(
        "Their meetings with the company, the latest first.",
        lambda row, info, page: interactions.of_customer(row, info.context.viewer, page),
    )
    last_interaction: SomeInteraction | None = shown(
        "The latest meeting with them.", lambda row, info: interactions.latest_of(row, info.context.viewer)
    )
    life_cycle: list[Passage] = shown(
        "What happened with them in each phase, from the first hearing to the farewell.",
        lambda row, info: interactions.passages_of(row, info.context.viewer),
    )
    merges: list[Annotated["CustomerMerge", strawberry.lazy("schema.merging")]] = shown(
        "The records that were merged into this one; for colleagues.",
        lambda row, info: merging.merges_of(row, info.context.viewer),
    )
    segments: list[Annotated["Segment", strawberry.lazy("schema.segments")]] = shown(
        "The segments they are in now, by name.", lambda row, info: segments.of_customer(row, info.context.viewer)
    )
    characteristics: list[Annotated["CharacteristicValue", strawberry.lazy("schema.knowing")]] = shown(
        "What is known of them and is not personal, by name.",
        lambda row, info: characteristics.of_customer(row, info.context.viewer),
    )
    needs: list[Annotated["NeedRating", strawberry.lazy("schema.knowing")]] = shown(
        "How they rate needs, the most important first.", lambda row, info: needs.of_customer(row, info.context.viewer)
    )
    served_by: list[Annotated["ServiceRelationship", strawberry.lazy("schema.knowing")]] = shown(
        "Who serves them, and at which step.", lambda row, info: relationships.served_by(row, info.context.viewer)
    )
    plans: list[Annotated["PartnershipPlan", strawberry.lazy("schema.knowing")]] = shown(
        "What was agreed with them, the latest first.",
        lambda row, info: relationships.plans_of(row, info.context.viewer),
    )
    scores: list[Annotated["GivenAnswer", strawberry.lazy("schema.scores")]] = shown(
        "What they answered on a scale, where they answered by name, the latest first; for colleagues.",
        lambda row, info: answers.by(row, info.context.viewer),
    )
    version: int = shown("How often the record was written; an update may name the one it is based on.")


@strawberry.input(description="A record in another system.")
class ExternalRef:
    """Source and identifier."""

    source: str = strawberry.field(description="The system.")
    external_id: str = strawberry.field(description="The identifier there.")


@strawberry.input(one_of=True, description="A customer, named in exactly one way.")
class CustomerRef:
    """Exactly one of the three."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="By id.")
    external: strawberry.Maybe[ExternalRef] = strawberry.field(description="By the identifier of another system.")
    email: strawberry.Maybe[str] = strawberry.field(description="By an address that only one customer has.")


def reference(ref: CustomerRef) -> Reference:
    """The reference that `knowledge` understands."""
    if ref.id is not None:
        return Reference(uid=uid_of(ref.id.value, "Customer", "customer"))
    if ref.external is not None:
        return Reference(source=ref.external.value.source, external_id=ref.external.value.external_id)
    assert ref.email is not None
    return Reference(email=ref.email.value)


@strawberry.input(description="Which customers are wanted; what is left out does not matter.")
class CustomerFilter:
    """Filter of customers."""

    relations: list[CustomerRelation] | None = strawberry.field(description="Any of these.", default=None)
    stages: list[Stage] | None = strawberry.field(description="On any of these rungs.", default=None)
    name: str | None = strawberry.field(description="Part of the name.", default=None)
    review_due: bool | None = strawberry.field(
        description="Only those put where they stand by hand who are to be looked at again.", default=None
    )
    segment: strawberry.ID | None = strawberry.field(
        description="Only those who are in this segment now.", default=None
    )


def filtered(filter: CustomerFilter | None) -> customers.Filter:
    """The filter that `knowledge` understands."""
    if filter is None:
        return customers.Filter()
    return customers.Filter(
        relations=tuple(filter.relations or ()),
        stages=tuple(filter.stages or ()),
        name=filter.name or "",
        review_due=clock.today() if filter.review_due else None,
        segment=uid_of(filter.segment, "Segment", "segment") if filter.segment else None,
    )


Ref = Annotated[CustomerRef, strawberry.argument(description="Which customer.")]
Filter = Annotated[CustomerFilter | None, strawberry.argument(description="Which customers.")]


@query("One customer.", Customer | None, needs=Act.CUSTOMERS_READ)
def customer(info: Info, ref: Ref) -> Any:
    return customers.find(info.context.session, info.context.viewer, reference(ref))


@query("Customers by name.", Connection[Customer], needs=Act.CUSTOMERS_READ, name="customers")
def all_customers(
    info: Info,
    filter: Filter = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    return customers.listing(
        info.context.session, info.context.viewer, Page(first, after, last, before), filter=filtered(filter)
    )


@strawberry.input(description="A new customer.")
class CreateCustomerInput:
    """Input of createCustomer."""

    name: str = strawberry.field(description="What they are called, 1 to 200 characters.")
    kind: strawberry.Maybe[CustomerKind] = strawberry.field(description="ORGANISATION unless given.")
    relation: strawberry.Maybe[CustomerRelation] = strawberry.field(description="EXTERNAL unless given.")
    stage: strawberry.Maybe[Stage] = strawberry.field(description="The rung they stand on now; SUSPECT unless given.")
    email: strawberry.Maybe[str | None] = strawberry.field(description="Their address; kept, and not shown.")
    parent: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The organisation they belong to.")
    group: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="For internal customers, their group.")
    joined_on: strawberry.Maybe[date | None] = strawberry.field(description="Since when they are a customer.")
    source: strawberry.Maybe[str | None] = strawberry.field(description="The system the record comes from.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(description="Its identifier there.")


@strawberry.input(description="A change of a customer: what is omitted stays, null clears.")
class UpdateCustomerInput:
    """Input of updateCustomer."""

    customer: CustomerRef = strawberry.field(description="Which customer.")
    name: strawberry.Maybe[str] = strawberry.field(description="What they are called.")
    kind: strawberry.Maybe[CustomerKind] = strawberry.field(description="One person or an organisation.")
    relation: strawberry.Maybe[CustomerRelation] = strawberry.field(description="Outside the company or inside it.")
    email: strawberry.Maybe[str | None] = strawberry.field(description="Their address; kept, and not shown.")
    parent: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The organisation they belong to.")
    group: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="For internal customers, their group.")
    joined_on: strawberry.Maybe[date | None] = strawberry.field(description="Since when they are a customer.")
    source: strawberry.Maybe[str | None] = strawberry.field(description="The system the record comes from.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(description="Its identifier there.")


@strawberry.type(description="A customer that was written.")
class CustomerPayload(Payload):
    """Answer of createCustomer and updateCustomer."""

    customer: Customer | None = strawberry.field(description="The customer as it is now.", default=None)


def _changes(input: CreateCustomerInput | UpdateCustomerInput) -> Changes:
    found = given(input, but=("customer",))
    for field, type_name in (("parent", "Customer"), ("group", "FunctionalGroup")):
        if found.get(field) is not None:
            found[field] = uid_of(found[field], type_name, field)
    return found  # type: ignore[return-value]


@mutation("Record a customer.", CustomerPayload, needs=Act.CUSTOMERS_WRITE)
def create_customer(info: Info, input: CreateCustomerInput) -> Mapping[str, object]:
    return {"customer": customers.create(info.context.session, info.context.viewer, _changes(input))}


@mutation("Change what is recorded of a customer.", CustomerPayload, needs=Act.CUSTOMERS_WRITE)
def update_customer(info: Info, input: UpdateCustomerInput) -> Mapping[str, object]:
    changed = customers.update(info.context.session, info.context.viewer, reference(input.customer), _changes(input))
    return {"customer": changed}


QUERIES = [customer, all_customers]
MUTATIONS = [create_customer, update_customer]
