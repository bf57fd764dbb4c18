"""What a kind of entry has beyond title and body, read for all entries of the kind at once."""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar, cast

from sqlalchemy import Select, select
from sqlmodel import Session

from knowledge.database import Row, Table, among, columns_of, neighbours, read_among, table_of
from knowledge.entries.entry import EntryRow, RevisionRow
from knowledge.entries.kinds import DETAILS
from knowledge.words import Kind

D = TypeVar("D", bound=Row)


def _details(session: Session, entries: list[EntryRow], row_class: type[D]) -> Mapping[int, D | None]:
    kind, detail = next((kind, each) for kind, each in DETAILS.items() if each.row_class is row_class)
    wanted = {entry.revision_id for entry in entries if entry.kind is kind}
    found = _details_by_revision(session, detail.table, row_class, wanted)
    return {entry.id: found.get(entry.revision_id) for entry in entries}


def detail_of(entry: EntryRow, row_class: type[D]) -> D:
    """What the entry's kind has beyond title and body, read for all entries of that kind in the list at once."""
    return cast(D, neighbours(entry, _details, row_class))


def _revision_details(session: Session, revisions: list[RevisionRow], row_class: type[D]) -> Mapping[int, D | None]:
    detail = next(each for each in DETAILS.values() if each.row_class is row_class)
    found = _details_by_revision(session, detail.table, row_class, {revision.id for revision in revisions})
    return {revision.id: found.get(revision.id) for revision in revisions}


def revision_detail(revision: RevisionRow, row_class: type[D]) -> D | None:
    """The same of one revision, or None where its kind has no such detail."""
    return neighbours(revision, _revision_details, row_class)


def _parts_by_revision(session: Session, kinds: Mapping[Kind, Collection[int]]) -> Mapping[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for kind, ids in kinds.items():
        if (detail := DETAILS.get(kind)) and detail.parts is not None:
            found.update(detail.parts.stored(session, ids))
    return found


def _by_kind(rows: Iterable[tuple[Kind, int]]) -> Mapping[Kind, Collection[int]]:
    found: dict[Kind, list[int]] = {}
    for kind, id in rows:
        found.setdefault(kind, []).append(id)
    return found


def _parts(session: Session, entries: list[EntryRow]) -> Mapping[int, Mapping[str, Any]]:
    found = _parts_by_revision(session, _by_kind((entry.kind, entry.revision_id) for entry in entries))
    return {entry.id: found.get(entry.revision_id, {}) for entry in entries}


def parts_of(entry: EntryRow) -> Mapping[str, Any]:
    """What of the kind's detail lies in rows of its own, by its name among the values, read for all entries at once."""
    return neighbours(entry, _parts)


def _revision_parts(session: Session, revisions: list[RevisionRow]) -> Mapping[int, Mapping[str, Any]]:
    found = _parts_by_revision(session, _by_kind((revision.kind, revision.id) for revision in revisions))
    return {revision.id: found.get(revision.id, {}) for revision in revisions}


def revision_parts(revision: RevisionRow) -> Mapping[str, Any]:
    """The same of one revision."""
    return neighbours(revision, _revision_parts)


def _details_by_revision(session: Session, table: type[Table], row_class: type[D], ids: set[int]) -> Mapping[int, D]:
    return {row.id: row for row in read_among(session, row_class, partial(_details_among, table), ids)}


@lru_cache(maxsize=128)
def _details_among(table: type[Table], count: int) -> Select[Any]:
    key = table_of(table).c.revision_id
    return select(key.label("id"), *columns_of(table)).where(among(key, count))
