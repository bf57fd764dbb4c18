"""Who serves whom along the value chain, and what was agreed with partners."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import UniqueConstraint, select
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.customers.customer import Customer, CustomerRow, key_of, visible_to
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.errors import Conflict, NotFound, Problem, refuse
from knowledge.people import Act, FunctionalGroup, GroupRow, Person, PersonRow, Viewer, groups_by_ids, require
from knowledge.words import PlanStatus


class ServiceRelationship(Table, table=True):
    """A group serves a customer at one step of the value chain."""

    __tablename__ = "service_relationship"
    __table_args__ = (UniqueConstraint("group_id", "customer_id", "step"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    group_id: int = Field(foreign_key="functional_group.id")
    customer_id: int = Field(foreign_key="customer.id", index=True)
    step: str = Field(max_length=120)
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = moment(default=None)


class PartnershipPlan(Table, table=True):
    """What the company and a customer mean to reach together."""

    __tablename__ = "partnership_plan"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    title: str = Field(max_length=160)
    goal: str = Field(default="", max_length=2_000)
    status: PlanStatus = word(PlanStatus, PlanStatus.DRAFT)
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    review_on: date | None = None
    version: int = 1
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = moment()


class ServiceRow(Row):
    """A relationship as colleagues read it."""

    uid: UUID
    group_id: int
    customer_id: int
    step: str
    created_at: datetime
    ended_at: datetime | None


class PlanRow(Row):
    """A plan as colleagues read it."""

    uid: UUID
    customer_id: int
    title: str
    goal: str
    status: PlanStatus
    owner_id: int | None
    review_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime


class Wanted(TypedDict, total=False):
    """What is said of a plan: what is omitted stays as it is, None clears."""

    title: str
    goal: str
    status: PlanStatus
    owner: UUID | None
    review_on: date | None


_s, _p = table_of(ServiceRelationship).c, table_of(PartnershipPlan).c
_SERVES = ("id", *ServiceRow.__annotations__)
_PLANS = ("id", *PlanRow.__annotations__)


def _services(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[ServiceRow]]:
    if not viewer.may(Act.CUSTOMERS_READ):
        return {row.id: [] for row in rows}
    mine = select(*columns_of(ServiceRelationship, *_SERVES)).where(_s.customer_id.in_([row.id for row in rows]))
    return grouped(
        rows, read(session, ServiceRow, mine.where(_s.ended_at.is_(None)).order_by(_s.id)), lambda row: row.customer_id
    )


def served_by(customer: CustomerRow, viewer: Viewer) -> Sequence[ServiceRow]:
    """Who serves a customer now, and at which step; read for the whole list at once."""
    return neighbours(customer, _services, viewer)


def _groups(session: Session, rows: list[ServiceRow]) -> Mapping[int, GroupRow | None]:
    found = groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(service: ServiceRow) -> GroupRow | None:
    """Who serves them."""
    return neighbours(service, _groups)


def serve(session: Session, viewer: Viewer, group: UUID, customer: CustomerRow, step: str) -> ServiceRow:
    """Say that a group serves a customer at a step; saying it again changes nothing. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="say who serves whom")
    group_id, step = key_of(session, FunctionalGroup, group), " ".join(step.split())
    problems = [Problem("group", "There is no such group.")] if group_id is None else []
    refuse([*problems, *([] if 1 <= len(step) <= 120 else [Problem("step", "A step has 1 to 120 characters.")])])
    assert group_id is not None
    same = (_s.group_id == group_id) & (_s.customer_id == customer.id) & (_s.step == step)
    id = session.connection().execute(select(_s.id).where(same)).scalar()
    stored = session.get_one(ServiceRelationship, id) if id is not None else None
    if stored is None or stored.ended_at is not None:
        stored = stored or ServiceRelationship(
            group_id=group_id, customer_id=customer.id, step=step, created_at=clock.now(), created_by_id=viewer.id
        )
        stored.ended_at = None
        session.add(stored)
        session.flush()  # the answer is read back
        activity.record(session, viewer.id, "customer.served", "Customer", customer.uid, moved={"step": (None, step)})
    row = one(session, ServiceRow, select(*columns_of(ServiceRelationship, *_SERVES)).where(_s.id == stored.id))
    assert row is not None
    return row


