"""The letters that ask: each invitation's own, taken out to be sent, and noted when the mail server has it; as those of answers go.

The link is written when the letter goes, and again when it goes again: it is signed and kept nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock
from knowledge.customers import Customer
from knowledge.database import one, table_of
from knowledge.loop.mailing import TRIES, WAITING
from knowledge.people import Person
from knowledge.privacy import consents
from knowledge.surveys import reading
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.response import Invitation
from knowledge.surveys.survey import Wave
from knowledge.words import ConsentPurpose, CustomerRelation, CustomerStatus, MailState, SurveyState

_i, _w = table_of(Invitation).c, table_of(Wave).c


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it goes out, but for its link."""

    uid: UUID
    to: str
    name: str
    title: str
    intro: str


def waits(session: Session) -> bool:
    """Whether a letter's time has come."""
    due = select(_i.id).where(_i.mail.in_(WAITING), _i.mail_due_at <= clock.now()).limit(1)
    return session.connection().execute(due).first() is not None


def taken(session: Session, *, most: int = 20) -> list[Letter]:
    """Take out the letters whose time has come. None goes for what is over or answered, nor to whoever may not be asked any more."""
    now = clock.now()
    due = select(_i.id).where(_i.mail.in_(WAITING), _i.mail_due_at <= now).order_by(_i.mail_due_at, _i.id).limit(most)
    ids = session.connection().execute(due.with_for_update(skip_locked=True)).scalars().all()
    found = []
    for id in ids:
        invitation = session.get_one(Invitation, id)
        letter = _letter(session, invitation)
        if letter is None:
            invitation.mail, invitation.mail_due_at = MailState.DROPPED, None
            continue
        invitation.mail_tries += 1
        pause = timedelta(minutes=5 * 2**invitation.mail_tries)
        invitation.mail, invitation.mail_due_at = MailState.SENDING, now + pause
        found.append(letter)
    return found


def still(session: Session, letter: Letter) -> bool:
    """Whether a letter that was taken out may go now: others went before it, and that took its time."""
    for invitation in _named(session, [letter.uid]):
        if _letter(session, invitation) == letter:
            is_ours = invitation.mail_due_at is not None and invitation.mail_due_at > clock.now()
            return is_ours and invitation.mail is MailState.SENDING
        invitation.mail, invitation.mail_due_at = MailState.DROPPED, None
    return False


def _letter(session: Session, invitation: Invitation) -> Letter | None:
    wave = one(session, WaveRow, reading.waves().where(_w.id == invitation.wave_id))
    assert wave is not None
    survey = reading.survey_of(wave)
    if invitation.answered or survey.state is not SurveyState.OPEN or not wave.is_running:
        return None
    if invitation.person_id is not None:
        return _to_colleague(session, invitation, survey)
    return _to_customer(session, invitation, survey) if invitation.customer_id is not None else None


def _to_colleague(session: Session, invitation: Invitation, survey: SurveyRow) -> Letter | None:
    person = session.get_one(Person, invitation.person_id)
    if person.disabled_at is not None:
        return None
    return Letter(invitation.uid, person.email, person.name, survey.title, survey.intro)


def _to_customer(session: Session, invitation: Invitation, survey: SurveyRow) -> Letter | None:
    customer = session.get_one(Customer, invitation.customer_id)
    if customer.status is not CustomerStatus.ACTIVE or customer.email is None or customer.id is None:
        return None
    agreed = consents.given(session, [customer.id], ConsentPurpose.SURVEY)
    if not agreed and customer.relation is not CustomerRelation.INTERNAL:
        return None
    return Letter(invitation.uid, customer.email, customer.name, survey.title, survey.intro)


def sent(session: Session, uids: Iterable[UUID]) -> None:
    """The mail server has them."""
    for invitation in _named(session, uids):
        invitation.mail, invitation.mail_due_at, invitation.mail_failure = MailState.SENT, None, None


def put_off(session: Session, uid: UUID, reason: str) -> None:
    """It could not be sent now; it is tried again later and later, and given up after eight times."""
    for invitation in _named(session, [uid]):
        if invitation.mail_tries >= TRIES:
            give_up(session, uid, reason)
        else:
            invitation.mail, invitation.mail_failure = MailState.QUEUED, reason[:300]


def give_up(session: Session, uid: UUID, reason: str) -> None:
    """The mail server says that it never will."""
    for invitation in _named(session, [uid]):
        invitation.mail, invitation.mail_due_at, invitation.mail_failure = MailState.FAILED, None, reason[:300]


def _named(session: Session, uids: Iterable[UUID]) -> list[Invitation]:
    ids = session.connection().execute(select(_i.id).where(_i.uid.in_(list(uids)))).scalars().all()
    return [session.get_one(Invitation, id, with_for_update=True) for id in ids]
