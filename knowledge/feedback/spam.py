"""What keeps machines from the public form without asking anybody else: a field that people leave empty, a signed time, and a limit."""

import hmac
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from knowledge import clock
from knowledge.errors import Invalid, RateLimited

SOONEST, LATEST = timedelta(seconds=3), timedelta(hours=24)
WINDOW = timedelta(minutes=10)
EACH, ALL = 5, 60
"""How many messages one caller, and all together, may send within the window."""
REMEMBERED = 10_000


def issued(secret: bytes) -> str:
    """A time that nobody else can sign, for the form to bring back."""
    seconds = int(clock.now().timestamp())
    return f"{seconds}.{_signed(secret, seconds)}"


def _signed(secret: bytes, seconds: int) -> str:
    return hmac.new(secret, f"tell {seconds}".encode(), sha256).hexdigest()[:32]


def check(secret: bytes, token: str, honeypot: str) -> None:
    """Refuse what a machine sends: a field filled in that nobody sees, a time that is not ours, one too young or too old."""
    if honeypot.strip():
        raise Invalid("Leave this field empty: it is there for machines.", "website")
    seconds, _, signature = token.partition(".")
    if (
        not seconds.isdecimal()
        or len(seconds) > 12
        or not hmac.compare_digest(_signed(secret, int(seconds)), signature)
    ):
        raise Invalid("This page is not ours any more. Open it again; copy what you wrote first.", "token")
    age = clock.now() - datetime.fromtimestamp(int(seconds), UTC)
    if age < SOONEST:
        raise Invalid("That was very quick. Wait a moment, and send it again.", "token")
    if age > LATEST:
        raise Invalid("This page has been open for more than a day. Open it again; copy what you wrote first.", "token")


class Throttle:
    """How often each caller has written of late, in memory alone: of nobody's address anything is kept [F2]."""

    def __init__(self, *, each: int = EACH, all: int = ALL) -> None:
        self._each, self._all = each, all
        self._written: OrderedDict[str, list[datetime]] = OrderedDict()
        self._turn = threading.Lock()

    def pass_through(self, caller: str) -> None:
        """Count one more message; refuses RATE_LIMITED where there were too many."""
        now = clock.now()
        with self._turn:
            full = self._count("", now) >= self._all or self._count(caller, now) >= self._each
            if not full:
                for who in ("", caller):
                    self._written[who].append(now)
            while len(self._written) > REMEMBERED:
                self._written.popitem(last=False)
        if full:
            raise RateLimited("There were many messages just now. Try again in ten minutes; nothing of yours was kept.")

    def _count(self, who: str, now: datetime) -> int:
        lately = [at for at in self._written.pop(who, []) if now - at < WINDOW]
        self._written[who] = lately
        return len(lately)
