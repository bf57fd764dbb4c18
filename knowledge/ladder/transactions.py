"""Transactions: what customers bought, renewed and were served, written by the hundred and each row answered by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, bindparam, false, insert, or_, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock, customers
from knowledge.customers import Customer, CustomerRow, Reference
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
    slices,
    table_of,
    word,
)
from knowledge.errors import Code, Problem, TooLarge
from knowledge.ladder import offerings
from knowledge.ladder.offerings import Offering, OfferingReference, OfferingRow, key_faults
from knowledge.people import Act, Viewer, require
from knowledge.words import CustomerStatus, TransactionKind

MOST = 250
"""Rows in one call."""


class Transaction(Table, table=True):
    """One purchase, renewal or delivered service. `updated_at` is when it was last written down."""

    __tablename__ = "customer_transaction"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    offering_id: int | None = Field(default=None, foreign_key="offering.id", index=True)
    kind: TransactionKind = word(TransactionKind)
    occurred_at: datetime = moment(index=True)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class TransactionRow(Row):
    """A transaction as it is read."""

    uid: UUID
    customer_id: int
    offering_id: int | None
    kind: TransactionKind
    occurred_at: datetime
    source: str | None
    external_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says took place. With a source and an external id it is that transaction, however often it is told; with a
    uid it corrects one that is there.
    """

    customer: Reference
    kind: TransactionKind
    occurred_at: datetime
    offering: OfferingReference | None = None
    source: str | None = None
    external_id: str | None = None
    uid: UUID | None = None

    @property
    def key(self) -> UUID | tuple[str, str] | None:
        """What it is found again by; None for what is new each time."""
        if self.uid is not None:
            return self.uid
        return (self.source, self.external_id) if self.source and self.external_id else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one row: the transaction and whether it is new, or all that is wrong."""

    row: TransactionRow | None = None
    created: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which transactions are wanted; empty means all."""

    kinds: tuple[TransactionKind, ...] = ()
    customer: UUID | None = None
    offering: UUID | None = None
    occurred_after: datetime | None = None
    occurred_before: datetime | None = None


