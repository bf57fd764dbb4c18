"""What a survey is about: a segment, a theme, what somebody said, or where customers and the company meet."""

from collections.abc import Mapping

from sqlmodel import Session

from knowledge.customers import segments, touchpoints
from knowledge.customers.segments import SegmentRow
from knowledge.customers.touchpoints import TouchpointRow
from knowledge.database import neighbours
from knowledge.feedback import FeedbackRow, items, themes
from knowledge.feedback.themes import ThemeRow
from knowledge.people import Viewer
from knowledge.surveys.reading import SurveyRow


def _segments(session: Session, rows: list[SurveyRow], viewer: Viewer) -> Mapping[int, SegmentRow | None]:
    found = segments.by_ids(session, viewer, (row.segment_id for row in rows))
    return {row.id: found.get(row.segment_id) for row in rows if row.segment_id} | {
        row.id: None for row in rows if not row.segment_id
    }


def segment_of(survey: SurveyRow, viewer: Viewer) -> SegmentRow | None:
    """Whom it is for, where it is not for everybody."""
    return neighbours(survey, _segments, viewer)


def _themes(session: Session, rows: list[SurveyRow], viewer: Viewer) -> Mapping[int, ThemeRow | None]:
    found = themes.by_ids(session, viewer, (row.theme_id for row in rows))
    return {row.id: found.get(row.theme_id) for row in rows if row.theme_id} | {
        row.id: None for row in rows if not row.theme_id
    }


def theme_of(survey: SurveyRow, viewer: Viewer) -> ThemeRow | None:
    """The theme that it looks into."""
    return neighbours(survey, _themes, viewer)


def _items(session: Session, rows: list[SurveyRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    found = items.by_ids(session, viewer, (row.feedback_id for row in rows if row.feedback_id))
    return {row.id: found.get(row.feedback_id) for row in rows if row.feedback_id} | {
        row.id: None for row in rows if not row.feedback_id
    }


def feedback_of(survey: SurveyRow, viewer: Viewer) -> FeedbackRow | None:
    """The words after which others are asked whether they feel the same."""
    return neighbours(survey, _items, viewer)


def _touchpoints(session: Session, rows: list[SurveyRow]) -> Mapping[int, TouchpointRow | None]:
    found = touchpoints.by_ids(session, (row.touchpoint_id for row in rows))
    return {row.id: found.get(row.touchpoint_id) for row in rows if row.touchpoint_id} | {
        row.id: None for row in rows if not row.touchpoint_id
    }


def touchpoint_of(survey: SurveyRow) -> TouchpointRow | None:
    """Where that happened of which it asks."""
    return neighbours(survey, _touchpoints)
