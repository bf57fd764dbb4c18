"""The open ear: anybody who may tells something; who stays unnamed gets a code, by which they alone learn what came of it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypedDict

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge import activity
from knowledge.database import Table, one, table_of
from knowledge.errors import NotFound, Problem, refuse
from knowledge.feedback import complaints
from knowledge.feedback.complaints import LETTERS, CaseRow
from knowledge.feedback.items import Feedback, FeedbackRow, everything
from knowledge.feedback.receiving import NOBODY, Said, Speaker, faults, keep
from knowledge.people import Act, Viewer, require
from knowledge.words import CaseStage, Channel, FeedbackKind, QualityAttribute, Sentiment, SentimentSource


class ClaimCode(Table, table=True):
    """By what the author of anonymous words is known again: a digest alone, from which the code cannot be found."""

    __tablename__ = "claim_code"

    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True)
    digest: str = Field(max_length=64, unique=True)


class Told(TypedDict, total=False):
    """What somebody tells; only the words are needed."""

    verbatim: str
    kind: FeedbackKind | None
    sentiment: Sentiment | None
    language: str | None
    anonymous: bool
    safety: bool


@dataclass(frozen=True, slots=True)
class Received:
    """What was told, as it is kept, with its reference if it is a complaint, and the code of who stays unnamed."""

    item: FeedbackRow
    case: CaseRow | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of anonymous words, as their author may know it."""

    verbatim: str
    received_at: datetime
    status: str
    reference: str | None = None
    stage: CaseStage | None = None
    decision: str | None = None


def tell(session: Session, viewer: Viewer, told: Told) -> Received:
    """Keep what somebody tells. Strangers stay unnamed, and so does whoever wishes to: then nothing of who they are is kept [F2].

    Refuses NOT_ALLOWED, and INVALID with everything that is wrong.
    """
    require(viewer, Act.FEEDBACK_TELL, doing="tell us something here")
    unnamed = told.get("anonymous", False) or not viewer.is_signed_in
    kind = told.get("kind")
    said = Said(
        verbatim=told["verbatim"],
        channel=Channel.COMPLAINT_SYSTEM if kind is FeedbackKind.COMPLAINT else Channel.SUGGESTION_BOX,
        kind=kind,
        language=told.get("language"),
        sentiment=told.get("sentiment"),
        sentiment_source=SentimentSource.CUSTOMER if told.get("sentiment") else None,
        anonymous=unnamed,
        attributes=[QualityAttribute.SAFETY] if told.get("safety") else [],
    )
    refuse(_faults(said))
    if not unnamed:
        reporter = viewer.id if viewer.is_inside else None
        speaker = Speaker(viewer.customer_id, reporter, viewer.group_id, viewer.id)
        row = keep(session, said, speaker)
        return Received(row, complaints.case_of(row), None)
    with activity.untraced():
        row = keep(session, said, NOBODY)
    return Received(row, complaints.case_of(row), _code(session, row))


def _faults(said: Said) -> list[Problem]:
    if not said["verbatim"].strip():
        return [Problem("verbatim", "Write down what you would like to tell us.")]
    return list(faults(said))


def _code(session: Session, item: FeedbackRow) -> str:
    """A new code of 80 bits; it is shown once."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(16))
    session.add(ClaimCode(feedback_id=item.id, digest=_digest(letters)))
    session.flush()  # a digest that is there already is refused now
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in LETTERS)
    return sha256(f"claim {plain}".encode()).hexdigest()


def claimed_item(session: Session, viewer: Viewer, code: str) -> FeedbackRow:
    """The words that a code belongs to; whoever holds it is their author [R3]. Refuses NOT_ALLOWED and NOT_FOUND."""
    require(viewer, Act.FEEDBACK_TELL, doing="ask what came of it")
    table = table_of(ClaimCode).c
    mine = select(table.feedback_id).where(table.digest == _digest(code))
    row = one(session, FeedbackRow, everything().where(table_of(Feedback).c.id.in_(mine)))
    if row is None:
        raise NotFound("There is no such code. Type it as it was shown, letters and digits.", "code")
    return row


def claimed(session: Session, viewer: Viewer, code: str) -> Claimed:
    """What came of the words that a code belongs to; whoever holds it is their author [R3]. Refuses NOT_ALLOWED and NOT_FOUND."""
    row = claimed_item(session, viewer, code)
    case = complaints.case_of(row)
    if case is None:
        return Claimed(row.verbatim, row.received_at, row.status)
    decision = case.decision if case.stage in complaints.TOLD else None
    return Claimed(row.verbatim, row.received_at, row.status, case.reference, case.stage, decision)
