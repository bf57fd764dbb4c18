"""Who was asked, and what was answered: invitations and responses, tied to each other only as far as the survey's anonymity allows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import InvitationKind, MailState, Stage


class Invitation(Table, table=True):
    """That somebody was asked, and whether they answered; of an anonymous survey nothing leads from here to the answers.

    Without customer and person it is the open link of a wave, by which whoever has it may answer. What is in a link is signed with
    the secret of the installation and kept nowhere.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("wave_id", "customer_id"), UniqueConstraint("wave_id", "person_id"))

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    wave_id: int = Field(foreign_key="wave.id")
    customer_id: int | None = Field(
        default=None, foreign_key="customer.id", index=True, sa_column_kwargs={"info": {"goes_along": True}}
    )
    person_id: int | None = Field(
        default=None, foreign_key="person.id", index=True, sa_column_kwargs={"info": {"goes_along": True}}
    )
    kind: InvitationKind = word(InvitationKind)
    answered: bool = False
    created_at: datetime = moment()
    mail: MailState | None = word(MailState, None)
    mail_due_at: datetime | None = moment(default=None, index=True)
    mail_tries: int = 0
    mail_failure: str | None = Field(default=None, max_length=300)


class SurveyResponse(Table, table=True):
    """One voice in one wave. Customer and person are kept unless the survey is anonymous; then the time is that of the day alone.

    The stage is the one on which the customer stood when they answered, so that past figures never move.
    """

    __tablename__ = "survey_response"
    __table_args__ = (
        UniqueConstraint("wave_id", "customer_id"),
        UniqueConstraint("wave_id", "person_id"),
        UniqueConstraint("source", "external_id"),
        Index("ix_survey_response_wave_id_answered_at", "wave_id", "answered_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    wave_id: int = Field(foreign_key="wave.id")
    customer_id: int | None = Field(
        default=None, foreign_key="customer.id", index=True, sa_column_kwargs={"info": {"goes_along": True}}
    )
    person_id: int | None = Field(
        default=None, foreign_key="person.id", index=True, sa_column_kwargs={"info": {"goes_along": True}}
    )
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    stage: Stage | None = word(Stage, None)
    answered_at: datetime = moment()
    changed_at: datetime = moment()
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)


class SurveyAnswer(Table, table=True):
    """What one response says to one question: a number on its scale (yes is 1, no is 0), a text, or nothing but its choices."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        UniqueConstraint("response_id", "question_id"),
        Index("ix_survey_answer_question_id_number", "question_id", "number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.timeless_uid, unique=True, sa_column_kwargs={"default": clock.timeless_uid})
    response_id: int = Field(foreign_key="survey_response.id")
    question_id: int = Field(foreign_key="survey_question.id")
    number: int | None = None
    text: str | None = Field(default=None, max_length=4000)


class SurveyChoice(Table, table=True):
    """One choice that an answer takes."""

    __tablename__ = "survey_choice"
    __table_args__ = (UniqueConstraint("answer_id", "option_id"),)

    id: int | None = Field(default=None, primary_key=True)
    answer_id: int = Field(foreign_key="survey_answer.id")
    option_id: int = Field(foreign_key="survey_option.id", index=True)
