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
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, Kind, RevisionState, Status


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


def recall(session: Session, viewer: Viewer, audience: Audience, kind: Kind | None) -> None:
    """Give back into review what is scheduled for an audience, of one kind or of any, and has too few approvals by now. It keeps those
    that it has and the moment that was wished for. Costs a few statements for each entry on the schedule.
    """
    entry, revision = table_of(Entry).c, table_of(Revision).c
    which = [revision.state == RevisionState.SCHEDULED, revision.audience == audience]
    if kind is not None:
        which.append(entry.kind == kind)
    on = select(entry.id).join_from(table_of(Entry), table_of(Revision), revision.id == entry.latest_revision_id)
    for id in session.connection().execute(on.where(*which).order_by(entry.id)).scalars().all():
        found = session.get_one(Entry, id, with_for_update=True)
        latest = session.get_one(Revision, found.latest_revision_id, populate_existing=True)
        if latest.state is RevisionState.SCHEDULED and _lacks_approval(session, found, latest):
            _give_back(session, viewer, found, latest)


def _lacks_approval(session: Session, entry: Entry, revision: Revision) -> bool:
    """Whether too few have approved what a person scheduled; the operator and an import, who are nobody, need no approval."""
    standing = approving.standing(session, entry, revision)
    if standing.given >= standing.needed:
        return False
    act = table_of(activity.Activity).c
    whose = select(act.person_id).where(act.uid == entry.uid, act.verb == "entry.scheduled")
    return session.connection().execute(whose.order_by(act.id.desc()).limit(1)).scalar() is not None


def _give_back(session: Session, viewer: Viewer, entry: Entry, revision: Revision) -> None:
    revision.submitted_at = revision.submitted_at or clock.now()
    publishing.move(session, viewer, entry, revision, RevisionState.IN_REVIEW, "entry.recalled")


def publish_due(session: Session, uid: UUID) -> None:
    """Publish a revision whose time has come. What was edited, taken off the schedule or moved to a later time stays as it is, and
    so does what is published already: running it twice does no harm. What a reader would miss by now goes back to its author, and
    what lacks approval by now goes back into review.
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
    if not missing and _lacks_approval(session, entry, revision):
        _give_back(session, OPERATOR, entry, revision)
        return
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
