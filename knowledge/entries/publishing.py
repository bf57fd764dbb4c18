"""The life of an entry: submitted, approved, published, and taken out again."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col
from sqlmodel import select as chosen

from knowledge import activity, clock, jobs
from knowledge.database import table_of
from knowledge.entries import approving, freshness, links, listing
from knowledge.entries.entry import Entry, EntryRow, Revision, by_uid
from knowledge.entries.kinds import DETAILS
from knowledge.entries.writing import editable, latest_revision, reread
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Kind, LinkKind, RevisionState, Status

NEEDS_APPROVAL = frozenset(audience for audience, needed in approving.USUALLY.items() if needed)
"""What leaves the company is read by a second pair of eyes first, where no rule says otherwise."""

WAITING = (RevisionState.IN_REVIEW, RevisionState.SCHEDULED)
"""The states of a revision that goes out by what others do, or by itself."""

FURTHEST = timedelta(days=2 * 365)
"""How far ahead anything is scheduled."""


def submit(session: Session, viewer: Viewer, uid: UUID, *, at: datetime | None = None) -> EntryRow:
    """Ask for review of the latest revision, to be published at `at` if a moment is wished for.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID with what a reader would miss.
    """
    row, entry = editable(session, viewer, uid)
    revision = latest(session, viewer, row, entry)
    if revision.state is RevisionState.PUBLISHED:
        raise Invalid("There is nothing newer than what is published.", "id")
    if revision.state is RevisionState.IN_REVIEW:
        raise Invalid("This is waiting for review already.", "id")
    if revision.state is RevisionState.SCHEDULED:
        raise Invalid("This is scheduled already: take it off the schedule to have it reviewed.", "id")
    refuse([*gaps(session, entry, revision), *untimely(at)])
    hand_in(session, viewer, entry, revision, at)
    return reread(session, entry)


def hand_in(session: Session, viewer: Viewer, entry: Entry, revision: Revision, at: datetime | None = None) -> None:
    """Have a revision wait for those who approve it."""
    approving.forget(session, revision)
    _answered(session, entry, revision)
    revision.submitted_at = clock.now()
    revision.scheduled_for = at
    move(session, viewer, entry, revision, RevisionState.IN_REVIEW, "entry.submitted")


def hand_over(session: Session, viewer: Viewer, entry: Entry) -> EntryRow:
    """Publish the latest revision of one's own at once where nothing has to be approved, else have it wait for that. Refuses INVALID
    with what a reader would miss.
    """
    revision = session.get_one(Revision, entry.latest_revision_id)
    refuse(gaps(session, entry, revision))
    if approving.standing(session, entry, revision).needed:
        hand_in(session, viewer, entry, revision)
    else:
        put_out(session, viewer.id, entry, revision)
    return reread(session, entry)


def request_changes(session: Session, viewer: Viewer, uid: UUID, note: str, *, number: int | None = None) -> EntryRow:
    """Give a submitted revision back to its author, saying what to change. With a `number` only that revision.

    Refuses NOT_FOUND, NOT_ALLOWED, INVALID, and CONFLICT where another revision has been submitted since.
    """
    entry, revision = _submitted(session, viewer, uid)
    _require_read(session, entry, revision, number)
    if not 1 <= len(note.strip()) <= 300:
        raise Invalid("Say what should change, in at most 300 characters.", "note")
    approving.forget(session, revision)
    moved = {"note": (revision.note, note.strip())}
    revision.note = note.strip()
    move(session, viewer, entry, revision, RevisionState.CHANGES_REQUESTED, "entry.changes_requested", moved)
    return reread(session, entry)


def approve(session: Session, viewer: Viewer, uid: UUID, *, number: int | None = None) -> EntryRow:
    """Approve what was submitted; someone other than its author. With a `number` only that revision.

    Once as many people as its kind and audience need have approved, it is published, or scheduled if a moment was wished for.
    Refuses NOT_FOUND, NOT_ALLOWED, INVALID, and CONFLICT where another revision has been submitted since.
    """
    entry, revision = _submitted(session, viewer, uid)
    _require_read(session, entry, revision, number)
    before = approving.standing(session, entry, revision)
    if viewer.id is not None and viewer.id in before.by:
        raise Invalid("You have approved this revision already; it waits for somebody else.", "id")
    approving.agree(session, viewer, revision)
    if viewer == OPERATOR or before.is_enough_with(viewer.id):
        _let_out(session, viewer, entry, revision)
    else:
        entry.updated_at = clock.now()
        moved = {"approvals": (before.given, before.given + 1)}
        activity.record(session, viewer.id, "entry.approved", "Entry", entry.uid, revision=revision.number, moved=moved)
    return reread(session, entry)


def _submitted(session: Session, viewer: Viewer, uid: UUID) -> tuple[Entry, Revision]:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such entry.", "id")
    entry = session.get_one(Entry, row.id, with_for_update=True)
    revision = session.get_one(Revision, entry.latest_revision_id)
    if not approving.is_second_pair_of_eyes(viewer, entry.kind, None):
        raise NotAllowed("Reviewing is for those who curate entries of this kind.", "id")
    if not approving.is_second_pair_of_eyes(viewer, entry.kind, revision.author_id):
        raise NotAllowed("Someone other than its author reviews an entry.", "id")
    if revision.state is not RevisionState.IN_REVIEW:
        raise Invalid("This entry is not waiting for review.", "id")
    return entry, latest(session, viewer, row, entry)


def _require_read(session: Session, entry: Entry, revision: Revision, number: int | None) -> None:
    """Refuse CONFLICT where somebody read another revision than the newest: nobody decides about what they have not read."""
    if number is not None and revision.number != number:
        message = f"Revision {revision.number} was written since you read revision {number}: read it first."
        raise Conflict(message, "revision", current=latest_revision(session, entry))


def publish(session: Session, viewer: Viewer, uid: UUID, *, number: int | None = None) -> EntryRow:
    """Publish the latest revision, or bring back what was archived or superseded. What needs no approval is published by its
    author at once; the rest needs as many people other than its author as the rule says, of whom the viewer is one. With a
    `number` only that revision.

    Refuses NOT_FOUND, NOT_ALLOWED, INVALID, and CONFLICT where another revision has been written since.
    """
    row, entry = editable(session, viewer, uid)
    revision = latest(session, viewer, row, entry)
    _require_read(session, entry, revision, number)
    refuse(gaps(session, entry, revision))
    require_enough(session, viewer, entry, revision)
    if revision.id == entry.published_revision_id and entry.status is Status.PUBLISHED:
        return reread(session, entry)
    put_out(session, viewer.id, entry, revision)
    return reread(session, entry)


def latest(session: Session, viewer: Viewer, row: EntryRow, entry: Entry) -> Revision:
    """The newest revision. Refuses INVALID where the viewer does not see it: somebody else's draft, or for a group that is not theirs."""
    if entry.latest_revision_id != entry.published_revision_id and listing.latest_of(row, viewer) is None:
        raise Invalid("Its author is working on a newer draft; this waits until that is submitted.", "id")
    return session.get_one(Revision, entry.latest_revision_id)


