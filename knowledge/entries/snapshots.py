"""Named snapshots: a revision of a vision that people will want to find again, under a name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.entries import listing, revisions
from knowledge.entries.entry import EntryRow, Revision, visible_to
from knowledge.entries.writing import editable
from knowledge.errors import Invalid, NotFound, Problem, refuse
from knowledge.people import Viewer
from knowledge.words import Kind

MOST = 100


class Snapshot(Table, table=True):
    """A name for one revision of a vision; no two in a vision are alike."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("entry_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id")
    revision_id: int = Field(foreign_key="revision.id", index=True)
    name: str = Field(max_length=80)
    note: str = Field(default="", max_length=300)
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()


class SnapshotRow(Row):
    """A snapshot as it is read, with the number of its revision and which published version that is, if any."""

    uid: UUID
    entry_id: int
    revision_id: int
    name: str
    note: str
    created_by_id: int | None
    created_at: datetime
    number: int
    version: int


_s = table_of(Snapshot).c
_r = table_of(Revision).c


def name(
    session: Session, viewer: Viewer, uid: UUID, number: int, *, called: str, note: str | None = None
) -> SnapshotRow:
    """Name a revision that the viewer may read, of a vision that they may edit. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    row, entry = editable(session, viewer, uid)
    if row.kind is not Kind.VISION:
        raise Invalid("Only a vision has snapshots.", "entry")
    revision = revisions.numbered(session, viewer, row, number)
    if revision is None:
        raise NotFound("There is no such revision.", "revision")
    called, note = " ".join(called.split()), (note or "").strip()
    refuse(_faults(called, note, _names(session, row.id)))
    snapshot = Snapshot(
        entry_id=row.id,
        revision_id=revision.id,
        name=called,
        note=note,
        created_by_id=viewer.id,
        created_at=clock.now(),
    )
    session.add(snapshot)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "snapshot.named", "Entry", entry.uid, moved={called: (None, number)})
    found = one(session, SnapshotRow, _readable(viewer).where(_s.id == snapshot.id))
    assert found is not None
    return found


def _faults(called: str, note: str, taken: list[str]) -> list[Problem]:
    found = []
    if not 1 <= len(called) <= 80 or called.isdigit():
        found.append(Problem("name", "Give it a name of at most 80 characters that is not just a number."))
    elif called.casefold() in (each.casefold() for each in taken):
        found.append(Problem("name", f"There is a snapshot called {called} already."))
    if len(note) > 300:
        found.append(Problem("note", "This has at most 300 characters."))
    if len(taken) >= MOST:
        found.append(Problem("", f"A vision has at most {MOST} snapshots."))
    return found


def _names(session: Session, entry_id: int) -> list[str]:
    return list(session.connection().execute(select(_s.name).where(_s.entry_id == entry_id)).scalars())


def _readable(viewer: Viewer) -> Select[Any]:
    columns = [*columns_of(Snapshot), _r.number, listing.VERSION]
    readable = listing.readable_revisions(viewer).with_only_columns(*columns)
    return readable.join(table_of(Snapshot), _s.revision_id == _r.id).where(visible_to(viewer))


def _of_entries(session: Session, entries: list[EntryRow], viewer: Viewer) -> Mapping[int, list[SnapshotRow]]:
    statement = _readable(viewer).where(_s.entry_id.in_([entry.id for entry in entries])).order_by(_s.id.desc())
    return grouped(entries, read(session, SnapshotRow, statement), lambda row: row.entry_id)


def of_entry(vision: EntryRow, viewer: Viewer) -> list[SnapshotRow]:
    """The snapshots whose revisions the viewer may read, the newest first; read for the whole list at once."""
    return neighbours(vision, _of_entries, viewer)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> SnapshotRow | None:
    """One snapshot whose revision the viewer may read, or None."""
    return one(session, SnapshotRow, _readable(viewer).where(_s.uid == uid))


def difference(vision: EntryRow, viewer: Viewer, before: str | None, after: str) -> revisions.Difference | None:
    """What changed between two revisions that go by the name of a snapshot or by their number; None where there is none such."""
    to = _number_of(vision, viewer, after)
    from_ = _number_of(vision, viewer, before) if before else None
    if to is None or (before and from_ is None):
        return None
    return revisions.difference_of_entry(vision, viewer, from_, to)


def _number_of(vision: EntryRow, viewer: Viewer, called: str) -> int | None:
    if called.isdecimal() and len(called) < 10:
        return int(called)
    named = (row.number for row in of_entry(vision, viewer) if row.name.casefold() == called.strip().casefold())
    return next(named, None)
