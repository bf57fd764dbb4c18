"""One thing that a customer said: the row, who may read it, and the lists of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Select, UniqueConstraint, and_, false, null, or_, select, text
from sqlmodel import Field, Session

from knowledge import clock, customers, people
from knowledge.customers import CustomerRow
from knowledge.customers.customer import restricted
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
from knowledge.people import Act, GroupRow, PersonRow, Viewer
from knowledge.words import (
    Aspect,
    Audience,
    Channel,
    FeedbackKind,
    FeedbackStatus,
    InboxQueue,
    QualityAttribute,
    Sentiment,
    SentimentSource,
    Severity,
)

OPEN = (FeedbackStatus.NEW, FeedbackStatus.TRIAGED, FeedbackStatus.IN_PROGRESS, FeedbackStatus.REOPENED)
"""What still waits for somebody."""


class Feedback(Table, table=True):
    """One thing that somebody said. The verbatim is never changed; without a customer it names nobody at all."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        # Voices are counted from it alone, without reading what was said.
        Index("ix_feedback_heard", "received_at", "customer_id", "channel", "duplicate_of_id"),
    )

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
    sentiment: Sentiment | None = word(Sentiment, None)
    sentiment_source: SentimentSource | None = word(SentimentSource, None)
    sentiment_confirmed: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    aspect: Aspect | None = word(Aspect, None)
    audience: Audience | None = word(Audience, None)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    assignee_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    assigned_group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    duplicate_of_id: int | None = Field(default=None, foreign_key="feedback.id", index=True)
    due_at: datetime | None = moment(index=True, default=None)
    closing_note: str | None = Field(default=None, max_length=1_000)
    updated_at: datetime | None = moment(default=None)
    redacted_at: datetime | None = moment(
        default=None
    )  # when a name was struck out of the verbatim, the one change it allows
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class FeedbackAttribute(Table, table=True):
    """A quality that an item of feedback speaks of."""

    __tablename__ = "feedback_attribute"
    __table_args__ = (UniqueConstraint("feedback_id", "attribute"),)

    id: int | None = Field(default=None, primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id")
    attribute: QualityAttribute = word(QualityAttribute)


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
    sentiment: Sentiment | None
    sentiment_source: SentimentSource | None
    sentiment_confirmed: bool
    aspect: Aspect | None
    audience: Audience | None
    group_id: int | None
    assignee_id: int | None
    assigned_group_id: int | None
    duplicate_of_id: int | None
    due_at: datetime | None
    closing_note: str | None
    updated_at: datetime | None
    version: int

    @property
    def is_counted(self) -> bool:
        """Whether its sentiment counts: a model's label only once somebody has confirmed it [F7]."""
        return self.sentiment is not None and (
            self.sentiment_source is not SentimentSource.MODEL or self.sentiment_confirmed
        )


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
    attributes: tuple[QualityAttribute, ...] = ()
    groups: tuple[UUID, ...] = ()
    themes: tuple[UUID, ...] = ()


_f = table_of(Feedback).c
_c = table_of(customers.Customer).c
_a = table_of(FeedbackAttribute).c
_g = table_of(people.FunctionalGroup).c
NEWEST = Order("received", ((_f.received_at, True), (_f.id, True)))
"""The latest received first."""

_OLDEST = Order("waiting longest", ((_f.received_at, False), (_f.id, False)))
_DUE = Order("due", ((_f.due_at, False), (_f.id, False)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which feedback the viewer may read: colleagues of every function all of it, a customer their own."""
    if viewer.may(Act.FEEDBACK_READ):
        return or_(_f.customer_id.is_(None), _f.customer_id.not_in(restricted()))
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
    return sliced(session, FeedbackRow, _seen_by(viewer).where(*_conditions(filter or Filter())), NEWEST, page)


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
    if wanted.attributes:
        found.append(_f.id.in_(select(_a.feedback_id).where(_a.attribute.in_(wanted.attributes))))
    if wanted.groups:
        found.append(_f.group_id.in_(select(_g.id).where(_g.uid.in_(wanted.groups))))
    if wanted.themes:
        found.append(_f.id.in_(_about(wanted.themes)))
    for each in wanted.words.split()[:8]:
        escaped = each.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(_f.verbatim.ilike(f"%{escaped}%", escape="\\"))
    return found


def _of_customers(
    session: Session, rows: list[CustomerRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[FeedbackRow]]:
    return slices(session, FeedbackRow, _seen_by(viewer), NEWEST, page, rows, _f.customer_id)


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


def _groups(session: Session, rows: list[FeedbackRow], column: str) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (getattr(row, column) for row in rows))
    return {row.id: found.get(getattr(row, column)) for row in rows}


def group_of(feedback: FeedbackRow) -> GroupRow | None:
    """The group of whoever wrote it down, as it was then."""
    return neighbours(feedback, _groups, "group_id")


def assignee_of(feedback: FeedbackRow) -> PersonRow | None:
    """Who sees to it."""
    return neighbours(feedback, people.loaded, "assignee_id")


def assigned_group_of(feedback: FeedbackRow) -> GroupRow | None:
    """The group that sees to it."""
    return neighbours(feedback, _groups, "assigned_group_id")


def _about(themes: Sequence[UUID]) -> Select[Any]:
    """The keys of what has any of these themes; themes know of feedback, and not the other way round."""
    theme, held = (Table.metadata.tables[name].c for name in ("theme", "feedback_theme"))
    return select(held.feedback_id).where(held.theme_id == theme.id, theme.uid.in_(themes))


def _attributes(session: Session, rows: list[FeedbackRow]) -> Mapping[int, Sequence[QualityAttribute]]:
    wanted = select(_a.feedback_id, _a.attribute).where(_a.feedback_id.in_([row.id for row in rows]))
    found: dict[int, list[QualityAttribute]] = {row.id: [] for row in rows}
    for id, attribute in session.connection().execute(wanted.order_by(_a.feedback_id, _a.attribute)):
        found[id].append(attribute)
    return found


def attributes_of(feedback: FeedbackRow) -> Sequence[QualityAttribute]:
    """The qualities that it speaks of, by name."""
    return neighbours(feedback, _attributes)


def inbox(session: Session, viewer: Viewer, queue: InboxQueue, page: Page) -> Slice[FeedbackRow]:
    """What waits in a queue, what has waited longest or is due first; a duplicate waits with what it repeats."""
    order = _DUE if queue in (InboxQueue.WAITING, InboxQueue.OVERDUE) else _OLDEST
    statement = _seen_by(viewer).where(_f.duplicate_of_id.is_(None), _queued(viewer, queue))
    return sliced(session, FeedbackRow, statement, order, page)


def waiting(viewer: Viewer, queue: InboxQueue) -> Select[Any]:
    """What waits in a queue as (no entry, since when), for whoever counts it among other things."""
    chosen = and_(visible_to(viewer), _f.duplicate_of_id.is_(None), _queued(viewer, queue))
    return select(null(), _f.received_at).where(chosen)


def _queued(viewer: Viewer, queue: InboxQueue) -> ColumnElement[bool]:
    is_open = _f.status.in_(OPEN)
    match queue:
        case InboxQueue.NEW:
            return _f.status.in_((FeedbackStatus.NEW, FeedbackStatus.REOPENED))
        case InboxQueue.MINE:
            return is_open & or_(_f.assignee_id == (viewer.id or -1), _f.assigned_group_id == (viewer.group_id or -1))
        case InboxQueue.WAITING:
            return is_open & _f.due_at.is_not(None)
        case InboxQueue.OVERDUE:
            return is_open & (_f.due_at < clock.minute())


def is_overdue(feedback: FeedbackRow) -> bool:
    """Whether it should have been seen to by now."""
    return feedback.status in OPEN and feedback.due_at is not None and feedback.due_at < clock.minute()


def everything() -> Select[Any]:
    """All of it, whoever asks; for rules that have looked at who may."""
    return select(*columns_of(Feedback))


def reread(session: Session, item: Feedback) -> FeedbackRow:
    """The row of what was just written."""
    session.flush()  # the answer is read back
    row = one(session, FeedbackRow, everything().where(_f.id == item.id))
    assert row is not None
    return row
