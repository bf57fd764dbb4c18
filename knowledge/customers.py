"""Customers, outside the company and inside it alike, and the rung of the ladder each stands on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, false, func, select, text, true
from sqlmodel import Field, Session

from knowledge import activity, clock
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
    sliced,
    table_of,
    word,
)
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.people import Act, FunctionalGroup, GroupRow, Viewer, groups_by_ids, require
from knowledge.words import CustomerKind, CustomerRelation, CustomerStatus, Stage, StageSource, TransitionCause


class Customer(Table, table=True):
    """Someone the company serves: a person or an organisation, or a group of colleagues served along the value chain."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=200, index=True)
    kind: CustomerKind = word(CustomerKind, CustomerKind.ORGANISATION)
    relation: CustomerRelation = word(CustomerRelation, CustomerRelation.EXTERNAL, index=True)
    email: str | None = Field(default=None, max_length=254, index=True)
    parent_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id")
    stage: Stage = word(Stage, Stage.SUSPECT, index=True)
    stage_source: StageSource = word(StageSource, StageSource.MANUAL)
    stage_review_on: date | None = Field(default=None, index=True)
    need_confirmed: bool | None = None
    ability_confirmed: bool | None = None
    status: CustomerStatus = word(CustomerStatus, CustomerStatus.ACTIVE)
    joined_on: date | None = None
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    sample: bool = False
    version: int = 1
    created_at: datetime = moment()
    updated_at: datetime = moment(index=True)


class StageTransition(Table, table=True):
    """One move on the ladder; append-only. The first is from nowhere."""

    __tablename__ = "stage_transition"
    __table_args__ = (UniqueConstraint("customer_id", "at", "to_stage"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    from_stage: Stage | None = word(Stage, None)
    to_stage: Stage = word(Stage)
    at: datetime = moment(index=True)
    passing: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})  # left as it was reached
    cause: TransitionCause = word(TransitionCause)
    reason: str | None = Field(default=None, max_length=300)
    evidence: str | None = Field(default=None, max_length=300)
    review_on: date | None = None
    actor_id: int | None = Field(default=None, foreign_key="person.id")


class CustomerRow(Row):
    """A customer as colleagues see them; contact details are personal and not among it."""

    uid: UUID
    name: str
    kind: CustomerKind
    relation: CustomerRelation
    parent_id: int | None
    group_id: int | None
    stage: Stage
    stage_source: StageSource
    stage_review_on: date | None
    need_confirmed: bool | None
    ability_confirmed: bool | None
    status: CustomerStatus
    joined_on: date | None
    source: str | None
    external_id: str | None
    sample: bool
    version: int
    created_at: datetime
    updated_at: datetime


class Changes(TypedDict, total=False):
    """What is said of a customer: what is omitted stays as it is, None clears."""

    name: str
    kind: CustomerKind
    relation: CustomerRelation
    stage: Stage
    email: str | None
    parent: UUID | None
    group: UUID | None
    joined_on: date | None
    source: str | None
    external_id: str | None
    need_confirmed: bool | None
    ability_confirmed: bool | None


@dataclass(frozen=True, slots=True)
class Reference:
    """How an integration names a customer: by uid, by its own identifier, or by address. Exactly one is given."""

    uid: UUID | None = None
    source: str | None = None
    external_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which customers are wanted; empty means all."""

    relations: tuple[CustomerRelation, ...] = ()
    stages: tuple[Stage, ...] = ()
    name: str = ""
    review_due: date | None = None


_c = table_of(Customer).c
_SEEN = tuple(name for name in CustomerRow.__annotations__)


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which customers the viewer may know of: colleagues of every function all of them, a customer their own record."""
    active = _c.status == CustomerStatus.ACTIVE
    if viewer.may(Act.CUSTOMERS_READ):
        return active
    if viewer.customer_id is not None and viewer.scopes is None:
        return active & (_c.id == viewer.customer_id)
    return false()


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(_c.id, *columns_of(Customer, *_SEEN)).where(visible_to(viewer))


def find(session: Session, viewer: Viewer, reference: Reference) -> CustomerRow | None:
    """The customer that is meant, or None. An address that several customers share names none of them."""
    if reference.uid is not None:
        wanted = _c.uid == reference.uid
    elif reference.email is not None:
        wanted = _c.email == reference.email.strip().lower()
    else:
        wanted = (_c.source == reference.source) & (_c.external_id == reference.external_id)
    found = read(session, CustomerRow, _seen_by(viewer).where(wanted).limit(2))
    return found[0] if len(found) == 1 else None


def fits(wanted: Filter) -> ColumnElement[bool]:
    """Which customers a filter lets through."""
    found: ColumnElement[bool] = true()
    if wanted.relations:
        found &= _c.relation.in_(wanted.relations)
    if wanted.stages:
        found &= _c.stage.in_(wanted.stages)
    if wanted.review_due is not None:
        found &= _c.stage_review_on < wanted.review_due
    if wanted.name:
        escaped = wanted.name.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found &= func.lower(_c.name).like(f"%{escaped}%", escape="\\")
    return found


def listing(session: Session, viewer: Viewer, page: Page, *, filter: Filter | None = None) -> Slice[CustomerRow]:
    """Customers by name."""
    statement = _seen_by(viewer).where(fits(filter or Filter()))
    return sliced(session, CustomerRow, statement, Order("name", ((_c.name, False), (_c.id, False))), page)


def by_uids(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> list[CustomerRow]:
    """Those of these customers that the viewer may see, in one statement."""
    return read(session, CustomerRow, _seen_by(viewer).where(_c.uid.in_(uids))) if uids else []


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int | None]) -> Mapping[int | None, CustomerRow]:
    """Customers the viewer may see, by their key, in one statement."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {row.id: row for row in read(session, CustomerRow, _seen_by(viewer).where(_c.id.in_(wanted)))}


def _parents(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = by_ids(session, viewer, (row.parent_id for row in rows))
    return {row.id: found.get(row.parent_id) for row in rows}


def parent_of(customer: CustomerRow, viewer: Viewer) -> CustomerRow | None:
    """The organisation a customer belongs to."""
    return neighbours(customer, _parents, viewer)


def _groups(session: Session, rows: list[CustomerRow]) -> Mapping[int, GroupRow | None]:
    found = groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(customer: CustomerRow) -> GroupRow | None:
    """The functional group that an internal customer is."""
    return neighbours(customer, _groups)


def create(
    session: Session,
    viewer: Viewer,
    changes: Changes,
    *,
    cause: TransitionCause = TransitionCause.MANUAL,
    sample: bool = False,
) -> CustomerRow:
    """A new customer with the first row of its way on the ladder. Refuses NOT_ALLOWED and INVALID with all that is wrong."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record customers")
    refuse(_faults(session, viewer, changes, None))
    now = clock.now()
    customer = Customer(created_at=now, updated_at=now, sample=sample, name=changes["name"].strip())
    _apply(session, customer, changes)
    session.add(customer)
    session.flush()  # its first transition points at its id
    assert customer.id is not None
    session.add(
        StageTransition(customer_id=customer.id, to_stage=customer.stage, at=now, cause=cause, actor_id=viewer.id)
    )
    activity.record(session, viewer.id, "customer.created", "Customer", customer.uid)
    return _reread(session, customer)


def update(session: Session, viewer: Viewer, reference: Reference, changes: Changes) -> CustomerRow:
    """Change what is said of a customer; the stage has verbs of its own. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="change customers")
    row = find(session, viewer, reference)
    if row is None:
        raise NotFound("There is no such customer.", "customer")
    refuse(_faults(session, viewer, changes, row))
    customer = session.get_one(Customer, row.id, with_for_update=True)
    if customer.version != row.version:
        raise Conflict("Someone changed this customer at the same moment.", "customer", current=row)
    before = {field: getattr(row, field) for field in ("name", "kind", "relation", "joined_on")}
    _apply(session, customer, changes)
    customer.version += 1
    customer.updated_at = clock.now()
    moved = {field: (old, getattr(customer, field)) for field, old in before.items() if old != getattr(customer, field)}
    activity.record(session, viewer.id, "customer.updated", "Customer", customer.uid, moved=moved)
    return _reread(session, customer)


def _apply(session: Session, customer: Customer, changes: Changes) -> None:
    for field in ("name", "kind", "relation", "stage", "joined_on", "source", "external_id"):
        if field in changes:
            setattr(customer, field, changes[field])
    customer.need_confirmed = changes.get("need_confirmed", customer.need_confirmed)
    customer.ability_confirmed = changes.get("ability_confirmed", customer.ability_confirmed)
    customer.name = customer.name.strip()
    if "email" in changes:
        customer.email = changes["email"].strip().lower() if changes["email"] else None
    if "parent" in changes:
        customer.parent_id = _key(session, Customer, changes["parent"])
    if "group" in changes:
        customer.group_id = _key(session, FunctionalGroup, changes["group"])


def _key(session: Session, table: type[Table], uid: UUID | None) -> int | None:
    columns = table_of(table).c
    return (
        session.connection().execute(select(columns.id).where(columns.uid == uid)).scalar() if uid is not None else None
    )


def _faults(session: Session, viewer: Viewer, changes: Changes, row: CustomerRow | None) -> Iterable[Problem]:
    name = changes.get("name", row.name if row else "")
    if not 1 <= len(name.strip()) <= 200:
        yield Problem("name", "A name has 1 to 200 characters.")
    if row is not None and "stage" in changes:
        yield Problem("stage", "A customer is moved on the ladder, with a reason, not rewritten.")
    if (email := changes.get("email")) and (email.count("@") != 1 or len(email) > 254):
        yield Problem("email", "This is not an e-mail address.")
    if (parent := changes.get("parent")) is not None and find(session, viewer, Reference(uid=parent)) is None:
        yield Problem("parent", "There is no such customer.")
    if (group := changes.get("group")) is not None and _key(session, FunctionalGroup, group) is None:
        yield Problem("group", "There is no such group.")
    source = changes.get("source", row.source if row else None)
    external_id = changes.get("external_id", row.external_id if row else None)
    for field, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(field, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")
    elif source is not None and _elsewhere(session, source, external_id, row):
        yield Problem("externalId", f"There is a customer {external_id} from {source} already.")


def _elsewhere(session: Session, source: str, external_id: str | None, row: CustomerRow | None) -> bool:
    same = select(_c.id).where(_c.source == source, _c.external_id == external_id, _c.id != (row.id if row else -1))
    return session.connection().execute(same).first() is not None


def _reread(session: Session, customer: Customer) -> CustomerRow:
    session.flush()  # the answer is read back
    row = one(session, CustomerRow, select(_c.id, *columns_of(Customer, *_SEEN)).where(_c.id == customer.id))
    if row is None:
        raise Invalid("The customer vanished while being written.")
    return row
