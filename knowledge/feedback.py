"""Feedback: what a customer said, in their words, and how it reached us."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, false, select
from sqlmodel import Field, Session

from knowledge import activity, clock, customers, people
from knowledge.customers import CustomerRow, Reference
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
from knowledge.errors import Problem, refuse
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import Channel, FeedbackKind, FeedbackStatus, Severity

LONGEST = 20_000


class Feedback(Table, table=True):
    """One thing that somebody said. The verbatim is never changed; without a customer it names nobody at all."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    verbatim: str
    language: str | None = Field(default=None, max_length=12)
    channel: Channel = word(Channel, index=True)
    kind: FeedbackKind | None = word(FeedbackKind, None, index=True)
    severity: Severity | None = word(Severity, None)
    status: FeedbackStatus = word(FeedbackStatus, FeedbackStatus.NEW, index=True)
    anonymous: bool = False
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    reporter_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    occurred_at: datetime | None = moment(default=None)
    received_at: datetime = moment(index=True)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    sample: bool = False


class FeedbackRow(Row):
    """Feedback as it is read."""

    uid: UUID
    verbatim: str
    language: str | None
    channel: Channel
    kind: FeedbackKind | None
    severity: Severity | None
    status: FeedbackStatus
    anonymous: bool
    customer_id: int | None
    reporter_id: int | None
    occurred_at: datetime | None
    received_at: datetime
    source: str | None
    external_id: str | None
    sample: bool


class Said(TypedDict, total=False):
    """What is recorded; only the verbatim and the channel are needed."""

    verbatim: str
    channel: Channel
    kind: FeedbackKind | None
    severity: Severity | None
    language: str | None
    customer: Reference | None
    customer_name: str | None
    anonymous: bool
    occurred_at: datetime | None
    source: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which feedback is wanted; empty means all."""

    kinds: tuple[FeedbackKind, ...] = ()
    channels: tuple[Channel, ...] = ()
    status: tuple[FeedbackStatus, ...] = ()
    stages: tuple[Any, ...] = ()
    customer: UUID | None = None
    received_after: datetime | None = None
    received_before: datetime | None = None
    words: str = ""


_f = table_of(Feedback).c
_c = table_of(customers.Customer).c
_NEWEST = Order("received", ((_f.received_at, True), (_f.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which feedback the viewer may read: colleagues of every function all of it, a customer their own."""
    if viewer.may(Act.FEEDBACK_READ):
        return _f.id.is_not(None)
    if viewer.customer_id is not None and viewer.scopes is None:
        return _f.customer_id == viewer.customer_id
    return false()


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Feedback)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> FeedbackRow | None:
    """One item the viewer may read, or None."""
    return one(session, FeedbackRow, _seen_by(viewer).where(_f.uid == uid))


