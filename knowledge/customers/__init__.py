"""Customers, outside the company and inside it alike, and the rung of the ladder each stands on."""

from knowledge.customers.customer import (
    Customer,
    CustomerRow,
    Filter,
    Reference,
    StageTransition,
    by_ids,
    by_uids,
    counted_for,
    find,
    fits,
    group_of,
    listing,
    named,
    parent_of,
    visible_to,
)
from knowledge.customers.recording import Changes, create, update

__all__ = [
    "Changes",
    "Customer",
    "CustomerRow",
    "Filter",
    "Reference",
    "StageTransition",
    "by_ids",
    "by_uids",
    "counted_for",
    "create",
    "find",
    "fits",
    "group_of",
    "listing",
    "named",
    "parent_of",
    "update",
    "visible_to",
]
