"""The letters that tell of answers: each delivery's own, taken out to be sent, and noted when the mail server has it.

A letter is written when it goes, from the rows as they are then: nothing of it waits anywhere, so that nothing of it has to be
erased. It goes between two transactions, never within one. Whoever dies in between leaves it marked as being sent; it is sent again
later under the same Message-ID, by which mail programs know it for the one they have. More than that cannot be had of SMTP.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import Customer
from knowledge.database import one, table_of
from knowledge.loop import answering, responses
from knowledge.loop.responses import Delivery, ResponseRow
from knowledge.privacy import consents
from knowledge.words import ConsentPurpose, CustomerStatus, MailState

TRIES = 8
WAITING = (MailState.QUEUED, MailState.SENDING)

_d, _r = table_of(Delivery).c, table_of(responses.LoopResponse).c


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it goes out."""

    uid: UUID
    to: str
    name: str
    heard: str
    decided: str


def taken(session: Session, *, most: int = 20) -> list[Letter]:
    """Take out the letters whose time has come. Who is not to be written to any more gets none: those who are merged, erased or
    restricted, who have no address, or who took back that they may be written to unasked.
    """
    now = clock.now()
    due = select(_d.id).where(_d.mail.in_(WAITING), _d.mail_due_at <= now).order_by(_d.mail_due_at, _d.id).limit(most)
    ids = session.connection().execute(due.with_for_update(skip_locked=True)).scalars().all()
    found = []
    for id in ids:
        delivery = session.get_one(Delivery, id)
        customer = session.get_one(Customer, delivery.customer_id)
        if not _may_have(session, delivery, customer) or customer.email is None:
            delivery.mail, delivery.mail_due_at = MailState.DROPPED, None
            continue
        delivery.mail_tries += 1
        delivery.mail, delivery.mail_due_at = MailState.SENDING, now + _pause(delivery.mail_tries)
        answer = one(session, ResponseRow, responses.everything().where(_r.id == delivery.response_id))
        assert answer is not None
        decided = answering.in_words(answer)
        found.append(Letter(delivery.uid, customer.email, customer.name, answer.heard, decided))
    return found


def still(session: Session, letter: Letter) -> bool:
    """Whether a letter that was taken out may go now: others went before it, and that took its time.

    Where it took longer than the letter was taken out for, another machine may have it by now.
    """
    for delivery in _named(session, [letter.uid]):
        customer = session.get_one(Customer, delivery.customer_id)
        if _may_have(session, delivery, customer) and customer.email == letter.to:
            is_ours = delivery.mail_due_at is not None and delivery.mail_due_at > clock.now()
            return is_ours and delivery.mail is MailState.SENDING
        delivery.mail, delivery.mail_due_at = MailState.DROPPED, None
    return False


def _may_have(session: Session, delivery: Delivery, customer: Customer) -> bool:
    if customer.status is not CustomerStatus.ACTIVE:
        return False
    return delivery.asked or bool(consents.given(session, [delivery.customer_id], ConsentPurpose.CONTACT))


def _pause(tries: int) -> timedelta:
    return timedelta(minutes=5 * 2**tries)


def sent(session: Session, uids: Iterable[UUID]) -> None:
    """The mail server has them."""
    for delivery in _named(session, uids):
        delivery.mail, delivery.mail_due_at, delivery.mailed_at = MailState.SENT, None, clock.now()
        delivery.mail_failure = None
        activity.record(session, None, "delivery.mailed", "Delivery", delivery.uid)


def put_off(session: Session, uid: UUID, reason: str) -> None:
    """It could not be sent now; it is tried again later and later, and given up after eight times."""
    for delivery in _named(session, [uid]):
        if delivery.mail_tries >= TRIES:
            give_up(session, uid, reason)
        else:
            delivery.mail, delivery.mail_failure = MailState.QUEUED, reason[:300]


def give_up(session: Session, uid: UUID, reason: str) -> None:
    """The mail server says that it never will."""
    for delivery in _named(session, [uid]):
        delivery.mail, delivery.mail_due_at, delivery.mail_failure = MailState.FAILED, None, reason[:300]
        activity.record(session, None, "delivery.returned", "Delivery", delivery.uid)


def _named(session: Session, uids: Iterable[UUID]) -> list[Delivery]:
    ids = session.connection().execute(select(_d.id).where(_d.uid.in_(list(uids)))).scalars().all()
    return [session.get_one(Delivery, id, with_for_update=True) for id in ids]


def waits(session: Session) -> bool:
    """Whether a letter's time has come."""
    due = select(_d.id).where(_d.mail.in_(WAITING), _d.mail_due_at <= clock.now()).limit(1)
    return session.connection().execute(due).first() is not None
