"""The link at the end of a letter: by it somebody is written to no more, without signing in; signed, and kept nowhere."""

import base64
import binascii
import hmac
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge.community import digests
from knowledge.database import table_of
from knowledge.errors import NotFound
from knowledge.people import Person
from knowledge.words import DigestPace

_SIGNATURE = 16


def _signed(secret: bytes, uid: UUID) -> bytes:
    return hmac.new(secret, b"letters " + uid.bytes, sha256).digest()[:_SIGNATURE]


def written(secret: bytes, person: UUID) -> str:
    """The token of somebody's link: the same in each of their letters, and good for this one thing."""
    return base64.urlsafe_b64encode(person.bytes + _signed(secret, person)).decode().rstrip("=")


def read(secret: bytes, token: str) -> UUID | None:
    """Whose token it is, or None where it was not made here."""
    try:
        whole = base64.urlsafe_b64decode(token[:80] + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return None
    if len(whole) != 16 + _SIGNATURE:
        return None
    uid = UUID(bytes=whole[:16])
    return uid if hmac.compare_digest(_signed(secret, uid), whole[16:]) else None


def _person(session: Session, secret: bytes, token: str) -> int | None:
    uid, table = read(secret, token), table_of(Person).c
    return None if uid is None else session.connection().execute(select(table.id).where(table.uid == uid)).scalar()


def pace_of(session: Session, secret: bytes, token: str) -> DigestPace | None:
    """How often whoever has this link is written to; None where the link is not one of ours."""
    id = _person(session, secret, token)
    if id is None:
        return None
    choice = digests.choice_of(session, id)
    return choice.pace if choice is not None else DigestPace.NEVER


def leave(session: Session, secret: bytes, token: str) -> None:
    """Write to them no more; doing it again changes nothing. Refuses NOT_FOUND for a link that is not one of ours."""
    id = _person(session, secret, token)
    if id is None:
        raise NotFound("This link is not one of ours; perhaps it was cut off.", "token")
    digests.set_pace(session, id, DigestPace.NEVER)
