"""The threads that read: one for most, one for what takes long, so that a heavy question never stands before a light one.

What is told to those who listen has a third, so that however many they are no page waits for them.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from queue import Full
from typing import Any, TypeVar

import structlog
from sqlmodel import Session

from knowledge.database import Database, Unwritable

T = TypeVar("T")

log = structlog.get_logger()

TELLING = 8
"""How many of those who listen wait in their lane at once."""


class Unavailable(Exception):
    """Too much is waiting, or it took too long; trying again later may help."""

    def __init__(self, message: str, *, seconds: int = 1) -> None:
        super().__init__(message)
        self.seconds = seconds


class _Statement:
    """What a lane is doing, so that it can be stopped: a thread that computes for nobody would hold up everyone behind it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._connection: Any = None

    @contextmanager
    def running(self, session: Session) -> Iterator[None]:
        """For as long as the connection is this session's and nobody else's."""
        self._connection = session.connection().connection.dbapi_connection
        try:
            yield
        finally:
            with self._turn:
                self._connection = None

    def stop(self) -> None:
        """Have the database give up what it is doing, which fails the work."""
        with self._turn:
            if self._connection is not None:
                (getattr(self._connection, "interrupt", None) or self._connection.cancel)()


class Lanes:
    """Runs reads and writes in their threads, each with a session of its own and with the caller's context variables."""

    def __init__(self, database: Database, *, seconds: float, most: int) -> None:
        self._database = database
        self._seconds = seconds
        self._most = most
        self._waiting = 0
        self._quick = ThreadPoolExecutor(1, "read")
        self._slow = ThreadPoolExecutor(1, "slow")
        self._live = ThreadPoolExecutor(1, "live")
        self._telling = asyncio.Semaphore(TELLING)

    @property
    def waiting(self) -> int:
        """How many reads wait or run."""
        return self._waiting

    async def read(self, work: Callable[[Session], T]) -> T:
        """What `work` answers over one snapshot; raises `Unavailable` after the time allowed, or at once when too many wait."""
        return await self._queued(self._quick, work)

    async def read_slowly(self, work: Callable[[Session], T]) -> T:
        """The same, in the lane for what takes long."""
        return await self._queued(self._slow, work)

    async def read_to_tell(self, work: Callable[[Session], T]) -> T:
        """The same, in the lane for what is told as it happens; few wait in it, and the others before it."""
        async with self._telling:
            return await self._queued(self._live, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """What `work` answers, after COMMIT. Raises `Unavailable`, when what was not begun is not done any more."""
        context = copy_context()
        try:
            future = self._database.submit(lambda session: context.copy().run(work, session))
        except Full:
            raise Unavailable("Too many writes are waiting. Try again in a moment.") from None
        return await self._answered(future)

    def later(self, work: Callable[[Session], object]) -> None:
        """Write when there is a moment, and let it be when there is none; a failure is logged."""
        with suppress(Full):
            self._database.submit(work).add_done_callback(_mourned)

    async def _queued(self, lane: ThreadPoolExecutor, work: Callable[[Session], T]) -> T:
        if self._waiting >= self._most:
            raise Unavailable("Too many requests are waiting. Try again in a moment.")
        self._waiting += 1
        statement = _Statement()
        try:
            return await self._answered(lane.submit(copy_context().run, self._over_a_snapshot, work, statement))
        except Unavailable:
            statement.stop()
            raise
        finally:
            self._waiting -= 1

    def _over_a_snapshot(self, work: Callable[[Session], T], statement: "_Statement") -> T:
        with self._database.reading() as session, statement.running(session):
            return work(session)

    async def _answered(self, future: "Future[T]") -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise Unavailable("This took too long and was given up.") from None
        except Unwritable as full:
            log.error("unwritable", reason=str(full))
            raise Unavailable("Nothing can be written at the moment; reading goes on.", seconds=30) from None

    def close(self) -> None:
        """Let what runs finish."""
        self._quick.shutdown(cancel_futures=True)
        self._slow.shutdown(cancel_futures=True)
        self._live.shutdown(cancel_futures=True)


def _mourned(future: "Future[object]") -> None:
    if not future.cancelled() and (failure := future.exception()):
        log.error("a write that nobody waited for failed", exc_info=failure)
