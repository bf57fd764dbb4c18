"""An answer to what customers said: the row, what it answers, and who may read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, and_, false, func, or_, select, text
from sqlmodel import Field, Session

from knowledge import clock, entries, people
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
    table_of,
    word,
)
from knowledge.entries import EntryRow
from knowledge.entries.entry import audiences
from knowledge.feedback import items
from knowledge.feedback.items import FeedbackRow
from knowledge.feedback.themes import Theme, ThemeRow
from knowledge.people import OPERATOR, Act, GroupRow, PersonRow, Viewer
from knowledge.words import Audience, Decision, DeliveryChannel, LoopKind, MailState, ResponseState

LONGEST = 2_000


class LoopResponse(Table, table=True):
    """What was heard, what was decided and why: of some items of feedback, of a theme, or of an insight."""

    __tablename__ = "loop_response"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    loop: LoopKind = word(LoopKind)
    state: ResponseState = word(ResponseState, ResponseState.DRAFT, index=True)
    heard: str = Field(max_length=LONGEST)
    decision: Decision = word(Decision)
    why: str = Field(default="", max_length=LONGEST)
    audience: Audience = word(Audience)
    theme_id: int | None = Field(default=None, foreign_key="theme.id", index=True)
    insight_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    practice_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    initiative_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    published_at: datetime | None = moment(default=None, index=True)
    promised_by: datetime | None = moment(default=None, index=True)
    kept_at: datetime | None = moment(default=None)
    sample: bool = False
    version: int = 1


class ResponseItem(Table, table=True):
    """An item that an answer answers: named in it, or one of those that a theme, an insight or a duplicate brought along."""

    __tablename__ = "loop_response_item"
    __table_args__ = (UniqueConstraint("response_id", "feedback_id"),)

    id: int | None = Field(default=None, primary_key=True)
    response_id: int = Field(foreign_key="loop_response.id")
    feedback_id: int = Field(foreign_key="feedback.id", index=True)
    named: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class Delivery(Table, table=True):
    """One customer who is told of an answer; there is never a second one of the two."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("response_id", "customer_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    response_id: int = Field(foreign_key="loop_response.id")
    customer_id: int = Field(foreign_key="customer.id", index=True)
    channel: DeliveryChannel = word(DeliveryChannel, DeliveryChannel.PORTAL)
    asked: bool
    made_at: datetime = moment(index=True)
    read_at: datetime | None = moment(default=None)
    mail: MailState | None = word(MailState, None)
    mail_tries: int = 0
    mail_due_at: datetime | None = moment(default=None, index=True)
    mailed_at: datetime | None = moment(default=None)
    mail_failure: str | None = Field(default=None, max_length=300)


class ResponseRow(Row):
    """An answer as it is read."""

    uid: UUID
    loop: LoopKind
    state: ResponseState
    heard: str
    decision: Decision
    why: str
    audience: Audience
    theme_id: int | None
    insight_id: int | None
    practice_id: int | None
    initiative_id: int | None
    author_id: int | None
    group_id: int | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    promised_by: datetime | None
    kept_at: datetime | None
    sample: bool
    version: int

    @property
    def is_late(self) -> bool:
        """Whether what was promised should have been done by now."""
        return self.promised_by is not None and self.kept_at is None and self.promised_by < clock.minute()


class _OfItem(ResponseRow):
    feedback_id: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which answers are wanted; empty means all."""

    loops: tuple[LoopKind, ...] = ()
    decisions: tuple[Decision, ...] = ()
    states: tuple[ResponseState, ...] = ()
    feedback: UUID | None = None
    theme: UUID | None = None
    is_late: bool = False


_r, _i, _d = table_of(LoopResponse).c, table_of(ResponseItem).c, table_of(Delivery).c
_f = table_of(items.Feedback).c
_SEEN = ("id", *ResponseRow.__annotations__)
NEWEST = Order("answers", ((_r.updated_at, True), (_r.id, True)))
TOLD = Order("told", ((_r.published_at, True), (_r.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which answers the viewer may read: colleagues all; customers those that were told to them; and everyone what is for them."""
    if viewer.may(Act.FEEDBACK_READ):
        return _r.id.is_not(None)
    out = _r.state == ResponseState.PUBLISHED
    ways: list[ColumnElement[bool]] = []
    if viewer.may(Act.ENTRIES_READ):
        ways.append(_r.audience.in_(audiences(viewer)))
    if viewer.customer_id is not None and viewer.scopes is None:
        told = select(_d.response_id).where(_d.customer_id == viewer.customer_id)
        ways.append(_r.id.in_(told))
    return and_(out, or_(*ways)) if ways else false()


def everything() -> Select[Any]:
    """All of them, whoever asks; for rules that have looked at who may."""
    return select(*columns_of(LoopResponse, *_SEEN))


def _seen_by(viewer: Viewer) -> Select[Any]:
    return everything().where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> ResponseRow | None:
    """One answer that the viewer may read, or None."""
    return one(session, ResponseRow, _seen_by(viewer).where(_r.uid == uid))


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, ResponseRow]:
    """Answers the viewer may read, by their key, in one statement."""
    wanted = set(ids)
    found = read(session, ResponseRow, _seen_by(viewer).where(_r.id.in_(wanted))) if wanted else []
    return {row.id: row for row in found}


