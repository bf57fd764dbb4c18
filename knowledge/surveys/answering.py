"""A survey is answered: by whoever has its link, without signing in, as far as they like, and once; for a day it may be changed.

Of an anonymous survey nothing is kept by which an answer leads back to who was asked: no key, no time but the day, and no order, for
its keys are drawn by lot. Only that they answered is noted beside the invitation.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import Customer
from knowledge.database import one, table_of
from knowledge.errors import Conflict, Invalid, NotFound, refuse
from knowledge.people import Person, Viewer
from knowledge.surveys import holding, links, reading
from knowledge.surveys.holding import Given
from knowledge.surveys.links import Opens
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.response import Invitation, SurveyResponse
from knowledge.surveys.survey import Wave
from knowledge.words import Anonymity, CustomerStatus, InvitationKind, Stage, SurveyAudience, SurveyState

EDITABLE = timedelta(hours=24)
T = TypeVar("T", Invitation, SurveyResponse)

_w, _i, _r, _c, _p = (table_of(table).c for table in (Wave, Invitation, SurveyResponse, Customer, Person))


class Whose(NamedTuple):
    """Who answers, as far as the link says so: a customer, a colleague, or nobody that is known."""

    customer_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What a link opens: the questions, and what was answered where that may still be changed.

    `is_known` says that it is kept who answers. `is_over` says that no answer is taken, and `is_answered` that one was given, which
    only its own link changes.
    """

    survey: SurveyRow
    wave: WaveRow
    is_known: bool
    is_over: bool
    is_answered: bool
    given: Mapping[int, Given]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer that is kept, with the link by which it may be changed until then."""

    survey: SurveyRow
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class _Held:
    survey: SurveyRow
    wave: WaveRow
    whose: Whose
    invitation: Invitation | None
    response: SurveyResponse | None
    since: datetime | None


def form(session: Session, viewer: Viewer, secret: bytes, token: str) -> Form:
    """What a link opens; refuses NOT_FOUND where it is not ours, or is nobody's any more."""
    held = _opened(session, viewer, secret, token)
    response, since = held.response, held.since
    until = since + EDITABLE if since is not None else None
    is_open = until is not None and clock.now() < until
    answered = response is not None or (held.invitation is not None and held.invitation.answered)
    given = holding.given_in(session, response.id) if response is not None and response.id and is_open else {}
    known = held.whose != Whose() and held.survey.anonymity is not Anonymity.ANONYMOUS
    done = answered and not is_open
    return Form(held.survey, held.wave, known, _is_over(held), done, given, until if is_open else None)


def answer(session: Session, viewer: Viewer, secret: bytes, token: str, given: Sequence[Given]) -> Taken:
    """Keep what somebody answers, as far as they did [Q5], or what they answer instead within a day.

    One response per customer and wave [Q2]. Refuses NOT_FOUND, CONFLICT where they have answered already, and INVALID with every
    fault, each at its question.
    """
    held = _opened(session, viewer, secret, token, locking=True)
    if _is_over(held):
        raise Invalid("This survey is over; no answer is taken any more.", "token")
    _refuse_second(held)
    refuse(holding.faults(reading.questions_of(held.survey), given))
    unnamed = held.survey.anonymity is Anonymity.ANONYMOUS
    with activity.untraced() if unnamed else nullcontext():
        response = held.response or _begun(session, held)
        holding.write(session, held.survey, response, given)
        if held.response is not None:
            response.changed_at = response.answered_at if unnamed else clock.now()
        elif held.invitation is not None and held.whose != Whose():
            held.invitation.answered = True
        if (
            held.survey.anonymity is Anonymity.IDENTIFIED
        ):  # an act has its time, and that tells who answered, and when how many had
            verb = "survey.answered" if held.response is None else "survey.answer_changed"
            activity.record(session, None, verb, "Survey", held.survey.uid)
    since = held.since or clock.now()
    token = links.written(secret, Opens.RESPONSE, response.uid, since)
    return Taken(held.survey, token, since + EDITABLE)


def _refuse_second(held: _Held) -> None:
    if held.response is not None:
        if held.since is None or clock.now() >= held.since + EDITABLE:
            raise Conflict("This was answered more than a day ago and stays as it is.", "token")
    elif held.invitation is not None and held.invitation.answered:
        raise Conflict(
            "This was answered already; it can be changed for a day by the link that was shown then.", "token"
        )


def _is_over(held: _Held) -> bool:
    return held.survey.state is not SurveyState.OPEN or not held.wave.is_running


def _opened(session: Session, viewer: Viewer, secret: bytes, token: str, *, locking: bool = False) -> _Held:
    link = links.read(secret, token)
    if link is None:
        raise NotFound("This link is not one of ours. Open it as it was sent, to its last letter.", "token")
    if link.opens is Opens.INVITATION:
        return _by_invitation(session, viewer, link.uid, locking)
    return _by_response(session, link.uid, link.at, locking)


def _by_response(session: Session, uid: UUID, since: datetime, locking: bool) -> _Held:
    response = _locked(session, SurveyResponse, _r.uid == uid, locking)
    if response is None:
        raise NotFound("What this link opens is not here any more.", "token")
    wave, survey = _asked(session, response.wave_id)
    whose = Whose(response.customer_id, response.person_id)
    _refuse_gone(session, whose)
    return _Held(survey, wave, whose, None, response, since)


