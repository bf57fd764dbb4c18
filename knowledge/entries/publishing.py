"""The life of an entry: submitted, approved, published, archived."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import table_of
from knowledge.entries import freshness
from knowledge.entries.entry import WRITES, Entry, EntryRow, Revision, by_uid
from knowledge.entries.kinds import DETAILS
from knowledge.entries.writing import editable, latest_revision, reread
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.words import Audience, Kind, RevisionState, Status

NEEDS_APPROVAL = frozenset({Audience.CUSTOMERS, Audience.PUBLIC})
"""What leaves the company is read by a second pair of eyes first."""


def submit(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Ask for review of the latest revision. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID with what a reader would miss."""
    _, entry = editable(session, viewer, uid)
    revision = _latest(session, entry)
    if revision.state is RevisionState.PUBLISHED:
        raise Invalid("There is nothing newer than what is published.", "id")
    refuse(_gaps(session, entry, revision))
    _move(session, viewer, entry, revision, RevisionState.IN_REVIEW, "entry.submitted")
    return reread(session, entry)


def request_changes(session: Session, viewer: Viewer, uid: UUID, note: str) -> EntryRow:
    """Give a submitted revision back to its author, saying what to change. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    entry, revision = _submitted(session, viewer, uid)
    if not 1 <= len(note.strip()) <= 300:
        raise Invalid("Say what should change, in at most 300 characters.", "note")
    revision.note = note.strip()
    _move(session, viewer, entry, revision, RevisionState.CHANGES_REQUESTED, "entry.changes_requested")
    return reread(session, entry)


def approve(session: Session, viewer: Viewer, uid: UUID, *, number: int | None = None) -> EntryRow:
    """Approve and publish what was submitted; someone other than its author. With a `number` only that revision.

    Refuses NOT_FOUND, NOT_ALLOWED, INVALID, and CONFLICT where another revision has been submitted since.
    """
    entry, revision = _submitted(session, viewer, uid)
    if number is not None and revision.number != number:
        message = f"Revision {revision.number} was submitted since you read revision {number}: read it first."
        raise Conflict(message, "revision", current=latest_revision(session, entry))
    _publish(session, viewer, entry, revision)
    return reread(session, entry)


def _submitted(session: Session, viewer: Viewer, uid: UUID) -> tuple[Entry, Revision]:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such entry.", "id")
    entry = session.get_one(Entry, row.id, with_for_update=True)
    revision = _latest(session, entry)
    if not viewer.may(Act.ENTRIES_CURATE) or not viewer.may(WRITES.get(entry.kind, Act.ENTRIES_WRITE)):
        raise NotAllowed("Reviewing is for those who curate entries of this kind.", "id")
    if revision.author_id == viewer.id and viewer != OPERATOR:
        raise NotAllowed("Someone other than its author reviews an entry.", "id")
    if revision.state is not RevisionState.IN_REVIEW:
        raise Invalid("This entry is not waiting for review.", "id")
    return entry, revision


def publish(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Publish the latest revision. What is for colleagues is published by its author at once; what is for customers or for
    everyone needs a steward or leader other than its author. Refuses NOT_FOUND, NOT_ALLOWED and INVALID.
    """
    _, entry = editable(session, viewer, uid)
    revision = _latest(session, entry)
    refuse(_gaps(session, entry, revision))
    second_eyes = viewer.may(Act.ENTRIES_CURATE) and revision.author_id != viewer.id
    if revision.audience in NEEDS_APPROVAL and not second_eyes and viewer != OPERATOR:
        raise NotAllowed(
            "What leaves the company is approved by a steward or leader other than its author: submit it.", "audience"
        )
    if revision.id == entry.published_revision_id and entry.status is Status.PUBLISHED:
        return reread(session, entry)
    _publish(session, viewer, entry, revision)
    return reread(session, entry)


def _publish(session: Session, viewer: Viewer, entry: Entry, revision: Revision) -> None:
    now = clock.now()
    if entry.published_revision_id not in (None, revision.id):
        session.get_one(Revision, entry.published_revision_id).state = RevisionState.SUPERSEDED
    before = entry.status
    revision.state = RevisionState.PUBLISHED
    revision.published_at = revision.published_at or now
    if entry.published_revision_id != revision.id:
        freshness.forget(entry)
    entry.published_revision_id = revision.id
    entry.status = Status.PUBLISHED
    entry.audience = revision.audience
    entry.published_at = entry.published_at or now
    entry.updated_at = now
    activity.record(
        session,
        viewer.id,
        "entry.published",
        "Entry",
        entry.uid,
        revision=revision.number,
        moved={"status": (before, Status.PUBLISHED), "revision": (None, revision.number)},
    )


def _gaps(session: Session, entry: Entry, revision: Revision) -> Iterable[Problem]:
    detail = DETAILS.get(entry.kind)
    if detail is not None:
        stored = session.get_one(detail.table, revision.id)
        yield from detail.gaps({field: getattr(stored, field) for field in detail.fields})
    if entry.kind is Kind.INITIATIVE and entry.owner_id is None:
        yield Problem("owner", "An initiative has exactly one owner.")
    if entry.kind is Kind.INSIGHT and not _has_evidence(session, entry):
        yield Problem("evidence", "No insight is published without evidence: attach what a customer said.")


def _has_evidence(session: Session, entry: Entry) -> bool:
    from knowledge.evidence import Evidence  # evidence is attached to entries, so it imports this package

    table = table_of(Evidence).c
    return session.connection().execute(select(table.id).where(table.entry_id == entry.id)).first() is not None


def archive(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take an entry out of every list; its revisions stay. Refuses NOT_FOUND and NOT_ALLOWED."""
    row, entry = editable(session, viewer, uid)
    before, entry.status = entry.status, Status.ARCHIVED
    entry.updated_at = clock.now()
    activity.record(
        session,
        viewer.id,
        "entry.archived",
        "Entry",
        entry.uid,
        revision=row.revision,
        moved={"status": (before, Status.ARCHIVED)},
    )
    return reread(session, entry)


def _latest(session: Session, entry: Entry) -> Revision:
    return session.get_one(Revision, entry.latest_revision_id)


def _move(session: Session, viewer: Viewer, entry: Entry, revision: Revision, state: RevisionState, verb: str) -> None:
    before, revision.state = revision.state, state
    if entry.published_revision_id is None:
        entry.status = Status(state.value)
    entry.updated_at = clock.now()
    activity.record(
        session, viewer.id, verb, "Entry", entry.uid, revision=revision.number, moved={"state": (before, state)}
    )
