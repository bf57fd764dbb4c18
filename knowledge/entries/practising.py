"""The twelve principles as entries: what puts each into practice, and what is missing [K2]."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import Order, Page, Slice, Table, neighbours, read, slices, table_of
from knowledge.entries.entry import Entry, EntryPrinciple, EntryRow, Revision, seen_by, visible_to
from knowledge.entries.listing import principle_numbers
from knowledge.missing import Missing
from knowledge.people import Viewer
from knowledge.principles import TWELVE, Principle
from knowledge.words import Kind, MissingLink, Status

PRACTISING = (Kind.BEST_PRACTICE, Kind.REQUIREMENTS, Kind.GUIDE, Kind.STORY, Kind.LESSON)
"""What puts a principle into practice: what one does, how, and what became of it. A question or an idea asks for it only."""

_e, _r, _named, _principle = table_of(Entry).c, table_of(Revision).c, table_of(EntryPrinciple), table_of(Principle)
_written = table_of(Revision).alias("written")
_LATEST = Order("updated_desc", ((_e.updated_at, True), (_e.id, True)))


class _NumberedRow(EntryRow):
    number: int


def _principle_entries(session: Session, entries: list[EntryRow], viewer: Viewer) -> Mapping[int, list[EntryRow]]:
    wanted = {entry.id: principle_numbers(entry) for entry in entries}
    numbers = {number for each in wanted.values() for number in each}
    found = {row.number: row for row in twelve(session, viewer)} if numbers else {}
    return {id: [found[number] for number in each if number in found] for id, each in wanted.items()}


def principles_of(entry: EntryRow, viewer: Viewer) -> Sequence[EntryRow]:
    """The principles an entry puts into practice, as entries, in their order; read for the whole list at once."""
    return neighbours(entry, _principle_entries, viewer)


def twelve(session: Session, viewer: Viewer) -> list[_NumberedRow]:
    """The principles that are published, in their order."""
    number = _principle.c.number
    statement = seen_by(viewer).add_columns(number).join(_principle, _principle.c.revision_id == _r.id)
    return read(session, _NumberedRow, statement.where(_e.status == Status.PUBLISHED).order_by(number, _e.id))


def _of_principles(statement: Select[Any], rows: Sequence[EntryRow]) -> Select[Any]:
    """Of a statement over entries, those that name one of these principles and are published; `_written` is the principle's revision."""
    return (
        statement.join(_named, _named.c.entry_id == _e.id)
        .join(_principle, _principle.c.number == _named.c.number)
        .join(_written, _written.c.id == _principle.c.revision_id)
        .where(_e.status == Status.PUBLISHED, _written.c.id.in_([row.revision_id for row in rows]))
    )


def _in_practice(
    session: Session, rows: list[EntryRow], viewer: Viewer, page: Page, kinds: tuple[Kind, ...]
) -> Mapping[int, Slice[EntryRow]]:
    statement = _of_principles(seen_by(viewer).where(_e.kind.in_(kinds)), rows)
    return slices(session, EntryRow, statement, _LATEST, page, rows, _written.c.entry_id)


def in_practice(
    principle: EntryRow, viewer: Viewer, page: Page, *, kinds: tuple[Kind, ...] = PRACTISING
) -> Slice[EntryRow]:
    """What of these kinds names a principle, the latest changed first; read for all principles of the list at once."""
    return neighbours(principle, _in_practice, viewer, page, kinds)


_MISSING: Mapping[MissingLink, str] = {
    MissingLink.PRACTICE: "Nothing puts it into practice yet.",
    MissingLink.EVIDENCE: "No practice of it has been held against what customers say.",
    MissingLink.INSIGHT: "No insight speaks of it yet.",
    MissingLink.INITIATIVE: "No initiative works on it.",
}


def _gaps(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, Sequence[Missing]]:
    if not viewer.is_inside:
        return {row.id: () for row in rows}
    evidence = Table.metadata.tables["evidence"].c  # what is known of entries imports this package
    proved: ColumnElement[int] = func.sum(case((exists().where(evidence.entry_id == _e.id), 1), else_=0))
    seen = select(_written.c.entry_id, _e.kind, proved).select_from(table_of(Entry)).where(visible_to(viewer))
    statement = _of_principles(seen, rows).group_by(_written.c.entry_id, _e.kind)
    found: dict[int, dict[Kind, int]] = {row.id: {} for row in rows}
    for id, kind, count in session.connection().execute(statement):
        found[id][kind] = count
    return {id: _told(kinds) for id, kinds in found.items()}


def _told(kinds: Mapping[Kind, int]) -> Sequence[Missing]:
    practices = [kind for kind in kinds if kind in PRACTISING]
    is_there = {
        MissingLink.PRACTICE: bool(practices),
        MissingLink.EVIDENCE: not practices or any(kinds[kind] for kind in practices),
        MissingLink.INSIGHT: Kind.INSIGHT in kinds,
        MissingLink.INITIATIVE: Kind.INITIATIVE in kinds,
    }
    return [Missing(what, words) for what, words in _MISSING.items() if not is_there[what]]


def missing(principle: EntryRow, viewer: Viewer) -> Sequence[Missing]:
    """What is missing at a principle, for colleagues: a practice, one that was tried, an insight, an initiative [K2]."""
    return neighbours(principle, _gaps, viewer)


def of_the_week(day: date | None = None) -> int:
    """Which of the twelve it is that week's turn: one after the other, from Monday to Sunday, the same for everybody."""
    day = day or clock.today()
    return TWELVE[(day.toordinal() - 1) // 7 % len(TWELVE)]
