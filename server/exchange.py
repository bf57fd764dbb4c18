"""Puts a new SQLite database in the place of the old one: whenever it is broken off, there is the one or the other, whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from knowledge.database import Database
from knowledge.disk import synced
from server.presence import Occupied

UNFINISHED = "unfinished"
LOGS = ("-wal", "-shm")


@contextmanager
def place(path: Path) -> Iterator[Path]:
    """A path beside a database for the one that is to take its place; what an earlier try left there goes first."""
    folder = path.parent / UNFINISHED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder / path.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def exchange(new: Path, path: Path, aside: Path) -> None:
    """Put `new`, which is closed, in the place of `path`, and keep what was there in the folder `aside`.

    The old log is written back and gone before, because SQLite would play it into the new database. Raises `Occupied` when another
    program has the old one open and keeps that from happening.
    """
    if path.exists():
        _settled(path)
    synced(new)
    logs = [path.with_name(path.name + log) for log in LOGS]
    if former := [each for each in (path, *logs) if each.exists()]:
        aside.mkdir(mode=0o700)
        for each in former:
            _kept(each, aside / each.name)
        synced(aside)
        synced(aside.parent)
    for log in logs:
        log.unlink(missing_ok=True)
    new.replace(path)
    synced(path.parent)


def _settled(path: Path) -> None:
    """Have SQLite write its log back, so that the file alone is the whole database."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.engine.connect() as connection:
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    except SQLAlchemyError:
        return  # a broken database is set aside as it is, log and all
    finally:
        database.close()
    log = path.with_name(path.name + LOGS[0])
    if log.exists() and log.stat().st_size:
        raise Occupied(str(path))


def _kept(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy)
    except OSError:  # a file system without a second name for a file
        shutil.copyfile(path, copy)
        synced(copy)