def end(session: Session, viewer: Viewer, uid: UUID) -> ServiceRow:
    """Say that a group serves a customer no more. Refuses NOT_ALLOWED and NOT_FOUND."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="say who serves whom")
    id = _known(session, viewer, ServiceRelationship, uid)
    if id is None:
        raise NotFound("There is no such relationship.", "id")
    stored = session.get_one(ServiceRelationship, id, with_for_update=True)
    stored.ended_at = stored.ended_at or clock.now()
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "service.ended", "ServiceRelationship", uid)
    row = one(session, ServiceRow, select(*columns_of(ServiceRelationship, *_SERVES)).where(_s.id == id))
    assert row is not None
    return row


def _known(
    session: Session, viewer: Viewer, table: type[ServiceRelationship] | type[PartnershipPlan], uid: UUID
) -> int | None:
    """The key of what was agreed with a customer whom the viewer may know."""
    columns = table_of(table).c
    mine = select(columns.id).join(table_of(Customer), table_of(Customer).c.id == columns.customer_id)
    return session.connection().execute(mine.where(columns.uid == uid, visible_to(viewer))).scalar()


def _plans(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[PlanRow]]:
    if not viewer.may(Act.CUSTOMERS_READ):
        return {row.id: [] for row in rows}
    mine = select(*columns_of(PartnershipPlan, *_PLANS)).where(_p.customer_id.in_([row.id for row in rows]))
    return grouped(rows, read(session, PlanRow, mine.order_by(_p.id.desc())), lambda row: row.customer_id)


def plans_of(customer: CustomerRow, viewer: Viewer) -> Sequence[PlanRow]:
    """What was agreed with a customer, the latest first; read for the whole list at once."""
    return neighbours(customer, _plans, viewer)


def owner_of(plan: PlanRow) -> PersonRow | None:
    """Who sees to a plan."""
    return neighbours(plan, people.loaded, "owner_id")


def plan(session: Session, viewer: Viewer, customer: CustomerRow, wanted: Wanted) -> PlanRow:
    """A new plan with a customer; `title` is given. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="plan with customers")
    refuse(_faults(session, wanted))
    now = clock.now()
    stored = PartnershipPlan(
        customer_id=customer.id, title=wanted["title"], created_at=now, created_by_id=viewer.id, updated_at=now
    )
    _apply(session, stored, wanted)
    session.add(stored)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "plan.created", "PartnershipPlan", stored.uid)
    return _plan(session, stored.uid)


def replan(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted, *, version: int | None = None) -> PlanRow:
    """Change a plan. Refuses NOT_ALLOWED, NOT_FOUND, INVALID and CONFLICT."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="plan with customers")
    id = _known(session, viewer, PartnershipPlan, uid)
    if id is None:
        raise NotFound("There is no such plan.", "id")
    refuse(_faults(session, wanted))
    stored = session.get_one(PartnershipPlan, id, with_for_update=True)
    if version is not None and version != stored.version:
        raise Conflict("Somebody changed this plan in the meantime.", "version", current=_plan(session, uid))
    _apply(session, stored, wanted)
    stored.version += 1
    stored.updated_at = clock.now()
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "plan.updated", "PartnershipPlan", uid)
    return _plan(session, uid)


def _apply(session: Session, stored: PartnershipPlan, wanted: Wanted) -> None:
    stored.title = wanted.get("title", stored.title).strip()
    stored.goal = wanted.get("goal", stored.goal).strip()
    stored.status = wanted.get("status", stored.status)
    stored.review_on = wanted.get("review_on", stored.review_on)
    if "owner" in wanted:
        stored.owner_id = key_of(session, Person, wanted["owner"])


def _faults(session: Session, wanted: Wanted) -> Iterable[Problem]:
    if "title" in wanted and not 1 <= len(wanted["title"].strip()) <= 160:
        yield Problem("title", "A title has 1 to 160 characters.")
    if len(wanted.get("goal", "").strip()) > 2_000:
        yield Problem("goal", "This has at most 2,000 characters.")
    if (owner := wanted.get("owner")) is not None and key_of(session, Person, owner) is None:
        yield Problem("owner", "There is nobody like that.")


def _plan(session: Session, uid: UUID) -> PlanRow:
    row = one(session, PlanRow, select(*columns_of(PartnershipPlan, *_PLANS)).where(_p.uid == uid))
    assert row is not None
    return row
