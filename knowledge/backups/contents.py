"""Where a backup finds what attachments contain, and where a restore puts it: files by their hash, or rows of PostgreSQL."""

import hashlib
import shutil
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, inspect, text

from knowledge import clock
from knowledge.disk import synced

_WANTED = text("SELECT DISTINCT sha256 FROM attachment WHERE removed_at IS NULL")
_FOUND = text("SELECT data FROM attachment_content WHERE sha256 = :digest")
_KEPT = text(
    "INSERT INTO attachment_content (sha256, data, kept_at) VALUES (:digest, :data, :now) ON CONFLICT DO NOTHING"
)


def wanted(connection: Connection) -> Sequence[str]:
    """The hashes of all contents that rows of this snapshot need, in order; tables of the first version name none."""
    if not inspect(connection).has_table("attachment"):
        return []
    return sorted(connection.execute(_WANTED).scalars())


def opened(connection: Connection, folder: Path, digest: str) -> IO[bytes] | None:
    """One content, to be read and closed, or None where it is lost."""
    if connection.dialect.name == "postgresql":
        data = connection.execute(_FOUND, {"digest": digest}).scalar()
        return None if data is None else BytesIO(data)
    try:
        return _place(folder, digest).open("rb")
    except FileNotFoundError:
        return None


def is_whole(content: IO[bytes], digest: str) -> bool:
    """Whether a content, read from its beginning, has its hash; it stands at its beginning again then."""
    found = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    content.seek(0)
    return found == digest


def keep(connection: Connection, folder: Path, digest: str, content: IO[bytes]) -> None:
    """Put one content where it belongs; what is there already and whole stays."""
    if connection.dialect.name == "postgresql":
        connection.execute(_KEPT, {"digest": digest, "data": content.read(), "now": clock.now()})
        return
    if there := opened(connection, folder, digest):
        with there:
            if is_whole(there, digest):
                return
    place = _place(folder, digest)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_suffix(".new")
    with new.open("wb") as file:
        shutil.copyfileobj(content, file)
    synced(new)
    new.replace(place)
    synced(place.parent)


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest
