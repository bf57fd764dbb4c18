"""A survey, its questions and its waves: what is asked, of whom, and when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import (
    Anonymity,
    Aspect,
    InvitationKind,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    SurveyState,
)

LEAST_ANSWERS = 5
"""Below so many answers nothing is shown, unless a survey says otherwise."""

FLOOR = 3
"""No survey may say less than that."""


class Survey(Table, table=True):
    """Questions that are asked of customers or colleagues, once or again and again.

    `population` is how many there are to whom it applies, and `frame` says in words who they are and how they are reached.
    """

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    title: str = Field(max_length=120)
    intro: str = Field(default="", max_length=1000)
    thanks: str = Field(default="", max_length=1000)
    language: str = Field(default="en", max_length=10)
    audience: SurveyAudience = word(SurveyAudience)
    purpose: SurveyPurpose = word(SurveyPurpose)
    anonymity: Anonymity = word(Anonymity)
    state: SurveyState = word(SurveyState, SurveyState.DRAFT)
    minimum_n: int = LEAST_ANSWERS
    population: int | None = None
    frame: str = Field(default="", max_length=500)
    segment_id: int | None = Field(default=None, foreign_key="segment.id", index=True)
    theme_id: int | None = Field(default=None, foreign_key="theme.id", index=True)
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id", index=True)
    touchpoint_id: int | None = Field(default=None, foreign_key="touchpoint.id", index=True)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    sample: bool = False
    version: int = 1
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = moment()


class SurveyQuestion(Table, table=True):
    """One question; `aspect` says which of the attitude questions it is, and `key` is the same for one question in several surveys."""

    __tablename__ = "survey_question"
    __table_args__ = (UniqueConstraint("survey_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    survey_id: int = Field(foreign_key="survey.id")
    position: int
    metric: SurveyMetric = word(SurveyMetric)
    text: str = Field(max_length=300)
    key: str = Field(default="", max_length=40, index=True)
    aspect: Aspect | None = word(Aspect, None)
    required: bool = False


class SurveyOption(Table, table=True):
    """One of the choices of a question."""

    __tablename__ = "survey_option"
    __table_args__ = (UniqueConstraint("question_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True, sa_column_kwargs={"default": clock.uid})
    question_id: int = Field(foreign_key="survey_question.id")
    position: int
    label: str = Field(max_length=120)


class Wave(Table, table=True):
    """One time that a survey is asked: from when until when, and how those who are asked were chosen."""

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("survey_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    survey_id: int = Field(foreign_key="survey.id")
    number: int
    kind: InvitationKind = word(InvitationKind)
    opens_at: datetime = moment()
    closes_at: datetime | None = moment(default=None)
    population: int | None = None
    seed: int | None = None
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
