"""The one writer thread of a process on SQLite: a bounded queue, a batch to a COMMIT, a savepoint to an operation."""

import fcntl
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from knowledge.database.failures import told

T = TypeVar("T")
Work: TypeAlias = Callable[[Session], T]

BATCH = 64


@dataclass
class _Operation(Generic[T]):
    work: Work[T]
    future: "Future[T]" = field(default_factory=Future)


class Writer:
    """Runs operations one after the other; each is answered after the COMMIT of its batch.

    Between processes a blocking file lock around the batch keeps the order fair: SQLite's own busy handler polls, and starves
    whoever polls at the wrong moments.
    """

    def __init__(self, engine: Engine, path: Path, size: int, committed: Callable[[], None]) -> None:
        self._engine = engine
        self._path = path
        self._committed = committed
        self._queue: queue.Queue[_Operation[Any] | None] = queue.Queue(size)
        self._closed = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, work: Work[T]) -> "Future[T]":
        """Queue an operation; raises `queue.Full` when as many wait as the queue may hold."""
        if self._closed:
            raise RuntimeError("The database is closed.")
        self._start()
        operation = _Operation(work)
        self._queue.put_nowait(operation)
        return operation.future

    def close(self) -> None:
        """Finish what is queued, then end the thread."""
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (operation := self._queue.get()) is not None:
            batch: list[_Operation[Any]] = [operation]
            while len(batch) < BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                batch.append(following)
            self._together(batch)

    def _together(self, batch: list[_Operation[Any]]) -> None:
        batch = [each for each in batch if each.future.set_running_or_notify_cancel()]
        done: list[tuple[_Operation[Any], Any]] = []
        try:
            with held(self._path), self._engine.connect() as connection, connection.begin():
                for operation in batch:
                    _one(connection, operation, done)
        except BaseException as failure:  # whatever stopped the COMMIT is the answer to everyone in the batch
            for operation in batch:
                if not operation.future.done():
                    operation.future.set_exception(told(failure))
            return
        if done:
            self._committed()
        for operation, result in done:
            operation.future.set_result(result)


def _one(connection: Connection, operation: _Operation[Any], done: list[tuple[_Operation[Any], Any]]) -> None:
    with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
        try:
            result = operation.work(session)
            session.commit()  # releases the savepoint of this operation
        except BaseException as refusal:
            session.rollback()
            if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                raise  # a full disk rolls back everything, so nothing of this batch may be acknowledged
            operation.future.set_exception(told(refusal))
        else:
            done.append((operation, result))


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep the other processes from writing a database, by a lock on a file beside it."""
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
