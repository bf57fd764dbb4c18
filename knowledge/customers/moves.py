"""How customers came to where they stand on the ladder: the moves, as they were made."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from knowledge import people
from knowledge.customers.customer import CustomerRow, StageTransition
from knowledge.database import Row, columns_of, grouped, neighbours, read, table_of
from knowledge.people import PersonRow
from knowledge.words import Stage, TransitionCause


class MoveRow(Row):
    """One move on the ladder."""

    customer_id: int
    from_stage: Stage | None
    to_stage: Stage
    at: datetime
    cause: TransitionCause
    reason: str | None
    actor_id: int | None


_m = table_of(StageTransition).c
_SEEN = ("id", *MoveRow.__annotations__)
SHOWN = 50


def _moves(session: Session, rows: list[CustomerRow]) -> Mapping[int, Sequence[MoveRow]]:
    mine = select(*columns_of(StageTransition, *_SEEN)).where(_m.customer_id.in_([row.id for row in rows]))
    found = grouped(
        rows, read(session, MoveRow, mine.order_by(_m.at.desc(), _m.id.desc())), lambda row: row.customer_id
    )
    return {id: moves[:SHOWN] for id, moves in found.items()}


def of_customer(customer: CustomerRow) -> Sequence[MoveRow]:
    """The latest moves of a customer whom the viewer may see, the latest first."""
    return neighbours(customer, _moves)


def actor_of(move: MoveRow) -> PersonRow | None:
    """Who moved them."""
    return neighbours(move, people.loaded, "actor_id")
