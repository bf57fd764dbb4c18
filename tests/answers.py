"""Surveys with answers, written straight into the tables, as many as a figure needs."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, select

from knowledge import clock
from knowledge.customers import CustomerRow
from knowledge.database import table_of
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyOption, SurveyQuestion, Wave
from knowledge.words import (
    Anonymity,
    InvitationKind,
    Stage,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    SurveyState,
)
from tests.factories import a_customer

_number = count(1)


def a_scored_survey(
    session: Session,
    *questions: SurveyMetric,
    audience: SurveyAudience = SurveyAudience.EXTERNAL,
    purpose: SurveyPurpose = SurveyPurpose.RELATIONAL,
    anonymity: Anonymity = Anonymity.IDENTIFIED,
    options: Sequence[str] = (),
    **details: Any,
) -> Survey:
    """An open survey with one question for each metric; those of choices have the options. Straight into the tables, as answers are."""
    now = clock.now()
    details = {"title": f"Survey {next(_number)}", "created_at": now, "updated_at": now, **details}
    survey = Survey(audience=audience, purpose=purpose, anonymity=anonymity, state=SurveyState.OPEN, **details)
    session.add(survey)
    session.flush()
    for place, metric in enumerate(questions or (SurveyMetric.RECOMMENDATION_0_10,), start=1):
        question = SurveyQuestion(
            survey_id=survey.id or 0, position=place, metric=metric, text=f"Question {place}?", key=metric.lower()
        )
        session.add(question)
        session.flush()
        if metric in (SurveyMetric.SINGLE, SurveyMetric.MULTI):
            session.add_all(
                SurveyOption(question_id=question.id or 0, position=at, label=label)
                for at, label in enumerate(options, 1)
            )
    session.flush()
    return survey


def a_wave_of_answers(
    session: Session,
    survey: Survey,
    *answers: Sequence[int | None],
    kind: InvitationKind = InvitationKind.CENSUS,
    by: Sequence[CustomerRow | None] = (),
    silent: int | None = None,
    days_ago: int = 30,
    lasts: int | None = 14,
    stages: Sequence[Stage | None] = (),
    groups: Sequence[int | None] = (),
    population: int | None = None,
) -> Wave:
    """A wave in which each response gives one answer to each question, or None; of choices, the place of one.

    `answers` has a sequence for each question in its order. `by` says who answered. Where `silent` says how many did not, all of them
    were asked by name.
    """
    opened = clock.now() - timedelta(days=days_ago)
    number = session.scalar(select(func.count()).where(table_of(Wave).c.survey_id == survey.id)) or 0
    wave = Wave(
        survey_id=survey.id or 0, number=number + 1, kind=kind, opens_at=opened, created_at=opened, population=population,
        closes_at=None if lasts is None else opened + timedelta(days=lasts),
    )  # fmt: skip
    session.add(wave)
    session.flush()
    assert wave.id is not None
    questions = list(session.scalars(select(SurveyQuestion).where(table_of(SurveyQuestion).c.survey_id == survey.id)))
    size = max(map(len, answers))
    responses = []
    for place in range(size):
        who = by[place] if place < len(by) else None
        responses.append(
            SurveyResponse(
                wave_id=wave.id, customer_id=who.id if who else None,
                stage=stages[place] if place < len(stages) else who.stage if who else None,
                group_id=groups[place] if place < len(groups) else None,
                answered_at=opened + timedelta(days=1), changed_at=opened + timedelta(days=1),
            )
        )  # fmt: skip
    session.add_all(responses)
    session.flush()
    for question, given in zip(sorted(questions, key=lambda each: each.position), answers, strict=True):
        pairs = zip(responses, given, strict=False)
        _answered(session, question, [(response.id or 0, number) for response, number in pairs if number is not None])
    if silent is not None:
        asked = [by[place] if place < len(by) else None for place in range(size)] + [None] * silent
        session.add_all(
            Invitation(
                wave_id=wave.id, customer_id=(who or a_customer(session)).id, kind=kind, answered=place < size, created_at=opened
            )
            for place, who in enumerate(asked)
        )  # fmt: skip
    session.flush()
    return wave


def _answered(session: Session, question: SurveyQuestion, given: Sequence[tuple[int, int]]) -> None:
    choosing = question.metric in (SurveyMetric.SINGLE, SurveyMetric.MULTI)
    answers = [
        SurveyAnswer(response_id=response, question_id=question.id or 0, number=None if choosing else number)
        for response, number in given
    ]
    session.add_all(answers)
    session.flush()
    if choosing:
        mine = table_of(SurveyOption).c
        found = session.connection().execute(select(mine.position, mine.id).where(mine.question_id == question.id))
        options: dict[int, int] = {row[0]: row[1] for row in found}
        session.add_all(
            SurveyChoice(answer_id=answer.id or 0, option_id=options[number])
            for answer, (_, number) in zip(answers, given, strict=True)
        )
