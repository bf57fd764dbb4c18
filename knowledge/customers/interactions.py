"""Interactions: each time a customer and the company met, logged by whoever was there, in three fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, case, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock, estimates, people
from knowledge.customers import customer as customers
from knowledge.customers import touchpoints
from knowledge.customers.customer import Customer, CustomerRow
from knowledge.customers.touchpoints import Touchpoint, TouchpointRow
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    slices,
    table_of,
    word,
)
from knowledge.errors import Invalid, Problem, refuse
from knowledge.estimates import Estimate
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import Direction, InteractionKind, Medium, Phase

LONGEST = 2_000


class Interaction(Table, table=True):
    """One meeting of a customer with the company, at a touchpoint."""

    __tablename__ = "interaction"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    touchpoint_id: int = Field(foreign_key="touchpoint.id", index=True)
    at: datetime = moment(index=True)
    direction: Direction | None = word(Direction, None)
    medium: Medium = word(Medium, Medium.PERSON)
    kind: InteractionKind = word(InteractionKind, InteractionKind.CONVERSATION)
    positive: bool | None = None
    note: str = Field(default="", max_length=LONGEST)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = moment()
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    sample: bool = False


class InteractionRow(Row):
    """An interaction as colleagues read it."""

    uid: UUID
    customer_id: int
    touchpoint_id: int
    at: datetime
    direction: Direction | None
    medium: Medium
    kind: InteractionKind
    positive: bool | None
    note: str
    person_id: int | None
    created_at: datetime
    source: str | None
    external_id: str | None
    sample: bool


class Met(TypedDict, total=False):
    """What is logged; the note, and whether it was a positive point of connection, are all that a busy person adds."""

    at: datetime | None
    direction: Direction | None
    medium: Medium
    kind: InteractionKind
    positive: bool | None
    note: str
    source: str | None
    external_id: str | None


_NOBODY = estimates.count(0)


@dataclass(frozen=True, slots=True)
class Passage:
    """What happened with one customer in one phase of the life cycle."""

    phase: Phase
    count: int = 0
    last_at: datetime | None = None
    positive: Estimate = _NOBODY


_i, _t = table_of(Interaction).c, table_of(Touchpoint).c
_SEEN = ("id", *InteractionRow.__annotations__)
_NEWEST = Order("at", ((_i.at, True), (_i.id, True)))


def _seen_by(viewer: Viewer) -> Select[Any]:
    """Those with customers whom the viewer may know; what was noted of them is for colleagues, not for the customers."""
    customer = table_of(Customer).c
    known = select(customer.id).where(customers.visible_to(viewer))
    found = select(*columns_of(Interaction, *_SEEN)).where(_i.customer_id.in_(known))
    return found if viewer.may(Act.CUSTOMERS_READ) else found.where(_i.id.is_(None))


def _counted_for(viewer: Viewer) -> Select[Any]:
    """The same for numbers over many, in which whoever was erased since goes on counting [G3]."""
    known = select(table_of(Customer).c.id).where(customers.counted_for(viewer))
    found = select(*columns_of(Interaction, *_SEEN)).where(_i.customer_id.in_(known))
    return found if viewer.may(Act.CUSTOMERS_READ) else found.where(_i.id.is_(None))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> InteractionRow | None:
    """One interaction that the viewer may read, or None."""
    return one(session, InteractionRow, _seen_by(viewer).where(_i.uid == uid))


def _pages(
    session: Session, rows: list[CustomerRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[InteractionRow]]:
    return slices(session, InteractionRow, _seen_by(viewer), _NEWEST, page, rows, _i.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer, page: Page) -> Slice[InteractionRow]:
    """The interactions with a customer, the latest first; read for the whole list at once."""
    return neighbours(customer, _pages, viewer, page)


def latest_of(customer: CustomerRow, viewer: Viewer) -> InteractionRow | None:
    """The latest interaction with a customer; read for the whole list at once."""
    found = of_customer(customer, viewer, Page(first=1)).rows
    return found[0] if found else None


def _customers(session: Session, rows: list[InteractionRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(interaction: InteractionRow, viewer: Viewer) -> CustomerRow | None:
    """With whom it was."""
    return neighbours(interaction, _customers, viewer)


def _touchpoints(session: Session, rows: Sequence[InteractionRow]) -> Mapping[int, TouchpointRow]:
    found = touchpoints.by_ids(session, (row.touchpoint_id for row in rows))
    return {row.id: found[row.touchpoint_id] for row in rows}


def touchpoint_of(interaction: InteractionRow) -> TouchpointRow:
    """Where it was."""
    return neighbours(interaction, _touchpoints)


def person_of(interaction: InteractionRow) -> PersonRow | None:
    """The colleague who was there, or who logged it."""
    return neighbours(interaction, people.loaded, "person_id")


def log(
    session: Session,
    viewer: Viewer,
    customer: CustomerRow,
    touchpoint: TouchpointRow,
    met: Met,
    *,
    person_id: int | None = None,
    sample: bool = False,
) -> InteractionRow:
    """Write down that a customer and the company met; now, unless said otherwise, and by the viewer.

    A row of an integration that is there already is answered as it is, so that logging twice changes nothing. Refuses
    NOT_ALLOWED, and INVALID with all that is wrong.
    """
    require(viewer, Act.CUSTOMERS_WRITE, doing="log an interaction")
    refuse(_faults(met))
    if (there := _known(session, viewer, met)) is not None:
        return there
    now = clock.now()
    item = Interaction(
        customer_id=customer.id,
        touchpoint_id=touchpoint.id,
        at=met.get("at") or now,
        direction=met.get("direction"),
        medium=met.get("medium") or Medium.PERSON,
        kind=met.get("kind") or InteractionKind.CONVERSATION,
        positive=met.get("positive"),
        note=met.get("note", "").strip(),
        person_id=person_id or viewer.id,
        created_at=now,
        source=met.get("source"),
        external_id=met.get("external_id"),
        sample=sample,
    )
    session.add(item)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "interaction.logged", "Interaction", item.uid)
    row = one(session, InteractionRow, select(*columns_of(Interaction, *_SEEN)).where(_i.id == item.id))
    assert row is not None
    return row


def _known(session: Session, viewer: Viewer, met: Met) -> InteractionRow | None:
    if met.get("source") is None:
        return None
    same = (_i.source == met["source"]) & (_i.external_id == met.get("external_id"))
    there = one(session, InteractionRow, _seen_by(viewer).where(same))
    if there is None and session.connection().execute(select(_i.id).where(same)).first() is not None:
        raise Invalid("This is logged already, with somebody who is not shown here.", "externalId")
    return there


def _faults(met: Met) -> Iterable[Problem]:
    if len(met.get("note", "").strip()) > LONGEST:
        yield Problem("note", f"A note has at most {LONGEST} characters.")
    at = met.get("at")
    if at is not None and at > clock.now() + timedelta(days=1):
        yield Problem("at", "This lies in the future.")
    source, external_id = met.get("source"), met.get("external_id")
    for field, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(field, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")


def _passages(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[Passage]]:
    seen = _seen_by(viewer).where(_i.customer_id.in_([row.id for row in rows])).subquery().c
    yes, no = (func.sum(case((seen.positive.is_(said), 1), else_=0)) for said in (True, False))
    counted = select(seen.customer_id, _t.phase, func.count(), func.max(seen.at), yes, no)
    counted = counted.join_from(seen.id.table, table_of(Touchpoint), _t.id == seen.touchpoint_id)
    found = {
        (each[0], each[1]): Passage(each[1], each[2], each[3], estimates.share(int(each[4]), int(each[4] + each[5])))
        for each in session.connection().execute(counted.group_by(seen.customer_id, _t.phase))
    }
    return {row.id: [found.get((row.id, phase)) or Passage(phase) for phase in Phase] for row in rows}


def passages_of(customer: CustomerRow, viewer: Viewer) -> Sequence[Passage]:
    """What happened with a customer in each phase of the life cycle, first to last; counted for the whole list at once."""
    return neighbours(customer, _passages, viewer)


def _shares(session: Session, rows: list[TouchpointRow], viewer: Viewer) -> Mapping[int, Estimate]:
    """Of each customer the latest word, so that nobody counts twice."""
    latest = func.row_number().over(
        partition_by=(_i.touchpoint_id, _i.customer_id), order_by=(_i.at.desc(), _i.id.desc())
    )
    told = _counted_for(viewer).where(_i.positive.is_not(None), _i.touchpoint_id.in_([row.id for row in rows]))
    ranked = told.add_columns(latest.label("place")).subquery().c
    counted = select(ranked.touchpoint_id, func.count(), func.sum(case((ranked.positive, 1), else_=0)))
    found = {
        each[0]: (int(each[2]), int(each[1]))
        for each in session.connection().execute(counted.where(ranked.place == 1).group_by(ranked.touchpoint_id))
    }
    return {row.id: estimates.share(*found.get(row.id, (0, 0)), voices=found.get(row.id, (0, 0))[1]) for row in rows}


def positive_at(touchpoint: TouchpointRow, viewer: Viewer) -> Estimate:
    """The share of customers for whom the latest meeting at a touchpoint was a positive point of connection."""
    return neighbours(touchpoint, _shares, viewer)


def last_contact(session: Session, viewer: Viewer) -> datetime | None:
    """When the viewer was last in touch with a customer themselves, as far as that was logged."""
    if viewer.id is None:
        return None
    latest: datetime | None = (
        session.connection()
        .execute(
            select(_i.at).where(_i.person_id == viewer.id, _i.medium == Medium.PERSON).order_by(_i.at.desc()).limit(1)
        )
        .scalar()
    )
    return latest


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, InteractionRow]:
    """Interactions the viewer may read, by their key, in one statement."""
    wanted = set(ids)
    statement = _seen_by(viewer).where(_i.id.in_(wanted))
    return {row.id: row for row in read(session, InteractionRow, statement)} if wanted else {}
