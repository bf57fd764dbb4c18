"""The result of a survey as it stood when somebody rested a claim on it; later answers do not move it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Row, Table, moment, word
from knowledge.estimates import Estimate, Grade, Method
from knowledge.words import Basis


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
