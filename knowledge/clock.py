"""The only source of time and of uids, so that tests can hold them still."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

_held: list[datetime] = []


@dataclass(slots=True)
class Watch:
    """How long what is computed stays as it is, as far as the time goes: `until` a moment, or for good where that is None."""

    until: datetime | None = None

    def holds(self, until: datetime) -> None:
        """Not beyond this."""
        self.until = until if self.until is None else min(self.until, until)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def _read() -> datetime:
    return _held[-1] if _held else datetime.now(UTC)


def now() -> datetime:
    """The moment, in UTC, to the microsecond; whatever is made of it is another the next time."""
    moment = _read()
    if (watch := _watch.get()) is not None:
        watch.holds(moment)
    return moment


def minute() -> datetime:
    """The beginning of this minute, for what a minute more or less makes no difference to: whatever is made of it holds that long."""
    begun = _read().replace(second=0, microsecond=0)
    if (watch := _watch.get()) is not None:
        watch.holds(begun + timedelta(minutes=1))
    return begun


def minute_over() -> datetime:
    """The end of this minute: where `minute` would be before what was just done."""
    return minute() + timedelta(minutes=1)


def today() -> date:
    """The day, in UTC; whatever is made of it holds until midnight."""
    day = _read().date()
    if (watch := _watch.get()) is not None:
        watch.holds(datetime.combine(day + timedelta(days=1), time(), UTC))
    return day


def days_since(moment: datetime) -> int:
    """How many whole days ago a moment was; whatever is made of that holds until it is one more."""
    days = (_read() - moment).days
    if (watch := _watch.get()) is not None:
        watch.holds(moment + timedelta(days=days + 1))
    return days


def has_come(moment: datetime) -> bool:
    """Whether a moment is now or was; where it is still to come, what is made of that holds until then."""
    came = _read() >= moment
    if not came and (watch := _watch.get()) is not None:
        watch.holds(moment)
    return came


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Have the watch told how the time is read meanwhile."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


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
    now()  # what has a uid of its own is another the next time
    return UUID(bytes=os.urandom(16), version=4)


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment; holds nest."""
    _held.append(moment.astimezone(UTC))
    try:
        yield
    finally:
        _held.pop()
