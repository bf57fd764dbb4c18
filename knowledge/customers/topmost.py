"""Whose voice it is: people and branches of an organisation speak with the one voice of its topmost account."""

from sqlalchemy import CTE, select
from sqlalchemy import Table as SqlTable

from knowledge.customers.customer import Customer
from knowledge.database import table_of


def topmost() -> CTE:
    """The topmost account, as `top`, of each customer who belongs to another; whoever belongs to nobody is not in it."""
    below: SqlTable = table_of(Customer)
    mine, top = below.alias("mine"), below.alias("top")
    first = (
        select(mine.c.id, top.c.id.label("top"))
        .join(top, top.c.id == mine.c.parent_id)
        .where(top.c.parent_id.is_(None))
        .cte("topmost", recursive=True)
    )
    return first.union_all(select(below.c.id, first.c.top).join(first, below.c.parent_id == first.c.id))
