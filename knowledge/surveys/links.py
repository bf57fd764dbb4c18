"""What a link to a survey holds: whom or what it opens, signed with the secret of the installation and kept nowhere."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

_SIGNATURE = 12
_LENGTH = 1 + 16 + 4 + _SIGNATURE


class Opens(StrEnum):
    """What a link opens: the form for whoever was asked, or for a day what somebody has answered."""

    INVITATION = "i"
    RESPONSE = "r"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made here; `at` is when, and means something for those to answers alone."""

    opens: Opens
    uid: UUID
    at: datetime


def _signed(secret: bytes, said: bytes) -> bytes:
    return hmac.new(secret, b"survey " + said, sha256).digest()[:_SIGNATURE]


def written(secret: bytes, opens: Opens, uid: UUID, at: datetime | None = None) -> str:
    """The link's token; the same whenever it is written, so that it can be shown again and sent again."""
    seconds = int(at.timestamp()) if at is not None else 0
    said = opens.value.encode() + uid.bytes + seconds.to_bytes(4, "big")
    return base64.urlsafe_b64encode(said + _signed(secret, said)).decode().rstrip("=")


def read(secret: bytes, token: str) -> Link | None:
    """What a token opens, or None where it was not made here."""
    try:
        whole = base64.urlsafe_b64decode(token[:80] + "=" * (-len(token) % 4))
        opens = Opens(whole[:1].decode())
    except (ValueError, UnicodeError, binascii.Error):
        return None
    said, signature = whole[:-_SIGNATURE], whole[-_SIGNATURE:]
    if len(whole) != _LENGTH or not hmac.compare_digest(_signed(secret, said), signature):
        return None
    return Link(opens, UUID(bytes=said[1:17]), datetime.fromtimestamp(int.from_bytes(said[17:], "big"), UTC))
