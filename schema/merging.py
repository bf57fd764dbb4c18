"""Two records of one customer become one, and are taken apart again."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from knowledge.customers import merging
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.people import Person


@strawberry.type(description="That one record of a customer went into another.")
class CustomerMerge(Node):
    """A merge."""

    name: str = shown("What the record that went is called.", lambda row, _: merging.former_name(row))
    at: datetime = shown("When.")
    by: Person | None = shown("Who merged them.", lambda row, _: merging.merger_of(row))
    undone_at: datetime | None = shown("When that was undone; null while it stands.")


@strawberry.input(description="Two records of one customer.")
class MergeCustomersInput:
    """Input of mergeCustomers."""

    from_: CustomerRef = strawberry.field(
        name="from", description="The record that goes; it is kept, and comes back when this is undone."
    )
    into: CustomerRef = strawberry.field(description="The record that stays, with what is said of it.")


@strawberry.input(description="A merge that was none.")
class UnmergeCustomersInput:
    """Input of unmergeCustomers."""

    id: strawberry.ID = strawberry.field(description="Which merge.")


@strawberry.type(description="Customers that were merged, or taken apart.")
class MergePayload(Payload):
    """Answer of mergeCustomers and unmergeCustomers."""

    customer: Customer | None = strawberry.field(
        description="The record that stayed; after unmergeCustomers the one that is there again.", default=None
    )
    merge: CustomerMerge | None = strawberry.field(description="The merge.", default=None)


@mutation(
    "Make one customer of two: all that names the one names the other from then on. History stays as it was.",
    MergePayload,
    needs=Act.ENTRIES_CURATE,
)
def merge_customers(info: Info, input: MergeCustomersInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    done = merging.merge(session, viewer, reference(input.from_), reference(input.into))
    return {"customer": done.customer, "merge": done.merge}


@mutation(
    "Undo a merge: all that moved is moved back, and what came since stays where it is.",
    MergePayload,
    needs=Act.ENTRIES_CURATE,
)
def unmerge_customers(info: Info, input: UnmergeCustomersInput) -> Mapping[str, object]:
    done = merging.unmerge(info.context.session, info.context.viewer, uid_of(input.id, "CustomerMerge"))
    return {"customer": done.customer, "merge": done.merge}


MUTATIONS = [merge_customers, unmerge_customers]
