"""What lies in one data folder: the database and the index, opened together and closed together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from knowledge import migrations
from knowledge.database import Database
from knowledge.meaning.encoder import SHA256, Encoder, Model, Unusable
from knowledge.meaning.learning import Learning
from knowledge.meaning.understanding import Meaning
from knowledge.search import filling
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Index
from knowledge.search.signals import listed
from server import presence
from server.presence import Occupied, Presence
from server.settings import Settings

CANNOT = "LOYALTY_SEMANTIC is on, and cannot work."
BUSY = "This data folder is being restored or upgraded, and answers again when that is done."


class NotReady(Exception):
    """Somebody has to do something first; the message says what."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An open installation."""

    settings: Settings
    database: Database
    index: Index
    presence: Presence
    learning: Learning | None = None
    """Where searching by meaning is on."""

    def load(self) -> None:
        """Load what the first search would wait for; raises `NotReady` where that cannot be."""
        if self.learning:
            try:
                self.learning.load()
            except Unusable as problem:
                raise NotReady(f"{CANNOT} {problem}") from problem

    def close(self) -> None:
        """Let waiting writes finish, then let go of everything."""
        self.index.close()
        self.database.close()
        self.presence.close()


def file_of(settings: Settings) -> Path | None:
    """The file of a database of SQLite; None where the rows are elsewhere."""
    url = make_url(settings.address)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def attachments_of(settings: Settings) -> Path:
    """The folder of what attachments contain: beside the file of SQLite. On PostgreSQL they are rows, and nothing is there."""
    return (file_of(settings) or settings.data / "loyalty.db").with_name("attachments")


def is_there(settings: Settings) -> bool:
    """Whether `init` has been here. Elsewhere than in a file only the tables can tell."""
    path = file_of(settings)
    return path is None or path.exists()


def connect(settings: Settings) -> Database:
    """The database, whatever its tables; raises `NotReady` where there is none yet."""
    if not is_there(settings):
        raise NotReady(nothing(settings))
    migrations.metadata()  # rows of one table point at others, so all are known before the first is written
    return _database(settings)


def _database(settings: Settings) -> Database:
    try:
        return Database(settings.address, queue_size=settings.queue)
    except ModuleNotFoundError as missing:
        raise NotReady(
            f'For PostgreSQL the extra is missing: pip install "loyalty-commons[postgres]" ({missing}).'
        ) from missing


def open(settings: Settings) -> Installation:
    """Database and index, ready for work; raises `NotReady` when the tables are not those that this version expects."""
    here = entered(settings)
    try:
        database = connect(settings)
        try:
            if not migrations.is_current(database):
                raise NotReady("The tables are from another version. Stop the server, then run: loyalty upgrade")
            return _equipped(settings, database, here)
        except BaseException:
            database.close()
            raise
    except BaseException:
        here.close()
        raise


def ready(settings: Settings) -> Installation:
    """The same, with all loaded that the first search would wait for."""
    installation = open(settings)
    try:
        installation.load()
    except BaseException:
        installation.close()
        raise
    return installation


def _equipped(settings: Settings, database: Database, here: Presence) -> Installation:
    meaning = meaning_of(settings)
    processes = settings.index_processes or filling.sensible()
    index = EmbeddedIndex(settings.data / "index", processes, meaning, listed(settings.signals))
    learning = Learning(database, index, meaning) if meaning else None
    return Installation(settings, database, index, here, learning)


def meaning_of(settings: Settings) -> Meaning | None:
    """What searches by meaning, where that is on; raises `NotReady` where it cannot."""
    if not settings.semantic:
        return None
    model, vocabulary = (
        Path(path) if path else None for path in (settings.semantic_model, settings.semantic_vocabulary)
    )
    try:
        encoder = Encoder(Model(model, settings.semantic_sha256 or SHA256, vocabulary))
    except Unusable as problem:
        raise NotReady(f"{CANNOT} {problem}") from problem
    return Meaning(settings.data / "index" / "meaning", encoder)


def entered(settings: Settings) -> Presence:
    """A hold on the data folder beside others; raises `NotReady` where there is none yet, or while somebody needs it alone."""
    if not is_there(settings):
        raise NotReady(nothing(settings))
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # a further node has its own, for its index
    try:
        return presence.shared(settings.data)
    except Occupied as held:
        raise NotReady(BUSY) from held


@contextmanager
def opened(settings: Settings) -> Iterator[Installation]:
    """The same, closed at the end."""
    installation = open(settings)
    try:
        yield installation
    finally:
        installation.close()


@contextmanager
def connected(settings: Settings) -> Iterator[Database]:
    """The database alone, whatever its tables, kept from being replaced meanwhile."""
    here = entered(settings)
    try:
        database = connect(settings)
        try:
            yield database
        finally:
            database.close()
    finally:
        here.close()


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Nobody else has the data folder open meanwhile; raises `NotReady` while anybody does."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with presence.alone(settings.data):
            yield
    except Occupied as held:
        raise NotReady(f"{settings.data} is in use. Stop the server and its workers first, then try again.") from held


def nothing(settings: Settings) -> str:
    """What is said where `init` has not been."""
    return f"There is nothing in {settings.data} yet. Begin with: loyalty init"


def found(settings: Settings) -> Database:
    """A data folder for nobody else's eyes, and the database in it with all its tables; what is there already stays."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = _database(settings)
    migrations.upgrade(database)
    return database
