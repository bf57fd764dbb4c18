"""One follower of the change log per process: it reads each change once, keeps the latest, and wakes whoever listens."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from uuid import UUID

import structlog

from knowledge import changes
from knowledge.changes import ChangeRow, Place
from knowledge.database import Database

log = structlog.get_logger()

LOOK = 0.25
"""How often it looks for what other processes committed, while anybody listens; what this one commits wakes it at once."""
MOST = 500
KEPT = 2_000
PAUSE = 1.0


class Listener:
    """Whoever wants to be woken when something of these types, and where named of these things, has moved."""

    def __init__(self, types: frozenset[str], uids: frozenset[UUID] | None, oneself: UUID | None) -> None:
        self._types, self._uids, self._oneself = types, uids, oneself
        self.woken = asyncio.Event()

    def hears(self, types: set[str], uids: set[UUID]) -> bool:
        """Whether a batch of changes may concern it; what becomes of a person or a token concerns who listens as them."""
        if self._oneself in uids or "ApiToken" in types:
            return True
        return not self._types.isdisjoint(types) and (self._uids is None or not self._uids.isdisjoint(uids))


class Follower:
    """Follows the log while anybody listens. It keeps `kept` changes at least; who is further behind reads the log itself."""

    def __init__(self, database: Database, kept: int = KEPT) -> None:
        self._kept = kept
        self._database = database
        self._thread = ThreadPoolExecutor(1, "follow")
        self._listeners: set[Listener] = set()
        self._recent: list[ChangeRow] = []
        self._from: Place | None = None  # what is kept begins after it; None while nobody listens
        self._to = Place(0, 0)
        self._moved, self._needed = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the loop that runs."""
        loop = asyncio.get_running_loop()

        def moved() -> None:
            with suppress(RuntimeError):  # the loop has ended before the database
                loop.call_soon_threadsafe(self._moved.set)

        self._database.listen(moved)
        self._task = loop.create_task(self._follow(), name="follower")

    async def stop(self) -> None:
        """End, and let what is read finish."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown()

    @contextmanager
    def waking(self, listener: Listener) -> Iterator[None]:
        """Have a listener woken for as long as this lasts."""
        self._listeners.add(listener)
        self._needed.set()
        try:
            yield
        finally:
            self._listeners.discard(listener)

    def since(self, place: Place) -> Sequence[ChangeRow] | None:
        """What came after a place, or None where that is longer ago than what is kept."""
        if self._from is None or place < self._from:
            return None
        return self._recent[bisect_right(self._recent, place, key=lambda change: change.place) :]

    async def _follow(self) -> None:
        while True:
            if not self._listeners:
                self._from, self._recent = None, []
                self._needed.clear()
                await self._needed.wait()
            try:
                await self._look()
            except Exception:  # a database that is away comes back, and nothing is lost meanwhile
                log.exception("the log of changes could not be followed", next_try=PAUSE)
                await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._moved.clear()
        if self._from is None:
            self._from = self._to = await loop.run_in_executor(self._thread, self._head)
            for listener in self._listeners:  # what they read before is perhaps older than this
                listener.woken.set()
        elif found := await loop.run_in_executor(self._thread, self._read):
            self._keep(found)
            if len(found) == MOST:
                return
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self._moved.wait()

    def _head(self) -> Place:
        with self._database.reading() as session:
            return changes.head(session)

    def _read(self) -> list[ChangeRow]:
        with self._database.reading() as session:
            return changes.since(session, self._to.cursor, most=MOST)

    def _keep(self, found: list[ChangeRow]) -> None:
        self._recent += found
        self._to = found[-1].place
        if len(self._recent) > 2 * self._kept:
            self._from = self._recent[-self._kept - 1].place
            self._recent = self._recent[-self._kept :]
        types, uids = {each.type for each in found}, {each.uid for each in found}
        for listener in self._listeners:
            if listener.hears(types, uids):
                listener.woken.set()
