"""Publishing at a set time: put on the schedule, taken off it, and sent out by a job when the time has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import table_of
from knowledge.entries import approving, publishing
from knowledge.entries.entry import Entry, EntryRow, Revision
from knowledge.entries.writing import editable, reread
from knowledge.errors import Invalid, refuse
from knowledge.people import Viewer
from knowledge.words import RevisionState, Status


def schedule(session: Session, viewer: Viewer, uid: UUID, at: datetime) -> EntryRow:
    """Have the latest revision published at a moment, or at another one than was set; whoever may publish it may schedule it.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for a moment that is over and for what a reader would miss.
    """
    row, entry = editable(session, viewer, uid)
    revision = publishing.latest(session, viewer, row, entry)
    if revision.state is RevisionState.PUBLISHED:
        raise Invalid("There is nothing newer than what is published.", "id")
    refuse([*publishing.gaps(session, entry, revision), *publishing.untimely(at)])
    publishing.require_enough(session, viewer, entry, revision)
    publishing.put_off(session, viewer, entry, revision, at)
    return reread(session, entry)


def unschedule(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take the latest revision off the schedule: it is a draft again for its author or owner; a curator gives it back into review.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID where nothing is scheduled.
    """
    row, entry = editable(session, viewer, uid)
    revision = publishing.latest(session, viewer, row, entry)
    if revision.state is not RevisionState.SCHEDULED:
        raise Invalid("Nothing of this is scheduled.", "id")
    approving.forget(session, revision)
    revision.scheduled_for = None
    own = viewer.id in (revision.author_id, entry.author_id, entry.owner_id)
    state = RevisionState.DRAFT if own else RevisionState.IN_REVIEW
    revision.submitted_at = revision.submitted_at or clock.now()
    publishing.move(session, viewer, entry, revision, state, "entry.unscheduled")
    return reread(session, entry)


def publish_due(session: Session, uid: UUID) -> None:
    """Publish a revision whose time has come. What was edited, taken off the schedule or moved to a later time stays as it is, and
    so does what is published already: running it twice does no harm. What a reader would miss by now goes back to its author.
    """
    found = (
        session.connection().execute(select(table_of(Revision).c.id).where(table_of(Revision).c.uid == uid)).scalar()
    )
    if found is None:
        return
    revision = session.get_one(Revision, found)
    entry = session.get_one(Entry, revision.entry_id, with_for_update=True)
    session.refresh(revision)  # somebody may have moved it while this waited for the entry
    is_on = revision.state is RevisionState.SCHEDULED and entry.latest_revision_id == revision.id
    if not is_on or revision.scheduled_for is None or revision.scheduled_for > clock.now():
        return
    missing = list(publishing.gaps(session, entry, revision))
    if not missing:
        publishing.put_out(session, None, entry, revision)
        return
    note, revision.note = revision.note, " ".join(problem.message for problem in missing)[:300]
    revision.state, revision.scheduled_for = RevisionState.CHANGES_REQUESTED, None
    if entry.published_revision_id is None:
        entry.status = Status.CHANGES_REQUESTED
    approving.forget(session, revision)
    moved = {"state": (RevisionState.SCHEDULED, RevisionState.CHANGES_REQUESTED), "note": (note, revision.note)}
    verb, number = "entry.changes_requested", revision.number
    activity.record(session, None, verb, "Entry", entry.uid, revision=number, moved=moved)