def by_uids(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> list[FeedbackRow]:
    """Those of these items that the viewer may read, in one statement."""
    return read(session, FeedbackRow, _seen_by(viewer).where(_f.uid.in_(uids))) if uids else []


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, FeedbackRow]:
    """Items the viewer may read, by their key, in one statement."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.id: row for row in read(session, FeedbackRow, _seen_by(viewer).where(_f.id.in_(wanted)))}


def listing(session: Session, viewer: Viewer, page: Page, *, filter: Filter | None = None) -> Slice[FeedbackRow]:
    """Feedback, the latest received first."""
    return sliced(session, FeedbackRow, _seen_by(viewer).where(*_conditions(filter or Filter())), _NEWEST, page)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    columns = ((_f.kind, wanted.kinds), (_f.channel, wanted.channels), (_f.status, wanted.status))
    found: list[ColumnElement[bool]] = [column.in_(values) for column, values in columns if values]
    if wanted.stages:
        found.append(_f.customer_id.in_(select(_c.id).where(_c.stage.in_(wanted.stages))))
    if wanted.customer is not None:
        found.append(_f.customer_id.in_(select(_c.id).where(_c.uid == wanted.customer)))
    if wanted.received_after is not None:
        found.append(_f.received_at > wanted.received_after)
    if wanted.received_before is not None:
        found.append(_f.received_at < wanted.received_before)
    for each in wanted.words.split()[:8]:
        escaped = each.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(_f.verbatim.ilike(f"%{escaped}%", escape="\\"))
    return found


def _of_customers(
    session: Session, rows: list[CustomerRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[FeedbackRow]]:
    return slices(session, FeedbackRow, _seen_by(viewer), _NEWEST, page, rows, _f.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer, page: Page) -> Slice[FeedbackRow]:
    """What one customer said, the latest first, read for all customers of the list at once."""
    return neighbours(customer, _of_customers, viewer, page)


def _customers(session: Session, rows: Sequence[FeedbackRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(feedback: FeedbackRow, viewer: Viewer) -> CustomerRow | None:
    """Who said it, as far as that is known and the viewer may know it."""
    return neighbours(feedback, _customers, viewer)


def reporter_of(feedback: FeedbackRow) -> PersonRow | None:
    """The colleague who wrote it down."""
    return neighbours(feedback, people.loaded, "reporter_id")


def record(
    session: Session, viewer: Viewer, said: Said, *, sample: bool = False, received_at: datetime | None = None
) -> FeedbackRow:
    """Write down what a customer said. Refuses NOT_ALLOWED, and INVALID with everything that is wrong.

    With `anonymous` neither customer nor reporter is kept. A `customer_name` that fits exactly one customer is that customer.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="record feedback")
    customer, problems = _speaker(session, viewer, said)
    refuse([*_faults(session, said), *problems])
    anonymous = said.get("anonymous", False)
    item = Feedback(
        verbatim=said["verbatim"].strip(),
        language=said.get("language"),
        channel=said["channel"],
        kind=said.get("kind"),
        severity=said.get("severity"),
        anonymous=anonymous,
        customer_id=None if anonymous or customer is None else customer.id,
        reporter_id=None if anonymous else viewer.id,
        occurred_at=said.get("occurred_at"),
        received_at=received_at or clock.now(),
        source=said.get("source"),
        external_id=said.get("external_id"),
        sample=sample,
    )
    session.add(item)
    session.flush()  # the answer is read back
    activity.record(session, None if anonymous else viewer.id, "feedback.recorded", "Feedback", item.uid)
    row = one(session, FeedbackRow, select(*columns_of(Feedback)).where(_f.id == item.id))
    assert row is not None
    return row


def _faults(session: Session, said: Said) -> Iterable[Problem]:
    if not said["verbatim"].strip():
        yield Problem("verbatim", "Write down what the customer said, in their words.")
    elif len(said["verbatim"]) > LONGEST:
        yield Problem("verbatim", f"This has at most {LONGEST} characters.")
    if (language := said.get("language")) is not None and not 2 <= len(language) <= 12:
        yield Problem("language", "Name the language by its code, such as en or de.")
    occurred = said.get("occurred_at")
    if occurred is not None and occurred > clock.now() + timedelta(days=1):
        yield Problem("occurredAt", "This lies in the future.")
    if said.get("anonymous") and (said.get("customer") or said.get("customer_name")):
        yield Problem("customer", "Anonymous feedback names no customer.")
    yield from _key_faults(session, said)


def _key_faults(session: Session, said: Said) -> Iterable[Problem]:
    source, external_id = said.get("source"), said.get("external_id")
    for field, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(field, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")
    elif source is not None:
        same = select(_f.id).where(_f.source == source, _f.external_id == external_id)
        if session.connection().execute(same).first() is not None:
            yield Problem("externalId", f"Feedback {external_id} from {source} is recorded already.")


def _speaker(session: Session, viewer: Viewer, said: Said) -> tuple[CustomerRow | None, list[Problem]]:
    reference, name = said.get("customer"), " ".join((said.get("customer_name") or "").split())
    if reference is not None:
        customer = customers.find(session, viewer, reference)
        return customer, [] if customer else [Problem("customer", "There is no such customer.")]
    if not name:
        return None, []
    found = customers.listing(session, viewer, Page(first=5), filter=customers.Filter(name=name)).rows
    exact = [row for row in found if row.name.lower() == name.lower()] or found
    if len(exact) == 1:
        return exact[0], []
    if not exact:
        return None, [
            Problem(
                "customerName",
                f"There is no customer called {name}. Leave this empty: what they said counts all the same.",
            )
        ]
    names = ", ".join(row.name for row in exact)
    return None, [Problem("customerName", f"Several customers fit {name}: {names}.")]
