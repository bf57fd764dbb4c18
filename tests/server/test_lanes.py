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
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await opened.read(one)
        go.set()
        assert await first

    with lanes(sqlite, most=1) as opened:
        asyncio.run(ask(opened))


def test_too_many_writes_are_503_and_say_when_to_try_again(serve: Callable[..., Server]) -> None:
    server = serve(queue=1, operation_seconds=1)
    client = server.client()
    client.sign_in("leo@example.org")
    rename = 'mutation { updateProfile(input: {name: "Leo"}) { errors { code } } }'

    with no_commits(server.settings.data):
        waiting = [server.portal.start_task_soon(ask, client, rename) for _ in range(4)]
        answers = [each.result(10) for each in waiting]

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
    assert any("Too many writes" in answer.text for answer in answers)
    assert client.ask(rename).status_code == 200


async def ask(client: Any, query: str) -> Any:
    return await client.http.post("/graphql", json={"query": query})


@contextmanager
def no_commits(data: Path) -> Iterator[None]:
    """Hold the lock that every writer of this database waits for."""
    with (data / "loyalty.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
