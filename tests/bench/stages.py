"""What is done inside a process of its own: to found an installation, to import, to index, to run one operation."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session

from knowledge import people
from knowledge.database import Database
from knowledge.people import OPERATOR, Act, Viewer, signing, tokens, viewer_for
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.transfer import import_path
from knowledge.words import Role
from schema import execution
from schema.context import Context
from schema.limits import Limits
from server import installation
from server.settings import Settings
from tests.bench.processes import memory

GENEROUS = Limits(cost=1_000_000)


@dataclass(frozen=True)
class Spent:
    """What a stage took, in seconds on the wall and of CPU, with that of processes it began, and the most memory it held, in MB."""

    seconds: float
    cpu: float
    peak: float


def _spent(work: Callable[[], int]) -> Spent:
    began, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    return Spent(time.perf_counter() - began, sum(os.times()[:4]) - cpu, memory()[1])


def found(data: Path, address: str = "") -> dict[str, str]:
    """An installation with one administrator; the headers of a program and of a browser that may do everything."""
    database = installation.found(Settings(data=data, database_url=address))

    def add(session: Session) -> dict[str, str]:
        row = people.add(session, OPERATOR, "admin@example.org", "Admin", Role.ADMIN)
        assert row.id is not None
        viewer = viewer_for(people.by_ids(session, [row.id])[row.id])
        secret, _ = tokens.create(session, viewer, "bench", list(Act))
        return {"authorization": f"Bearer {secret}", "cookie": f"loyalty={signing.open(session, row.id, 'bench')}"}

    headers = database.write(add)
    database.close()
    return headers


@contextmanager
def opened(data: Path) -> Iterator[tuple[Database, EmbeddedIndex]]:
    """Database and index, closed at the end."""
    home = installation.open(Settings(data=data))
    assert isinstance(home.index, EmbeddedIndex)
    yield home.database, home.index
    home.close()


def imported(data: Path, source: Path) -> Spent:
    """Import a file."""
    with opened(data) as (database, _):
        return _spent(lambda: import_path(database, OPERATOR, source).created)


def indexed(data: Path) -> Spent:
    """Build the index anew from the rows."""
    with opened(data) as (database, index):
        return _spent(lambda: following.reindex(database, index))


def admin(database: Database) -> Viewer:
    """Who may do everything."""
    with database.reading() as session:
        row = people.by_email(session, "admin@example.org")
        assert row is not None
        return viewer_for(row)


def run(database: Database, index: EmbeddedIndex, viewer: Viewer, source: str, **variables: Any) -> Any:
    """One operation as the edge runs it; answers its data."""
    operation = execution.prepare(source, variables=variables, viewer=viewer, limits=GENEROUS)

    def work(session: Session) -> Any:
        answer = execution.run(operation, Context(session, viewer, index), variables)
        if answer.bug is not None or answer.errors:
            raise RuntimeError(str(answer.bug or answer.errors))
        return answer.data

    if operation.kind == "mutation":
        return database.write(work)
    with database.reading() as session:
        return work(session)
