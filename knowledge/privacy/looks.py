"""What is personal is masked until somebody says why they look, and each look is written down [G5]."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Field, Session

from knowledge import clock, people
from knowledge.customers import Customer, CustomerRow
from knowledge.customers import by_ids as customers_by_ids
from knowledge.customers.characteristics import Characteristic, CharacteristicValue, ValueRow
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    grouped,
    moment,
    neighbours,
    read,
    sliced,
    slices,
    table_of,
    word,
)
from knowledge.people import Act, Person, PersonRow, Viewer
from knowledge.privacy.consents import is_oneself
from knowledge.words import LookPurpose

SHOWN = 50
EMAIL, ACCOUNTS = "e-mail", "people who sign in for them"


class Look(Table, table=True):
    """Somebody looked at what is personal of a customer; append-only."""

    __tablename__ = "look"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    by_program: bool = False
    purpose: LookPurpose = word(LookPurpose)
    fields: str = Field(max_length=300)
    at: datetime = moment(index=True)


class LookRow(Row):
    """A look as it is read."""

    uid: UUID
    customer_id: int
    person_id: int | None
    by_program: bool
    purpose: LookPurpose
    fields: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """A look that is answered once it is written down."""

    customer_id: int
    person_id: int | None
    by_program: bool
    purpose: LookPurpose
    fields: str


@dataclass(frozen=True, slots=True)
class Personal:
    """What is personal of one customer."""

    email: str | None
    characteristics: Sequence[ValueRow]
    accounts: Sequence[PersonRow]

    @property
    def kept(self) -> tuple[str, ...]:
        """What there is, in words and without its values."""
        named = ((EMAIL, self.email), (ACCOUNTS, self.accounts))
        return (*(name for name, there in named if there), *(value.name for value in self.characteristics))


_c, _v, _k, _p, _l = (table_of(each).c for each in (Customer, CharacteristicValue, Characteristic, Person, Look))
_SEEN = ("id", *LookRow.__annotations__)
_LATEST = Order("latest", ((_l.at, True), (_l.id, True)))


def _kept(session: Session, rows: list[CustomerRow]) -> Mapping[int, Personal]:
    """What is personal of a list of customers, in three statements."""
    ids = [row.id for row in rows]
    addresses = session.connection().execute(select(_c.id, _c.email).where(_c.id.in_(ids)))
    emails: dict[int, str | None] = {row[0]: row[1] for row in addresses}
    said = (name for name in ("id", *ValueRow.__annotations__) if name not in ("name", "kind"))
    values = select(*columns_of(CharacteristicValue, *said), _k.name, _k.kind)
    values = values.join_from(table_of(CharacteristicValue), table_of(Characteristic), _k.id == _v.characteristic_id)
    values = values.where(_v.customer_id.in_(ids), _k.personal.is_(True)).order_by(_k.name)
    known = grouped(rows, read(session, ValueRow, values), lambda row: row.customer_id)
    signing = select(_p.id).where(_p.customer_id.in_(ids)).order_by(_p.id)
    accounts = people.by_ids(session, session.connection().execute(signing).scalars().all())
    theirs: dict[int, list[PersonRow]] = {id: [] for id in ids}
    for account in accounts.values():
        if account.customer_id is not None:
            theirs[account.customer_id].append(account)
    return {id: Personal(emails.get(id), known[id], theirs[id]) for id in ids}


def masked(customer: CustomerRow, viewer: Viewer) -> tuple[str, ...]:
    """What is kept of them and shown only for a purpose, in words."""
    return neighbours(customer, _kept).kept if may_look(viewer, customer) else ()


def may_look(viewer: Viewer, customer: CustomerRow) -> bool:
    """Whether the viewer may look at all, given a purpose: colleagues may, and everybody at what is theirs."""
    return viewer.may(Act.CUSTOMERS_READ) or is_oneself(viewer, customer)


def at(
    customer: CustomerRow, viewer: Viewer, purpose: LookPurpose | None
) -> tuple[Personal, Looked | None] | tuple[None, None]:
    """What is personal of them, and the look that has to be written down before it is shown: `write` does that.

    Without a purpose, said here or with the token, there is nothing to see. One's own looks at oneself are nobody's concern.
    """
    if not may_look(viewer, customer):
        return None, None
    if is_oneself(viewer, customer):
        return neighbours(customer, _kept), None
    purpose = purpose or viewer.purpose
    if purpose is None:
        return None, None
    personal: Personal = neighbours(customer, _kept)
    if not personal.kept:
        return personal, None
    fields = ", ".join(personal.kept)[:300]
    return personal, Looked(customer.id, viewer.id, viewer.scopes is not None, purpose, fields)


def write(session: Session, looked: Iterable[Looked]) -> None:
    """Write looks down, in one statement."""
    now = clock.now()
    lines = [
        {
            "uid": clock.uid(),
            "customer_id": look.customer_id,
            "person_id": look.person_id,
            "by_program": look.by_program,
            "purpose": look.purpose,
            "fields": look.fields,
            "at": now,
        }
        for look in dict.fromkeys(looked)
    ]
    if lines:
        session.connection().execute(insert(table_of(Look)), lines)


def listing(session: Session, viewer: Viewer, page: Page) -> Slice[LookRow]:
    """All looks, the latest first, for administrators."""
    statement = select(*columns_of(Look, *_SEEN))
    if not viewer.may(Act.ADMIN):
        statement = statement.where(_l.id.is_(None))
    return sliced(session, LookRow, statement, _LATEST, page)


def _looks(session: Session, rows: list[CustomerRow]) -> Mapping[int, Slice[LookRow]]:
    """A program looks at everybody every night: no more are read than are shown."""
    return slices(session, LookRow, select(*columns_of(Look, *_SEEN)), _LATEST, Page(SHOWN), rows, _l.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer) -> Sequence[LookRow]:
    """The latest looks at what is theirs, for administrators and for themselves; at most fifty."""
    if not (viewer.may(Act.ADMIN) or is_oneself(viewer, customer)):
        return []
    return neighbours(customer, _looks).rows


def _customers(session: Session, rows: list[LookRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers_by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(look: LookRow, viewer: Viewer) -> CustomerRow | None:
    """At whom they looked, as far as the viewer may know."""
    return neighbours(look, _customers, viewer)


def looker_of(look: LookRow) -> PersonRow | None:
    """Who looked, or whose token it was."""
    return neighbours(look, people.loaded, "person_id")
