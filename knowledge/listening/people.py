"""Counts people without naming them: a hash with a key that is another one every month."""

import hmac
from datetime import datetime
from uuid import UUID

FEWEST = 3
"""What fewer people looked for is nobody's business but theirs."""


def month_of(at: datetime) -> str:
    """The month within which the same person has the same hash; no count goes beyond it."""
    return f"{at:%Y-%m}"


def hashed(secret: bytes, person: UUID, at: datetime) -> str:
    """A person in one month. Without the secret nobody can tell who it is, and nobody that two months' hashes are one person's."""
    key = hmac.digest(secret, f"searches of {month_of(at)}".encode(), "sha256")
    return hmac.digest(key, person.bytes, "sha256")[:16].hex()