def listing(session: Session, viewer: Viewer, page: Page, *, filter: Filter | None = None) -> Slice[ResponseRow]:
    """Answers, the latest changed first; drafts among them for colleagues."""
    wanted = filter or Filter()
    return sliced(session, ResponseRow, _seen_by(viewer).where(*_conditions(wanted)), NEWEST, page)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    columns = ((_r.loop, wanted.loops), (_r.decision, wanted.decisions), (_r.state, wanted.states))
    found: list[ColumnElement[bool]] = [column.in_(values) for column, values in columns if values]
    if wanted.feedback is not None:
        mine = select(_f.id).where(_f.uid == wanted.feedback)
        found.append(_r.id.in_(select(_i.response_id).where(_i.feedback_id.in_(mine))))
    if wanted.theme is not None:
        theme = table_of(Theme).c
        found.append(_r.theme_id.in_(select(theme.id).where(theme.uid == wanted.theme)))
    if wanted.is_late:
        found.append((_r.promised_by < clock.minute()) & _r.kept_at.is_(None))
    return found


def told_of(session: Session, viewer: Viewer, page: Page) -> Slice[ResponseRow]:
    """What was heard and what was done about it, as far as it is for the viewer's audience, the latest told first."""
    mine = _r.audience.in_(audiences(viewer)) if viewer.may(Act.ENTRIES_READ) else false()
    statement = everything().where(_r.state == ResponseState.PUBLISHED, mine)
    return sliced(session, ResponseRow, statement, TOLD, page)


def _of_items(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, Sequence[ResponseRow]]:
    statement = (
        select(*columns_of(LoopResponse, *_SEEN), _i.feedback_id)
        .join_from(table_of(LoopResponse), table_of(ResponseItem), _i.response_id == _r.id)
        .where(_i.feedback_id.in_([row.id for row in rows]), visible_to(viewer))
        .order_by(_r.created_at, _r.id)
    )
    found: dict[int, list[ResponseRow]] = {row.id: [] for row in rows}
    for response in read(session, _OfItem, statement):
        found[response.feedback_id].append(response)
    return found


def of_item(item: FeedbackRow, viewer: Viewer) -> Sequence[ResponseRow]:
    """The answers to an item, the first first; read for the whole list at once."""
    return neighbours(item, _of_items, viewer)


def _items(session: Session, rows: list[ResponseRow], viewer: Viewer) -> Mapping[int, Sequence[FeedbackRow]]:
    ids = [row.id for row in rows]
    pairs = select(_i.response_id, _i.feedback_id).where(_i.response_id.in_(ids), _i.named).order_by(_i.id)
    found = session.connection().execute(pairs).all()
    known = items.by_ids(session, viewer, (pair.feedback_id for pair in found))
    named: dict[int, list[FeedbackRow]] = {id: [] for id in ids}
    for pair in found:
        if pair.feedback_id in known:
            named[pair.response_id].append(known[pair.feedback_id])
    return named


def items_of(response: ResponseRow, viewer: Viewer) -> Sequence[FeedbackRow]:
    """What an answer names that the viewer may read."""
    return neighbours(response, _items, viewer)


def _themes(session: Session, rows: list[ResponseRow], viewer: Viewer) -> Mapping[int, ThemeRow | None]:
    columns = columns_of(Theme, "id", *ThemeRow.__annotations__)
    wanted = {row.theme_id for row in rows} - {None}
    if not wanted or not viewer.may(Act.FEEDBACK_READ):
        return dict.fromkeys((row.id for row in rows), None)
    found = {each.id: each for each in read(session, ThemeRow, select(*columns).where(columns[0].in_(wanted)))}
    return {row.id: found.get(row.theme_id or 0) for row in rows}


def theme_of(response: ResponseRow, viewer: Viewer) -> ThemeRow | None:
    """The theme that it answers, for colleagues."""
    return neighbours(response, _themes, viewer)


def _entries(session: Session, rows: list[ResponseRow], viewer: Viewer, column: str) -> Mapping[int, EntryRow | None]:
    wanted = {getattr(row, column) for row in rows} - {None}
    found = entries.by_ids(session, viewer, wanted) if wanted else {}
    return {row.id: found.get(getattr(row, column)) for row in rows}


def entry_of(response: ResponseRow, viewer: Viewer, what: str) -> EntryRow | None:
    """The insight, practice or initiative of an answer, where the viewer may see it."""
    return neighbours(response, _entries, viewer, f"{what}_id")


def author_of(response: ResponseRow) -> PersonRow | None:
    """Who answered."""
    return neighbours(response, people.loaded, "author_id")


def _groups(session: Session, rows: list[ResponseRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(response: ResponseRow) -> GroupRow | None:
    """The group of whoever answered, as it was then."""
    return neighbours(response, _groups)


def final() -> ColumnElement[bool]:
    """Which answers say what was decided: not those that promise another word."""
    return and_(_r.state == ResponseState.PUBLISHED, _r.decision != Decision.INVESTIGATING)


def reaches() -> ColumnElement[bool]:
    """That whoever said an item was told: it names no customer, or its customer has the answer."""
    mine = select(_d.id).where(_d.response_id == _r.id, _d.customer_id == _f.customer_id)
    return or_(_f.customer_id.is_(None), mine.exists())


def told_at(session: Session, feedback_id: int) -> datetime | None:
    """When whoever said an item was last told what was decided, or None."""
    statement = (
        select(func.max(_r.published_at))
        .join_from(table_of(LoopResponse), table_of(ResponseItem), _i.response_id == _r.id)
        .join(table_of(items.Feedback), _f.id == _i.feedback_id)
        .where(_f.id == feedback_id, final(), reaches())
    )
    found: datetime | None = session.connection().execute(statement).scalar()
    return found


def to_author(item: FeedbackRow) -> Sequence[ResponseRow]:
    """What was answered to words whose author is known by their code alone [R3]."""
    return neighbours(item, _to_authors)


def _to_authors(session: Session, rows: list[FeedbackRow]) -> Mapping[int, Sequence[ResponseRow]]:
    return {
        id: [row for row in found if row.state is ResponseState.PUBLISHED]
        for id, found in _of_items(session, rows, OPERATOR).items()
    }
