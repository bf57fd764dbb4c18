"""How often customers hear from us without having asked: counted over answers, meetings and surveys, and held to a measure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, Subquery, func, select, union_all
from sqlmodel import Session

from knowledge import clock
from knowledge.customers.interactions import Interaction
from knowledge.database import Table, table_of
from knowledge.loop.responses import Delivery
from knowledge.words import Direction

_d, _m = table_of(Delivery).c, table_of(Interaction).c


@dataclass(frozen=True, slots=True)
class Contact:
    """How customers may be reached here: whether letters are sent, and how many messages that nobody asked for are too many."""

    mails: bool = False
    most: int = 3
    days: int = 30
    digests: bool = False  # whether letters may lead here, so that digests are sent
    digest_hour: int = 6


def often(session: Session, ids: Collection[int], contact: Contact) -> tuple[int, ...]:
    """Those of them who have heard from us unasked as often as is meant to be, so that one message more is one too many."""
    counts = _counts(session, ids, clock.now() - timedelta(days=contact.days))
    return tuple(id for id in ids if counts.get(id, 0) >= contact.most)


def _counts(session: Session, ids: Collection[int], since: datetime) -> Mapping[int, int]:
    """How often we have turned to each customer unasked since then: messages, meetings that we began, and surveys."""
    if not ids:
        return {}
    each = _contacted(since, among=ids)
    statement = select(each.c.id, func.count()).group_by(each.c.id)
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def _contacted(since: datetime, *, among: Collection[int] | None = None) -> Subquery:
    """A row with the customer's key for each time that we turned to them."""
    invited = Table.metadata.tables["invitation"].c  # surveys know of what was told, and not the other way round
    told = select(_d.customer_id.label("id")).where(_d.made_at >= since, _d.asked.is_(False))
    met = select(_m.customer_id).where(_m.at >= since, _m.direction == Direction.TO_CUSTOMER)
    asked = select(invited.customer_id).where(invited.created_at >= since, invited.customer_id.is_not(None))
    if among is not None:
        told, met = told.where(_d.customer_id.in_(among)), met.where(_m.customer_id.in_(among))
        asked = asked.where(invited.customer_id.in_(among))
    return union_all(told, met, asked).subquery()


def tired(contact: Contact) -> Select[tuple[int]]:
    """The keys of all customers who have heard from us unasked as often as is meant to be, for a statement about many."""
    each = _contacted(clock.now() - timedelta(days=contact.days))
    return select(each.c.id).group_by(each.c.id).having(func.count() >= contact.most)
