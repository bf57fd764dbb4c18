"""What was worked out of texts lately, so that the same text is not read again at every search that finds it."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

V = TypeVar("V")

CHARACTERS = 4 << 20
"""How many characters of texts one kind of work remembers at most."""
SHARE = 16
"""What is longer than this part of them is worked out anew: one long text must not drive out all others."""

_NEW: Any = object()


class Lately(Generic[V]):
    """Remembers what `work`, which turns on nothing but its text, came to for the texts that it was asked for last.

    There are two generations: once the young one is full it becomes the old one, and what nobody asked for since is let go of.
    """

    def __init__(self, work: Callable[[str], V], characters: int = CHARACTERS) -> None:
        self._work = work
        self._most = characters // 2
        self._young: dict[str, V] = {}
        self._old: dict[str, V] = {}
        self._held = 0

    def __call__(self, text: str) -> V:
        """What the work comes to."""
        found: V = self._young.get(text, _NEW)
        if found is _NEW:
            found = self._old.get(text, _NEW)
            if found is _NEW:
                found = self._work(text)
            if len(text) <= 2 * self._most // SHARE:
                self._keep(text, found)
        return found

    def _keep(self, text: str, found: V) -> None:
        if self._held + len(text) > self._most:
            self._old, self._young, self._held = self._young, {}, 0
        self._young[text] = found
        self._held += len(text)
