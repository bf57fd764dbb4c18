"""What speaks of danger is told at once, to those who curate and lead; no count of voices and no share holds it up [F5]."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, jobs
from knowledge.database import table_of
from knowledge.feedback.items import OPEN, FeedbackAttribute, FeedbackRow
from knowledge.words import FeedbackKind, FeedbackStatus, QualityAttribute

CALM = frozenset({FeedbackKind.LIKE, FeedbackKind.PRAISE})
"""Who praises how safe something is tells of no danger."""


def is_alarming(kind: FeedbackKind | None, attributes: Collection[QualityAttribute]) -> bool:
    """Whether words speak of danger, so far as they are labelled; what nobody has sorted yet may."""
    return QualityAttribute.SAFETY in attributes and kind not in CALM


def alarms(session: Session, item: FeedbackRow) -> bool:
    """The same of what is recorded, in one statement."""
    table = table_of(FeedbackAttribute).c
    found = select(table.attribute).where(table.feedback_id == item.id)
    return is_alarming(item.kind, set(session.connection().execute(found).scalars()))


def raise_alarm(session: Session, uid: UUID, status: FeedbackStatus, actor_id: int | None) -> None:
    """Have stewards and leaders told as soon as this is committed, even in an import; not of what is settled."""
    if status not in OPEN:
        return
    at = clock.now()
    activity.record(session, actor_id, "feedback.alarmed", "Feedback", uid)
    jobs.later(session, "notify", f"feedback.alarmed Feedback {uid} {actor_id or '-'} {at.isoformat()}")