_t, _c, _o = table_of(Transaction).c, table_of(Customer).c, table_of(Offering).c
_NEWEST = Order("occurred", ((_t.occurred_at, True), (_t.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whoever may read of customers reads all of them, a customer their own; of whoever is not shown, nothing is."""
    if not viewer.may(Act.CUSTOMERS_READ) and viewer.customer_id is None:
        return false()
    return _t.customer_id.in_(select(_c.id).where(customers.visible_to(viewer)))


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Transaction)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> TransactionRow | None:
    """One transaction, or None."""
    return one(session, TransactionRow, _seen_by(viewer).where(_t.uid == uid))


def listing(session: Session, viewer: Viewer, page: Page, *, filter: Filter | None = None) -> Slice[TransactionRow]:
    """Transactions, the latest first."""
    wanted, statement = filter or Filter(), _seen_by(viewer)
    if wanted.kinds:
        statement = statement.where(_t.kind.in_(wanted.kinds))
    if wanted.customer is not None:
        statement = statement.where(_t.customer_id.in_(select(_c.id).where(_c.uid == wanted.customer)))
    if wanted.offering is not None:
        statement = statement.where(_t.offering_id.in_(select(_o.id).where(_o.uid == wanted.offering)))
    if wanted.occurred_after is not None:
        statement = statement.where(_t.occurred_at > wanted.occurred_after)
    if wanted.occurred_before is not None:
        statement = statement.where(_t.occurred_at < wanted.occurred_before)
    return sliced(session, TransactionRow, statement, _NEWEST, page)


def _of_customers(
    session: Session, rows: list[CustomerRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[TransactionRow]]:
    return slices(session, TransactionRow, _seen_by(viewer), _NEWEST, page, rows, _t.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer, page: Page) -> Slice[TransactionRow]:
    """What a customer had, the latest first."""
    return neighbours(customer, _of_customers, viewer, page)


def _dealt(session: Session, rows: Sequence[CustomerRow]) -> Mapping[int, bool]:
    those = select(_t.customer_id).where(_t.customer_id.in_([row.id for row in rows])).distinct()
    found = set(session.connection().execute(those).scalars())
    return {row.id: row.id in found for row in rows}


def has_dealt(customer: CustomerRow) -> bool:
    """Whether there was ever anything between the customer and us."""
    return neighbours(customer, _dealt)


def _customers(session: Session, rows: Sequence[TransactionRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(transaction: TransactionRow, viewer: Viewer) -> CustomerRow | None:
    """Whose it is."""
    return neighbours(transaction, _customers, viewer)


def _offerings(session: Session, rows: Sequence[TransactionRow], viewer: Viewer) -> Mapping[int, OfferingRow | None]:
    found = offerings.by_ids(session, viewer, (row.offering_id for row in rows))
    return {row.id: found.get(row.offering_id) for row in rows}


def offering_of(transaction: TransactionRow, viewer: Viewer) -> OfferingRow | None:
    """What it was, where that is known."""
    return neighbours(transaction, _offerings, viewer)


def referred(session: Session, viewer: Viewer, references: Iterable[Reference]) -> Mapping[Reference, int]:
    """The keys of the customers that are meant, in one statement, and two more where some are not found as they are called: whoever
    was merged into another is that other. An address that several share names none of them.
    """
    wanted = set(references)
    if not wanted:
        return {}
    emails = {each.email.strip().lower() for each in wanted if each.email}
    ways = [
        _c.uid.in_([each.uid for each in wanted if each.uid]),
        _c.source.in_({each.source for each in wanted if each.source})
        & _c.external_id.in_({each.external_id for each in wanted if each.external_id}),
        _c.email.in_(emails),
    ]
    named = select(_c.id, _c.uid, _c.source, _c.external_id, _c.email)
    rows = session.connection().execute(named.where(customers.visible_to(viewer), or_(*ways))).all()
    found = _meant(wanted, rows)
    if len(found) < len(wanted):
        merged = named.with_only_columns(_c.merged_into_id.label("id"), _c.uid, _c.source, _c.external_id, _c.email)
        gone = session.connection().execute(merged.where(_c.status == CustomerStatus.MERGED, or_(*ways))).all()
        standing = customers.by_ids(session, viewer, (row.id for row in gone))
        found = _meant(wanted, [row for row in gone if row.id in standing]) | found
    return found


def _meant(wanted: Iterable[Reference], rows: Sequence[Any]) -> dict[Reference, int]:
    by_uid = {row.uid: row.id for row in rows}
    by_key = {(row.source, row.external_id): row.id for row in rows if row.source}
    having = [row.email for row in rows]
    by_email = {row.email: row.id for row in rows if row.email and having.count(row.email) == 1}
    found: dict[Reference, int | None] = {}
    for each in wanted:
        if each.uid is not None:
            found[each] = by_uid.get(each.uid)
        elif each.email is not None:
            found[each] = by_email.get(each.email.strip().lower())
        else:
            found[each] = by_key.get((each.source, each.external_id))
    return {each: id for each, id in found.items() if id is not None}


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row with what it refers to: the transaction that is there, what it is to say, or what is wrong with it."""

    told: Told
    there: TransactionRow | None
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]

    @property
    def differs(self) -> bool:
        """Whether there is anything to write."""
        return self.there is None or any(getattr(self.there, name) != value for name, value in self.values.items())


def upsert(session: Session, viewer: Viewer, rows: Sequence[Told]) -> tuple[list[Answer], set[int]]:
    """Write down what took place, each row answered by itself in its place; and the customers to settle, which whoever calls does.

    What is there already and says the same is left alone. Refuses NOT_ALLOWED, and TOO_LARGE above 250 rows. A fixed number of
    statements, however many rows.
    """
    require(viewer, Act.CUSTOMERS_WRITE, doing="record transactions")
    if len(rows) > MOST:
        raise TooLarge(f"Send at most {MOST} rows at a time.", "rows")
    ready = _made_ready(session, viewer, rows)
    good = [each for each in ready if not each.problems]
    created = {id(each): _new(each) for each in good if each.there is None}
    changed = [each for each in good if each.there is not None and each.differs]
    if created:
        session.connection().execute(insert(table_of(Transaction)), list(created.values()))
    _rewrite(session, changed)
    uids = [each["uid"] for each in created.values()]
    activity.record_each(session, viewer.id, "transaction.recorded", "Transaction", [(uid, 0, {}) for uid in uids])
    told = [(each.there.uid, 0, _moved(each)) for each in changed if each.there is not None]
    activity.record_each(session, viewer.id, "transaction.changed", "Transaction", told)
    read_back = _read_back(session, [*uids, *(each.there.uid for each in good if each.there is not None)])
    answers = []
    for each in ready:
        new = created.get(id(each))
        uid = new["uid"] if new is not None else each.there.uid if each.there is not None else None
        row = read_back.get(uid) if uid is not None and not each.problems else None
        answers.append(Answer(row, new is not None, each.problems))
    settled = {each.values["customer_id"] for each in good if each.differs}
    return answers, settled | {each.there.customer_id for each in changed if each.there is not None}


def _made_ready(session: Session, viewer: Viewer, rows: Sequence[Told]) -> list[_Ready]:
    whose = referred(session, viewer, (row.customer for row in rows))
    what = offerings.referred(session, viewer, (row.offering for row in rows))
    keys = [row.key for row in rows]
    there = _there(session, viewer, rows)
    ready = []
    for place, (row, key) in enumerate(zip(rows, keys, strict=True)):
        wrong = [*_missing(row, whose, what), *faults(row)]
        if key is not None and key in keys[:place]:
            wrong.append(Problem("externalId", "A row before this one is the same transaction."))
        if row.uid is not None and row.uid not in there:
            wrong.append(Problem("id", "There is no such transaction.", Code.NOT_FOUND))
        values = {
            "customer_id": whose.get(row.customer),
            "offering_id": what[row.offering].id if row.offering and row.offering in what else None,
            "kind": row.kind,
            "occurred_at": row.occurred_at,
        }
        ready.append(_Ready(row, there.get(key), values, tuple(wrong)))
    return ready


def _missing(
    row: Told, whose: Mapping[Reference, int], what: Mapping[OfferingReference, OfferingRow]
) -> Iterable[Problem]:
    if row.customer not in whose:
        yield Problem("customer", "There is no such customer.", Code.NOT_FOUND)
    if row.offering is not None and row.offering not in what:
        yield Problem("offering", "There is no such offering.", Code.NOT_FOUND)


def faults(row: Told) -> Iterable[Problem]:
    """What is wrong with a row whatever it refers to."""
    if row.occurred_at > clock.now() + timedelta(days=1):
        yield Problem("occurredAt", "This lies in the future.")
    yield from key_faults(row.source, row.external_id)


def _new(ready: _Ready) -> dict[str, Any]:
    now, told = clock.now(), ready.told
    named = {"source": told.source, "external_id": told.external_id}
    return {"uid": clock.uid(), **ready.values, **named, "created_at": now, "updated_at": now}


def _moved(ready: _Ready) -> dict[str, tuple[object, object]]:
    return {
        name: (getattr(ready.there, name), value)
        for name, value in ready.values.items()
        if getattr(ready.there, name) != value
    }


def _rewrite(session: Session, changed: Sequence[_Ready]) -> None:
    if not changed:
        return
    names = ("customer_id", "offering_id", "kind", "occurred_at")
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    statement = update(table_of(Transaction)).where(_t.id == bindparam("key")).values(**values, updated_at=clock.now())
    rows = [
        {f"new_{name}": each.values[name] for name in names} | {"key": each.there.id} for each in changed if each.there
    ]
    session.connection().execute(statement, rows)


def _read_back(session: Session, uids: Sequence[UUID]) -> Mapping[UUID, TransactionRow]:
    if not uids:
        return {}
    rows = read(session, TransactionRow, select(*columns_of(Transaction)).where(_t.uid.in_(uids)))
    return {row.uid: row for row in rows}


def _there(session: Session, viewer: Viewer, rows: Sequence[Told]) -> Mapping[object, TransactionRow]:
    """The transactions that rows are already, in one statement; by its uid only one that the viewer may see."""
    keys = [row.key for row in rows]
    named = [key for key in keys if isinstance(key, tuple)]
    uids = [key for key in keys if isinstance(key, UUID)]
    if not named and not uids:
        return {}
    those = _t.source.in_({key[0] for key in named}) & _t.external_id.in_({key[1] for key in named})
    seen = visible_to(viewer) & _t.uid.in_(uids)
    found = read(session, TransactionRow, select(*columns_of(Transaction)).where(or_(those, seen)))
    return {row.uid: row for row in found} | {(row.source, row.external_id): row for row in found if row.source}
