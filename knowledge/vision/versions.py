"""The versions of a vision: version k is the k-th revision of it that was published, and what changed from one to another."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from knowledge.database import grouped, neighbours, read, table_of
from knowledge.entries import listing, revisions
from knowledge.entries.entry import EntryRow, Revision, RevisionRow
from knowledge.people import Viewer

_r = table_of(Revision).c


def _of_visions(session: Session, visions: list[EntryRow], viewer: Viewer) -> Mapping[int, list[RevisionRow]]:
    out = listing.readable_revisions(viewer).where(_r.published_at.is_not(None))
    mine = out.where(_r.entry_id.in_([row.id for row in visions])).order_by(_r.published_at.desc(), _r.id.desc())
    return grouped(visions, read(session, RevisionRow, mine), lambda row: row.entry_id)


def of_vision(vision: EntryRow, viewer: Viewer) -> Sequence[RevisionRow]:
    """The published versions that the viewer may read, the newest first; read for the whole list at once."""
    return neighbours(vision, _of_visions, viewer)


def difference(vision: EntryRow, viewer: Viewer, from_: int, to: int) -> revisions.Difference | None:
    """What changed from one version to another; None where there is none such that the viewer may read."""
    numbers = {row.version: row.number for row in of_vision(vision, viewer)}
    if from_ not in numbers or to not in numbers:
        return None
    return revisions.difference_of_entry(vision, viewer, numbers[from_], numbers[to])
