"""The letters of the digest: taken out to be sent, and noted when the mail server has them, as those that tell of answers.

A letter is written when it goes, from what its reader may see then and has not read; where that is nothing, it does not go. Nothing
of its words is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, people
from knowledge.community import centre
from knowledge.community.centre import NotificationRow
from knowledge.community.digests import Digest, DigestChoice
from knowledge.customers import Customer
from knowledge.database import table_of
from knowledge.loop.mailing import TRIES, WAITING
from knowledge.people import Person, Viewer, viewer_for
from knowledge.words import CustomerStatus, DigestPace, MailState, Reason

MOST = 20
"""So many things a letter tells; it says where the others are."""

_d = table_of(Digest).c


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing as a letter tells it: what happened, who did it and how often, around which entry, words or thanks."""

    reason: Reason
    actor: str
    others: int
    count: int
    about: str
    slug: str | None = None
    feedback: UUID | None = None
    is_reader: bool = False  # of what customers said, as against the customer who said it


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it goes out, but for its links."""

    uid: UUID
    to: str
    name: str
    person: UUID
    pace: DigestPace
    since: datetime
    happenings: tuple[Happening, ...]
    has_more: bool


def waits(session: Session) -> bool:
    """Whether a letter's time has come."""
    due = select(_d.id).where(_d.mail.in_(WAITING), _d.mail_due_at <= clock.now()).limit(1)
    return session.connection().execute(due).first() is not None


def taken(session: Session, *, most: int = 20) -> list[Letter]:
    """Take out the letters whose time has come. None goes to whoever wants none any more, has left, or has nothing to hear."""
    now = clock.now()
    due = select(_d.id).where(_d.mail.in_(WAITING), _d.mail_due_at <= now).order_by(_d.mail_due_at, _d.id).limit(most)
    ids = session.connection().execute(due.with_for_update(skip_locked=True)).scalars().all()
    found = []
    for id in ids:
        digest = session.get_one(Digest, id)
        letter = _letter(session, digest)
        if letter is None:
            digest.mail, digest.mail_due_at = MailState.DROPPED, None
            continue
        digest.mail_tries += 1
        digest.mail, digest.mail_due_at = MailState.SENDING, now + timedelta(minutes=5 * 2**digest.mail_tries)
        found.append(letter)
    return found


def still(session: Session, letter: Letter) -> bool:
    """Whether a letter that was taken out may go now as it is; where what it tells has changed by then, it is written anew."""
    for digest in _named(session, [letter.uid]):
        now = _letter(session, digest)
        if now == letter:
            is_ours = digest.mail_due_at is not None and digest.mail_due_at > clock.now()
            return is_ours and digest.mail is MailState.SENDING
        if now is None:
            digest.mail, digest.mail_due_at = MailState.DROPPED, None
        elif digest.mail is MailState.SENDING:
            digest.mail, digest.mail_due_at, digest.mail_tries = MailState.QUEUED, clock.now(), digest.mail_tries - 1
    return False


def _letter(session: Session, digest: Digest) -> Letter | None:
    person = session.get_one(Person, digest.person_id)
    choice = session.get(DigestChoice, digest.person_id)
    if (
        choice is None
        or choice.pace is DigestPace.NEVER
        or choice.chosen_at >= digest.until
        or not _is_here(session, person)
    ):
        return None
    viewer = viewer_for(people.by_ids(session, [digest.person_id])[digest.person_id])
    rows = centre.unread_between(session, viewer, digest.since, digest.until, most=MOST + 1)
    told = tuple(each for row in rows[:MOST] if (each := _happening(row, viewer)) is not None)
    if not told:
        return None
    return Letter(
        digest.uid, person.email, person.name, person.uid, choice.pace, digest.since, told, has_more=len(rows) > MOST
    )


def _is_here(session: Session, person: Person) -> bool:
    """Whether somebody still signs in here, and is nobody who was erased or asked not to be dealt with."""
    if person.disabled_at is not None:
        return False
    customer = session.get(Customer, person.customer_id) if person.customer_id is not None else None
    return customer is None or customer.status is CustomerStatus.ACTIVE


def _happening(row: NotificationRow, viewer: Viewer) -> Happening | None:
    actor = centre.actor_of(row)
    said = (row.reason, actor.name if actor else "", max(row.actors - 1, 0), row.count)
    if (entry := centre.entry_of(row, viewer)) is not None:
        return Happening(*said, about=entry.title, slug=entry.slug)
    if (item := centre.feedback_of(row, viewer)) is not None:
        return Happening(*said, about=item.verbatim, feedback=item.uid, is_reader=viewer.is_inside)
    if (thanks := centre.thanks_of(row, viewer)) is not None:
        return Happening(*said, about=thanks.text)
    return None


def sent(session: Session, uids: Iterable[UUID]) -> None:
    """The mail server has them."""
    for digest in _named(session, uids):
        digest.mail, digest.mail_due_at, digest.mailed_at = MailState.SENT, None, clock.now()
        digest.mail_failure = None


def put_off(session: Session, uid: UUID, reason: str) -> None:
    """It could not be sent now; it is tried again later and later, and given up after eight times."""
    for digest in _named(session, [uid]):
        if digest.mail_tries >= TRIES:
            give_up(session, uid, reason)
        else:
            digest.mail, digest.mail_failure = MailState.QUEUED, reason[:300]


def give_up(session: Session, uid: UUID, reason: str) -> None:
    """The mail server says that it never will."""
    for digest in _named(session, [uid]):
        digest.mail, digest.mail_due_at, digest.mail_failure = MailState.FAILED, None, reason[:300]


def _named(session: Session, uids: Iterable[UUID]) -> list[Digest]:
    ids = session.connection().execute(select(_d.id).where(_d.uid.in_(list(uids)))).scalars().all()
    return [session.get_one(Digest, id, with_for_update=True) for id in ids]
