"""Advocacy: what customers did to bring us others."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, false, select
from sqlmodel import Field, Session

from knowledge import activity, clock, customers, people
from knowledge.customers import CustomerRow
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
    sliced,
    slices,
    table_of,
    word,
)
from knowledge.errors import Problem, refuse
from knowledge.ladder.offerings import key_faults
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import AdvocacyKind


class Advocacy(Table, table=True):
    """One time that a customer spoke for us."""

    __tablename__ = "advocacy"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    kind: AdvocacyKind = word(AdvocacyKind)
    occurred_at: datetime = moment(index=True)
    note: str = Field(default="", max_length=500)
    reporter_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    created_at: datetime = moment()


class AdvocacyRow(Row):
    """Advocacy as it is read."""

    uid: UUID
    customer_id: int
    kind: AdvocacyKind
    occurred_at: datetime
    note: str
    reporter_id: int | None
    source: str | None
    external_id: str | None
    created_at: datetime


class Spoken(TypedDict, total=False):
    """What is recorded; only the kind is needed."""

    kind: AdvocacyKind
    occurred_at: datetime | None
    note: str
    source: str | None
    external_id: str | None


_v = table_of(Advocacy).c
_c = table_of(customers.Customer).c
_NEWEST = Order("spoken", ((_v.occurred_at, True), (_v.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whoever may read of customers reads all of it, a customer what they did themselves; of whoever is not shown, nothing is."""
    if not viewer.may(Act.CUSTOMERS_READ) and viewer.customer_id is None:
        return false()
    return _v.customer_id.in_(select(_c.id).where(customers.visible_to(viewer)))


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Advocacy)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> AdvocacyRow | None:
    """One piece of advocacy, or None."""
    return one(session, AdvocacyRow, _seen_by(viewer).where(_v.uid == uid))


def listing(
    session: Session, viewer: Viewer, page: Page, *, kinds: tuple[AdvocacyKind, ...] = ()
) -> Slice[AdvocacyRow]:
    """Advocacy, the latest first."""
    statement = _seen_by(viewer).where(_v.kind.in_(kinds)) if kinds else _seen_by(viewer)
    return sliced(session, AdvocacyRow, statement, _NEWEST, page)


def _of_customers(
    session: Session, rows: list[CustomerRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[AdvocacyRow]]:
    return slices(session, AdvocacyRow, _seen_by(viewer), _NEWEST, page, rows, _v.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer, page: Page) -> Slice[AdvocacyRow]:
    """What a customer did for us, the latest first."""
    return neighbours(customer, _of_customers, viewer, page)


def _customers(session: Session, rows: Sequence[AdvocacyRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(advocacy: AdvocacyRow, viewer: Viewer) -> CustomerRow | None:
    """Who spoke for us."""
    return neighbours(advocacy, _customers, viewer)


def reporter_of(advocacy: AdvocacyRow) -> PersonRow | None:
    """The colleague who wrote it down."""
    return neighbours(advocacy, people.loaded, "reporter_id")


def record(session: Session, viewer: Viewer, customer: CustomerRow, spoken: Spoken) -> AdvocacyRow:
    """Write down that a customer spoke for us. Refuses NOT_ALLOWED and INVALID. Whoever calls settles the customer."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record advocacy")
    refuse(_faults(session, spoken))
    now = clock.now()
    item = Advocacy(
        customer_id=customer.id,
        kind=spoken["kind"],
        occurred_at=spoken.get("occurred_at") or now,
        note=(spoken.get("note") or "").strip(),
        reporter_id=viewer.id,
        source=spoken.get("source"),
        external_id=spoken.get("external_id"),
        created_at=now,
    )
    session.add(item)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "advocacy.recorded", "Advocacy", item.uid)
    row = one(session, AdvocacyRow, select(*columns_of(Advocacy)).where(_v.id == item.id))
    assert row is not None
    return row


def _faults(session: Session, spoken: Spoken) -> Iterable[Problem]:
    if len(spoken.get("note") or "") > 500:
        yield Problem("note", "This has at most 500 characters.")
    occurred = spoken.get("occurred_at")
    if occurred is not None and occurred > clock.now() + timedelta(days=1):
        yield Problem("occurredAt", "This lies in the future.")
    source, external_id = spoken.get("source"), spoken.get("external_id")
    yield from key_faults(source, external_id)
    if source is not None and external_id is not None:
        same = select(_v.id).where(_v.source == source, _v.external_id == external_id)
        if session.connection().execute(same).first() is not None:
            yield Problem("externalId", f"Advocacy {external_id} from {source} is recorded already.")
