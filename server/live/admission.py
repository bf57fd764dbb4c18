"""How many may listen at once: so many to a process, and so many of them as one person, by one token or from one address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from server.lanes import Unavailable
from server.settings import Settings


class Crowded(Exception):
    """This caller listens by as many connections as one may."""


class Admission:
    """Counts the connections of one process."""

    def __init__(self, settings: Settings) -> None:
        self._all, self._each = settings.listeners, settings.listeners_each
        self._by = Counter[str]()
        self._open = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """A place among all that are open; raises `Unavailable` when there is none."""
        if self._open >= self._all:
            raise Unavailable("Too many are listening. Try again in a moment.", seconds=30)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    @contextmanager
    def as_one(self, who: str) -> Iterator[None]:
        """A place among those of one caller; raises `Crowded` when there is none."""
        if self._by[who] >= self._each:
            raise Crowded
        self._by[who] += 1
        try:
            yield
        finally:
            self._by[who] -= 1
            if not self._by[who]:
                del self._by[who]
