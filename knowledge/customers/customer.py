"""The record of a customer, and who may read which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, false, func, select, text, true
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    read,
    sliced,
    table_of,
    word,
)
from knowledge.errors import NotFound
from knowledge.people import Act, GroupRow, Viewer, groups_by_ids
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
    status: CustomerStatus = word(CustomerStatus, CustomerStatus.ACTIVE, index=True)
    merged_into_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
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
    segment: UUID | None = None


_c = table_of(Customer).c
SEEN = tuple(name for name in CustomerRow.__annotations__)


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which customers the viewer may know of: colleagues of every function all of them, a customer their own record."""
    active = _c.status == CustomerStatus.ACTIVE
    if viewer.may(Act.CUSTOMERS_READ):
        return active
    if (
        viewer.customer_id is not None and viewer.scopes is None
    ):  # what is restricted is theirs to see all the same [G4]
        own = _c.status.in_((CustomerStatus.ACTIVE, CustomerStatus.RESTRICTED))
        return own & (_c.id == viewer.customer_id)
    return false()


def restricted() -> Select[tuple[int]]:
    """The keys of those of whom nothing is shown but in an export [G4]."""
    return select(_c.id).where(_c.status == CustomerStatus.RESTRICTED).correlate(None)


def counted_for(viewer: Viewer) -> ColumnElement[bool]:
    """Whose facts count in numbers over many: those whom the viewer may know, and whoever was erased since, so that no score moves [G3]."""
    return visible_to(viewer) | (_c.status == CustomerStatus.ERASED if viewer.may(Act.CUSTOMERS_READ) else false())


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(_c.id, *columns_of(Customer, *SEEN)).where(visible_to(viewer))


def find(session: Session, viewer: Viewer, reference: Reference) -> CustomerRow | None:
    """The customer that is meant, or None. An address that several customers share names none of them.

    Whoever was merged into another is that other.
    """
    if reference.uid is not None:
        wanted = _c.uid == reference.uid
    elif reference.email is not None:
        wanted = _c.email == reference.email.strip().lower()
    else:
        wanted = (_c.source == reference.source) & (_c.external_id == reference.external_id)
    found = read(session, CustomerRow, _seen_by(viewer).where(wanted).limit(2))
    if not found:
        into = select(_c.merged_into_id).where(wanted, _c.status == CustomerStatus.MERGED).correlate(None)
        found = read(session, CustomerRow, _seen_by(viewer).where(_c.id.in_(into)).limit(2))
    return found[0] if len(found) == 1 else None


def named(session: Session, viewer: Viewer, reference: Reference, *, field: str = "customer") -> CustomerRow:
    """The customer that is meant; refuses NOT_FOUND where there is none that the viewer may know of."""
    found = find(session, viewer, reference)
    if found is None:
        raise NotFound("There is no such customer.", field)
    return found


def fits(wanted: Filter) -> ColumnElement[bool]:
    """Which customers a filter lets through."""
    found: ColumnElement[bool] = true()
    if wanted.relations:
        found &= _c.relation.in_(wanted.relations)
    if wanted.stages:
        found &= _c.stage.in_(wanted.stages)
    if wanted.review_due is not None:
        found &= _c.stage_review_on < wanted.review_due
    if wanted.segment is not None:
        found &= _c.id.in_(_in_segment(wanted.segment))
    if wanted.name:
        escaped = wanted.name.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found &= func.lower(_c.name).like(f"%{escaped}%", escape="\\")
    return found


def _in_segment(uid: UUID) -> Select[Any]:
    """The keys of those who are in a segment now; segments know of customers, and not the other way round."""
    segment, membership = (Table.metadata.tables[name].c for name in ("segment", "segment_membership"))
    mine = (membership.segment_id == segment.id) & membership.until.is_(None)
    return select(membership.customer_id).where(mine, segment.uid == uid)


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


def key_of(session: Session, table: type[Table], uid: UUID | None) -> int | None:
    """The key of the row with this uid, if there is one."""
    columns = table_of(table).c
    return (
        session.connection().execute(select(columns.id).where(columns.uid == uid)).scalar() if uid is not None else None
    )


def is_below(session: Session, id: int, other: int) -> bool:
    """Whether a customer is the other, or belongs to it at whatever distance."""
    above = select(_c.id, _c.parent_id).where(_c.id == id).cte("above", recursive=True)
    above = above.union(select(_c.id, _c.parent_id).where(_c.id == above.c.parent_id))
    return session.connection().execute(select(above.c.id).where(above.c.id == other)).first() is not None
