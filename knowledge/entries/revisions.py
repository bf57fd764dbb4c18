"""Revisions as they are compared: which of them the viewer may read, what each says, and what changed between two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import Session

from knowledge.database import Row, neighbours, one, read, table_of
from knowledge.entries import differences, fields, listing, tags
from knowledge.entries.aligning import Effort
from knowledge.entries.details import revision_detail, revision_parts
from knowledge.entries.differences import FieldDifference
from knowledge.entries.entry import Entry, EntryRow, Revision, RevisionRow, visible_to
from knowledge.entries.fields import Said
from knowledge.entries.kinds import DETAILS
from knowledge.people import Viewer
from knowledge.words import Audience

WRITTEN = ("title", "summary", "body", "language", "audience", "source", "licence")
"""What a revision holds in columns of its own."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one revision to another; from nothing, where the viewer may read none before it."""

    before: RevisionRow | None
    after: RevisionRow
    fields: tuple[FieldDifference, ...]


class _NumberRow(Row):
    entry_id: int
    number: int
    is_published: bool


Place = tuple[int, int]
"""Which revision: the key of its entry, and its number."""

_e = table_of(Entry).c
_r = table_of(Revision).c


def as_written(revision: RevisionRow) -> dict[str, Any]:
    """What a revision says, as `writing` takes it; tags by name and groups by uid."""
    written: dict[str, Any] = {field: getattr(revision, field) for field in WRITTEN}
    written["tags"] = [tag.name for tag in tags.of_revision(revision)]
    is_for_groups = revision.audience is Audience.GROUP
    written["audience_groups"] = [group.uid for group in listing.revision_groups(revision)] if is_for_groups else []
    if (detail := DETAILS.get(revision.kind)) and (stored := revision_detail(revision, detail.row_class)):
        written["detail"] = {field: getattr(stored, field) for field in detail.fields}
        if detail.parts is not None:
            written["detail"] |= revision_parts(revision)
    return written


def said(revision: RevisionRow) -> Said:
    """What a revision says as people read it: the same with groups by name."""
    written = {"detail": {}, **as_written(revision)}
    if written["audience_groups"]:
        written["audience_groups"] = [group.name for group in listing.revision_groups(revision)]
    return fields.said(written, DETAILS.get(revision.kind))


def numbered(session: Session, viewer: Viewer, entry: EntryRow, number: int) -> RevisionRow | None:
    """One revision of an entry by its number, if the viewer may read it."""
    statement = listing.readable_revisions(viewer).where(_r.entry_id == entry.id, _r.number == number)
    return one(session, RevisionRow, statement.where(visible_to(viewer)))


def nearest(session: Session, viewer: Viewer, entry: EntryRow, number: int) -> RevisionRow | None:
    """The newest revision up to `number` that the viewer may read."""
    statement = listing.readable_revisions(viewer).where(_r.entry_id == entry.id, _r.number <= number)
    return one(session, RevisionRow, statement.order_by(_r.number.desc()))


def difference_of_entry(entry: EntryRow, viewer: Viewer, before: int | None, after: int) -> Difference | None:
    """From one revision of an entry to another by their numbers; None where the viewer may not read one of them.

    Without `before` it is from what is published to what is newer, and otherwise from the one before.
    """
    return neighbours(entry, _of_entries, viewer, before, after)


def difference_of_revision(revision: RevisionRow, viewer: Viewer, before: int | None) -> Difference | None:
    """The same to a revision that was read."""
    return neighbours(revision, _of_revisions, viewer, before)


def _of_entries(
    session: Session, entries: list[EntryRow], viewer: Viewer, before: int | None, after: int
) -> Mapping[int, Difference | None]:
    wanted = {entry.id: (entry.id, after) for entry in entries}
    bases = _bases(session, viewer, wanted.values(), before)
    found = _read(session, viewer, {*wanted.values(), *bases.values()})
    return {id: _difference(session, viewer, found.get(place), found, bases[place]) for id, place in wanted.items()}


def _of_revisions(
    session: Session, revisions: list[RevisionRow], viewer: Viewer, before: int | None
) -> Mapping[int, Difference | None]:
    wanted = {row.id: (row.entry_id, row.number) for row in revisions}
    bases = _bases(session, viewer, wanted.values(), before)
    found = _read(session, viewer, {*wanted.values(), *bases.values()})
    return {
        row.id: _difference(session, viewer, found.get(wanted[row.id], row), found, bases[wanted[row.id]])
        for row in revisions
    }


def _difference(
    session: Session, viewer: Viewer, after: RevisionRow | None, found: Mapping[Place, RevisionRow], base: Place
) -> Difference | None:
    before = found.get(base)
    if after is None or (before is None and base[1]):
        return None
    nothing: Said = {}
    said_before = _told(before, viewer) if before else nothing
    changed = differences.between(said_before, _told(after, viewer), effort(session))
    return Difference(before, after, changed)


def _told(revision: RevisionRow, viewer: Viewer) -> Said:
    """What a revision says to the viewer: without what is for colleagues alone to whoever is none."""
    detail = DETAILS.get(revision.kind)
    if viewer.is_inside or detail is None:
        return said(revision)
    hidden = {fields.called(f"{detail.name}.{name}", detail) for name in detail.inside}
    return {field: value for field, value in said(revision).items() if field not in hidden}


def effort(session: Session) -> Effort:
    """What is left to this operation for comparing; whoever runs operations begins each with a new one."""
    left: Effort = session.info.setdefault("comparing", Effort())
    return left


def _bases(session: Session, viewer: Viewer, wanted: Iterable[Place], before: int | None) -> Mapping[Place, Place]:
    """What each revision is compared with; number 0 is nothing."""
    places = set(wanted)
    if before is not None:
        return {place: (place[0], before) for place in places}
    listed = listing.readable_revisions(viewer).with_only_columns(
        _r.id, _r.entry_id, _r.number, (_r.id == _e.published_revision_id).label("is_published")
    )
    rows = read(session, _NumberRow, listed.where(_r.entry_id.in_({id for id, _ in places})).order_by(_r.number))
    found: dict[Place, Place] = {}
    for id, number in places:
        earlier = [row for row in rows if row.entry_id == id and row.number < number]
        published = [row.number for row in earlier if row.is_published]
        found[id, number] = (id, next(iter(published), earlier[-1].number if earlier else 0))
    return found


def _read(session: Session, viewer: Viewer, places: Iterable[Place]) -> Mapping[Place, RevisionRow]:
    statement = listing.readable_revisions(viewer).where(tuple_(_r.entry_id, _r.number).in_(set(places)))
    return {(row.entry_id, row.number): row for row in read(session, RevisionRow, statement.where(visible_to(viewer)))}
