"""Whose voice it is: people and branches of an organisation speak with the one voice of its topmost account."""

from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, select

from knowledge.customers.customer import Customer
from knowledge.database import table_of

UNKNOWN = 0
"""The one voice of all that is anonymous."""


def topmost() -> Subquery:
    """The topmost account of each customer who belongs to another; whoever belongs to nobody is not in it."""
    table = table_of(Customer)
    first = table.c
    above = select(first.id, first.parent_id.label("top")).where(first.parent_id.is_not(None))
    above_all = above.cte("above_all", recursive=True)
    parent = table.alias("parent")
    further = select(above_all.c.id, parent.c.parent_id).join(parent, parent.c.id == above_all.c.top)
    above_all = above_all.union(further.where(parent.c.parent_id.is_not(None)))
    last = table.alias("last")
    reached = select(above_all.c.id, above_all.c.top).join(last, last.c.id == above_all.c.top)
    return reached.where(last.c.parent_id.is_(None)).subquery("topmost")


def voice(customer: ColumnElement[Any], top: Subquery) -> ColumnElement[int]:
    """The key of the voice behind a customer's key, joined with `topmost`; what is anonymous is UNKNOWN."""
    return func.coalesce(top.c.top, customer, UNKNOWN)
