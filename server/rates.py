"""A bucket per viewer: as large as one operation may cost, refilled by the second, exact, in memory."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from knowledge import clock


@dataclass(frozen=True, slots=True)
class Charge:
    """What came of taking from a bucket. `seconds` is how long to wait where nothing was taken, else 0."""

    limit: int
    remaining: int
    seconds: int
    resets_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """The same for the caller's program; `retry-after` only where it has to wait."""
        told = {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(ceil(self.resets_at.timestamp())),
        }
        return {**told, "retry-after": str(self.seconds)} if self.seconds else told


@dataclass(slots=True)
class _Bucket:
    level: float
    at: datetime


class Rates:
    """The buckets of one process. Beyond `most` the one used longest ago is forgotten, and starts full if its owner returns."""

    def __init__(self, refill: int, most: int = 10_000) -> None:
        self._refill = refill
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._turn = threading.Lock()

    def take(self, who: str, cost: int, limit: int) -> Charge:
        """Take the cost out of someone's bucket, or nothing when it holds less."""
        now = clock.now()
        with self._turn:
            bucket = self._filled(who, limit, now)
            missing = cost - bucket.level
            if missing <= 0:
                bucket.level -= cost
        wait = ceil(missing / self._refill) if missing > 0 else 0
        full = now + timedelta(seconds=(limit - bucket.level) / self._refill)
        return Charge(limit, int(bucket.level), wait, full)

    def _filled(self, who: str, limit: int, now: datetime) -> _Bucket:
        bucket = self._buckets.pop(who, None) or _Bucket(limit, now)
        passed = max((now - bucket.at).total_seconds(), 0)
        bucket.level, bucket.at = min(limit, bucket.level + passed * self._refill), now
        self._buckets[who] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket
