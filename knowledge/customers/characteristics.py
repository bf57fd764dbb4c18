"""Characteristics: what the company knows of a customer, in values of one kind. What is personal is kept and not shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import UniqueConstraint, delete, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.customers import sorting
from knowledge.customers.customer import CustomerRow
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.errors import NotFound, Problem, refuse
from knowledge.people import Act, Viewer, require
from knowledge.words import ValueKind

MOST = 200


class Characteristic(Table, table=True):
    """Something that can be known of every customer."""

    __tablename__ = "characteristic"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=80, unique=True)
    kind: ValueKind = word(ValueKind)
    personal: bool = False
    description: str = Field(default="", max_length=300)
    sample: bool = False
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")


class CharacteristicValue(Table, table=True):
    """What is known of one customer; one of the four is given."""

    __tablename__ = "characteristic_value"
    __table_args__ = (UniqueConstraint("characteristic_id", "customer_id"),)

    id: int | None = Field(default=None, primary_key=True)
    characteristic_id: int = Field(foreign_key="characteristic.id")
    customer_id: int = Field(foreign_key="customer.id", index=True)
    text: str | None = Field(default=None, max_length=200)
    number: float | None = None
    day: date | None = None
    flag: bool | None = None
    set_at: datetime = moment()
    set_by_id: int | None = Field(default=None, foreign_key="person.id")


class CharacteristicRow(Row):
    """A characteristic as it is read."""

    uid: UUID
    name: str
    kind: ValueKind
    personal: bool
    description: str


class ValueRow(Row):
    """A value with what it is a value of."""

    customer_id: int
    characteristic_id: int
    name: str
    kind: ValueKind
    text: str | None
    number: float | None
    day: date | None
    flag: bool | None
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Value:
    """One value; exactly one of the four is given."""

    text: str | None = None
    number: float | None = None
    day: date | None = None
    flag: bool | None = None

    def of(self, kind: ValueKind) -> Any:
        """What it is as a value of that kind; None where it is of another."""
        return getattr(self, kind.value.lower())


class Wanted(TypedDict, total=False):
    """What is said of a characteristic."""

    name: str
    kind: ValueKind
    personal: bool
    description: str


_c, _v = table_of(Characteristic).c, table_of(CharacteristicValue).c
_SEEN = ("id", *CharacteristicRow.__annotations__)


def all_of_them(session: Session, viewer: Viewer) -> list[CharacteristicRow]:
    """Every characteristic by name, for whoever may read customers."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return []
    return read(session, CharacteristicRow, select(*columns_of(Characteristic, *_SEEN)).order_by(_c.name).limit(MOST))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> CharacteristicRow | None:
    """One characteristic, or None for whoever may not read customers."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return None
    return one(session, CharacteristicRow, select(*columns_of(Characteristic, *_SEEN)).where(_c.uid == uid))


def define(session: Session, viewer: Viewer, wanted: Wanted) -> CharacteristicRow:
    """A new characteristic; `name` and `kind` are given. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.ENTRIES_CURATE, doing="say what is known of customers")
    name = " ".join(wanted["name"].split())
    refuse(_faults(session, viewer, name, wanted.get("description", "")))
    made = Characteristic(
        name=name,
        kind=wanted["kind"],
        personal=wanted.get("personal", False),
        description=wanted.get("description", "").strip(),
        created_at=clock.now(),
        created_by_id=viewer.id,
    )
    session.add(made)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "characteristic.defined", "Characteristic", made.uid)
    row = by_uid(session, viewer, made.uid)
    assert row is not None
    return row


def _faults(session: Session, viewer: Viewer, name: str, description: str) -> Iterable[Problem]:
    if not 1 <= len(name) <= 80:
        yield Problem("name", "A name has 1 to 80 characters.")
    same = select(_c.id).where(func.lower(_c.name) == name.lower())
    if session.connection().execute(same).first() is not None:
        yield Problem("name", f"There is a characteristic {name} already.")
    if len(description.strip()) > 300:
        yield Problem("description", "This has at most 300 characters.")
    if len(all_of_them(session, viewer)) >= MOST:
        yield Problem("name", f"There are {MOST} characteristics already.")


def tell(
    session: Session, viewer: Viewer, customer: CustomerRow, characteristic: CharacteristicRow, value: Value | None
) -> None:
    """Say what is known of a customer, or with None that nothing is. Refuses NOT_ALLOWED, and INVALID for a value of another kind."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="say what is known of a customer")
    refuse(_value_faults(characteristic, value))
    mine = (_v.characteristic_id == characteristic.id) & (_v.customer_id == customer.id)
    session.connection().execute(delete(table_of(CharacteristicValue)).where(mine))
    if value is not None:
        at = clock.now()
        said = {name: getattr(value, name) for name in ("text", "number", "day", "flag")}
        session.add(
            CharacteristicValue(
                characteristic_id=characteristic.id, customer_id=customer.id, set_at=at, set_by_id=viewer.id, **said
            )
        )
        session.flush()  # rules that ask for it read it
    # What is personal does not go into the record of what was done.
    moved = {} if characteristic.personal else {characteristic.name: (None, value and value.of(characteristic.kind))}
    activity.record(session, viewer.id, "customer.described", "Customer", customer.uid, moved=moved)
    sorting.later(session)


def _value_faults(characteristic: CharacteristicRow, value: Value | None) -> Iterable[Problem]:
    if value is None:
        return
    said = [name for name in ("text", "number", "day", "flag") if getattr(value, name) is not None]
    if said != [characteristic.kind.value.lower()]:
        yield Problem("value", f"{characteristic.name} is said by one {characteristic.kind.lower()}.")
    if value.text is not None and not 1 <= len(value.text.strip()) <= 200:
        yield Problem("value", "This has 1 to 200 characters.")
    if value.number is not None and not isfinite(value.number):
        yield Problem("value", "This is no number.")


def _values(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[ValueRow]]:
    if not viewer.may(Act.CUSTOMERS_READ):
        return {row.id: [] for row in rows}
    said = (name for name in ("id", *ValueRow.__annotations__) if name not in ("name", "kind"))
    values = select(*columns_of(CharacteristicValue, *said), _c.name, _c.kind)
    values = values.join_from(table_of(CharacteristicValue), table_of(Characteristic), _c.id == _v.characteristic_id)
    mine = values.where(_v.customer_id.in_([row.id for row in rows]), _c.personal.is_(False)).order_by(_c.name)
    return grouped(rows, read(session, ValueRow, mine), lambda row: row.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer) -> Sequence[ValueRow]:
    """What is known of a customer and is not personal, by name; read for the whole list at once."""
    return neighbours(customer, _values, viewer)


def _of_values(session: Session, rows: list[ValueRow]) -> Mapping[int, CharacteristicRow]:
    wanted = select(*columns_of(Characteristic, *_SEEN)).where(_c.id.in_([row.characteristic_id for row in rows]))
    found = {row.id: row for row in read(session, CharacteristicRow, wanted)}
    return {row.id: found[row.characteristic_id] for row in rows}


def characteristic_of(value: ValueRow) -> CharacteristicRow:
    """What it is a value of."""
    return neighbours(value, _of_values)


def named(session: Session, viewer: Viewer, uid: UUID) -> CharacteristicRow:
    """The characteristic that is meant; refuses NOT_FOUND."""
    found = by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such characteristic.", "characteristic")
    return found
