"""What customers agreed to: a ledger per purpose to which lines are only added. The latest line counts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.customers import CustomerRow
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.errors import NotAllowed, Problem, refuse
from knowledge.people import Act, PersonRow, Viewer
from knowledge.words import ConsentPurpose

SHOWN = 100


class Consent(Table, table=True):
    """A customer said yes or no to one purpose; append-only."""

    __tablename__ = "consent"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    purpose: ConsentPurpose = word(ConsentPurpose)
    given: bool
    note: str | None = Field(default=None, max_length=300)
    at: datetime = moment()
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")


class ConsentRow(Row):
    """A line of the ledger."""

    uid: UUID
    customer_id: int
    purpose: ConsentPurpose
    given: bool
    note: str | None
    at: datetime
    recorded_by_id: int | None


_c = table_of(Consent).c
_SEEN = ("id", *ConsentRow.__annotations__)


def _stands() -> ColumnElement[bool]:
    """By when it was said: what an import or a merge brings is not newer for being written later."""
    later = table_of(Consent).alias()
    same = (later.c.customer_id == _c.customer_id) & (later.c.purpose == _c.purpose)
    newer = (later.c.at > _c.at) | ((later.c.at == _c.at) & (later.c.id > _c.id))
    return ~exists().where(same, newer)


def _latest(customer_ids: Collection[int]) -> Select[tuple[int]]:
    return select(_c.id).where(_c.customer_id.in_(list(customer_ids)), _stands())


def agreeing(purpose: ConsentPurpose) -> Select[tuple[int]]:
    """The keys of all customers who agree to the purpose now, for a statement about many; silence is a no."""
    return select(_c.customer_id).where(_c.purpose == purpose, _c.given.is_(True), _stands()).correlate(None)


def given(session: Session, customer_ids: Collection[int], purpose: ConsentPurpose) -> set[int]:
    """Which of these customers agree to the purpose now; one statement, and silence is a no."""
    if not customer_ids:
        return set()
    wanted = select(_c.customer_id).where(_c.id.in_(_latest(customer_ids)), _c.purpose == purpose, _c.given.is_(True))
    return set(session.connection().execute(wanted).scalars())


def may_speak_for(viewer: Viewer, customer: CustomerRow) -> bool:
    """Whether the viewer is the customer, signed in themselves, or a colleague who keeps customers' records."""
    return viewer.may(Act.CUSTOMERS_WRITE) or is_oneself(viewer, customer)


def is_oneself(viewer: Viewer, customer: CustomerRow) -> bool:
    """Whether the viewer is that customer, signed in themselves: a token is a program."""
    return viewer.customer_id == customer.id and viewer.scopes is None


def say(
    session: Session, viewer: Viewer, customer: CustomerRow, purpose: ConsentPurpose, given: bool, *, note: str = ""
) -> ConsentRow:
    """Write down a yes or a no: one way for both, whoever says it [G1]. Refuses NOT_ALLOWED and INVALID.

    What was said already is not written again.
    """
    if not may_speak_for(viewer, customer):
        raise NotAllowed("You may not say what this customer agrees to.")
    refuse([Problem("note", "A note has at most 300 characters.")] if len(note.strip()) > 300 else [])
    standing = next((row for row in of_customers(session, [customer])[customer.id] if row.purpose is purpose), None)
    if standing is not None and standing.given is given and not note.strip():
        return standing
    line = Consent(customer_id=customer.id, purpose=purpose, given=given, note=note.strip() or None, at=clock.now())
    line.recorded_by_id = viewer.id
    session.add(line)
    session.flush()  # the answer is read back
    verb, before = "consent.given" if given else "consent.withdrawn", standing.given if standing else None
    activity.record(session, viewer.id, verb, "Customer", customer.uid, moved={purpose.value: (before, given)})
    row = one(session, ConsentRow, select(*columns_of(Consent, *_SEEN)).where(_c.id == line.id))
    assert row is not None
    return row


def of_customers(session: Session, rows: list[CustomerRow]) -> Mapping[int, Sequence[ConsentRow]]:
    """The latest line of each purpose of which a customer said anything, in one statement for all of them."""
    latest = _latest([row.id for row in rows])
    wanted = select(*columns_of(Consent, *_SEEN)).where(_c.id.in_(latest)).order_by(_c.purpose)
    return grouped(rows, read(session, ConsentRow, wanted), lambda row: row.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer) -> Sequence[ConsentRow]:
    """Where a customer stands on each purpose of which they said anything, for whoever may see the customer."""
    if not (viewer.may(Act.CUSTOMERS_READ) or is_oneself(viewer, customer)):
        return []
    return neighbours(customer, of_customers)


def _lines(session: Session, rows: list[CustomerRow]) -> Mapping[int, Sequence[ConsentRow]]:
    mine = select(*columns_of(Consent, *_SEEN)).where(_c.customer_id.in_([row.id for row in rows]))
    found = grouped(
        rows, read(session, ConsentRow, mine.order_by(_c.at.desc(), _c.id.desc())), lambda row: row.customer_id
    )
    return {id: lines[:SHOWN] for id, lines in found.items()}


def ledger_of(customer: CustomerRow, viewer: Viewer) -> Sequence[ConsentRow]:
    """All that a customer said to it, the latest first; at most a hundred lines."""
    if not (viewer.may(Act.CUSTOMERS_READ) or is_oneself(viewer, customer)):
        return []
    return neighbours(customer, _lines)


def recorder_of(line: ConsentRow) -> PersonRow | None:
    """Who wrote it down: the customer, or a colleague to whom they said it."""
    return neighbours(line, people.loaded, "recorded_by_id")
