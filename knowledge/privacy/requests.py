"""What somebody asks of the data about them: made by themselves or for them, due in a month, seen to by administrators."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, null, select
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.customers import CustomerRow
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
    one,
    read,
    sliced,
    table_of,
    word,
)
from knowledge.errors import Conflict, NotAllowed, NotFound, Problem, refuse
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.privacy import subjects
from knowledge.privacy.consents import is_oneself, may_speak_for
from knowledge.words import DataRequestKind, DataRequestState

OPEN = DataRequestState.OPEN
LONGEST = 1_000


class DataRequest(Table, table=True):
    """One request; what was asked and what was answered are emptied when the one who asked is erased."""

    __tablename__ = "data_request"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    kind: DataRequestKind = word(DataRequestKind)
    state: DataRequestState = word(DataRequestState, DataRequestState.OPEN, index=True)
    note: str | None = Field(default=None, max_length=LONGEST)
    answer: str | None = Field(default=None, max_length=LONGEST)
    made_at: datetime = moment()
    made_by_id: int | None = Field(default=None, foreign_key="person.id")
    due_at: datetime = moment(index=True)
    settled_at: datetime | None = moment(default=None)
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")


class RequestRow(Row):
    """A request as it is read."""

    uid: UUID
    customer_id: int
    kind: DataRequestKind
    state: DataRequestState
    note: str | None
    answer: str | None
    made_at: datetime
    made_by_id: int | None
    due_at: datetime
    settled_at: datetime | None


_r = table_of(DataRequest).c
_SEEN = ("id", *RequestRow.__annotations__)


def _all() -> Select[tuple[object, ...]]:
    return select(*columns_of(DataRequest, *_SEEN))


def a_month_after(moment: datetime) -> datetime:
    """The same day of the next month, or its last where it is shorter."""
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def make(
    session: Session, viewer: Viewer, customer: CustomerRow, kind: DataRequestKind, *, note: str = ""
) -> RequestRow:
    """Ask for something, for oneself or for a customer who asked. Refuses NOT_ALLOWED, INVALID, and CONFLICT where it was asked."""
    if not may_speak_for(viewer, customer):
        raise NotAllowed("You may not ask that for this customer.")
    needs_words = kind in (DataRequestKind.RECTIFY, DataRequestKind.OBJECT) and not note.strip()
    faults = [Problem("note", "Say what is wrong, or what it is not to be used for.")] if needs_words else []
    if len(note.strip()) > LONGEST:
        faults.append(Problem("note", f"A note has at most {LONGEST} characters."))
    refuse(faults)
    same = _all().where(_r.customer_id == customer.id, _r.kind == kind, _r.state == OPEN)
    if (there := one(session, RequestRow, same.limit(1))) is not None:
        raise Conflict("That was asked already, and waits to be seen to.", current=there)
    now = clock.now()
    made = DataRequest(customer_id=customer.id, kind=kind, made_at=now, due_at=a_month_after(now))
    made.note, made.made_by_id = note.strip() or None, viewer.id
    session.add(made)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "data_request.made", "DataRequest", made.uid, moved={"kind": (None, kind)})
    return _again(session, made.uid)


def withdraw(session: Session, viewer: Viewer, uid: UUID) -> RequestRow:
    """They ask for it no more. Refuses NOT_FOUND, and CONFLICT once it was seen to."""
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such request.", "id")
    return _settled(session, viewer, row, DataRequestState.WITHDRAWN, "")


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> RequestRow | None:
    """One request, for administrators, for whoever made it, and for whom it is about."""
    mine = _r.made_by_id == (viewer.id or -1)
    if viewer.customer_id is not None:
        mine |= _r.customer_id == viewer.customer_id
    if viewer.scopes is not None and not viewer.may(Act.ADMIN):
        return None
    seen = _r.id.is_not(None) if viewer.may(Act.ADMIN) else mine
    return one(session, RequestRow, _all().where(_r.uid == uid, seen))


def waiting() -> Select[tuple[object, ...]]:
    """What was asked and is not settled as (no entry, since when), for whoever counts it among other things."""
    return select(null(), _r.made_at).where(_r.state == OPEN)


def to_settle(session: Session, viewer: Viewer, uid: UUID, answer: str, *, needs_answer: bool) -> RequestRow:
    """The request that is about to be seen to; refuses NOT_ALLOWED, NOT_FOUND, INVALID, and CONFLICT where that is over."""
    require(viewer, Act.ADMIN, doing="see to requests about data")
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such request.", "id")
    refuse(_faults(answer, needs_answer=needs_answer))
    if row.state is not OPEN:
        raise Conflict("It has been seen to.", current=row)
    return row


def _faults(answer: str, *, needs_answer: bool) -> Iterable[Problem]:
    if needs_answer and not answer.strip():
        yield Problem("answer", "Say why, as they are told.")
    if len(answer.strip()) > LONGEST:
        yield Problem("answer", f"An answer has at most {LONGEST} characters.")


def settle(session: Session, viewer: Viewer, row: RequestRow, state: DataRequestState, answer: str) -> RequestRow:
    """Write down what became of a request that `to_settle` found."""
    return _settled(session, viewer, row, state, answer)


def _settled(session: Session, viewer: Viewer, row: RequestRow, state: DataRequestState, answer: str) -> RequestRow:
    stored = session.get_one(DataRequest, row.id, with_for_update=True, populate_existing=True)
    if stored.state is not OPEN:
        raise Conflict("It has been seen to.", current=row)
    stored.state, stored.answer = state, answer.strip() or None
    stored.settled_at, stored.settled_by_id = clock.now(), viewer.id
    session.flush()  # the answer is read back
    moved = {"state": (OPEN, state)}
    activity.record(session, viewer.id, f"data_request.{state.lower()}", "DataRequest", row.uid, moved=moved)
    return _again(session, row.uid)


def _again(session: Session, uid: UUID) -> RequestRow:
    row = one(session, RequestRow, _all().where(_r.uid == uid))
    assert row is not None
    return row


def queue(session: Session, viewer: Viewer, page: Page, *, state: DataRequestState | None = OPEN) -> Slice[RequestRow]:
    """What was asked, what is due first first, for administrators; what waits unless another state, or None for all, is wanted."""
    statement = _all() if state is None else _all().where(_r.state == state)
    if not viewer.may(Act.ADMIN):
        statement = statement.where(_r.id.is_(None))
    return sliced(session, RequestRow, statement, Order("due", ((_r.due_at, False), (_r.id, False))), page)


def is_overdue(row: RequestRow) -> bool:
    """Whether the month is over and nobody has seen to it."""
    return row.state is OPEN and clock.has_come(row.due_at)


def open_of(session: Session, customer: CustomerRow) -> Sequence[RequestRow]:
    """What a customer asked and nobody has seen to."""
    return read(session, RequestRow, _all().where(_r.customer_id == customer.id, _r.state == OPEN))


def _of(session: Session, rows: list[CustomerRow]) -> Mapping[int, Sequence[RequestRow]]:
    mine = _all().where(_r.customer_id.in_([row.id for row in rows])).order_by(_r.id.desc())
    return grouped(rows, read(session, RequestRow, mine), lambda row: row.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer) -> Sequence[RequestRow]:
    """What a customer asked, the latest first, for themselves and for those who keep customers' records."""
    if not (viewer.may(Act.CUSTOMERS_WRITE) or is_oneself(viewer, customer)):
        return []
    return neighbours(customer, _of)[:50]


def _customers(session: Session, rows: list[RequestRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = subjects.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(row: RequestRow, viewer: Viewer) -> CustomerRow | None:
    """Whom it is about; None once they are erased."""
    return neighbours(row, _customers, viewer)


def maker_of(row: RequestRow) -> PersonRow | None:
    """Who wrote it down."""
    return neighbours(row, people.loaded, "made_by_id")
