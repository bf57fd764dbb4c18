"""What the processes do that the tests of this folder kill, crowd and starve: they write without a server around them."""

import threading
from collections.abc import Callable
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from sqlmodel import Session

from knowledge import people
from knowledge.database import Database
from knowledge.entries import publishing
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.search.embedded import EmbeddedIndex
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
