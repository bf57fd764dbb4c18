"""What lies in one data folder: the database and the index, opened together and closed together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import make_url

from knowledge import migrations
from knowledge.database import Database
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Index
from server.settings import Settings


class NotReady(Exception):
    """Somebody has to do something first; the message says what."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An open installation."""

    settings: Settings
    database: Database
    index: Index

    def close(self) -> None:
        """Let waiting writes finish, then let go of everything."""
        self.index.close()
        self.database.close()


def is_there(settings: Settings) -> bool:
    """Whether `init` has been here. Elsewhere than in a file of ours only the tables can tell."""
    url = make_url(settings.address)
    return url.get_backend_name() != "sqlite" or (settings.data / "loyalty.db").exists()


def connect(settings: Settings) -> Database:
    """The database, whatever its tables; raises `NotReady` where there is none yet."""
    if not is_there(settings):
        raise NotReady(f"There is nothing in {settings.data} yet. Begin with: loyalty init")
    migrations.metadata()  # rows of one table point at others, so all are known before the first is written
    return Database(settings.address, queue_size=settings.queue)


def open(settings: Settings) -> Installation:
    """Database and index, ready for work; raises `NotReady` when the tables are not those that this version expects."""
    database = connect(settings)
    try:
        if not migrations.is_current(database):
            raise NotReady("The tables are from another version. Stop the server, keep a copy, then run: loyalty init")
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # a further node has its own, for its index
        return Installation(settings, database, EmbeddedIndex(settings.data / "index"))
    except BaseException:
        database.close()
        raise


@contextmanager
def opened(settings: Settings) -> Iterator[Installation]:
    """The same, closed at the end."""
    installation = open(settings)
    try:
        yield installation
    finally:
        installation.close()


def found(settings: Settings) -> Database:
    """A data folder for nobody else's eyes, and the database in it with all its tables; what is there already stays."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.address, queue_size=settings.queue)
    migrations.upgrade(database)
    return database
