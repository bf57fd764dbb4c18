"""The digest: a letter of what happened to what somebody follows, at the pace they chose; nobody has one who did not choose it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import DigestPace, MailState


class DigestChoice(Table, table=True):
    """How often somebody wants to be written to; whoever has no row is not."""

    __tablename__ = "digest_choice"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    pace: DigestPace = word(DigestPace)
    chosen_at: datetime = moment()
    next_at: datetime | None = moment(default=None, index=True)


class Digest(Table, table=True):
    """One letter: for whom, of which time, and how far it got. Its words are made when it goes."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "until"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    person_id: int = Field(foreign_key="person.id")
    since: datetime = moment()
    until: datetime = moment()
    mail: MailState = word(MailState, MailState.QUEUED)
    mail_tries: int = 0
    mail_due_at: datetime | None = moment(default=None, index=True)
    mailed_at: datetime | None = moment(default=None)
    mail_failure: str | None = Field(default=None, max_length=300)
