"""How well the loop is closed: the share of what was owed an answer that has one, in time, and how long that took [R5]."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock, estimates
from knowledge.database import table_of
from knowledge.estimates import Estimate
from knowledge.feedback import dues, items
from knowledge.feedback.complaints import ComplaintCase
from knowledge.feedback.items import Feedback
from knowledge.loop import responses
from knowledge.loop.responses import LoopResponse, ResponseItem
from knowledge.people import Act, Viewer
from knowledge.words import Basis, FeedbackStatus

MOST = 20_000
"""So many of the latest are looked at."""

_r, _i, _f, _c = (table_of(each).c for each in (LoopResponse, ResponseItem, Feedback, ComplaintCase))

_NOTHING = estimates.count(0)


@dataclass(frozen=True, slots=True)
class Closure:
    """What became of the feedback of a period to which a reply was due, and whose time for it is over."""

    told: Estimate = _NOTHING
    in_time: Estimate = _NOTHING
    hours: Estimate = _NOTHING


@dataclass(frozen=True, slots=True)
class _Said:
    customer: int
    due: datetime
    hours: float | None
    told_at: datetime | None


def closure(session: Session, viewer: Viewer, *, days: int = 90) -> Closure | None:
    """The figures of what was received in the last so many days; two statements.

    What is still within its time is not looked at: counting only those of it that are answered would flatter. What was closed with
    a reason and without a word to the customer counts as not told. For colleagues; None for everyone else.
    """
    if not viewer.may(Act.FEEDBACK_READ):
        return None
    since = clock.minute() - timedelta(days=days)
    said = [each for each in _said(session, viewer, since) if clock.has_come(each.due)]
    voices = len({each.customer for each in said})
    hours = [each.hours for each in said if each.hours is not None]
    timely = sum(each.told_at is not None and each.told_at <= each.due for each in said)
    return Closure(
        told=estimates.share(len(hours), len(said), voices=voices, basis=Basis.CENSUS),
        in_time=estimates.share(timely, len(said), voices=voices, basis=Basis.CENSUS),
        hours=estimates.median(hours, len(said), voices=voices, basis=Basis.CENSUS),
    )


def _said(session: Session, viewer: Viewer, since: datetime) -> list[_Said]:
    told = (
        select(func.min(_r.published_at))
        .join_from(table_of(LoopResponse), table_of(ResponseItem), _i.response_id == _r.id)
        .where(_i.feedback_id == _f.id, responses.final(), responses.reaches())
        .correlate(table_of(Feedback))
        .scalar_subquery()
    )
    case = select(_c.communicated_at).where(_c.feedback_id == _f.id).scalar_subquery()
    statement = (
        select(_f.kind, _f.received_at, _f.customer_id, _f.status, _f.closing_note, told, case)
        .where(items.visible_to(viewer), _f.kind.in_(dues.REPLIED), _f.received_at >= since)
        .order_by(_f.received_at.desc(), _f.id.desc())
        .limit(MOST)
    )
    times = {each.kind: each.hours for each in dues.times(session)}
    found = []
    for kind, received, customer, status, note, answered, decided in session.connection().execute(statement):
        at = min((each for each in (answered, decided) if each is not None), default=None)
        if at is None and status in (FeedbackStatus.ANSWERED, FeedbackStatus.CLOSED) and not note:
            continue  # it was answered elsewhere, and nobody here knows when
        hours = max((at - received).total_seconds() / 3600, 0.0) if at is not None else None
        found.append(_Said(customer or 0, received + timedelta(hours=times[kind]), hours, at))
    return found
