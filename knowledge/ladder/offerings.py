"""What the company offers, and which customers can use what of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, delete, false, func, or_, select, true, update
from sqlmodel import Field, Session

from knowledge import activity, clock, jobs
from knowledge.customers import CustomerRow
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    added,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    sliced,
    table_of,
    word,
)
from knowledge.errors import NotFound, Problem, refuse
from knowledge.people import Act, Viewer, require
from knowledge.words import OfferingKind, OfferingScope


class Offering(Table, table=True):
    """A product or a service. How long after its last purchase it still counts can be said for each."""

    __tablename__ = "offering"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=200, index=True)
    kind: OfferingKind = word(OfferingKind, OfferingKind.PRODUCT)
    scope: OfferingScope = word(OfferingScope, OfferingScope.CURRENT, index=True)
    dormant_after: int | None = None
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    sample: bool = False
    version: int = 1
    created_at: datetime = moment()
    updated_at: datetime = moment()


class Applicability(Table, table=True):
    """Whether a customer can use an offering, as somebody says it."""

    __tablename__ = "applicability"
    __table_args__ = (UniqueConstraint("customer_id", "offering_id"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id")
    offering_id: int = Field(foreign_key="offering.id", index=True)
    applies: bool = True


class OfferingRow(Row):
    """An offering as it is read."""

    uid: UUID
    name: str
    kind: OfferingKind
    scope: OfferingScope
    dormant_after: int | None
    source: str | None
    external_id: str | None
    sample: bool
    version: int
    created_at: datetime
    updated_at: datetime


class Changes(TypedDict, total=False):
    """What is said of an offering: what is omitted stays as it is, None clears."""

    name: str
    kind: OfferingKind
    scope: OfferingScope
    dormant_after: int | None
    source: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class OfferingReference:
    """How an integration names an offering: by uid, by its own identifier, or by a name that only one has. Exactly one is given."""

    uid: UUID | None = None
    source: str | None = None
    external_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which offerings are wanted; empty means all."""

    scopes: tuple[OfferingScope, ...] = ()
    kinds: tuple[OfferingKind, ...] = ()
    name: str = ""


_o, _a = table_of(Offering).c, table_of(Applicability).c
LONGEST = 36_500
_BY_NAME = Order("name", ((_o.name, False), (_o.id, False)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Offerings are for those who may read of customers."""
    return true() if viewer.may(Act.CUSTOMERS_READ) else false()


def _had_by(viewer: Viewer) -> ColumnElement[bool]:
    """Customers know the names of what they had themselves: for reads that began with what is theirs."""
    own = viewer.customer_id is not None and viewer.scopes is None
    return true() if own else visible_to(viewer)


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Offering)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> OfferingRow | None:
    """One offering, or None."""
    return one(session, OfferingRow, _seen_by(viewer).where(_o.uid == uid))


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int | None]) -> Mapping[int | None, OfferingRow]:
    """Offerings by their key, in one statement."""
    wanted = {each for each in ids if each is not None}
    had = select(*columns_of(Offering)).where(_had_by(viewer), _o.id.in_(wanted))
    found = read(session, OfferingRow, had) if wanted else []
    return {row.id: row for row in found}


def listing(session: Session, viewer: Viewer, page: Page, *, filter: Filter | None = None) -> Slice[OfferingRow]:
    """Offerings by name."""
    wanted, statement = filter or Filter(), _seen_by(viewer)
    if wanted.scopes:
        statement = statement.where(_o.scope.in_(wanted.scopes))
    if wanted.kinds:
        statement = statement.where(_o.kind.in_(wanted.kinds))
    if wanted.name:
        statement = statement.where(func.lower(_o.name).contains(wanted.name.lower(), autoescape=True))
    return sliced(session, OfferingRow, statement, _BY_NAME, page)


def referred(
    session: Session, viewer: Viewer, references: Iterable[OfferingReference | None]
) -> Mapping[OfferingReference, OfferingRow]:
    """Those of these offerings that there are, in one statement. A name that several have names none of them."""
    wanted = {each for each in references if each is not None}
    if not wanted:
        return {}
    ways = [
        _o.uid.in_([each.uid for each in wanted if each.uid]),
        _o.source.in_({each.source for each in wanted if each.source})
        & _o.external_id.in_({each.external_id for each in wanted if each.external_id}),
        _o.name.in_({each.name for each in wanted if each.name}),
    ]
    rows = read(session, OfferingRow, _seen_by(viewer).where(or_(*ways)))
    named: dict[str, list[OfferingRow]] = {}
    for row in rows:
        named.setdefault(row.name, []).append(row)
    found = {OfferingReference(uid=row.uid): row for row in rows}
    found |= {OfferingReference(source=row.source, external_id=row.external_id): row for row in rows if row.source}
    found |= {OfferingReference(name=name): several[0] for name, several in named.items() if len(several) == 1}
    return found


def create(session: Session, viewer: Viewer, changes: Changes, *, sample: bool = False) -> OfferingRow:
    """A new offering. Refuses NOT_ALLOWED and INVALID with all that is wrong."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record offerings")
    refuse(_faults(session, changes, None))
    now = clock.now()
    offering = Offering(created_at=now, updated_at=now, sample=sample, **changes)
    offering.name = " ".join(offering.name.split())
    session.add(offering)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "offering.created", "Offering", offering.uid)
    return _reread(session, offering.id)


