"""What was answered, one by one: only where it was asked by name, for colleagues alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select
from sqlmodel import Session

from knowledge import customers, people
from knowledge.customers import CustomerRow
from knowledge.customers.customer import restricted
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    columns_of,
    grouped,
    neighbours,
    one,
    read,
    sliced,
    slices,
    table_of,
)
from knowledge.people import Act, PersonRow, Viewer
from knowledge.surveys import reading
from knowledge.surveys.reading import QuestionRow, SurveyRow, WaveRow
from knowledge.surveys.response import SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyOption, SurveyQuestion, Wave
from knowledge.words import Anonymity, Stage


class ResponseRow(Row):
    """A response as it is read."""

    uid: UUID
    wave_id: int
    customer_id: int | None
    person_id: int | None
    stage: Stage | None
    answered_at: datetime
    changed_at: datetime


class AnswerRow(Row):
    """An answer to one question as it is read, with the place of the question."""

    position: int
    response_id: int
    question_id: int
    number: int | None
    text: str | None


_r, _a, _h = table_of(SurveyResponse).c, table_of(SurveyAnswer).c, table_of(SurveyChoice).c
_w, _s, _q, _o = table_of(Wave).c, table_of(Survey).c, table_of(SurveyQuestion).c, table_of(SurveyOption).c
_RESPONSE = ("id", *ResponseRow.__annotations__)
_ANSWER = ("id", *(name for name in AnswerRow.__annotations__ if name != "position"))
_LATEST = Order("responses", ((_r.answered_at, True), (_r.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Those to surveys that ask by name; of all others nobody reads what one person answered."""
    if not viewer.may(Act.FEEDBACK_READ):
        return false()
    by_name = select(_w.id).join_from(table_of(Wave), table_of(Survey), _s.id == _w.survey_id)
    by_name = by_name.where(_s.anonymity == Anonymity.IDENTIFIED)
    return _r.wave_id.in_(by_name) & (_r.customer_id.is_(None) | _r.customer_id.not_in(restricted()))


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(SurveyResponse, *_RESPONSE)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> ResponseRow | None:
    """One response that the viewer may read, or None."""
    return one(session, ResponseRow, _seen_by(viewer).where(_r.uid == uid))


def _pages(session: Session, rows: list[WaveRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[ResponseRow]]:
    return slices(session, ResponseRow, _seen_by(viewer), _LATEST, page, rows, _r.wave_id)


def of_wave(wave: WaveRow, viewer: Viewer, page: Page) -> Slice[ResponseRow]:
    """What was answered by name in a wave, the latest first; none where it was not asked by name."""
    return neighbours(wave, _pages, viewer, page)


def _of_surveys(
    session: Session, rows: list[SurveyRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[ResponseRow]]:
    joined = _seen_by(viewer).join_from(table_of(SurveyResponse), table_of(Wave), _w.id == _r.wave_id)
    if len(rows) == 1:  # no window over all that was ever answered where one page of it is wanted
        return {rows[0].id: sliced(session, ResponseRow, joined.where(_w.survey_id == rows[0].id), _LATEST, page)}
    return slices(session, ResponseRow, joined, _LATEST, page, rows, _w.survey_id)


def of_survey(survey: SurveyRow, viewer: Viewer, page: Page) -> Slice[ResponseRow]:
    """The same of all its waves together."""
    return neighbours(survey, _of_surveys, viewer, page)


def _waves(session: Session, rows: list[ResponseRow]) -> Mapping[int, WaveRow]:
    wanted = reading.waves().where(_w.id.in_({row.wave_id for row in rows}))
    found = {wave.id: wave for wave in reading.read_waves(session, wanted)}
    return {row.id: found[row.wave_id] for row in rows}


def wave_of(response: ResponseRow) -> WaveRow:
    """In which wave it was answered."""
    return neighbours(response, _waves)


def _customers(session: Session, rows: list[ResponseRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(response: ResponseRow, viewer: Viewer) -> CustomerRow | None:
    """Who answered."""
    return neighbours(response, _customers, viewer)


def person_of(response: ResponseRow) -> PersonRow | None:
    """The colleague who answered, where colleagues were asked."""
    return neighbours(response, people.loaded, "person_id")


def _answers(session: Session, rows: list[ResponseRow]) -> Mapping[int, Sequence[AnswerRow]]:
    wanted = select(*columns_of(SurveyAnswer, *_ANSWER), _q.position).where(
        _a.response_id.in_([row.id for row in rows])
    )
    placed = wanted.join_from(table_of(SurveyAnswer), table_of(SurveyQuestion), _q.id == _a.question_id)
    return grouped(rows, read(session, AnswerRow, placed.order_by(_q.position)), lambda each: each.response_id)


def answers_of(response: ResponseRow) -> Sequence[AnswerRow]:
    """What it says to each question that was not passed over."""
    return neighbours(response, _answers)


def _questions(session: Session, rows: list[AnswerRow]) -> Mapping[int, QuestionRow]:
    wanted = reading.questions().where(_q.id.in_({row.question_id for row in rows}))
    found = {question.id: question for question in read(session, QuestionRow, wanted)}
    return {row.id: found[row.question_id] for row in rows}


def question_of(answer: AnswerRow) -> QuestionRow:
    """What it answers."""
    return neighbours(answer, _questions)


def _choices(session: Session, rows: list[AnswerRow]) -> Mapping[int, Sequence[str]]:
    empty = [row.id for row in rows if row.number is None and row.text is None]
    if not empty:
        return {row.id: [] for row in rows}
    chosen = select(_h.answer_id, _o.label).join_from(
        table_of(SurveyChoice), table_of(SurveyOption), _o.id == _h.option_id
    )
    mine = chosen.where(_h.answer_id.in_(empty)).order_by(_h.answer_id, _o.position)
    found: dict[int, list[str]] = {row.id: [] for row in rows}
    for answer_id, label in session.connection().execute(mine):
        found[answer_id].append(label)
    return found


def choices_of(answer: AnswerRow) -> Sequence[str]:
    """The choices that it takes, in the words of the survey."""
    return neighbours(answer, _choices)
