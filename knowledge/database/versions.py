"""Which version of the rows is the newest, told in microseconds: what was read at a version holds until another one is told."""

import threading
from collections.abc import Hashable
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from knowledge.database.engines import Database

FRESH = 1.0
"""Seconds for which what was learnt of another node's commits counts; after half of them it is asked anew."""


class Versions(Protocol):
    """Tells the version of a database; one thread asks."""

    def newest(self) -> Hashable | None:
        """The version, or None while it cannot be told without waiting."""

    def close(self) -> None:
        """Let go of the connection."""


def of(database: Database) -> Versions:
    """What tells the versions of a database on its engine."""
    return _Sqlite(database) if database.is_sqlite else _Postgresql(database)


class _Sqlite:
    """SQLite tells a connection that stays open whether anyone else has committed since, in this process or in another.

    `PRAGMA data_version` is another number after each commit of any other connection, and this one never writes.
    """

    def __init__(self, database: Database) -> None:
        pooled = database.reader.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        connection.execute("PRAGMA busy_timeout=0")
        self._connection = connection
        self._broken: type[Exception] = database.reader.dialect.loaded_dbapi.Error

    def newest(self) -> Hashable | None:
        """As `Versions.newest`: the number is never waited for."""
        try:
            # All of it is fetched: a statement that is not at its end would hold on to the past.
            return self._connection.execute("PRAGMA data_version").fetchall()[0]  # type: ignore[no-any-return]
        except self._broken:  # the next read meets it too, and says so
            return None

    def close(self) -> None:
        """As `Versions.close`."""
        self._connection.close()


class _Postgresql:
    """The commits of this process are counted; those of other nodes show in the snapshot of the server, asked for in a thread beside.

    Two snapshots that are the same show the same rows.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counting, self._asking = threading.Lock(), threading.Lock()
        self._own = 0
        self._seen = (monotonic() - FRESH, "")
        database.listen(self._count)

    def newest(self) -> Hashable | None:
        """As `Versions.newest`: of other nodes nothing is older than a second."""
        own, (asked, snapshot), now = self._own, self._seen, monotonic()
        if now >= asked + FRESH / 2 and self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask, name="version", daemon=True).start()
        return (own, snapshot) if now < asked + FRESH else None

    def _count(self) -> None:
        with self._counting:
            self._own += 1

    def _ask(self) -> None:
        try:
            asked = monotonic()
            with suppress(SQLAlchemyError), self._database.reader.connect() as connection:
                said = connection.exec_driver_sql("SELECT CAST(pg_current_snapshot() AS text)")
                self._seen = asked, str(said.scalar_one())
        finally:
            self._asking.release()

    def close(self) -> None:
        """As `Versions.close`; wait for whoever asks just now."""
        with self._asking:
            self._seen = (monotonic() - FRESH, "")