def require_enough(session: Session, viewer: Viewer, entry: Entry, revision: Revision) -> None:
    """Refuse NOT_ALLOWED unless the viewer may send a revision out now; count them among those who approved it if they may.

    What went out before and was taken out again needs one pair of eyes other than its author's, however many it needed then.
    """
    from knowledge.entries import hiding  # what is hidden was published first, so it imports this module

    hiding.refuse_hidden(session, viewer, entry)
    standing = approving.standing(session, entry, revision)
    if viewer == OPERATOR or not standing.needed:
        return
    if not approving.is_second_pair_of_eyes(viewer, entry.kind, revision.author_id):
        who = "a steward or leader" if standing.needed == 1 else f"{standing.needed} stewards or leaders"
        inside = revision.audience not in NEEDS_APPROVAL
        what = "What is for this audience" if inside else "What leaves the company"
        raise NotAllowed(f"{what} is approved by {who} other than its author: submit it.", "audience")
    if revision.id != entry.published_revision_id and not standing.is_enough_with(viewer.id):
        raise NotAllowed(
            f"It takes {standing.needed} approvals and has {standing.given}: approve what was submitted.", "audience"
        )
    approving.agree(session, viewer, revision)


def _let_out(session: Session, viewer: Viewer, entry: Entry, revision: Revision) -> None:
    if revision.scheduled_for is not None and revision.scheduled_for > clock.now():
        put_off(session, viewer, entry, revision, revision.scheduled_for)
    else:
        put_out(session, viewer.id, entry, revision)


