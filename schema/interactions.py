"""Touchpoints, and what is logged there: the meetings of customers with the company."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from knowledge import customers
from knowledge.customers import interactions, touchpoints
from knowledge.customers.touchpoints import TouchpointRow
from knowledge.errors import NotFound
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.estimates import Estimate, estimated
from schema.fields import Id, given, shown
from schema.nodes import Node, parts, uid_of
from schema.people import FunctionalGroup, Person
from schema.words import Direction, InteractionKind, Medium, Phase


@strawberry.type(description="One place in the life of what they bought where customers and the company meet.")
class Touchpoint(Node):
    """A touchpoint."""

    name: str = shown("What it is called.")
    phase: Phase = shown("Where in the life cycle it is.")
    owner_group: FunctionalGroup | None = shown(
        "Who answers for what happens there.", lambda row, _: touchpoints.group_of(row)
    )
    positive: Estimate = shown(
        "The share of customers for whom the latest meeting here was a positive point of connection.",
        lambda row, info: estimated(interactions.positive_at(row, info.context.viewer)),
    )
    version: int = shown("How often it was written; an update may name the one it is based on.")
    created_at: datetime = shown("When it was drawn on the map.")
    updated_at: datetime = shown("When it last changed.")


@strawberry.type(description="One meeting of a customer with the company.")
class Interaction(Node):
    """An interaction."""

    customer: Customer | None = shown(
        "With whom.", lambda row, info: interactions.customer_of(row, info.context.viewer)
    )
    touchpoint: Touchpoint = shown("Where.", lambda row, _: interactions.touchpoint_of(row))
    at: datetime = shown("When.")
    direction: Direction | None = shown("Who began it, if that is known.")
    medium: Medium = shown("What the customer met.")
    kind: InteractionKind = shown("What happened.")
    positive: bool | None = shown("Whether it was a positive point of connection, if somebody has said so.")
    note: str = shown("What is worth remembering of it.")
    person: Person | None = shown("The colleague who was there.", lambda row, _: interactions.person_of(row))
    created_at: datetime = shown("When it was logged.")
    source: str | None = shown("The system that this record comes from.")
    external_id: str | None = shown("Its identifier there.")
    sample: bool = shown("Whether it is part of the sample.")


@query(
    "The touchpoints along the life cycle, from the first hearing to the farewell.",
    list[Touchpoint],
    needs=Act.CUSTOMERS_READ,
    name="touchpoints",
)
def all_touchpoints(info: Info) -> Any:
    return touchpoints.all_of_them(info.context.session, info.context.viewer)


@query("One touchpoint.", Touchpoint | None, needs=Act.CUSTOMERS_READ)
def touchpoint(info: Info, id: Id) -> Any:
    found = parts(id)
    return touchpoints.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@query(
    "When the viewer was last in touch with a customer in person, as far as that was logged.",
    datetime | None,
    needs=Act.CUSTOMERS_READ,
)
def my_last_contact(info: Info) -> Any:
    return interactions.last_contact(info.context.session, info.context.viewer)


@strawberry.input(one_of=True, description="A touchpoint, named in exactly one way.")
class TouchpointRef:
    """Exactly one of the two."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="By id.")
    name: strawberry.Maybe[str] = strawberry.field(description="By its name, in capitals or not.")


def _named(info: Info, ref: TouchpointRef) -> TouchpointRow:
    session, viewer = info.context.session, info.context.viewer
    if ref.id is not None:
        found = touchpoints.by_uid(session, viewer, uid_of(ref.id.value, "Touchpoint", "touchpoint"))
    else:
        found = touchpoints.by_name(session, viewer, ref.name.value if ref.name is not None else "")
    if found is None:
        raise NotFound("There is no such touchpoint.", "touchpoint")
    return found


