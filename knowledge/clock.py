"""The only source of time and of uids, so that tests can hold them still."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

_held: list[datetime] = []


def now() -> datetime:
    """The moment, in UTC, to the microsecond."""
    return _held[-1] if _held else datetime.now(UTC)


def uid() -> UUID:
    """A new UUIDv7 (RFC 9562): 48 bits of milliseconds, then chance, so that rows made later sort later."""
    milliseconds = int(now().timestamp() * 1000)
    chance = int.from_bytes(os.urandom(10), "big")
    value = (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (chance >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | chance & (1 << 62) - 1
    )
    return UUID(int=value)


def timeless_uid() -> UUID:
    """A new UUIDv4: all of it chance, for what must not say when it was made."""
    return UUID(bytes=os.urandom(16), version=4)


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment; holds nest."""
    _held.append(moment.astimezone(UTC))
    try:
        yield
    finally:
        _held.pop()
