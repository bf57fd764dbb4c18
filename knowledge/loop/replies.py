"""What customers say to an answer: it is never changed, and what they said before is open again [R4]."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.feedback import complaints, dues, items, merging, telling
from knowledge.feedback.items import OPEN, Feedback, FeedbackRow
from knowledge.loop.responses import Delivery, ResponseItem
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import FeedbackStatus

LONGEST = 4_000
MOST = 50
"""How often one may reply to the same thing."""


class FeedbackReply(Table, table=True):
    """What a customer said after they were answered; append-only. Of who stays unnamed it names nobody."""

    __tablename__ = "feedback_reply"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    feedback_id: int = Field(foreign_key="feedback.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    text: str = Field(max_length=LONGEST)
    at: datetime = moment()


class ReplyRow(Row):
    """A reply as it is read."""

    uid: UUID
    feedback_id: int
    customer_id: int | None
    person_id: int | None
    text: str
    at: datetime


_p, _f = table_of(FeedbackReply).c, table_of(Feedback).c
_SEEN = ("id", *ReplyRow.__annotations__)


def _seen_by(viewer: Viewer) -> Select[Any]:
    mine = select(_f.id).where(items.visible_to(viewer))
    return select(*columns_of(FeedbackReply, *_SEEN)).where(_p.feedback_id.in_(mine))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> ReplyRow | None:
    """One reply that the viewer may read, or None."""
    return one(session, ReplyRow, _seen_by(viewer).where(_p.uid == uid))


def _of_items(session: Session, rows: list[FeedbackRow]) -> Mapping[int, Sequence[ReplyRow]]:
    said = select(*columns_of(FeedbackReply, *_SEEN)).where(_p.feedback_id.in_([row.id for row in rows]))
    return grouped(rows, read(session, ReplyRow, said.order_by(_p.id)), lambda reply: reply.feedback_id)


def of_item(item: FeedbackRow) -> Sequence[ReplyRow]:
    """What was said to the answers to an item, the first first; whoever may read the item may read it."""
    return neighbours(item, _of_items)


def person_of(reply: ReplyRow) -> PersonRow | None:
    """Who signed in and said it."""
    return neighbours(reply, people.loaded, "person_id")


def reply(session: Session, viewer: Viewer, uid: UUID, text: str) -> FeedbackRow:
    """A customer says something to the answer to their own words, which are open again [R4]. Refuses NOT_FOUND, NOT_ALLOWED for
    anybody else, and INVALID.
    """
    require(viewer, Act.FEEDBACK_TELL, doing="reply")
    item = items.by_uid(session, viewer, uid)
    if item is None:
        raise NotFound("There is no such feedback.", "feedback")
    if viewer.customer_id is None or viewer.customer_id != item.customer_id or viewer.scopes is not None:
        raise NotAllowed("Whoever said it replies here; colleagues answer it.")
    return _said(session, viewer, item, text)


def reply_by_code(session: Session, viewer: Viewer, code: str, text: str) -> FeedbackRow:
    """The same by whoever stays unnamed and holds the code of their words [R3]; nothing of who they are is kept. Refuses NOT_ALLOWED,
    NOT_FOUND, and INVALID.
    """
    item = telling.claimed_item(session, viewer, code)
    with activity.untraced():
        return _said(session, Viewer(), item, text)


def _said(session: Session, viewer: Viewer, item: FeedbackRow, text: str) -> FeedbackRow:
    said = text.strip()
    if not said:
        raise Invalid("Write down what you would like to say.", "text")
    if len(said) > LONGEST:
        raise Invalid(f"This has at most {LONGEST:,} characters.", "text")
    stored = session.get_one(Feedback, item.id, with_for_update=True)
    session.refresh(stored)
    if len(of_item(item)) >= MOST:
        raise Invalid("You have said a lot about this. Tell us something new instead.", "text")
    words = FeedbackReply(
        feedback_id=item.id, customer_id=item.customer_id, person_id=viewer.id, text=said, at=clock.now()
    )
    session.add(words)
    _have_read(session, item)
    activity.record(session, viewer.id, "feedback.replied", "Feedback", item.uid)
    for id in merging.above(session, item.id):
        row = one(session, FeedbackRow, items.everything().where(_f.id == id))
        assert row is not None
        _reopen(session, viewer, row)
    return items.reread(session, stored)


def _have_read(session: Session, item: FeedbackRow) -> None:
    """Whoever replies has read what they were told."""
    delivery, answers = table_of(Delivery), table_of(ResponseItem).c
    told = select(answers.response_id).where(answers.feedback_id == item.id)
    mine = (delivery.c.customer_id == item.customer_id) & delivery.c.response_id.in_(told)
    session.connection().execute(update(delivery).where(mine, delivery.c.read_at.is_(None)).values(read_at=clock.now()))


def _reopen(session: Session, viewer: Viewer, row: FeedbackRow) -> None:
    if complaints.reopen(session, viewer, row, note="They have replied.") or row.status in OPEN:
        return
    item = session.get_one(Feedback, row.id, with_for_update=True)
    now = clock.now()
    item.status = FeedbackStatus.REOPENED
    item.due_at = dues.due_at(session, item.kind, now, acknowledged=True) or dues.due_at(session, None, now)
    item.updated_at, item.version = now, item.version + 1
    moved = {"status": (row.status, item.status)}
    activity.record(session, viewer.id, "feedback.reopened", "Feedback", row.uid, moved=moved)


def latest(session: Session, feedback_id: int) -> datetime | None:
    """When whoever said an item last replied, or None."""
    newest = select(_p.at).where(_p.feedback_id == feedback_id).order_by(_p.id.desc()).limit(1)
    found: datetime | None = session.connection().execute(newest).scalar()
    return found
