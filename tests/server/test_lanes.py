import asyncio
import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from knowledge.database import Database
from server.lanes import Lanes, Unavailable
from tests.server.clients import Server

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@contextmanager
def lanes(database: Database, *, seconds: float = 10, most: int = 100) -> Iterator[Lanes]:
    opened = Lanes(database, seconds=seconds, most=most)
    yield opened
    opened.close()


def one(session: Session) -> int:
    return int(session.connection().execute(text("SELECT 1")).scalar_one())


def test_what_is_read_comes_back(database: Database) -> None:
    with lanes(database) as opened:
        assert asyncio.run(opened.read(one)) == 1
        assert asyncio.run(opened.read_slowly(one)) == 1


def test_what_takes_too_long_is_stopped_and_the_lane_is_free_again(database: Database) -> None:
    stopped = threading.Event()

    def endless(session: Session) -> None:
        try:
            session.connection().execute(text(ENDLESS))
        finally:
            stopped.set()

    async def ask(opened: Lanes) -> int:
        with pytest.raises(Unavailable):
            await opened.read(endless)
        return await opened.read(one)

    with lanes(database, seconds=0.5) as opened:
        answer = asyncio.run(ask(opened))

    assert stopped.is_set()
    assert answer == 1


def test_no_more_wait_than_may(sqlite: Database) -> None:
    go = threading.Event()

    async def ask(opened: Lanes) -> None:
        first = asyncio.create_task(opened.read(lambda session: go.wait(10)))
        second = asyncio.create_task(opened.read(one))
        with pytest.raises(Unavailable):
            await second
        go.set()
        assert await first

    with lanes(sqlite, most=1) as opened:
        asyncio.run(ask(opened))


def test_too_many_writes_are_turned_away_and_none_is_left_half_done(sqlite: Database) -> None:
    database = Database(sqlite.url.render_as_string(), queue_size=1)

    async def write(opened: Lanes) -> list[Any]:
        return await asyncio.gather(*(opened.write(one) for _ in range(5)), return_exceptions=True)

    with lanes(database, seconds=0.5) as opened:
        with no_commits(database):
            answers = asyncio.run(write(opened))
        later = asyncio.run(opened.write(one))
    database.close()

    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert sum("Too many writes" in str(answer) for answer in answers) >= 3
    assert later == 1


def test_a_caller_is_told_when_to_try_again(serve: Callable[..., Server]) -> None:
    server = serve(operation_seconds=0.5)
    client = server.client()
    client.sign_in("leo@example.org")

    with no_commits(Database(server.settings.address)):
        answer = client.ask('mutation { updateProfile(input: {name: "Leo"}) { errors { code } } }')

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@contextmanager
def no_commits(database: Database) -> Iterator[None]:
    """Hold the lock that every writer of this database waits for."""
    path = Path(f"{database.url.database}.lock")
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
