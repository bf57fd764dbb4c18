"""Hears what is searched for and has it written down later, some of it together: no search waits for that, or fails because of it."""

import asyncio
from collections.abc import Sequence

from knowledge.database import Session
from knowledge.listening import keeping, searches
from knowledge.listening.searches import Heard, Noted
from knowledge.people import Viewer
from server.lanes import Lanes

PAUSE = 1.0
MOST = 2_000
"""So many wait to be written at most; what comes while the database takes nothing is let go."""


class Listening:
    """Gathers in memory, on the loop's thread; what is there is written after a second, and when the process ends."""

    def __init__(self, lanes: Lanes, secret: bytes, *, pause: float = PAUSE) -> None:
        self._lanes = lanes
        self._secret = secret
        self._pause = pause
        self._waiting: list[Noted] = []

    def hear(self, viewer: Viewer, heard: Sequence[Heard], *, is_watched: bool) -> None:
        """Somebody searched; `is_watched` where it would be known that they opened something."""
        if not heard or len(self._waiting) >= MOST:
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(self._pause, self.write)
        self._waiting += searches.noted(self._secret, viewer, heard, is_watched=is_watched)

    def write(self) -> None:
        """Have what was heard written by whoever writes, when there is a moment."""
        heard, self._waiting = self._waiting, []
        if heard:
            self._lanes.later(lambda session: _keep(session, heard))


def _keep(session: Session, heard: Sequence[Noted]) -> None:
    keeping.keep(session, heard)
