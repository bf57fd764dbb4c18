"""Keeps an index true to the rows: it follows the change log, and is compared with the rows and repaired."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session

from knowledge import changes
from knowledge.database import Database, table_of
from knowledge.search import documents
from knowledge.search.index import Document, Index

BATCH = 100
CHANGES = 1_000
BULK = 5_000
"""Changes of entries from which it is quicker to build the index anew, where they are as many as half of all entries."""

Progress: TypeAlias = Callable[[int, int], None]


def unheard(_done: int, _total: int) -> None:
    """The progress that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where index and rows disagreed: entries it lacks, has in another revision, or has though they are not to be found."""

    missing: frozenset[UUID]
    outdated: frozenset[UUID]
    surplus: frozenset[UUID]

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.surplus)


def follow(database: Database, index: Index, progress: Progress = unheard) -> int:
    """Apply all that moved since the index's cursor, a hundred entries at a time; answers how many entries it wrote or dropped.

    An index that never followed anything, or was lost, is filled from the rows, and so is one that is behind by a bulk of entries;
    `progress` hears of that as in `reindex`.
    """
    written = 0
    while cursor := index.cursor():
        with database.reading() as session:
            log = changes.since(session, cursor, most=CHANGES)
            if len(log) == CHANGES and not written and _is_bulk(session, cursor):
                break
            uids = dict.fromkeys(change.uid for change in log if change.type == "Entry")
            if log and not _apply(session, index, uids, cursor, log[-1].cursor):
                continue  # another index took its place
            written += len(uids)
        if len(log) < CHANGES:
            return written
    return written + reindex(database, index, progress)


def difference(database: Database, index: Index) -> Difference:
    """Compare the index with the rows by uid and revision."""
    with database.reading() as session:
        wanted = documents.revisions(session)
    known = index.known()
    return Difference(
        missing=frozenset(wanted.keys() - known.keys()),
        outdated=frozenset(uid for uid in wanted.keys() & known.keys() if wanted[uid] != known[uid]),
        surplus=frozenset(known.keys() - wanted.keys()),
    )


def reconcile(database: Database, index: Index, progress: Progress = unheard) -> Difference:
    """Catch up with the log, then compare with the rows and repair; answers what was repaired."""
    while True:
        follow(database, index, progress)
        cursor = index.cursor()
        found = difference(database, index)
        with database.reading() as session:
            uids = found.missing | found.outdated | found.surplus
            if not found or _apply(session, index, uids, cursor, cursor):
                return found


def reindex(database: Database, index: Index, progress: Progress = unheard) -> int:
    """Build the index anew from the rows; `progress` hears how many entries of how many are read. Answers how many there were.

    Entries are readable all the while. What moved meanwhile is followed at the end, from the moment at which this began.
    """
    with database.reading() as session:
        start = head(session)
        total = documents.count(session)
    done = 0

    def counted() -> Iterator[Document]:
        nonlocal done
        for batch in _every(database):
            yield from batch
            done += len(batch)
            progress(done, total)

    index.replace(counted(), start, total)
    if index.cursor():
        follow(database, index)
    return done


def head(session: Session) -> str:
    """The end of the log, as far as no slower commit can still come before it; "0.0" while it is empty."""
    log = table_of(changes.Change).c
    statement = select(log.xid, log.id).order_by(log.xid.desc(), log.id.desc()).limit(1)
    if session.connection().dialect.name == "postgresql":
        statement = statement.where(log.xid < text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
    last = session.connection().execute(statement).first()
    return f"{last.xid}.{last.id}" if last else "0.0"


def _is_bulk(session: Session, cursor: str) -> bool:
    most = max(BULK, documents.count(session) // 2)
    return len(changes.since(session, cursor, types=("Entry",), most=most)) == most


def _apply(session: Session, index: Index, uids: Iterable[UUID], before: str, cursor: str) -> bool:
    """Write what the rows say of these entries now; the cursor moves with the last batch only.

    False where the index did not follow up to `before` any more.
    """
    rest = iter(uids)
    batches = list(iter(lambda: list(islice(rest, BATCH)), [])) or [[]]
    for place, batch in enumerate(batches, start=1):
        found = documents.by_uids(session, batch) if batch else []
        gone = set(batch) - {document.uid for document in found}
        if not index.apply(found, gone, cursor if place == len(batches) else before, since=before):
            return False
    return True


def _every(database: Database) -> Iterator[list[Document]]:
    # A snapshot for each batch: one for all of them would keep the log of SQLite from being trimmed for minutes.
    last = 0
    while True:
        with database.reading() as session:
            batch, last = documents.after(session, last, BATCH)
        if not batch:
            return
        yield batch
