"""More writers than one: threads, processes, and more than may wait."""

import queue
import threading
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.database import Database, table_of
from knowledge.feedback import Feedback
from tests.factories import a_viewer, some_feedback
from tests.faults.writing import WRITERS, opened, write_many, write_many_deferred

EACH = 50


def wrong_with_two(
    processes: ForkServerContext, folder: Path, target: Callable[..., None], *, each: int = EACH
) -> list[str]:
    """Two processes with eight threads each write at once; what went wrong."""
    with ExitStack() as stack:
        lines = []
        for _ in range(2):
            near, far = processes.Pipe()
            process = processes.Process(target=target, args=(folder, far), kwargs={"each": each}, daemon=True)
            process.start()
            far.close()
            stack.callback(near.close)
            stack.callback(process.join)
            lines.append(near)
        for line in lines:
            assert line.recv() == "ready"
        for line in lines:
            line.send("go")
        return [wrong for line in lines for wrong in line.recv()]


def test_two_processes_with_eight_threads_each_never_find_the_database_locked(
    processes: ForkServerContext, folder: Path
) -> None:
    wrong = wrong_with_two(processes, folder, write_many)

    database = opened(folder)
    with database.reading() as session:
        count, different = (
            session.connection()
            .execute(
                select(func.count(), func.count(table_of(Feedback).c.uid.distinct())).select_from(table_of(Feedback))
            )
            .one()
        )
    database.close()
    assert wrong == []
    assert count == different == 2 * WRITERS * EACH


def test_transactions_that_begin_by_reading_are_found_out(processes: ForkServerContext, folder: Path) -> None:
    wrong = wrong_with_two(processes, folder, write_many_deferred, each=20)

    assert "database is locked" in wrong


@pytest.fixture
def narrow(database: Database) -> Database:
    """A database that lets two writes wait."""
    return Database(database.url.render_as_string(hide_password=False), queue_size=2, pool_size=1)


def test_a_full_queue_refuses_at_once_and_takes_more_when_it_has_room(narrow: Database) -> None:
    viewer = narrow.write(a_viewer)
    begun, free = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        begun.set()
        free.wait()

    held = narrow.submit(hold)
    begun.wait()
    waiting = [narrow.submit(lambda session: some_feedback(session, viewer)) for _ in range(2)]
    try:
        with pytest.raises(queue.Full):
            narrow.submit(lambda session: some_feedback(session, viewer))
    finally:
        free.set()

    held.result()
    kept = {item.result().uid for item in waiting}
    kept.add(narrow.write(lambda session: some_feedback(session, viewer)).uid)
    with narrow.reading() as session:
        there = set(session.connection().execute(select(table_of(Feedback).c.uid)).scalars())
    narrow.close()
    assert kept == there
