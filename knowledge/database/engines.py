"""The engines behind the rows, and the one place that commits."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Full
from threading import BoundedSemaphore
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from knowledge.database.failures import refuse_what_fits_no_column, refuse_what_postgresql_cannot_hold, told
from knowledge.database.writer import Work, Writer, held

T = TypeVar("T")


class Database:
    """Rows on SQLite or PostgreSQL, by URL. Reading gives a snapshot; writing answers after COMMIT.

    On SQLite one writer thread commits in batches (writer.py); on PostgreSQL each operation has its own transaction.
    """

    def __init__(self, url: str, *, pool_size: int = 5, queue_size: int = 1000) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._listeners: list[Callable[[], None]] = []
        self._kept: dict[str, Any] = {}  # what readers of this process keep of the rows, in `session.info["kept"]`
        if self.is_sqlite:
            path = Path(self.url.database or "")
            self.reader = _sqlite(url, begin="BEGIN", read_only=True, pool_size=pool_size)
            self.engine = _sqlite(url, begin="BEGIN IMMEDIATE", read_only=False, pool_size=pool_size)
            self._writer = Writer(self.engine, path, queue_size, self._committed)
        else:
            self.engine = create_engine(
                self.url.set(drivername="postgresql+psycopg"),
                pool_size=pool_size,
                pool_pre_ping=True,
                connect_args={"fallback_application_name": "loyalty"},
            )
            refuse_what_fits_no_column(self.engine)
            self.reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._pool = ThreadPoolExecutor(pool_size, "write")
            self._places = BoundedSemaphore(pool_size + queue_size)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One session over one snapshot; nothing it does can be kept."""
        with Session(self.reader, autoflush=False, info={"kept": self._kept, "reading": True}) as session:
            yield session

    def submit(self, work: Work[T]) -> "Future[T]":
        """Run `work` in a transaction of its own; the future answers after COMMIT, or with what `work` raised.

        Raises `queue.Full` when as many writes wait as the queue may hold. The future raises `Unwritable` when the disk is full.
        """
        return self._writer.submit(work) if self.is_sqlite else self._placed(work)

    def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction of its own and wait for its COMMIT."""
        return self.submit(work).result()

    def _placed(self, work: Work[T]) -> "Future[T]":
        if not self._places.acquire(blocking=False):
            raise Full
        future = self._pool.submit(self._alone, work)
        future.add_done_callback(lambda _: self._places.release())
        return future

    def _alone(self, work: Work[T]) -> T:
        # A double click makes two transactions insert the same unique key; the second run sees the row and refuses it properly.
        try:
            return self._once(work)
        except IntegrityError:
            return self._once(work)
        except DBAPIError as failure:
            raise told(failure) from failure.orig

    def _once(self, work: Work[T]) -> T:
        with Session(self.engine, expire_on_commit=False) as session:
            result = work(session)
            session.commit()
        self._committed()
        return result

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every commit of this process, in the thread that committed; it must be quick and never raise."""
        self._listeners.append(listener)

    def _committed(self) -> None:
        for listener in self._listeners:
            listener()

    @contextmanager
    def migrating(self) -> Iterator[Any]:
        """A connection for Alembic: one transaction, foreign keys off on SQLite and checked before the commit."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.rollback()
                connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            try:
                with connection.begin():
                    yield connection
                    if self.is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                        raise RuntimeError(f"The migration left rows without their parents: {broken[:5]}")
            finally:
                if self.is_sqlite:
                    connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]

    def scrub(self) -> bool:
        """Have SQLite write its file anew, so that nothing of what was deleted stays in it or in its log; elsewhere nothing is done.

        Answers False where a reader still holds on to the past: then it is worth another try.
        """
        if not self.is_sqlite:
            return True
        with self.engine.connect() as connection:
            plain: Any = connection.connection.dbapi_connection
            plain.rollback()  # it began by itself, and this cannot be done within a transaction
            with held(Path(self.url.database or "")):
                plain.execute("VACUUM")
                busy = plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    def others(self) -> int:
        """How many connections of other processes of ours a PostgreSQL database has; of SQLite only locks on files can tell."""
        if self.is_sqlite:
            return 0
        counted = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND application_name = current_setting('application_name')"
        )
        with self.reader.connect() as connection:
            return int(connection.exec_driver_sql(counted).scalar_one())

    def close(self) -> None:
        """Let waiting writes finish, then close every connection."""
        if self.is_sqlite:
            self._writer.close()
        else:
            self._pool.shutdown()
        self.engine.dispose()
        self.reader.dispose()


def engine_version(database: Database) -> str:
    """The engine in words, such as `SQLite 3.53.4`, for the log at start, `doctor` and `/healthz`."""
    if database.is_sqlite:
        return f"SQLite {_sqlite_module().sqlite_version}"
    with database.reader.connect() as connection:
        return "PostgreSQL " + str(connection.exec_driver_sql("SHOW server_version").scalar())


def _sqlite_module() -> Any:
    try:
        import pysqlite3  # the newest engine a package brings: Python often carries one with the WAL-reset bug
    except ImportError:
        import sqlite3

        return sqlite3
    return pysqlite3


def _sqlite(url: str, *, begin: str, read_only: bool, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        module=_sqlite_module(),
        connect_args={"check_same_thread": False, "timeout": 30, "cached_statements": 512},
        pool_size=pool_size,
        max_overflow=20,
    )

    refuse_what_fits_no_column(engine)
    if not read_only:
        refuse_what_postgresql_cannot_hold(engine)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, or savepoints would not nest
        connection.execute("PRAGMA busy_timeout=30000")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA mmap_size=268435456")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