def put_off(session: Session, viewer: Viewer, entry: Entry, revision: Revision, at: datetime) -> None:
    """Have a revision published at a moment, by a job."""
    _answered(session, entry, revision)
    revision.scheduled_for = at
    jobs.later(session, "entry.publish", str(revision.uid), at=at)
    move(session, viewer, entry, revision, RevisionState.SCHEDULED, "entry.scheduled")


def put_out(session: Session, person_id: int | None, entry: Entry, revision: Revision) -> None:
    """Make a revision the one that readers see; nobody in particular does it where a job does."""
    now = clock.now()
    if entry.published_revision_id not in (None, revision.id):
        session.get_one(Revision, entry.published_revision_id).state = RevisionState.SUPERSEDED
    before = entry.status
    _answered(session, entry, revision)
    revision.state = RevisionState.PUBLISHED
    revision.published_at = revision.published_at or now
    revision.scheduled_for = None
    if entry.published_revision_id != revision.id:
        freshness.forget(entry)
    elif before is not Status.PUBLISHED:
        freshness.resume(session, entry)
    _come_back(session, entry)
    entry.published_revision_id = revision.id
    entry.status = Status.PUBLISHED
    entry.audience = revision.audience
    entry.published_at = entry.published_at or now
    entry.updated_at = now
    activity.record(
        session,
        person_id,
        "entry.published",
        "Entry",
        entry.uid,
        revision=revision.number,
        moved={"status": (before, Status.PUBLISHED), "revision": (None, revision.number)},
    )


def _answered(session: Session, entry: Entry, revision: Revision) -> None:
    """Give what goes on as it is its own note again: what a reviewer asked for is for its author and not for its readers."""
    if revision.state is not RevisionState.CHANGES_REQUESTED:
        return
    act, value = table_of(activity.Activity).c, table_of(activity.ActivityValue).c
    asked = select(value.before).where(value.activity_id == act.id, value.field == "note")
    asked = asked.where(act.uid == entry.uid, act.verb == "entry.changes_requested").order_by(act.id.desc()).limit(1)
    revision.note = session.connection().execute(asked).scalar() or ""


def _come_back(session: Session, entry: Entry) -> None:
    """What is published again is not hidden, nor superseded any more, whatever took its place."""
    from knowledge.entries import hiding  # what is hidden was published first, so it imports this module

    hiding.forget(session, entry)
    if entry.successor_id is None:
        return
    made = session.get(links.Link, (entry.successor_id, entry.id, LinkKind.SUPERSEDES))
    if made is not None:
        session.delete(made)
    entry.successor_id, entry.successor_note = None, None


def gaps(session: Session, entry: Entry, revision: Revision) -> Iterable[Problem]:
    """What a reader of a revision would miss: it is neither submitted nor published without that."""
    detail = DETAILS.get(entry.kind)
    if detail is not None:
        stored = session.get_one(detail.table, revision.id)
        yield from detail.gaps({field: getattr(stored, field) for field in detail.fields})
    if entry.kind is Kind.VISION:
        from knowledge.vision import reading  # what a vision rests on lies beside entries, so it imports this package

        yield from reading.gaps(session, entry, revision.id)
    if entry.kind is Kind.INITIATIVE and entry.owner_id is None:
        yield Problem("owner", "An initiative has exactly one owner.")
    if entry.kind is Kind.INITIATIVE:
        from knowledge.initiatives import life  # an initiative is an entry, so it imports this package

        yield from life.gaps(session, entry, revision)
    if entry.kind is Kind.INSIGHT:
        from knowledge.evidence import claiming  # evidence is attached to entries, so it imports this package

        yield from claiming.gaps(session, entry, revision.id)


