"""Answers that another system has collected, many at once, each by itself; twice is the same as once.

Where silence is promised they come into a wave of their own while it runs: into one that was told, or in which few are asked here, whoever
brings answers would read the others off the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from knowledge import activity, clock, customers
from knowledge.customers import CustomerRow, Reference
from knowledge.database import table_of
from knowledge.errors import Invalid, NotFound, Problem, Refusal, TooLarge, refuse
from knowledge.people import Act, Viewer, require
from knowledge.surveys import holding, reading
from knowledge.surveys.holding import Given
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.response import Invitation, SurveyResponse
from knowledge.words import Anonymity, SurveyAudience, SurveyState

MOST = 250

_r, _i = table_of(SurveyResponse).c, table_of(Invitation).c


@dataclass(frozen=True, slots=True)
class Brought:
    """One response as another system has it. Of an anonymous survey it names nobody, and of its time the day is kept."""

    source: str
    external_id: str
    wave: UUID
    answers: Sequence[Given]
    customer: Reference | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one row: the response, and whether it is new; or why it was refused."""

    uid: UUID | None = None
    is_new: bool = False
    problems: tuple[Problem, ...] = field(default=())


def upsert(session: Session, viewer: Viewer, rows: Sequence[Brought]) -> list[Kept]:
    """Keep up to 250 responses, matched by source and external id; a row that is refused leaves nothing and stops no other.

    Refuses TOO_LARGE, and NOT_ALLOWED as a whole.
    """
    require(viewer, Act.SURVEYS_WRITE, doing="bring in answers to surveys")
    if len(rows) > MOST:
        raise TooLarge(f"At most {MOST} at a time.", "rows")
    return [_kept(session, viewer, row) for row in rows]


def _kept(session: Session, viewer: Viewer, row: Brought) -> Kept:
    try:
        with session.begin_nested():
            return _brought(session, viewer, row)
    except Refusal as refusal:
        return Kept(problems=refusal.problems)


def _brought(session: Session, viewer: Viewer, row: Brought) -> Kept:
    wave = reading.wave_named(session, viewer, row.wave)
    survey = reading.survey_of(wave)
    customer = _customer(session, viewer, row)
    there = _there(session, (_r.source == row.source) & (_r.external_id == row.external_id))
    refuse(
        [
            *_faults(survey, row, there, wave),
            *_promised(session, survey, wave),
            *holding.faults(reading.questions_of(survey), row.answers),
        ]
    )
    if there is not None:
        return _again(session, viewer, survey, there, row)
    answered = customer is not None and (_r.wave_id == wave.id) & (_r.customer_id == customer.id)
    if answered is not False and _there(session, answered) is not None:
        raise Invalid("This customer has answered in this wave already.", "customer")
    return _anew(session, viewer, survey, wave, customer, row)


def _anew(
    session: Session, viewer: Viewer, survey: SurveyRow, wave: WaveRow, customer: CustomerRow | None, row: Brought
) -> Kept:
    unnamed = survey.anonymity is Anonymity.ANONYMOUS
    at = _time(row, unnamed)
    response = SurveyResponse(
        id=holding.drawn_keys(session, SurveyResponse, 1)[0] if unnamed else None,
        uid=clock.timeless_uid() if unnamed else clock.uid(),
        wave_id=wave.id,
        customer_id=customer.id if customer is not None else None,
        stage=customer.stage if customer is not None else None,
        answered_at=at,
        changed_at=at,
        source=row.source,
        external_id=row.external_id,
    )
    session.add(response)
    session.flush()  # what is answered points at it
    holding.write(session, survey, response, row.answers)
    activity.record(session, viewer.id, "survey.brought", "Survey", survey.uid)
    return Kept(response.uid, True)


def _time(row: Brought, unnamed: bool) -> datetime:
    at = min(
        row.answered_at or clock.now(), clock.now()
    )  # a clock that is fast does not answer from a segment of tomorrow
    return at.replace(hour=0, minute=0, second=0, microsecond=0) if unnamed else at


def _there(session: Session, which: ColumnElement[bool]) -> SurveyResponse | None:
    id = session.connection().execute(select(_r.id).where(which)).scalar()
    return session.get(SurveyResponse, id, with_for_update=True) if id is not None else None


def _customer(session: Session, viewer: Viewer, row: Brought) -> CustomerRow | None:
    if row.customer is None:
        return None
    found = customers.find(session, viewer, row.customer)
    if found is None:
        raise NotFound("There is no such customer.", "customer")
    return found


def _faults(survey: SurveyRow, row: Brought, there: SurveyResponse | None, wave: WaveRow) -> list[Problem]:
    found = []
    if survey.state is SurveyState.DRAFT:
        found.append(Problem("wave", "Open the survey before answers are brought in."))
    for name, value, most in (("source", row.source, 80), ("externalId", row.external_id, 120)):
        if not 1 <= len(value.strip()) <= most:
            found.append(Problem(name, f"This has 1 to {most} characters."))
    if row.customer is not None and survey.anonymity is Anonymity.ANONYMOUS:
        found.append(Problem("customer", "An anonymous survey names nobody."))
    if row.customer is not None and survey.audience is SurveyAudience.INTERNAL:
        found.append(Problem("customer", "This survey is among colleagues."))
    if row.answered_at is not None and row.answered_at > clock.now() + timedelta(days=1):
        found.append(Problem("answeredAt", "This lies in the future."))
    if there is not None and there.wave_id != wave.id:
        found.append(Problem("wave", "This response belongs to another wave."))
    return found


def _promised(session: Session, survey: SurveyRow, wave: WaveRow) -> list[Problem]:
    """What would give away answers of others who were promised that nobody learns what they said."""
    if survey.anonymity is Anonymity.IDENTIFIED:
        return []
    if wave.closes_at is not None and wave.closes_at <= clock.now():
        return [Problem("wave", "This wave is over and was told; bring the answers into another one.")]
    if session.connection().execute(select(_i.id).where(_i.wave_id == wave.id).limit(1)).first() is not None:
        return [Problem("wave", "In this wave people are asked here; bring the answers into one of their own.")]
    return []


def _again(session: Session, viewer: Viewer, survey: SurveyRow, there: SurveyResponse, row: Brought) -> Kept:
    """A response that is known, with what its system says of it now."""
    assert there.id is not None
    said = {each.question: each for each in row.answers if not each.is_blank}
    if {each.question: each for each in holding.given_in(session, there.id).values()} != said:
        holding.write(session, survey, there, row.answers)
        there.changed_at = there.answered_at if survey.anonymity is Anonymity.ANONYMOUS else clock.now()
        activity.record(session, viewer.id, "survey.brought", "Survey", survey.uid)
    return Kept(there.uid)
