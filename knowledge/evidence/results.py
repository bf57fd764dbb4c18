"""The result of a survey as it stood when somebody rested a claim on it; later answers do not move it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Row, Table, columns_of, moment, read, table_of, word
from knowledge.errors import Invalid, NotFound
from knowledge.estimates import Estimate, Grade, Method
from knowledge.people import Act, Viewer, require
from knowledge.scores import overview
from knowledge.scores.tallies import SCALES
from knowledge.surveys import reading
from knowledge.surveys.survey import SurveyQuestion
from knowledge.words import Basis, SurveyMetric


class SurveyResult(Table, table=True):
    """What one question of a survey came to, over one wave or over all of them, with all that the estimate said then."""

    __tablename__ = "survey_result"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    question_id: int = Field(foreign_key="survey_question.id", index=True)
    wave_id: int | None = Field(default=None, foreign_key="wave.id", index=True)
    n: int
    value: float
    low: float | None = None
    high: float | None = None
    population: int | None = None
    basis: Basis = word(Basis)
    method: Method | None = word(Method, None)
    grade: Grade | None = word(Grade, None)
    taken_at: datetime = moment()
    taken_by_id: int | None = Field(default=None, foreign_key="person.id")


class ResultRow(Row):
    """A figure as it was."""

    uid: UUID
    question_id: int
    wave_id: int | None
    n: int
    value: float
    low: float | None
    high: float | None
    population: int | None
    basis: Basis
    method: Method | None
    grade: Grade | None
    taken_at: datetime
    question: str
    metric: SurveyMetric


_s, _q = table_of(SurveyResult).c, table_of(SurveyQuestion).c


def take(session: Session, viewer: Viewer, question_id: int, wave_id: int | None, found: Estimate) -> ResultRow:
    """Keep what a question came to in a wave, or in all of them, as it stands now, so that a claim can rest on it.

    Refuses NOT_ALLOWED, and INVALID what is suppressed or not known yet.
    """
    require(viewer, Act.FEEDBACK_READ, doing="rest a claim on a survey")
    if found.suppressed or found.n is None or found.value is None:
        raise Invalid("There is no figure yet that a claim could rest on.", "result")
    names = ("n", "value", "low", "high", "population", "basis", "method", "grade")
    kept = SurveyResult(
        question_id=question_id,
        wave_id=wave_id,
        taken_at=clock.now(),
        taken_by_id=viewer.id,
        **{name: getattr(found, name) for name in names},
    )
    session.add(kept)
    session.flush()  # evidence points at it
    (row,) = _read(session, [kept.id or 0])
    return row


def taken(session: Session, viewer: Viewer, question: UUID, wave: int | None = None) -> ResultRow:
    """Keep what a question of a survey came to in one of its waves, the latest unless it is named, as its page tells it.

    Taken again while nothing has moved it is the same figure. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID what is hidden or not known.
    """
    require(viewer, Act.FEEDBACK_READ, doing="rest a claim on a survey")
    known = reading.question_by_uid(session, viewer, question)
    if known is None:
        raise NotFound("There is no such question.", "result.question")
    trend = next(each for each in overview.board_of(reading.survey_of(known)).trends() if each.question.id == known.id)
    figure = trend.latest() if wave is None else next((e for e in trend.trend() if e.wave.row.number == wave), None)
    if figure is None or known.metric not in SCALES:
        raise Invalid("There is no figure yet that a claim could rest on.", "result")
    found, wave_id = figure.score, figure.wave.row.id
    same = [column == getattr(found, column.name) for column in (_s.n, _s.value, _s.low, _s.high)]
    kept = session.connection().execute(select(_s.id).where(_s.question_id == known.id, _s.wave_id == wave_id, *same))
    ids = kept.scalars().all()
    return _read(session, ids[:1])[0] if ids else take(session, viewer, known.id, wave_id, found)


def _read(session: Session, ids: Iterable[int]) -> list[ResultRow]:
    joined = select(*columns_of(SurveyResult), _q.text.label("question"), _q.metric).join_from(
        table_of(SurveyResult), table_of(SurveyQuestion), _q.id == _s.question_id
    )
    return read(session, ResultRow, joined.where(_s.id.in_(set(ids))))


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, ResultRow]:
    """Figures by their key, for colleagues, in one statement."""
    return {row.id: row for row in _read(session, ids)} if viewer.may(Act.FEEDBACK_READ) else {}


def as_estimate(result: ResultRow) -> Estimate:
    """The figure as it was."""
    return Estimate(
        result.n,
        result.n,
        result.basis,
        result.value,
        result.low,
        result.high,
        result.method,
        population=result.population,
        grade=result.grade,
    )
