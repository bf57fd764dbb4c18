"""Takes a backup of an installation while it works, and remembers when that was."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from knowledge import backups, disk
from knowledge.backups import Manifest
from server import installation
from server.settings import Settings
from server.version import product_version

LAST = "last-backup.json"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Last:
    """When the last backup was taken, and where to."""

    moment: datetime
    file: str


def take(settings: Settings, path: Path, progress: Progress) -> Manifest:
    """Write a backup; what it is under way has another name, so that whatever has this one is whole. - is standard output."""
    with installation.connected(settings) as database:
        writing = _standard_output() if str(path) == "-" else _whole(path)
        with writing as file:
            manifest = backups.take(
                database,
                file,
                version=product_version(),
                attachments=installation.attachments_of(settings),
                progress=progress,
            )
    _remember(settings, Last(manifest.moment, str(path)))
    return manifest


def last(settings: Settings) -> Last | None:
    """The last backup that was taken from this folder, if any."""
    try:
        found = json.loads((settings.data / LAST).read_text(encoding="utf-8"))
        return Last(datetime.fromisoformat(found["moment"]), str(found["file"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(settings: Settings, taken: Last) -> None:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.data / LAST
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"moment": taken.moment.isoformat(), "file": taken.file}), encoding="utf-8")
    new.replace(path)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    if path.exists():
        raise FileExistsError(17, "A file is there already", str(path))
    new = path.with_name(f".{path.name}.unfinished")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it has everything, for nobody else's eyes
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        disk.synced(path.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            new.unlink()
        raise


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
