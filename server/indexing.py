"""Keeps the index of one process true to the rows, round by round, and says in the log how that goes."""

import errno
from collections.abc import Callable
from time import monotonic

import structlog

from knowledge.database import Database
from knowledge.search import following
from knowledge.search.index import Index

log = structlog.get_logger()

WITHOUT_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
TELLING = 1_000
"""Entries from which it is worth saying how far a new index is."""
VERIFIED_EVERY = 600.0
"""Seconds after which all files are read again: .1 s for 100,000 entries."""


class Stopped(Exception):
    """A new index was broken off because the process ends; the next one begins anew."""


class Keeper:
    """What there is to remember between two rounds. One thread calls it; `trouble` is for whoever watches."""

    def __init__(self, database: Database, index: Index, is_stopping: Callable[[], bool]) -> None:
        self.trouble = ""
        self._database = database
        self._index = index
        self._is_stopping = is_stopping
        self._is_reconciled = False
        self._verified = monotonic()
        self._heard = ""
        self._tenths = -1

    def keep(self) -> int:
        """One round: follow the log, the first time compare with the rows as well. Answers how many entries it wrote or dropped;
        raises `Stopped`, and whatever went wrong.
        """
        self._heed()
        if monotonic() > self._verified + VERIFIED_EVERY:
            self._verified = monotonic()
            self._index.verify()
        if not self._is_reconciled:
            self._reconcile()
        written = following.follow(self._database, self._index, self._told)
        self._heed()
        if self.trouble:
            log.info("the index follows again")
            self.trouble = ""
        return written

    def failed(self, failure: Exception, next_try: float) -> None:
        """Note why a round failed, and log it: in one line where the disk is full."""
        if isinstance(failure, OSError) and failure.errno in WITHOUT_ROOM:
            self.trouble = f"The index cannot be written: {failure.strerror}."
            log.error("the index cannot be written: there is no room", reason=str(failure), next_try=next_try)
        else:
            self.trouble = f"The index cannot follow: {type(failure).__name__}."
            log.error("the index could not follow", exc_info=failure, next_try=next_try)

    def _reconcile(self) -> None:
        found = following.reconcile(self._database, self._index, self._told)
        if found:
            repaired = {name: len(getattr(found, name)) for name in ("missing", "outdated", "surplus")}
            log.warning("index repaired", **repaired)
        self._is_reconciled = True

    def _heed(self) -> None:
        """Say once why an index was given up."""
        if self._index.trouble != self._heard:
            self._heard = self._index.trouble
            log.warning("the index was given up and is built anew", reason=self._heard)

    def _told(self, done: int, total: int) -> None:
        if self._is_stopping():
            raise Stopped
        self._heed()
        tenths = 10 * done // max(total, 1)
        if total >= TELLING and tenths != self._tenths:
            self._tenths = tenths
            log.info("a new index is built", read=done, entries=total, percent=10 * tenths)
