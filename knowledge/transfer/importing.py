"""Imports a folder or a file: a pass for each type in an order that lets every row find what it refers to.

Nothing is held in memory but a batch. A batch is a transaction of at most fifty rows or a quarter of a second, so that others
can write between; with `strict` or `dry_run` the whole import is one transaction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import Database
from knowledge.errors import Invalid, Refusal
from knowledge.people import Act, Viewer, require
from knowledge.transfer import (
    attaching,
    attachments,
    creating,
    dealings,
    drafts,
    entries,
    keeping,
    lookups,
    quoting,
    records,
    voices,
)
from knowledge.transfer.batches import Batch, Handler, findings, keep_one
from knowledge.transfer.entries import Incoming
from knowledge.transfer.registry import FIRST, LAST
from knowledge.transfer.report import Event, Finding, Outcome, Report, Tally
from knowledge.transfer.restoring import restored
from knowledge.transfer.sources import Material, Row, Wishes

ROWS = 50
LONGEST = timedelta(milliseconds=250)

_Readable: TypeAlias = tuple[Row, Any]

Progress = Callable[[int, int], None]
"""Called with the rows done so far and the rows there are."""

Tell = Callable[[Event], None]
"""Called with what came of each row."""


def _prepare(session: Session, rows: Sequence[Incoming]) -> Mapping[str, creating.Ready | Refusal]:
    """Render what is new and plain, or find out why it cannot be."""
    known = lookups.entries(session, (row.slug for row in rows))
    prepared: dict[str, creating.Ready | Refusal] = {}
    for row in rows:
        if row.slug not in known and creating.is_plain(row):
            try:
                prepared[row.slug] = creating.ready(row, published=creating.is_published(row))
            except Refusal as refusal:
                prepared[row.slug] = refusal
    return prepared


def keep_entry(batch: Batch, row: Incoming) -> Outcome:
    """Keep an entry, and remember it if it reaches its state only once everything else is there."""
    if row.author and row.author not in batch.known.persons:
        batch.warn(row.row, "author", f"There is nobody with the address {row.author}; the entry is nobody's.")
    prepared = batch.prepared.get(row.slug)
    if isinstance(prepared, Refusal):
        raise prepared
    if isinstance(prepared, creating.Ready) and row.slug not in batch.known.entries:
        batch.new.append(keeping.wanted(batch.session, batch.viewer, batch.known, row, prepared))
        outcome = Outcome.CREATED
    else:
        outcome = keeping.keep(batch.session, batch.viewer, batch.known, row)
    if row.row.attached and row.row.place is not None:
        batch.attached.append(attaching.Wanted(row.slug, row.row.file, row.row.place, row.row.attached))
    if keeping.waits(batch.known, row, outcome):
        batch.tally.waiting.add(row.slug)
    return outcome


def _create_new(batch: Batch) -> None:
    creating.create(batch.session, batch.viewer, batch.new)
    kept = attaching.keep(batch.session, batch.viewer, batch.attached)
    batch.tally.attachments["kept"] += kept.count
    for finding in kept.refused:
        batch.tally.warn(finding)


def _finish_entry(batch: Batch, row: Incoming) -> None:
    keeping.finish_waiting(batch.session, batch.viewer, batch.known, row)


ENTRIES = Handler("entry", entries.read, keeping.known, keep_entry, prepare=_prepare, finish=_create_new)
WAITING = Handler("entry", entries.read, keeping.known, _finish_entry, counts=False)

PASSES: Sequence[Handler] = (
    records.GROUPS,
    records.CUSTOMERS,
    records.PARENTS,
    records.PEOPLE,
    *(restored(lines) for lines in FIRST),
    ENTRIES,
    voices.FEEDBACK,
    voices.JOINED,
    quoting.EVIDENCE,
    attachments.PROGRESS,
    attachments.LINKS,
    WAITING,
    drafts.DRAFTS,  # of what is published by now
    drafts.FORMER,
    attaching.ATTACHED,
    *(restored(lines) for lines in LAST),
    *dealings.PASSES,
    records.STANDINGS,
)


class _NotKept(Exception):
    """Rolls a whole import back and brings its tally out."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally


def import_path(
    database: Database,
    viewer: Viewer,
    path: Path,
    *,
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    wishes: Wishes | None = None,
    tell: Tell | None = None,
) -> Report:
    """Import a folder, a zip archive, or one file of Markdown, JSON lines or CSV.

    Refuses NOT_ALLOWED without the act ADMIN, NOT_FOUND and INVALID for the path; whatever is wrong with a row is in the report
    and stops no other row.

    Entries are matched by slug, people by address, groups by name, the rest by source and external_id: importing twice changes
    nothing. `strict` keeps all or nothing, `dry_run` nothing; both hold other writers up until they are done. `tell` hears of
    every row, also of those that are rolled back in the end.
    """
    require(viewer, Act.ADMIN, doing="import")
    with closing(Material(path, wishes)) as material:
        if strict or dry_run:
            return _at_once(database, viewer, material, progress, tell, dry_run=dry_run)
        return run(database, viewer, material, PASSES, progress, tell)


