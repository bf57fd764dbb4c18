"""Who is at work on a data folder: everyone who has it open shares a lock, and whoever puts another in its place needs it alone.

The lock is on a file and ends with the process, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "in-use.lock"


class Occupied(Exception):
    """Somebody else holds the folder in a way that does not go together with what is wanted."""


class Presence:
    """A hold on a data folder."""

    def __init__(self, folder: Path, kind: int) -> None:
        self._handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, kind | fcntl.LOCK_NB)
        except BlockingIOError as held:
            os.close(self._handle)
            raise Occupied(str(folder)) from held

    def close(self) -> None:
        """Let go."""
        os.close(self._handle)


def shared(folder: Path) -> Presence:
    """Be there among others; raises `Occupied` while somebody needs the folder alone."""
    return Presence(folder, fcntl.LOCK_SH)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have the folder alone; raises `Occupied` while anybody is there."""
    presence = Presence(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        presence.close()
