"""What is measured inside a process of its own: importing, indexing, searching, writing, counting statements."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from frontend import asking
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
from tests.bench import material
from tests.bench.processes import memory
from tests.faults.writing import in_threads, said

LIST = "{ entries(first: 50) { nodes { id slug title summary kind updatedAt author { name } tags { name } } } }"
SEARCH = """query ($query: String!) {
  search(query: $query, first: 10) {
    totalCount
    edges { score node { ... on Entry { slug title summary } } highlights { field html } }
  }
}"""
FEEDBACK = """mutation ($input: CreateFeedbackInput!) {
  createFeedback(input: $input) { feedback { id } errors { field message } }
}"""
ENTRY = (
    "mutation ($input: CreateEntryInput!) { createEntry(input: $input) { entry { slug } errors { field message } } }"
)
GENEROUS = Limits(cost=1_000_000)


@dataclass(frozen=True)
class Spent:
    """What a stage took, in seconds on the wall and of CPU, and the memory before, at most, and after it in MB."""

    seconds: float
    cpu: float
    before: float
    peak: float
    after: float
    count: int


def _spent(work: Callable[[], int]) -> Spent:
    before, _ = memory()
    began, cpu = time.perf_counter(), time.process_time()
    count = work()
    seconds, spent = time.perf_counter() - began, time.process_time() - cpu
    after, peak = memory()
    return Spent(seconds, spent, before, peak, after, count)


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


@dataclass(frozen=True)
class Searched:
    """Milliseconds that searches took on the wall and of CPU, each as the median and the 99th percentile, and their mean of hits."""

    wall: tuple[float, float]
    cpu: tuple[float, float]
    hits: float


def searched(data: Path, rounds: int) -> dict[str, Searched]:
    """Search for every query of each kind."""
    kinds = {"two words": list(material.pairs()), "a question": list(material.questions())}
    wall: dict[str, list[float]] = {kind: [] for kind in kinds}
    cpu: dict[str, list[float]] = {kind: [] for kind in kinds}
    hits: dict[str, list[int]] = {kind: [] for kind in kinds}
    with opened(data) as (database, index):
        viewer = _admin(database)
        for _ in range(rounds):
            for place in range(material.ASKED_FOR):
                for kind, queries in kinds.items():
                    began, spent = time.perf_counter(), time.process_time()
                    found = run(database, index, viewer, SEARCH, query=queries[place])
                    hits[kind].append(found["search"]["totalCount"])
                    cpu[kind].append(1000 * (time.process_time() - spent))
                    wall[kind].append(1000 * (time.perf_counter() - began))
    return {kind: Searched(_middle_and_end(wall[kind]), _middle_and_end(cpu[kind]), mean(hits[kind])) for kind in kinds}


def _middle_and_end(times: list[float]) -> tuple[float, float]:
    cuts = quantiles(times, n=100)
    return cuts[49], cuts[98]


def _admin(database: Database) -> Viewer:
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


def statements(data: Path) -> dict[str, int]:
    """How many statements some operations send."""
    with opened(data) as (database, index):
        viewer = _admin(database)
        sent = _listened(database)
        return {
            "list of 50 with author and tags": _counted(sent, lambda: run(database, index, viewer, LIST)),
            "search, 10 hits with highlights": _counted(
                sent, lambda: run(database, index, viewer, SEARCH, query="angry customer")
            ),
            "everything of an entry's page": _counted(
                sent, lambda: run(database, index, viewer, asking.document("entries/entry"), slug="entry-5")
            ),
            "create feedback": _counted(
                sent,
                lambda: run(database, index, viewer, FEEDBACK, input={"verbatim": "It leaks.", "channel": "PHONE"}),
            ),
            "create a practice with four tags": _counted(
                sent, lambda: run(database, index, viewer, ENTRY, input=practice())
            ),
        }


def practice() -> dict[str, Any]:
    """What somebody writes."""
    return {
        "kind": "BEST_PRACTICE",
        "title": "Written to be measured",
        "tags": ["one", "two", "three", "four"],
        "practice": {"problem": "It fails again.", "do": "1. Replace it.\n2. Say so."},
    }


def _listened(database: Database) -> list[str]:
    sent: list[str] = []
    for engine in (database.engine, database.reader):
        event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: sent.append(statement))
    return sent


def _counted(sent: list[str], work: Callable[[], object]) -> int:
    sent.clear()
    work()
    return sum(each.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")) for each in sent)


def written(data: Path, each: int) -> Spent:
    """Record feedback from eight threads, each write answered after its COMMIT."""
    with opened(data) as (database, _):
        viewer = _admin(database)

        def write(number: int) -> None:
            for turn in range(each):
                database.write(partial(said, viewer=viewer, verbatim=f"Said to {number} as number {turn}"))

        def all_of_it() -> int:
            in_threads(write)
            return 8 * each

        return _spent(all_of_it)