def run(
    database: Database,
    viewer: Viewer,
    material: Material,
    passes: Sequence[Handler],
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Report:
    """Import in short transactions, so that others can write between them."""
    tally = Tally(events=[] if tell else None)
    material.survey(tally)
    for handler, rows in _chunks(material, passes, tally):
        with database.reading() as session:
            prepared = _prepared(session, handler, rows)
        while rows:
            work = partial(_batch, viewer, handler, rows, prepared, within=LONGEST, listens=tell is not None)
            done, kept = database.write(work)
            tally.add(kept)
            _tell(tally, tell)
            del rows[:done]
            if progress is not None:
                progress(tally.rows, material.total)
    _tell(tally, tell)
    return tally.report()


def _tell(tally: Tally, tell: Tell | None) -> None:
    if tell is not None and tally.events:
        for event in tally.events:
            tell(event)
        tally.events.clear()


def _at_once(
    database: Database,
    viewer: Viewer,
    material: Material,
    progress: Progress | None,
    tell: Tell | None,
    *,
    dry_run: bool,
) -> Report:
    def work(session: Session) -> Tally:
        tally = Tally(events=[] if tell else None)
        material.survey(tally)
        for handler, rows in _chunks(material, PASSES, tally):
            prepared = _prepared(session, handler, rows)
            listens = tell is not None
            while rows:
                done, kept = _batch(viewer, handler, rows, prepared, session, within=timedelta.max, listens=listens)
                tally.add(kept)
                del rows[:done]
                _tell(tally, tell)
                session.expunge_all()  # the session would hold on to what it has yet to see committed
            if progress is not None:
                progress(tally.rows, material.total)
        _tell(tally, tell)
        if dry_run or tally.problems:
            raise _NotKept(tally)
        return tally

    try:
        return database.write(work).report()
    except _NotKept as undone:
        return undone.tally.report(kept=dry_run)


def _chunks(material: Material, passes: Sequence[Handler], tally: Tally) -> Iterator[tuple[Handler, list[_Readable]]]:
    """Fifty rows at a time of each pass, read as far as that goes without the database."""
    for handler in passes:
        rows = _readable(material, handler, tally)
        while chunk := list(islice(rows, ROWS)):
            yield handler, chunk


def _readable(material: Material, handler: Handler, tally: Tally) -> Iterator[_Readable]:
    noting = tally if handler.counts else Tally()
    slugs: set[str] = set()
    if handler is WAITING and not tally.waiting:
        return
    for row in material.rows(handler.type, noting):
        if (handler.wants and not handler.wants(row)) or (
            handler is WAITING and row.values.get("slug") not in tally.waiting
        ):
            continue
        try:
            incoming = handler.read(row)
            if isinstance(incoming, Incoming):
                _refuse_twice(incoming.slug, slugs)
        except Refusal as refusal:
            noting.refuse(findings(row, refusal))
            continue
        if row.note:
            noting.warn(Finding(row.file, row.line, "", row.note))
        for finding in row.notes:
            noting.warn(finding)
        for problem in incoming.unknown:
            noting.warn(row.finding(problem.field, problem.message))
        yield row, incoming


def _prepared(session: Session, handler: Handler, rows: Sequence[_Readable]) -> Mapping[str, Any]:
    return handler.prepare(session, [incoming for _, incoming in rows]) if handler.prepare else {}


def _refuse_twice(slug: str, slugs: set[str]) -> None:
    if slug in slugs:
        raise Invalid(f"Another entry of this import is called {slug}.", "slug")
    slugs.add(slug)


def _batch(
    viewer: Viewer,
    handler: Handler,
    rows: Sequence[_Readable],
    prepared: Mapping[str, Any],
    session: Session,
    *,
    within: timedelta,
    listens: bool,
) -> tuple[int, Tally]:
    """Keep the first of these rows, as many as can be kept in a time and are of different things; how many, and what came of them."""
    activity.hush(session)
    began, done = clock.now(), 0
    known = handler.known(session, [incoming for _, incoming in rows])
    batch = Batch(session, viewer, known, prepared, tally=Tally(events=[] if listens else None))
    seen = set[object]()
    for row, incoming in rows:
        key = handler.alike(incoming) if handler.alike else done
        if done and (clock.now() - began > within or key in seen):
            break
        seen.add(key)
        keep_one(batch, handler, row, incoming)
        done += 1
    if handler.finish is not None:
        handler.finish(batch)
    session.flush()  # nothing may wait in a session that is about to forget it
    return done, batch.tally
