"""Offerings, and which customers can use them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

import strawberry

from knowledge.database import Page
from knowledge.ladder import offerings, telling
from knowledge.ladder.offerings import Changes, OfferingReference
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, ExternalRef, reference
from schema.fields import After, Before, First, Last, given, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.words import OfferingKind, OfferingScope


@strawberry.type(description="A product or a service that the company offers.")
class Offering(Node):
    """An offering."""

    name: str = shown("What it is called.")
    kind: OfferingKind = shown("A product or a service.")
    scope: OfferingScope = shown("Whether it is offered today.")
    dormant_after: int | None = shown("For how many days a purchase of it counts; null for the usual 365.")
    source: str | None = shown("The system that this record comes from.")
    external_id: str | None = shown("Its identifier there.")
    sample: bool = shown("Whether it is part of the sample.")
    created_at: datetime = shown("When it was recorded.")
    updated_at: datetime = shown("When it last changed.")


@strawberry.type(description="An offering, and whether one customer can use it.")
class StatedOffering:
    """What somebody said of an offering for a customer."""

    offering: Offering = shown("The offering.", lambda row, _: row)
    applies: bool = shown("Whether the customer can use it.")


@strawberry.input(one_of=True, description="An offering, named in exactly one way.")
class OfferingRef:
    """Exactly one of the three."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="By id.")
    external: strawberry.Maybe[ExternalRef] = strawberry.field(description="By the identifier of another system.")
    name: strawberry.Maybe[str] = strawberry.field(description="By a name that only one offering has.")


def offering_reference(ref: OfferingRef) -> OfferingReference:
    """The reference that `knowledge` understands."""
    if ref.id is not None:
        return OfferingReference(uid=uid_of(ref.id.value, "Offering", "offering"))
    if ref.external is not None:
        return OfferingReference(source=ref.external.value.source, external_id=ref.external.value.external_id)
    assert ref.name is not None
    return OfferingReference(name=ref.name.value)


@strawberry.input(description="Which offerings are wanted; what is left out does not matter.")
class OfferingFilter:
    """Filter of offerings."""

    scopes: list[OfferingScope] | None = strawberry.field(description="In any of these scopes.", default=None)
    kinds: list[OfferingKind] | None = strawberry.field(description="Of any of these kinds.", default=None)
    name: str | None = strawberry.field(description="Part of the name.", default=None)


Filter = Annotated[OfferingFilter | None, strawberry.argument(description="Which offerings.")]


@query("What the company offers, by name.", Connection[Offering], needs=Act.CUSTOMERS_READ, name="offerings")
def all_offerings(
    info: Info,
    filter: Filter = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    wanted = (
        offerings.Filter(tuple(filter.scopes or ()), tuple(filter.kinds or ()), filter.name or "") if filter else None
    )
    return offerings.listing(info.context.session, info.context.viewer, Page(first, after, last, before), filter=wanted)


@strawberry.input(description="A new offering.")
class CreateOfferingInput:
    """Input of createOffering."""

    name: str = strawberry.field(description="What it is called, 1 to 200 characters.")
    kind: strawberry.Maybe[OfferingKind] = strawberry.field(description="PRODUCT unless given.")
    scope: strawberry.Maybe[OfferingScope] = strawberry.field(description="CURRENT unless given.")
    dormant_after: strawberry.Maybe[int | None] = strawberry.field(
        description="For how many days a purchase of it counts; 365 unless given."
    )
    source: strawberry.Maybe[str | None] = strawberry.field(description="The system the record comes from.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(description="Its identifier there.")


@strawberry.input(description="A change of an offering: what is omitted stays, null clears.")
class UpdateOfferingInput:
    """Input of updateOffering."""

    offering: OfferingRef = strawberry.field(description="Which offering.")
    name: strawberry.Maybe[str] = strawberry.field(description="What it is called.")
    kind: strawberry.Maybe[OfferingKind] = strawberry.field(description="A product or a service.")
    scope: strawberry.Maybe[OfferingScope] = strawberry.field(description="Whether it is offered today.")
    dormant_after: strawberry.Maybe[int | None] = strawberry.field(
        description="For how many days a purchase of it counts."
    )


@strawberry.type(description="An offering that was written.")
class OfferingPayload(Payload):
    """Answer of createOffering and updateOffering."""

    offering: Offering | None = strawberry.field(description="The offering as it is now.", default=None)


@mutation("Record something that the company offers.", OfferingPayload, needs=Act.CUSTOMERS_WRITE)
def create_offering(info: Info, input: CreateOfferingInput) -> Mapping[str, object]:
    made = offerings.create(info.context.session, info.context.viewer, cast(Changes, given(input)))
    return {"offering": made}


@mutation(
    "Change an offering. Customers whose stage that touches are looked at again soon.",
    OfferingPayload,
    needs=Act.CUSTOMERS_WRITE,
)
def update_offering(info: Info, input: UpdateOfferingInput) -> Mapping[str, object]:
    changes = cast(Changes, given(input, but=("offering",)))
    which = offering_reference(input.offering)
    return {"offering": offerings.update_offering(info.context.session, info.context.viewer, which, changes)}


@strawberry.input(description="Whether a customer can use an offering.")
class SetApplicabilityInput:
    """Input of setApplicability."""

    customer: CustomerRef = strawberry.field(description="Which customer.")
    offering: OfferingRef = strawberry.field(description="Which offering.")
    applies: bool | None = strawberry.field(
        description="Whether the customer can use it; null takes back what was said.", default=None
    )


@strawberry.type(description="A customer of whom it was said what they can use.")
class ApplicabilityPayload(Payload):
    """Answer of setApplicability."""

    customer: Customer | None = strawberry.field(description="The customer, where they stand by now.", default=None)


@mutation(
    "Say whether a customer can use an offering: whoever buys all they can use is a client.",
    ApplicabilityPayload,
    needs=Act.CUSTOMERS_WRITE,
)
def set_applicability(info: Info, input: SetApplicabilityInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    row = telling.use(session, viewer, reference(input.customer), offering_reference(input.offering), input.applies)
    return {"customer": row}


QUERIES = [all_offerings]
MUTATIONS = [create_offering, update_offering, set_applicability]