@strawberry.input(description="A meeting with a customer. With whom, where and a few words are enough.")
class LogInteractionInput:
    """Input of logInteraction."""

    customer: CustomerRef = strawberry.field(description="With whom.")
    touchpoint: TouchpointRef = strawberry.field(description="Where.")
    note: strawberry.Maybe[str] = strawberry.field(description="What is worth remembering; at most 2,000 characters.")
    positive: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether it was a positive point of connection."
    )
    at: strawberry.Maybe[datetime | None] = strawberry.field(description="When; now unless given.")
    direction: strawberry.Maybe[Direction | None] = strawberry.field(description="Who began it.")
    medium: strawberry.Maybe[Medium] = strawberry.field(description="What the customer met; PERSON unless given.")
    kind: strawberry.Maybe[InteractionKind] = strawberry.field(description="What happened; CONVERSATION unless given.")
    source: strawberry.Maybe[str | None] = strawberry.field(description="The system that the record comes from.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(
        description="Its identifier there; logging the same twice changes nothing."
    )


@strawberry.type(description="An interaction that was logged.")
class InteractionPayload(Payload):
    """Answer of logInteraction."""

    interaction: Interaction | None = strawberry.field(description="What was logged.", default=None)


@mutation("Log that a customer and the company met.", InteractionPayload, needs=Act.CUSTOMERS_WRITE)
def log_interaction(info: Info, input: LogInteractionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    customer = customers.named(session, viewer, reference(input.customer))
    met: Any = given(input, but=("customer", "touchpoint"))
    return {"interaction": interactions.log(session, viewer, customer, _named(info, input.touchpoint), met)}


@strawberry.input(description="A new touchpoint.")
class CreateTouchpointInput:
    """Input of createTouchpoint."""

    name: str = strawberry.field(description="What it is called, 1 to 80 characters.")
    phase: Phase = strawberry.field(description="Where in the life cycle it is.")
    owner_group: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who answers for it.")


@strawberry.input(description="A change of a touchpoint: what is omitted stays, null clears.")
class UpdateTouchpointInput:
    """Input of updateTouchpoint."""

    id: strawberry.ID = strawberry.field(description="Which touchpoint.")
    version: strawberry.Maybe[int] = strawberry.field(description="The version that this is based on.")
    name: strawberry.Maybe[str] = strawberry.field(description="What it is called.")
    phase: strawberry.Maybe[Phase] = strawberry.field(description="Where in the life cycle it is.")
    owner_group: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who answers for it.")


@strawberry.type(description="A touchpoint that was written.")
class TouchpointPayload(Payload):
    """Answer of createTouchpoint and updateTouchpoint."""

    touchpoint: Touchpoint | None = strawberry.field(description="The touchpoint as it is now.", default=None)
    current: Touchpoint | None = strawberry.field(description="In a conflict, what it is by now.", default=None)


def _wanted(input: CreateTouchpointInput | UpdateTouchpointInput) -> Any:
    found = given(input, but=("id", "version"))
    if "owner_group" in found:
        group = found.pop("owner_group")
        found["group"] = uid_of(group, "FunctionalGroup", "ownerGroup") if group is not None else None
    return found


@mutation("Draw a touchpoint on the map.", TouchpointPayload, needs=Act.ENTRIES_CURATE)
def create_touchpoint(info: Info, input: CreateTouchpointInput) -> Mapping[str, object]:
    return {"touchpoint": touchpoints.create(info.context.session, info.context.viewer, _wanted(input))}


@mutation("Change a touchpoint.", TouchpointPayload, needs=Act.ENTRIES_CURATE)
def update_touchpoint(info: Info, input: UpdateTouchpointInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Touchpoint")
    version = input.version.value if input.version is not None else None
    changed = touchpoints.update(info.context.session, info.context.viewer, uid, _wanted(input), version=version)
    return {"touchpoint": changed}


QUERIES = [all_touchpoints, touchpoint, my_last_contact]
MUTATIONS = [log_interaction, create_touchpoint, update_touchpoint]
