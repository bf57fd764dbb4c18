"""When a reply is due, by kind: what the company has said of it, and otherwise 24 hours for a complaint and 48 for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Table, remembered, table_of, word
from knowledge.errors import Invalid
from knowledge.people import Act, Viewer, require
from knowledge.words import FeedbackKind

REPLIED = (
    FeedbackKind.COMPLAINT,
    FeedbackKind.QUESTION,
    FeedbackKind.SUGGESTION,
    FeedbackKind.NEW_IDEA,
    FeedbackKind.MISTAKE_REPORT,
)
"""The kinds to which a reply is due; a like, a dislike and a thank-you are heard and kept [R6]."""

REPLY, ACKNOWLEDGE = 48, 24
LONGEST = 24 * 365


class ReplyTime(Table, table=True):
    """How many hours the company gives itself for one kind, where it says something else than usual."""

    __tablename__ = "reply_time"

    kind: FeedbackKind = word(FeedbackKind, primary_key=True)
    hours: int = Field(ge=1, le=LONGEST)
    acknowledge_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """How many hours there are for a reply of one kind and, of a complaint, until it is acknowledged."""

    kind: FeedbackKind
    hours: int
    acknowledge_hours: int | None
    is_own: bool


def times(session: Session) -> Sequence[Due]:
    """The hours of every kind to which a reply is due; one statement an operation."""
    known = remembered(session, times)
    if 0 not in known:
        table = table_of(ReplyTime).c
        rows = session.connection().execute(select(table.kind, table.hours, table.acknowledge_hours))
        said = {row.kind: Due(row.kind, row.hours, row.acknowledge_hours, True) for row in rows}
        known[0] = [said.get(kind) or _usual(kind) for kind in REPLIED]
    found: Sequence[Due] = known[0]
    return found


def _usual(kind: FeedbackKind) -> Due:
    return Due(kind, REPLY, ACKNOWLEDGE if kind is FeedbackKind.COMPLAINT else None, False)


def due_at(
    session: Session, kind: FeedbackKind | None, since: datetime, *, acknowledged: bool = False
) -> datetime | None:
    """When the next word is due to whoever said something; of what nobody has sorted yet, when somebody has to look at it."""
    if kind is None:
        return since + timedelta(hours=REPLY)
    found = next((each for each in times(session) if each.kind is kind), None)
    if found is None:
        return None
    first = None if acknowledged else found.acknowledge_hours
    return since + timedelta(hours=first or found.hours)


def set_time(
    session: Session, viewer: Viewer, kind: FeedbackKind, hours: int | None, *, acknowledge_hours: int | None = None
) -> Due:
    """Say how many hours there are for a kind, from the next item on; None goes back to what is usual.

    Refuses NOT_ALLOWED, and INVALID for a kind to which no reply is due, or hours beyond a year.
    """
    require(viewer, Act.ENTRIES_CURATE, doing="say when replies are due")
    if kind not in REPLIED:
        raise Invalid("No reply is due to that kind.", "kind")
    for field, value in (("hours", hours), ("acknowledgeHours", acknowledge_hours)):
        if value is not None and not 1 <= value <= LONGEST:
            raise Invalid("From one hour to a year.", field)
    if acknowledge_hours is not None and kind is not FeedbackKind.COMPLAINT:
        raise Invalid("Only complaints are acknowledged.", "acknowledgeHours")
    stored = session.get(ReplyTime, kind, with_for_update=True)
    before = stored.hours if stored else None
    if stored is not None and hours is None:
        session.delete(stored)
    elif hours is not None:
        stored = stored or ReplyTime(kind=kind, hours=hours)
        usual = ACKNOWLEDGE if kind is FeedbackKind.COMPLAINT else None
        stored.hours, stored.acknowledge_hours = hours, acknowledge_hours or usual
        session.add(stored)
    moved = {kind.value: (before, hours)}
    activity.record(session, viewer.id, "reply_time.set", "ReplyTime", clock.uid(), moved=moved)
    session.flush()  # the answer is read back
    remembered(session, times).clear()
    return next(each for each in times(session) if each.kind is kind)
