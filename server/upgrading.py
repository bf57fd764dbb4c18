"""Brings the tables of an installation to this version: on a copy that then takes their place, or in one transaction."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from knowledge import clock, migrations
from knowledge.database import Database
from server import exchange, installation
from server.installation import NotReady
from server.settings import Settings

PATIENCE = 20
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Versions:
    """The tables as they were and as they are; `aside` has the former database, where a file was replaced."""

    before: str
    after: str
    aside: Path | None = None


def upgrade(settings: Settings) -> Versions:
    """Run the migrations that are missing. Raises `NotReady` while anybody is at work; a failure leaves everything as it was."""
    with installation.alone(settings):
        with closing(installation.connect(settings)) as database:
            before, after = versions(database)
            if before == after:
                return Versions(before, after)
            if not database.is_sqlite:
                nobody_else(database)
                migrations.upgrade(database)
                return Versions(before, after)
        path = installation.file_of(settings)
        assert path is not None
        aside = former(path, "upgrade")
        with exchange.place(path) as new:
            _copied(path, new)
            with closing(Database(f"sqlite:///{new}")) as copy:
                migrations.upgrade(copy)
                whole(copy)
            exchange.exchange(new, path, aside)
        return Versions(before, after, aside)


def versions(database: Database) -> tuple[str, str]:
    """The number of the last migration that ran, and of the last that there is; raises `NotReady` where tables are newer."""
    with database.reader.connect() as connection:
        before = migrations.version(connection) or ""
    if before and before not in migrations.known():
        raise NotReady(f"The tables are of a newer version ({before}) than this program. Install the newer version.")
    return before, migrations.head()


def former(path: Path, act: str) -> Path:
    """A folder, not there yet, for what an act puts out of the way; beside the database because that is one file system."""
    return path.parent / f"before-{act}-{clock.now():%Y%m%dT%H%M%S.%f}"


def nobody_else(database: Database) -> None:
    """Raises `NotReady` while other processes of ours are connected; one that just ended may take a moment to be gone."""
    for _ in range(PATIENCE):
        if not (others := database.others()):
            return
        time.sleep(PAUSE)
    raise NotReady(
        f"{others} connections to the database are open. Stop every server and worker first, then try again."
    )


def whole(database: Database) -> None:
    """Raises RuntimeError when SQLite finds a fault in a database."""
    with database.reader.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if found != ["ok"]:
        raise RuntimeError(f"The new database is not whole: {found[:5]}")


def _copied(path: Path, new: Path) -> None:
    with closing(Database(f"sqlite:///{path}")) as database, database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("VACUUM INTO ?", (str(new),))  # type: ignore[union-attr]
