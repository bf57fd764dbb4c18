"""Puts a backup in the place of what an installation has, and builds the search index for it."""

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from knowledge import backups
from knowledge.backups import Backup
from knowledge.database import Database
from server import exchange, installation
from server.settings import Settings
from server.upgrading import former, nobody_else, whole

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """Where the former database is now, if there was a file that could be kept."""

    aside: Path | None = None


def has_something(settings: Settings) -> bool:
    """Whether a restore would replace anything."""
    if installation.file_of(settings):
        return installation.is_there(settings)
    with closing(Database(settings.address)) as database:
        return not backups.is_empty(database)


def restore(settings: Settings, backup: Backup, *, replacing: bool, progress: Progress) -> Restored:
    """Restore a backup that was checked. Raises `NotReady` while anybody is at work; broken off, it leaves the old or the new.

    The index goes before the rows change: one that is ahead of its rows would miss what comes.
    """
    backups.refuse_newer(backup)
    with installation.alone(settings):
        if path := installation.file_of(settings):
            return _into_file(settings, path, backup, progress)
        with closing(Database(settings.address)) as database:
            nobody_else(database)
            if not replacing:
                backups.refuse_tables(database)
            _forget_index(settings)
            backups.restore(
                database,
                backup,
                attachments=installation.attachments_of(settings),
                replacing=replacing,
                progress=progress,
            )
        return Restored()


def _into_file(settings: Settings, path: Path, backup: Backup, progress: Progress) -> Restored:
    aside = former(path, "restore")
    with exchange.place(path) as new:
        with closing(Database(f"sqlite:///{new}")) as database:
            backups.restore(database, backup, attachments=installation.attachments_of(settings), progress=progress)
            whole(database)
        _forget_index(settings)
        exchange.exchange(new, path, aside)
    return Restored(aside if aside.exists() else None)


def _forget_index(settings: Settings) -> None:
    shutil.rmtree(settings.data / "index", ignore_errors=True)
