"""Customers of other systems, by the hundred."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from knowledge.customers import upserting
from knowledge.errors import Problem
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.bulk import UpsertResult, answered
from schema.context import Info
from schema.customers import CustomerRef, reference
from schema.fields import given
from schema.nodes import parts
from schema.words import CustomerKind, CustomerRelation, Stage


@strawberry.input(description="One customer of another system; what is omitted stays, null clears.")
class UpsertCustomerInput:
    """A row."""

    source: str = strawberry.field(description="The system that the record comes from.")
    external_id: str = strawberry.field(description="Its identifier there; the same row twice changes nothing.")
    name: strawberry.Maybe[str] = strawberry.field(description="What they are called; a new one needs it.")
    kind: strawberry.Maybe[CustomerKind] = strawberry.field(description="One person or an organisation.")
    relation: strawberry.Maybe[CustomerRelation] = strawberry.field(description="Outside the company or inside it.")
    stage: strawberry.Maybe[Stage] = strawberry.field(
        description="The rung that a new one stands on; who is there already is moved on the ladder instead."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(description="Their address; kept, and not shown.")
    parent: strawberry.Maybe[CustomerRef | None] = strawberry.field(
        description="The organisation they belong to; it may be an earlier row."
    )
    group: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="For internal customers, their group.")
    joined_on: strawberry.Maybe[date | None] = strawberry.field(description="Since when they are a customer.")


@strawberry.input(description="Customers of other systems.")
class UpsertCustomersInput:
    """Input of upsertCustomers."""

    rows: list[UpsertCustomerInput] = strawberry.field(description="At most 250.")


@strawberry.type(description="What became of each row.")
class UpsertCustomersPayload(Payload):
    """Answer of upsertCustomers."""

    results: list[UpsertResult] = strawberry.field(
        description="One for each row, in their order.", default_factory=list
    )


def _incoming(row: UpsertCustomerInput) -> upserting.Incoming | Problem:
    changes: Any = given(row, but=("parent",))
    if changes.get("group") is not None:
        found = parts(changes["group"])
        if found is None or found[0] != "FunctionalGroup":
            return Problem("group", "There is no such group.")
        changes["group"] = found[1]
    ref = row.parent.value if row.parent is not None else None
    if row.parent is not None and ref is None:
        changes["parent"] = None
    if ref is not None and ref.id is not None and (named := parts(ref.id.value)) is not None and named[0] != "Customer":
        return Problem("parent", "There is no such customer.")
    return upserting.Incoming(changes, reference(ref) if ref is not None else None)


@mutation(
    "Take in customers of other systems, each row by itself: new ones are created, those that differ are changed.",
    UpsertCustomersPayload,
    needs=Act.CUSTOMERS_WRITE,
)
def upsert_customers(info: Info, input: UpsertCustomersInput) -> Mapping[str, object]:
    results = upserting.upsert(info.context.session, info.context.viewer, [_incoming(row) for row in input.rows])
    return {"results": [answered("Customer", each.index, each.uid, each.created, each.problems) for each in results]}


MUTATIONS = [upsert_customers]
