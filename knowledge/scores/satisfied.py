"""Satisfaction against loyalty: how content customers said they were, and where on the ladder they stand today.

Satisfied is not loyal: whoever is content may leave, and whoever is not may stay because they have nowhere to go. T. O. Jones and W. E.
Sasser, Why Satisfied Customers Defect, Harvard Business Review 73(6), 1995, pages 88-99.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import Session

from knowledge import customers, estimates
from knowledge.customers import Customer
from knowledge.database import one, read, table_of
from knowledge.estimates import SUPPRESSED, Estimate
from knowledge.people import Act, Viewer
from knowledge.scores import hiding, overview
from knowledge.surveys import reading
from knowledge.surveys.reading import QuestionRow, SurveyRow
from knowledge.surveys.response import SurveyAnswer, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyQuestion, Wave
from knowledge.words import Anonymity, Basis, Satisfaction, Stage, SurveyAudience, SurveyMetric

BANDS: Mapping[SurveyMetric, tuple[int, int]] = {
    SurveyMetric.CSAT_1_5: (2, 4),
    SurveyMetric.RECOMMENDATION_0_10: (6, 9),
    SurveyMetric.CES_1_7: (3, 5),
}
"""Up to which answer somebody is dissatisfied, and from which on satisfied; the first of these that a survey asks is looked at."""

COLUMNS = (Stage.INACTIVE, Stage.FIRST_TIME, Stage.REPEAT, Stage.CLIENT, Stage.ADVOCATE)
"""Where those stand who have bought: from those who left to those who bring others."""

STAYING = (Stage.REPEAT, Stage.CLIENT, Stage.ADVOCATE)

_s, _q, _w, _a, _r, _c = (
    table_of(each).c for each in (Survey, SurveyQuestion, Wave, SurveyAnswer, SurveyResponse, Customer)
)


@dataclass(frozen=True)
class Square:
    """How many customers of one satisfaction stand on one stage, and which part of all that is."""

    satisfaction: Satisfaction
    stage: Stage
    share: Estimate
    count: Estimate


@dataclass(frozen=True)
class Grid:
    """What customers last answered to one question of satisfaction, against where they stand today; each counts once."""

    survey: SurveyRow
    question: QuestionRow
    counts: Mapping[tuple[Satisfaction, Stage], int]
    basis: Basis

    @property
    def customers(self) -> int:
        """Of how many it tells."""
        return sum(self.counts.values())

    @property
    def is_told(self) -> bool:
        """Whether they are enough to tell anything."""
        return self.customers >= hiding.least(self.survey)

    def squares(self) -> Sequence[Square]:
        """All squares, row by row from the satisfied on; none where they are too few."""
        if not self.is_told:
            return []
        n = self.customers
        found = ((mood, stage, self.counts.get((mood, stage), 0)) for mood in Satisfaction for stage in COLUMNS)
        return [
            Square(
                mood,
                stage,
                estimates.share(hits, n, voices=hits, basis=self.basis),
                estimates.count(hits, basis=self.basis),
            )
            for mood, stage, hits in found
        ]

    @cached_property
    def satisfied_who_leave(self) -> Estimate:
        """Of those who said that they are satisfied, the share that is gone."""
        return self._share(Satisfaction.SATISFIED, (Stage.INACTIVE,))

    @cached_property
    def unhappy_who_stay(self) -> Estimate:
        """Of those who said that they are not, the share that goes on buying."""
        return self._share(Satisfaction.DISSATISFIED, STAYING)

    def _share(self, mood: Satisfaction, stages: Sequence[Stage]) -> Estimate:
        n = sum(self.counts.get((mood, stage), 0) for stage in COLUMNS)
        hits = sum(self.counts.get((mood, stage), 0) for stage in stages)
        if 0 < n < hiding.least(self.survey):
            return SUPPRESSED
        return estimates.share(hits, n, voices=n, basis=self.basis)


def grid(session: Session, viewer: Viewer, question: UUID | None = None) -> Grid | None:
    """The grid of a question, or of that one of satisfaction which customers were asked last by name; None where there is none.

    Only surveys whose answers are known by name are looked at: customers go on moving on the ladder, and a figure that moves with a
    single one of them would tell what they answered.
    """
    found = _asked(session, question) if viewer.may(Act.FEEDBACK_READ) and viewer.may(Act.CUSTOMERS_READ) else None
    if found is None:
        return None
    survey = reading.survey_of(found)
    waves = {overview.BASES[each.kind] for each in reading.waves_of(survey)}
    basis = waves.pop() if len(waves) == 1 else Basis.SELF_SELECTED if Basis.SELF_SELECTED in waves else Basis.RANDOM
    return Grid(survey, found, _counted(session, viewer, found), basis)


def questions(session: Session, viewer: Viewer) -> Sequence[QuestionRow]:
    """The questions of which there can be a grid, that asked last first."""
    if not viewer.may(Act.FEEDBACK_READ):
        return []
    return read(session, QuestionRow, _fit())


def _fit() -> Any:
    last = select(func.max(_w.opens_at)).where(_w.survey_id == _q.survey_id).scalar_subquery()
    kinds = case({metric.value: place for place, metric in enumerate(BANDS)}, value=_q.metric)
    asked = reading.questions().join(table_of(Survey), _s.id == _q.survey_id)
    fit = asked.where(
        _s.anonymity == Anonymity.IDENTIFIED,
        _s.audience == SurveyAudience.EXTERNAL,
        _q.metric.in_(list(BANDS)),
        last.is_not(None),
    )
    return fit.order_by(kinds, last.desc(), _q.position)


def _asked(session: Session, question: UUID | None) -> QuestionRow | None:
    return one(session, QuestionRow, _fit() if question is None else _fit().where(_q.uid == question))


def _counted(session: Session, viewer: Viewer, question: QuestionRow) -> Mapping[tuple[Satisfaction, Stage], int]:
    low, high = BANDS[question.metric]
    latest = func.row_number().over(partition_by=_r.customer_id, order_by=(_r.answered_at.desc(), _r.id.desc()))
    answered = table_of(SurveyAnswer).join(table_of(SurveyResponse), _r.id == _a.response_id)
    mine = (_a.question_id == question.id) & _a.number.is_not(None) & _r.customer_id.is_not(None)
    told = select(_r.customer_id, _a.number, latest.label("place")).select_from(answered).where(mine).subquery().c
    mood = case(
        (told.number <= low, Satisfaction.DISSATISFIED.value),
        (told.number >= high, Satisfaction.SATISFIED.value),
        else_=Satisfaction.BETWEEN.value,
    )
    counted = select(mood, _c.stage, func.count()).join_from(
        told.number.table, table_of(Customer), _c.id == told.customer_id
    )
    known = (told.place == 1) & customers.counted_for(viewer) & _c.stage.in_(COLUMNS)
    rows = session.connection().execute(counted.where(known).group_by(mood, _c.stage))
    return {(Satisfaction(row[0]), Stage(row[1])): row[2] for row in rows}
