"""Restoring: what an earlier revision said becomes a new revision; nothing that was written is rewritten."""

from uuid import UUID

from sqlmodel import Session

from knowledge import activity
from knowledge.entries import revisions, writing
from knowledge.entries.details import revision_parts
from knowledge.entries.entry import EntryRow
from knowledge.entries.writing import Changes
from knowledge.errors import Invalid, NotFound
from knowledge.people import Viewer


def restore(
    session: Session, viewer: Viewer, uid: UUID, number: int, base_revision: int, *, note: str | None = None
) -> EntryRow:
    """A new revision that says what revision `number` said; its author, its owner, and those who curate.

    Where the entry is kept and whom it concerns stays as it is. Refuses NOT_FOUND, NOT_ALLOWED, CONFLICT when someone saved
    since `base_revision`, and INVALID for the newest revision itself.
    """
    row, entry = writing.editable(session, viewer, uid)
    former = revisions.numbered(session, viewer, row, number)
    if former is None:
        raise NotFound("There is no such revision.", "revision")
    if number == base_revision:
        raise Invalid("This is the newest revision already.", "revision")
    said: Changes = {**revisions.as_written(former), "note": note or f"Restored revision {number}."}  # type: ignore[typeddict-item]
    if gone := revision_parts(writing.latest_revision(session, entry)):
        said["detail"] = {**dict.fromkeys(gone), **said["detail"]}
    restored = writing.update(session, viewer, uid, base_revision, said)
    activity.record(session, viewer.id, "entry.restored", "Entry", uid, moved={"revision": (None, number)})
    return restored