def update_offering(session: Session, viewer: Viewer, reference: OfferingReference, changes: Changes) -> OfferingRow:
    """Change what is said of an offering; whoever stands on a rung because of it is looked at again soon."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="change offerings")
    row = _needed(session, viewer, reference)
    refuse(_faults(session, changes, row))
    offering = session.get_one(Offering, row.id, with_for_update=True)
    moved = {name: (getattr(row, name), value) for name, value in changes.items() if getattr(row, name) != value}
    if not moved:
        return row
    for name, (_, value) in moved.items():
        setattr(offering, name, value)
    offering.version += 1
    offering.updated_at = clock.now()
    activity.record(session, viewer.id, "offering.updated", "Offering", offering.uid, moved=moved)
    if {"scope", "dormant_after"} & set(moved):
        jobs.later(session, "ladder.settle", "0")
    session.flush()  # the answer is read back
    return _reread(session, row.id)


def _faults(session: Session, changes: Changes, row: OfferingRow | None) -> Iterable[Problem]:
    if not 1 <= len(changes.get("name", row.name if row else "").strip()) <= 200:
        yield Problem("name", "A name has 1 to 200 characters.")
    days = changes.get("dormant_after")
    if days is not None and not 1 <= days <= LONGEST:
        yield Problem("dormantAfter", f"This is a number of days from 1 to {LONGEST:,}.")
    source = changes.get("source", row.source if row else None)
    external_id = changes.get("external_id", row.external_id if row else None)
    yield from key_faults(source, external_id)
    if source is not None and external_id is not None:
        same = select(_o.id).where(_o.source == source, _o.external_id == external_id, _o.id != (row.id if row else -1))
        if session.connection().execute(same).first() is not None:
            yield Problem("externalId", f"There is an offering {external_id} from {source} already.")


def key_faults(source: str | None, external_id: str | None) -> Iterable[Problem]:
    """What is wrong with an identity of another system: half of it, or too much."""
    for field, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(field, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")


def _needed(session: Session, viewer: Viewer, reference: OfferingReference) -> OfferingRow:
    row = referred(session, viewer, [reference]).get(reference)
    if row is None:
        raise NotFound("There is no such offering.", "offering")
    return row


def _reread(session: Session, id: int | None) -> OfferingRow:
    row = one(session, OfferingRow, select(*columns_of(Offering)).where(_o.id == id))
    assert row is not None
    return row


def state(
    session: Session, viewer: Viewer, customer: CustomerRow, reference: OfferingReference, applies: bool | None
) -> None:
    """Say whether a customer can use an offering; None takes back what was said. Whoever calls settles the customer."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="say what customers can use")
    offering = _needed(session, viewer, reference)
    connection = session.connection()
    this = (_a.customer_id == customer.id) & (_a.offering_id == offering.id)
    if applies is None:
        connection.execute(delete(table_of(Applicability)).where(this))
    elif added(session, Applicability, customer_id=customer.id, offering_id=offering.id, applies=applies) is None:
        connection.execute(update(table_of(Applicability)).where(this).values(applies=applies))
    moved = {"applies": (None, f"{offering.name}: {applies}")}
    activity.record(session, viewer.id, "customer.applicability_stated", "Customer", customer.uid, moved=moved)


class StatedRow(OfferingRow):
    """An offering with what is said of it for one customer."""

    customer_id: int
    applies: bool


def _stated_of(session: Session, rows: Sequence[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[StatedRow]]:
    joined = _seen_by(viewer).add_columns(_a.customer_id, _a.applies).join(_on(), _a.offering_id == _o.id)
    statement = joined.where(_a.customer_id.in_([row.id for row in rows])).order_by(_o.name, _o.id)
    found: dict[int, list[StatedRow]] = {row.id: [] for row in rows}
    for each in read(session, StatedRow, statement):
        found[each.customer_id].append(each)
    return found


def _on() -> Any:
    return table_of(Applicability)


def stated_for(customer: CustomerRow, viewer: Viewer) -> Sequence[StatedRow]:
    """What is said of which offerings a customer can use, by name."""
    return neighbours(customer, _stated_of, viewer)
