"""Thanks that are worth something: given to whoever told us, and never for what they said or how they felt about it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, false, select
from sqlmodel import Field, Session

from knowledge import activity, clock, customers, people
from knowledge.customers import CustomerRow
from knowledge.customers.customer import restricted
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.errors import NotFound, Problem, refuse
from knowledge.feedback import items
from knowledge.feedback.items import FeedbackRow
from knowledge.people import Act, PersonRow, Viewer, require

LONGEST = 200


class Reward(Table, table=True):
    """What a customer was given for telling us something; one for each thing told."""

    __tablename__ = "reward"
    __table_args__ = (UniqueConstraint("feedback_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    feedback_id: int = Field(foreign_key="feedback.id")
    what: str = Field(max_length=LONGEST)
    given_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    given_at: datetime = moment()


class RewardRow(Row):
    """A reward as it is read."""

    uid: UUID
    customer_id: int
    feedback_id: int
    what: str
    given_by_id: int | None
    given_at: datetime


_w = table_of(Reward).c
_SEEN = ("id", *RewardRow.__annotations__)


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Colleagues read all of them, customers their own."""
    if viewer.may(Act.FEEDBACK_READ):
        return _w.customer_id.not_in(restricted())
    if viewer.customer_id is not None and viewer.scopes is None:
        return _w.customer_id == viewer.customer_id
    return false()


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Reward, *_SEEN)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> RewardRow | None:
    """One reward that the viewer may know of, or None."""
    return one(session, RewardRow, _seen_by(viewer).where(_w.uid == uid))


def _of_items(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, Sequence[RewardRow]]:
    found = _seen_by(viewer).where(_w.feedback_id.in_([row.id for row in rows])).order_by(_w.id)
    return grouped(rows, read(session, RewardRow, found), lambda reward: reward.feedback_id)


def of_item(item: FeedbackRow, viewer: Viewer) -> RewardRow | None:
    """What was given for an item."""
    return next(iter(neighbours(item, _of_items, viewer)), None)


def giver_of(reward: RewardRow) -> PersonRow | None:
    """Who gave it."""
    return neighbours(reward, people.loaded, "given_by_id")


def _customers(session: Session, rows: list[RewardRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(reward: RewardRow, viewer: Viewer) -> CustomerRow | None:
    """To whom it was given."""
    return neighbours(reward, _customers, viewer)


def give(session: Session, viewer: Viewer, uid: UUID, what: str) -> RewardRow:
    """Give a customer something for telling us, whatever it was that they told: nothing here looks at it.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID where nobody is known to give it to, or something was given already.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="thank customers")
    item = items.by_uid(session, viewer, uid)
    if item is None:
        raise NotFound("There is no such feedback.", "feedback")
    customer = items.customer_of(item, viewer)
    there = session.connection().execute(select(_w.id).where(_w.feedback_id == item.id)).first() is not None
    refuse(_faults(customer, what.strip(), there))
    assert customer is not None
    reward = Reward(
        customer_id=customer.id,
        feedback_id=item.id,
        what=what.strip(),
        given_by_id=viewer.id,
        given_at=clock.now(),
    )
    session.add(reward)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "reward.given", "Reward", reward.uid)
    row = by_uid(session, viewer, reward.uid)
    assert row is not None
    return row


def _faults(customer: CustomerRow | None, what: str, there: bool) -> Iterable[Problem]:
    if customer is None:
        yield Problem("feedback", "Nobody is known who said this.")
    if there:
        yield Problem("feedback", "Something was given for this already.")
    if not 1 <= len(what) <= LONGEST:
        yield Problem("what", f"Say what is given, in at most {LONGEST} characters.")
