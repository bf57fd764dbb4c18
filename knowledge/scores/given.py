"""What one customer answered on a scale, where they answered by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.customers import CustomerRow
from knowledge.database import neighbours, table_of
from knowledge.people import Act, Viewer
from knowledge.surveys.response import SurveyAnswer, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyQuestion
from knowledge.words import Anonymity, SurveyMetric

SHOWN = 12
"""So many of the latest answers of a customer are shown."""

_s, _q, _a, _r = (table_of(each).c for each in (Survey, SurveyQuestion, SurveyAnswer, SurveyResponse))


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it was given; it is what somebody said, and no statistic."""

    survey: UUID
    title: str
    question: str
    metric: SurveyMetric
    answer: int
    at: datetime


def _given(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[Given]]:
    found: dict[int, list[Given]] = {row.id: [] for row in rows}
    if not viewer.may(Act.FEEDBACK_READ):
        return found
    joined = table_of(SurveyAnswer).join(table_of(SurveyResponse), _r.id == _a.response_id)
    joined = joined.join(table_of(SurveyQuestion), _q.id == _a.question_id)
    joined = joined.join(table_of(Survey), _s.id == _q.survey_id)
    order = (_r.answered_at.desc(), _q.survey_id, _q.position)
    place = func.row_number().over(partition_by=_r.customer_id, order_by=order).label("place")
    columns = (_r.customer_id, _s.uid, _s.title, _q.text, _q.metric, _a.number, _r.answered_at, place)
    named = (_s.anonymity == Anonymity.IDENTIFIED) & _a.number.is_not(None)
    told = select(*columns).select_from(joined).where(named, _r.customer_id.in_(list(found))).subquery()
    first = select(told).where(told.c.place <= SHOWN).order_by(told.c.customer_id, told.c.place)
    for customer, survey, title, text, metric, number, at, _ in session.connection().execute(first):
        found[customer].append(Given(survey, title, text, metric, number, at))
    return found


def by(customer: CustomerRow, viewer: Viewer) -> Sequence[Given]:
    """What a customer answered by name, the latest first; for colleagues, and read for the whole list at once."""
    return neighbours(customer, _given, viewer)