def _by_invitation(session: Session, viewer: Viewer, uid: UUID, locking: bool) -> _Held:
    invitation = _locked(session, Invitation, _i.uid == uid, locking)
    if invitation is None:
        raise NotFound("What this link opens is not here any more.", "token")
    wave, survey = _asked(session, invitation.wave_id)
    whose = Whose(invitation.customer_id, invitation.person_id)
    if whose == Whose():
        if invitation.kind is not InvitationKind.SELF:
            raise NotFound("What this link opens is not here any more.", "token")
        whose = _by_themselves(viewer, survey)
    _refuse_gone(session, whose)
    response = _answered_by(session, wave, whose, locking) if survey.anonymity is not Anonymity.ANONYMOUS else None
    return _Held(survey, wave, whose, invitation, response, response.answered_at if response else None)


def _by_themselves(viewer: Viewer, survey: SurveyRow) -> Whose:
    """Who comes by an open link: a customer or a colleague if they signed in, unless nothing is to be known of them."""
    if survey.audience is SurveyAudience.INTERNAL and not (viewer.is_inside and viewer.id is not None):
        raise NotFound("Sign in: this survey is among colleagues.", "token")
    if survey.anonymity is Anonymity.ANONYMOUS or viewer.scopes is not None:
        return Whose()
    if survey.audience is SurveyAudience.INTERNAL:
        return Whose(person_id=viewer.id)
    return Whose(customer_id=viewer.customer_id)


def _asked(session: Session, wave_id: int) -> tuple[WaveRow, SurveyRow]:
    wave = one(session, WaveRow, reading.waves().where(_w.id == wave_id))
    assert wave is not None
    return wave, reading.survey_of(wave)


def _locked(session: Session, table: type[T], which: ColumnElement[bool], locking: bool) -> T | None:
    id = session.connection().execute(select(table_of(table).c.id).where(which)).scalar()
    return session.get(table, id, with_for_update=locking, populate_existing=True) if id is not None else None


def _answered_by(session: Session, wave: WaveRow, whose: Whose, locking: bool) -> SurveyResponse | None:
    if whose == Whose():
        return None
    theirs = _r.customer_id == whose.customer_id if whose.customer_id is not None else _r.person_id == whose.person_id
    return _locked(session, SurveyResponse, (_r.wave_id == wave.id) & theirs, locking)


def _refuse_gone(session: Session, whose: Whose) -> None:
    """A link that was sent to somebody who has since been merged, restricted or erased, or who has left, opens nothing."""
    if whose.customer_id is not None:
        status = session.connection().execute(select(_c.status).where(_c.id == whose.customer_id)).scalar_one()
        if status is not CustomerStatus.ACTIVE:
            raise NotFound("What this link opens is not here any more.", "token")
    if whose.person_id is not None:
        gone = session.connection().execute(select(_p.disabled_at).where(_p.id == whose.person_id)).scalar_one()
        if gone is not None:
            raise NotFound("What this link opens is not here any more.", "token")


def _begun(session: Session, held: _Held) -> SurveyResponse:
    now, unnamed = clock.now(), held.survey.anonymity is Anonymity.ANONYMOUS
    if unnamed:
        now = now.replace(hour=0, minute=0, second=0, microsecond=0)
    response = SurveyResponse(
        id=holding.drawn_keys(session, SurveyResponse, 1)[0] if unnamed else None,
        uid=clock.timeless_uid() if unnamed else clock.uid(),
        wave_id=held.wave.id,
        customer_id=None if unnamed else held.whose.customer_id,
        person_id=None if unnamed else held.whose.person_id,
        group_id=_group(session, held, unnamed),
        stage=_stage(session, held, unnamed),
        answered_at=now,
        changed_at=now,
    )
    session.add(response)
    session.flush()  # what is answered points at it
    return response


def _stage(session: Session, held: _Held, unnamed: bool) -> Stage | None:
    """Where the customer stands now; of an anonymous answer only if so many who were asked stand there that it tells nothing."""
    if held.whose.customer_id is None:
        return None
    stage: Stage = session.connection().execute(select(_c.stage).where(_c.id == held.whose.customer_id)).scalar_one()
    return (
        stage if not unnamed or _many(session, held, _i.customer_id, select(_c.id).where(_c.stage == stage)) else None
    )


def _group(session: Session, held: _Held, unnamed: bool) -> int | None:
    """The group that a colleague works in, or that an internal customer is; under the same condition."""
    if held.whose.person_id is None:
        if held.whose.customer_id is None or unnamed:
            return None
        served = select(_c.group_id).where(_c.id == held.whose.customer_id)
        inside: int | None = session.connection().execute(served).scalar_one()
        return inside
    group: int | None = (
        session.connection().execute(select(_p.group_id).where(_p.id == held.whose.person_id)).scalar_one()
    )
    if group is None or not unnamed or _many(session, held, _i.person_id, select(_p.id).where(_p.group_id == group)):
        return group
    return None


def _many(session: Session, held: _Held, column: ColumnElement[int | None], alike: Select[Any]) -> bool:
    """Whether at least as many as must have answered before anything is shown were asked of those who are alike."""
    least = held.survey.minimum_n
    asked = select(_i.id).where(_i.wave_id == held.wave.id, column.in_(alike)).limit(least)
    return len(session.connection().execute(asked).all()) >= least


def link_of(secret: bytes, wave: WaveRow) -> str | None:
    """The token of the open link of a wave that people come to by themselves; None for every other."""
    uid = reading.open_link_of(wave)
    return links.written(secret, Opens.INVITATION, uid) if uid is not None else None
