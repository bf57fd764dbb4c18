"""What the processes do that the tests of this folder kill, crowd and starve: they write without a server around them."""

import resource
import signal
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from sqlmodel import Session
from structlog.testing import capture_logs

from knowledge import people
from knowledge.database import Database
from knowledge.entries import publishing
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.search import documents, following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Reach
from server.indexing import Keeper
from server.worker import Worker
from tests.factories import an_entry, some_feedback

WRITERS = 8


def opened(folder: Path) -> Database:
    """The database of a folder."""
    return Database(f"sqlite:///{folder / 'loyalty.db'}")


def write_until_killed(folder: Path, line: Connection, *, before_commit: bool) -> None:
    """Bring the index up to date, say so, wait for a word, then write with eight threads and say what was acknowledged.

    With `before_commit` it says so too early: what a test of kills has to notice.
    """
    database = opened(folder)
    worker = Worker(database, EmbeddedIndex(folder / "index"), folder)
    worker.start()
    worker.caught_up().result()
    line.send_bytes(b"ready")
    line.recv_bytes()
    turn = threading.Lock()

    def say(promise: str) -> None:
        with turn:
            line.send_bytes(promise.encode())

    write = _acknowledged_early if before_commit else _acknowledged
    in_threads(lambda number: _keep_writing(database, partial(write, database, say), number))


def in_threads(work: Callable[[int], None], threads: int = WRITERS) -> None:
    """Run `work` in several threads at once and wait for all of them."""
    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


Work: TypeAlias = Callable[[Session], str]


def _acknowledged(database: Database, say: Callable[[str], None], work: Work) -> str:
    promise = database.write(work)
    say(promise)
    return promise


def _acknowledged_early(database: Database, say: Callable[[str], None], work: Work) -> str:
    def saying(session: Session) -> str:
        promise = work(session)
        say(promise)
        return promise

    return database.write(saying)


def _keep_writing(database: Database, write: Callable[[Work], str], number: int) -> None:
    viewer = someone(database)
    for turn in count():
        title = f"Written by {number} as number {turn}"
        promise = write(partial(entry, viewer=viewer, title=title))
        write(partial(said, viewer=viewer, verbatim=title))
        if turn % 3 == 0:
            write(partial(archived, promise=promise))


def someone(database: Database) -> Viewer:
    """The first person of the database."""
    with database.reading() as session:
        return viewer_for(people.by_ids(session, [1])[1])


def entry(session: Session, *, viewer: Viewer, title: str) -> str:
    """A published entry, as it is promised."""
    return f"entry {an_entry(session, viewer, title=title).uid}"


def said(session: Session, *, viewer: Viewer, verbatim: str) -> str:
    """Feedback, as it is promised."""
    return f"feedback {some_feedback(session, viewer, verbatim=verbatim).uid}"


def archived(session: Session, *, promise: str) -> str:
    """An entry that was promised leaves every list again."""
    uid = UUID(promise.removeprefix("entry "))
    publishing.archive(session, OPERATOR, uid)
    return f"archived {uid}"


def write_many(folder: Path, line: Connection, *, each: int) -> None:
    """Wait for a word, then write with eight threads, so many times each; answer what went wrong."""
    database = opened(folder)
    viewer = someone(database)
    wrong: list[str] = []

    def write(number: int) -> None:
        for turn in range(each):
            try:
                database.write(partial(said, viewer=viewer, verbatim=f"Said to {number} as number {turn}"))
            except Exception as failure:  # whatever it is, the test wants to see it
                wrong.append(repr(failure))

    line.send("ready")
    line.recv()
    in_threads(write)
    database.close()
    line.send(wrong)


def write_many_deferred(folder: Path, line: Connection, *, each: int) -> None:
    """The same without our writer: transactions that begin by reading. What a test of crowds has to notice."""
    wrong: list[str] = []

    def write(number: int) -> None:
        connection = sqlite3.connect(folder / "loyalty.db", timeout=30, isolation_level=None)
        for _ in range(each):
            try:
                connection.execute("BEGIN")
                jobs = connection.execute("SELECT count(*) FROM job").fetchone()[0]
                kind = f"{number} after {jobs}"
                connection.execute("INSERT INTO job (kind, subject, due_at, tries) VALUES (?, '', 0, 0)", (kind,))
                connection.execute("COMMIT")
            except sqlite3.OperationalError as failure:
                connection.execute("ROLLBACK")
                wrong.append(str(failure))
        connection.close()

    line.send("ready")
    line.recv()
    in_threads(write)
    line.send(wrong)


@dataclass(frozen=True)
class Starved:
    """What a process saw while its disk was full, and after there was room again."""

    promised: list[str]
    refused: list[BaseException]
    read: int
    found: int
    index_refused: list[str]
    logged: list[str]
    index_trouble: str
    half_indexes: int
    after: list[str]
    agrees: bool


def write_without_room(folder: Path, line: Connection) -> None:
    """Write until no file may grow any more, go on reading and searching, then write again when files may grow."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    database, index = opened(folder), EmbeddedIndex(folder / "index")
    viewer = someone(database)
    database.write(partial(entry, viewer=viewer, title="Written while there was room"))
    following.follow(database, index)

    largest = max(file.stat().st_size for file in folder.iterdir() if file.is_file())
    _files_may_grow_to(largest + 100_000)
    promised, refused = until_refused(database, partial(entry, viewer=viewer, title="Written " + "on " * 20))
    _files_may_grow_to(100)
    with database.reading() as session:
        read = documents.count(session)
    keeper = Keeper(database, index, lambda: False)
    with capture_logs() as logged:  # where it is written to a file, it may not grow either
        index_refused = [*_refusal(keeper, keeper.keep), *_refusal(keeper, lambda: following.reindex(database, index))]
    trouble, half = keeper.trouble, sum(each.is_dir() for each in (folder / "index").iterdir()) - 1
    found = index.search("written", Reach(everything=True)).total

    _files_may_grow_to(resource.RLIM_INFINITY)
    after = [database.write(partial(entry, viewer=viewer, title="Written again"))]
    keeper.keep()
    agrees = not following.difference(database, index) and not keeper.trouble
    said = [each["event"] for each in logged]
    line.send(Starved(promised, refused, read, found, index_refused, said, trouble, half, after, agrees))


def _files_may_grow_to(bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, resource.RLIM_INFINITY))


def until_refused(database: Database, work: Work, *, refusals: int = 3) -> tuple[list[str], list[BaseException]]:
    """Write until that failed a few times: what was acknowledged, and the failures."""
    promised, refused = [], list[BaseException]()
    while len(refused) < refusals:
        try:
            promised.append(database.write(work))
        except Exception as failure:  # whatever it is, the test wants to see it
            refused.append(failure)
    return promised, refused


def _refusal(keeper: Keeper, work: Callable[[], object]) -> list[str]:
    try:
        work()
    except OSError as failure:
        keeper.failed(failure, 1)
        return [str(failure)]
    return []
