"""What goes on beside the requests: the index follows the change log, jobs run when their time has come, entries are understood."""

import fcntl
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from knowledge import attachments, changes, clock, jobs
from knowledge.community import digests, notifications, shares
from knowledge.contacts import Contact
from knowledge.customers import segments, sorting
from knowledge.database import Database, table_of
from knowledge.entries import freshness, scheduling
from knowledge.initiatives import cadence
from knowledge.jobs import Handler, Job
from knowledge.ladder import settling
from knowledge.listening import keeping
from knowledge.meaning.learning import Learning
from knowledge.people import signing
from knowledge.privacy import retention, scrubbing
from knowledge.search.index import Index
from knowledge.surveys import inviting
from server.indexing import Keeper, Stopped

log = structlog.get_logger()

LOOK = 1.0
SOON = 0.05
CALM = 0.05
"""Seconds to the next look at the log after one that found nothing for the index, for whose sake every commit of anything else is
not looked at by itself; whoever waits for the index ends them.
"""
LONGEST = 30.0
NICENESS = 10
DAILY, HOURLY, OFTEN = timedelta(days=1), timedelta(hours=1), timedelta(minutes=5)


def _lapse(session: Session, subject: str) -> None:
    freshness.lapse(session, UUID(subject))


def _publish(session: Session, subject: str) -> None:
    scheduling.publish_due(session, UUID(subject))


def _tidy(session: Session, _: str) -> None:
    signing.tidy(session)
    _again(session, "people.tidy", clock.now() + DAILY)


def _tidy_notifications(session: Session, _: str) -> None:
    notifications.tidy(session)
    digests.tidy(session)
    shares.forget(session)
    _again(session, "notifications.tidy", clock.now() + DAILY)


def _tidy_files(session: Session, _: str) -> None:
    attachments.tidy(session)
    _again(session, "attachments.tidy", clock.now() + DAILY)


def _tidy_searches(session: Session, _: str) -> None:
    keeping.tidy(session)
    _again(session, "searches.tidy", clock.now() + DAILY)


def _sort_segments(session: Session, subject: str) -> None:
    segments.sort(session, subject)


def _sort_segments_daily(session: Session, _: str) -> None:
    segments.sort(session)
    _again(session, "segments.daily", clock.now() + DAILY)


def _settle_ladder(session: Session, subject: str) -> None:
    """Some customers after another in a transaction of their own, until all have been looked at for the day."""
    after = settling.round_from(session, int(subject or "0"))
    if after is not None:
        jobs.later(session, "ladder.settle", str(after))
    else:
        _again(session, "ladder.settle", clock.now() + DAILY)


def _let_go(session: Session, _: str) -> None:
    retention.tidy(session)
    _again(session, "privacy.tidy", clock.now() + DAILY)


def _ask_those_who_met_us(session: Session, _: str, contact: Contact = Contact()) -> None:  # noqa: B008  it is a value
    inviting.after_meetings(session, contact)
    _again(session, "surveys.ask", clock.now() + HOURLY)


def _make_digests(session: Session, _: str, contact: Contact = Contact()) -> None:  # noqa: B008  it is a value
    """Some people's letters after others', until everybody has theirs of this morning; where none are sent, none are made."""
    if contact.digests and digests.make(session, hour=contact.digest_hour):
        jobs.later(session, "digests.make")
    else:
        _again(session, "digests.make", clock.now() + OFTEN)


def _watch_initiatives(session: Session, _: str) -> None:
    cadence.watch(session)
    _again(session, "initiatives.watch", clock.now() + DAILY)


HANDLERS: Mapping[str, Handler] = {
    "entry.lapse": _lapse,
    "people.tidy": _tidy,
    "entry.publish": _publish,
    "notify": notifications.notify,
    "notifications.tidy": _tidy_notifications,
    "attachments.tidy": _tidy_files,
    "searches.tidy": _tidy_searches,
    sorting.JOB: _sort_segments,
    "segments.daily": _sort_segments_daily,
    "ladder.settle": _settle_ladder,
    "privacy.tidy": _let_go,
    "surveys.ask": _ask_those_who_met_us,
    "digests.make": _make_digests,
    "initiatives.watch": _watch_initiatives,
}
"""What each kind of job does. A kind in `RECURRING` asks for its next run itself."""


def handlers(contact: Contact) -> Mapping[str, Handler]:
    """The same, where customers are reached as an installation does."""
    return {
        **HANDLERS,
        "surveys.ask": partial(_ask_those_who_met_us, contact=contact),
        "digests.make": partial(_make_digests, contact=contact),
    }


RECURRING = (
    "people.tidy",
    "notifications.tidy",
    "attachments.tidy",
    "searches.tidy",
    "segments.daily",
    "ladder.settle",
    "privacy.tidy",
    "surveys.ask",
    "digests.make",
    "initiatives.watch",
)


def begin_recurring(session: Session) -> None:
    """Ask for the first run of every recurring job that is not waiting already."""
    for kind in RECURRING:
        if not _waits(session, kind):
            jobs.later(session, kind)


def _again(session: Session, kind: str, at: datetime) -> None:
    """Ask for the next run, unless a later one waits: two nodes that begin at once ask twice, and one chain of runs is enough."""
    if not _waits(session, kind, table_of(Job).c.due_at > clock.now()):
        jobs.later(session, kind, at=at)


def _waits(session: Session, kind: str, *which: ColumnElement[bool]) -> bool:
    """Whether such a job is still going to run; one that failed too often is not."""
    job = table_of(Job).c
    waiting = select(job.id).where(job.kind == kind, job.tries < jobs.TRIES, *which)
    return session.connection().execute(waiting).first() is not None


class Lease:
    """Held by one process of a machine at a time, for as long as it lives: a lock on a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def taken(self) -> bool:
        """Whether this process holds it, trying once where it does not."""
        if self._handle is not None:
            return True
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def given_up(self) -> None:
        """Let another process have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Worker:
    """Two threads, and a third where entries are found by meaning.

    In the process that holds the lease they write the index and run the jobs; elsewhere they wait for their turn."""

    def __init__(
        self,
        database: Database,
        index: Index,
        folder: Path,
        *,
        learning: Learning | None = None,
        handlers: Mapping[str, Handler] = HANDLERS,
        post: Callable[[Database], object] | None = None,
    ) -> None:
        self._post = post
        self._database = database
        self._handlers = handlers
        self._index = index
        self._folder = folder
        self._scrubs_next = clock.now()
        self._lease = Lease(folder / "worker.lock")
        self._stopping = threading.Event()
        self._moved = threading.Event()
        self._called = threading.Event()
        self._turn = threading.Lock()
        self._waiting: list[Future[None]] = []
        self._learning = learning
        self.keeper = Keeper(database, index, self._stopping.is_set)
        does = (self.follows, self.works, *([self.learns] if learning else ()))
        self._threads = [threading.Thread(target=each, name=each.__name__) for each in does]

    def start(self) -> None:
        """Begin, and look once at once."""
        self._database.listen(self._moved.set)
        self._moved.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the step under way finish, end both threads, and give up the lease."""
        self._stopping.set()
        self._called.set()
        self._moved.set()
        for thread in self._threads:
            thread.join()
        self._lease.given_up()
        self._answer(self._taken())

    def caught_up(self) -> "Future[None]":
        """Answers when all that was committed before this call is in the index."""
        future: Future[None] = Future()
        with self._turn:
            self._waiting.append(future)
        self._called.set()
        self._moved.set()
        return future

    def follows(self) -> None:
        """The first thread: follow the change log at each commit, and once a second for the commits of other processes."""
        pause = LOOK
        while not self._stopping.is_set():
            self._moved.wait(pause)
            self._moved.clear()
            self._called.clear()
            waiting, is_calm = self._taken(), False
            try:
                if self._lease.taken():
                    is_calm = not self.keeper.keep()
                    pause = LOOK
                else:
                    waiting = self._still_waiting(waiting)
                    pause = SOON if self._waiting else LOOK
            except Stopped:
                log.info("a new index is broken off, and begun again at the next start")
            except Exception as failure:  # the worker loop is one of the two edges
                self.keeper.failed(failure, next_try=pause)
                self._put_back(waiting)
                waiting = []
                self._stopping.wait(pause)
                self._moved.set()
                pause = min(pause * 2, LONGEST)
            self._answer(waiting)
            if is_calm and not self._stopping.is_set():
                self._called.wait(CALM)

    def works(self) -> None:
        """The second thread: run what is due, looking once a second."""
        begun = False
        while not self._stopping.is_set():
            try:
                if self._lease.taken():
                    begun = begun or self._begun()
                    jobs.run_due(self._database, self._handlers)
                    self._scrub()
                    if self._post is not None:
                        self._post(self._database)
            except Exception:  # the worker loop is one of the two edges
                log.exception("jobs could not run")
            self._stopping.wait(LOOK)

    def learns(self) -> None:
        """The third thread: compute the vectors that the index lacks, after everything else that wants the processor."""
        assert self._learning is not None
        with suppress(OSError, AttributeError):  # on Linux a thread has a niceness of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        pause = LOOK
        while not self._stopping.is_set():
            try:
                is_busy = self._lease.taken() and self._learning.learn(self._stopping.is_set)
                pause = 0 if is_busy else LOOK
            except Exception:  # the worker loop is one of the two edges
                pause = min(max(pause, LOOK) * 2, LONGEST)
                log.exception("entries could not be understood", next_try=pause)
            self._stopping.wait(pause)

    def _scrub(self) -> None:
        """Have the disk forget who was erased; where a reader holds on to the past, once more in a minute."""
        if clock.now() >= self._scrubs_next:
            self._scrubs_next = clock.now() + timedelta(minutes=1)
            scrubbing.scrub(self._database, self._index, self._folder)

    def _begun(self) -> bool:
        scrubbing.replay(self._database, self._folder)
        self._database.write(begin_recurring)
        return True

    def _still_waiting(self, waiting: list["Future[None]"]) -> list["Future[None]"]:
        """Of another process's index we only see how far it is."""
        if not waiting:
            return []
        with self._database.reading() as session:
            is_behind = bool(changes.since(session, self._index.cursor(), most=1))
        if is_behind:
            self._put_back(waiting)
            return []
        return waiting

    def _taken(self) -> list["Future[None]"]:
        with self._turn:
            waiting, self._waiting = self._waiting, []
        return waiting

    def _put_back(self, waiting: list["Future[None]"]) -> None:
        with self._turn:
            self._waiting += [each for each in waiting if not each.cancelled()]

    @staticmethod
    def _answer(waiting: list["Future[None]"]) -> None:
        for each in waiting:
            with suppress(InvalidStateError):  # whoever waited has given up
                each.set_result(None)
