"""What lies beside an item of feedback: for one that is read alone it is asked in one statement what there is, and only that is read."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlmodel import Session

from knowledge.community.promotions import Promotion
from knowledge.database import Row, is_alone, neighbours, one, read, table_of
from knowledge.evidence import Evidence
from knowledge.feedback import FeedbackRow, items
from knowledge.feedback.complaints import ComplaintCase
from knowledge.feedback.items import Feedback, FeedbackAttribute
from knowledge.feedback.themes import FeedbackTheme
from knowledge.loop.replies import FeedbackReply
from knowledge.loop.responses import ResponseItem
from knowledge.loop.rewards import Reward
from knowledge.people import Viewer
from knowledge.surveys.survey import Survey

_f, _copy = table_of(Feedback).c, table_of(Feedback).alias("copy")


class BesideRow(Row):
    """Whether there is any of each kind, by its name."""


BESIDE: Mapping[str, ColumnElement[int]] = {
    "attributes": table_of(FeedbackAttribute).c.feedback_id,
    "complaint": table_of(ComplaintCase).c.feedback_id,
    "duplicates": _copy.c.duplicate_of_id,
    "checks": table_of(Survey).c.feedback_id,
    "themes": table_of(FeedbackTheme).c.feedback_id,
    "evidence": table_of(Evidence).c.feedback_id,
    "answers": table_of(ResponseItem).c.feedback_id,
    "replies": table_of(FeedbackReply).c.feedback_id,
    "reward": table_of(Reward).c.feedback_id,
    "promotion": table_of(Promotion).c.feedback_id,
}
"""What may lie beside an item, and the column that names the item there."""


def _flags() -> list[ColumnElement[bool]]:
    return [exists().where(column == _f.id).label(f"has_{what}") for what, column in BESIDE.items()]


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> FeedbackRow | None:
    """One item that the viewer may read, together with what lies beside it, or None."""
    wanted = items.everything().add_columns(*_flags()).where(items.visible_to(viewer), _f.uid == uid)
    return one(session, FeedbackRow, wanted)


def _beside(session: Session, rows: list[FeedbackRow]) -> Mapping[int, BesideRow]:
    found = read(session, BesideRow, select(_f.id, *_flags()).where(_f.id.in_([row.id for row in rows])))
    return {row.id: row for row in found}


def may_have(item: FeedbackRow, what: str) -> bool:
    """Whether it is worth reading what lies beside an item, one of BESIDE; of a list it always is."""
    if not is_alone(item):
        return True
    known = item if hasattr(item, f"has_{what}") else neighbours(item, _beside)
    return bool(getattr(known, f"has_{what}"))
