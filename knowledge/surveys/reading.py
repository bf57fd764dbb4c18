"""Surveys as they are read: their questions, choices and waves; for colleagues alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session

from knowledge import clock, people
from knowledge.database import (
    NOTHING,
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
    table_of,
)
from knowledge.errors import NotFound
from knowledge.people import Act, PersonRow, Viewer
from knowledge.surveys.response import Invitation
from knowledge.surveys.survey import Survey, SurveyOption, SurveyQuestion, Wave
from knowledge.words import (
    Anonymity,
    Aspect,
    InvitationKind,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    SurveyState,
)


class SurveyRow(Row):
    """A survey as it is read."""

    uid: UUID
    title: str
    intro: str
    thanks: str
    language: str
    audience: SurveyAudience
    purpose: SurveyPurpose
    anonymity: Anonymity
    state: SurveyState
    minimum_n: int
    population: int | None
    frame: str
    segment_id: int | None
    theme_id: int | None
    feedback_id: int | None
    touchpoint_id: int | None
    sample: bool
    version: int
    created_at: datetime
    created_by_id: int | None
    updated_at: datetime


class QuestionRow(Row):
    """A question as it is read."""

    uid: UUID
    survey_id: int
    position: int
    metric: SurveyMetric
    text: str
    key: str
    aspect: Aspect | None
    required: bool


class OptionRow(Row):
    """A choice as it is read."""

    question_id: int
    position: int
    label: str


class WaveRow(Row):
    """A wave as it is read."""

    uid: UUID
    survey_id: int
    number: int
    kind: InvitationKind
    opens_at: datetime
    closes_at: datetime | None
    population: int | None
    seed: int | None
    created_at: datetime

    @property
    def is_running(self) -> bool:
        """Whether its time has come and is not over."""
        return clock.has_come(self.opens_at) and (self.closes_at is None or not clock.has_come(self.closes_at))


_s, _q, _o, _w = (table_of(table).c for table in (Survey, SurveyQuestion, SurveyOption, Wave))
_i = table_of(Invitation).c
_SURVEY, _QUESTION, _OPTION, _WAVE = (
    ("id", *row.__annotations__) for row in (SurveyRow, QuestionRow, OptionRow, WaveRow)
)
_NEWEST = Order("surveys", ((_s.updated_at, True), (_s.id, True)))


def surveys() -> Select[Any]:
    """All surveys, whoever asks."""
    return select(*columns_of(Survey, *_SURVEY))


def questions() -> Select[Any]:
    """All questions, whoever asks."""
    return select(*columns_of(SurveyQuestion, *_QUESTION))


def waves() -> Select[Any]:
    """All waves, whoever asks."""
    return select(*columns_of(Wave, *_WAVE))


def listing(session: Session, viewer: Viewer, page: Page, *, states: Sequence[SurveyState] = ()) -> Slice[SurveyRow]:
    """The surveys, the latest changed first; for colleagues."""
    if not viewer.may(Act.FEEDBACK_READ):
        return NOTHING
    wanted = surveys().where(_s.state.in_(states)) if states else surveys()
    return sliced(session, SurveyRow, wanted, _NEWEST, page)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> SurveyRow | None:
    """One survey, or None for whoever is no colleague."""
    return one(session, SurveyRow, surveys().where(_s.uid == uid)) if viewer.may(Act.FEEDBACK_READ) else None


def named(session: Session, viewer: Viewer, uid: UUID, *, field: str = "id") -> SurveyRow:
    """The survey that is meant; refuses NOT_FOUND."""
    found = by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such survey.", field)
    return found


def by_ids(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, SurveyRow]:
    """Surveys by their key, in one statement; for rows whose reader may read them."""
    wanted = {id for id in ids if id is not None}
    return {row.id: row for row in read(session, SurveyRow, surveys().where(_s.id.in_(wanted)))} if wanted else {}


def wave_by_uid(session: Session, viewer: Viewer, uid: UUID) -> WaveRow | None:
    """One wave, or None for whoever is no colleague."""
    return one(session, WaveRow, waves().where(_w.uid == uid)) if viewer.may(Act.FEEDBACK_READ) else None


def wave_named(session: Session, viewer: Viewer, uid: UUID, *, field: str = "wave") -> WaveRow:
    """The wave that is meant; refuses NOT_FOUND."""
    found = wave_by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such wave.", field)
    return found


def read_waves(session: Session, statement: Select[Any]) -> list[WaveRow]:
    """Waves that a statement finds, whoever asks."""
    return read(session, WaveRow, statement)


def question_by_uid(session: Session, viewer: Viewer, uid: UUID) -> QuestionRow | None:
    """One question, or None for whoever is no colleague."""
    return one(session, QuestionRow, questions().where(_q.uid == uid)) if viewer.may(Act.FEEDBACK_READ) else None


def _questions(session: Session, rows: list[SurveyRow]) -> Mapping[int, Sequence[QuestionRow]]:
    wanted = questions().where(_q.survey_id.in_([row.id for row in rows])).order_by(_q.survey_id, _q.position)
    return grouped(rows, read(session, QuestionRow, wanted), lambda question: question.survey_id)


def questions_of(survey: SurveyRow) -> Sequence[QuestionRow]:
    """The questions in their order."""
    return neighbours(survey, _questions)


def _options(session: Session, rows: list[QuestionRow]) -> Mapping[int, Sequence[OptionRow]]:
    offering = [row.id for row in rows if row.metric in (SurveyMetric.SINGLE, SurveyMetric.MULTI)]
    if not offering:
        return {row.id: [] for row in rows}
    wanted = select(*columns_of(SurveyOption, *_OPTION)).where(_o.question_id.in_(offering))
    found = read(session, OptionRow, wanted.order_by(_o.question_id, _o.position))
    return grouped(rows, found, lambda option: option.question_id)


def options_of(question: QuestionRow) -> Sequence[OptionRow]:
    """The choices in their order; none where it is no question of choices."""
    return neighbours(question, _options)


def _waves(session: Session, rows: list[SurveyRow]) -> Mapping[int, Sequence[WaveRow]]:
    wanted = waves().where(_w.survey_id.in_([row.id for row in rows])).order_by(_w.survey_id, _w.number)
    return grouped(rows, read(session, WaveRow, wanted), lambda wave: wave.survey_id)


def waves_of(survey: SurveyRow) -> Sequence[WaveRow]:
    """Each time that it was asked, the first first."""
    return neighbours(survey, _waves)


def _surveys(session: Session, rows: list[Any]) -> Mapping[int, SurveyRow | None]:
    found = by_ids(session, (row.survey_id for row in rows))
    return {row.id: found.get(row.survey_id) for row in rows}


def survey_of(row: WaveRow | QuestionRow) -> SurveyRow:
    """What a wave or a question belongs to."""
    found = neighbours(row, _surveys)
    assert found is not None
    return found


def _asked(session: Session, rows: list[WaveRow]) -> Mapping[int, tuple[int, int]]:
    named = _i.customer_id.is_not(None) | _i.person_id.is_not(None)
    counted = select(_i.wave_id, func.count(), func.count().filter(_i.answered)).where(named)
    mine = counted.where(_i.wave_id.in_([row.id for row in rows])).group_by(_i.wave_id)
    found = {each[0]: (int(each[1]), int(each[2])) for each in session.connection().execute(mine)}
    return {row.id: found.get(row.id, (0, 0)) for row in rows}


def asked_in(wave: WaveRow) -> tuple[int, int]:
    """How many were asked in a wave, and how many of them answered; whoever came by an open link is in neither."""
    return neighbours(wave, _asked)


def _open_links(session: Session, rows: list[WaveRow]) -> Mapping[int, UUID | None]:
    nobody = _i.customer_id.is_(None) & _i.person_id.is_(None)
    open_ones = [row.id for row in rows if row.kind is InvitationKind.SELF]
    if not open_ones:
        return dict.fromkeys((row.id for row in rows), None)
    wanted = select(_i.wave_id, _i.uid).where(_i.wave_id.in_(open_ones), nobody)
    found: dict[int, UUID] = {row[0]: row[1] for row in session.connection().execute(wanted)}
    return {row.id: found.get(row.id) for row in rows}


def open_link_of(wave: WaveRow) -> UUID | None:
    """What the open link of a wave that people come to by themselves stands for; None for every other."""
    return neighbours(wave, _open_links)


def author_of(survey: SurveyRow) -> PersonRow | None:
    """Who drew it up."""
    return neighbours(survey, people.loaded, "created_by_id")


def reread(session: Session, uid: UUID) -> SurveyRow:
    """A survey as it is after it was written."""
    session.flush()  # what was written is read back
    row = one(session, SurveyRow, surveys().where(_s.uid == uid))
    assert row is not None
    return row