def untimely(at: datetime | None) -> Iterable[Problem]:
    """What is wrong with a moment at which something is to be published."""
    if at is not None and at <= clock.now():
        yield Problem("at", "Choose a moment that is still to come.")
    if at is not None and at > clock.now() + FURTHEST:
        yield Problem("at", "Choose a moment within the next two years.")


def archive(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take an entry out of every list; its revisions stay, and what waits of it waits no more. Twice changes nothing.

    Refuses NOT_FOUND and NOT_ALLOWED.
    """
    row, entry = editable(session, viewer, uid)
    waits = session.get_one(Revision, entry.latest_revision_id).state in WAITING
    if entry.status is Status.ARCHIVED and not waits:
        return row
    close(session, viewer, row, entry, Status.ARCHIVED, "entry.archived", {})
    return reread(session, entry)


def obsolete(session: Session, viewer: Viewer, uid: UUID, successor: EntryRow, *, note: str = "") -> EntryRow:
    """Say that a published entry takes the place of another, and why; the other stays readable and leads to its successor.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID with everything that is wrong.
    """
    heir = _both_locked(session, uid, successor)
    row, entry = editable(session, viewer, uid)
    refuse(_unfit(entry, heir, note))
    assert entry.id is not None
    entry.successor_id, entry.successor_note = successor.id, note.strip() or None
    if session.get(links.Link, (successor.id, entry.id, LinkKind.SUPERSEDES)) is None:
        way = {"from_id": successor.id, "to_id": entry.id}
        now = clock.now()
        session.add(links.Link(**way, kind=LinkKind.SUPERSEDES, created_by_id=viewer.id, created_at=now))
    moved = {"successor": (None, successor.slug), "note": (None, entry.successor_note)}
    close(session, viewer, row, entry, Status.OBSOLETE, "entry.obsoleted", moved)
    return reread(session, entry)


def _both_locked(session: Session, uid: UUID, successor: EntryRow) -> Entry:
    """The successor as it is now, locked with what it succeeds in the order of their keys: of two entries that are to take each
    other's place at once, the second finds the first superseded.
    """
    both = chosen(Entry).where(or_(col(Entry.uid) == uid, col(Entry.id) == successor.id)).order_by(col(Entry.id))
    locked = session.exec(both.with_for_update(), execution_options={"populate_existing": True})
    return next(each for each in locked if each.id == successor.id)


def _unfit(entry: Entry, successor: Entry, note: str) -> Iterable[Problem]:
    if entry.status is not Status.PUBLISHED:
        yield Problem("id", "Only what is published can be superseded.")
    if successor.id == entry.id:
        yield Problem("successor", "An entry cannot take its own place.")
    elif successor.status is not Status.PUBLISHED:
        yield Problem("successor", "What takes its place must be published, so that readers can go on to it.")
    if len(note.strip()) > 300:
        yield Problem("note", "This has at most 300 characters.")


def close(
    session: Session,
    viewer: Viewer,
    row: EntryRow,
    entry: Entry,
    status: Status,
    verb: str,
    moved: Mapping[str, tuple[object, object]],
) -> None:
    """Take an entry out of the lists and record why; a revision that waits for approval or for its time becomes a draft again."""
    waiting = session.get_one(Revision, entry.latest_revision_id)
    if waiting.state in WAITING:
        approving.forget(session, waiting)
        waiting.state, waiting.scheduled_for = RevisionState.DRAFT, None
    before, entry.status = entry.status, status
    entry.updated_at = clock.now()
    moved = {"status": (before, status), **moved}
    activity.record(session, viewer.id, verb, "Entry", entry.uid, revision=row.revision, moved=moved)


def move(
    session: Session,
    viewer: Viewer,
    entry: Entry,
    revision: Revision,
    state: RevisionState,
    verb: str,
    moved: Mapping[str, tuple[object, object]] | None = None,
) -> None:
    """Move a revision that readers do not see yet, and the entry with it while nothing of it is published."""
    before, revision.state = revision.state, state
    if entry.published_revision_id is None:
        entry.status = Status(state.value)
    entry.updated_at = clock.now()
    moved = {"state": (before, state), **(moved or {})}
    activity.record(session, viewer.id, verb, "Entry", entry.uid, revision=revision.number, moved=moved)
