"""Freshness: who vouched for an entry, until when, and what puts that in doubt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as chosen

from knowledge import activity, clock, jobs, people
from knowledge.database import neighbours, read, table_of
from knowledge.entries.entry import Entry, EntryRow, by_uid, by_uids, everything, may_edit
from knowledge.entries.listing import audience_groups
from knowledge.entries.writing import editable, reread
from knowledge.errors import Code, Conflict, Invalid, NotAllowed, NotFound, Problem, TooLarge, refuse
from knowledge.people import Act, GroupRow, Viewer, viewer_for
from knowledge.words import Audience, Freshness, Kind, Status

DUE = timedelta(days=7)
VERIFIED_FOR: Mapping[Kind, timedelta] = {Kind.VISION: timedelta(days=365), Kind.PRINCIPLE: timedelta(days=365)}
USUALLY = timedelta(days=90)
SHORTEST, LONGEST = 7, 730
"""How many days a verification may hold."""

MOST = 100
"""How many entries are verified at once."""

HOLDING = (Freshness.VERIFIED, Freshness.DUE)
"""The states in which somebody's word still holds."""


class Keeping(TypedDict, total=False):
    """What is said of an entry's verifier: what is omitted stays, None clears."""

    person: UUID | None
    group: UUID | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one of several entries: the entry as it is now, or why it was not verified."""

    uid: UUID
    entry: EntryRow | None = None
    problem: Problem | None = None


def holds_for(entry: EntryRow | Entry) -> timedelta:
    """How long a verification of an entry holds: as it was set, or as usual for its kind."""
    if entry.verify_days is not None:
        return timedelta(days=entry.verify_days)
    return VERIFIED_FOR.get(entry.kind, USUALLY)


def due_from(entry: Entry, until: datetime) -> datetime:
    """When a verification that ends at `until` is due again: a week before, or half the time where it holds for less than two."""
    return until - min(DUE, holds_for(entry) / 2)


def verify(session: Session, viewer: Viewer, uid: UUID, *, note: str = "", number: int | None = None) -> EntryRow:
    """Vouch that an entry still holds: its owner, its verifier or a member of that group, or a curator. It clears every doubt, and
    `note` says what was found. With a `number` only that revision. Refuses NOT_FOUND, NOT_ALLOWED, INVALID, and CONFLICT where it
    changed meanwhile.
    """
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such entry.", "id")
    if (problem := _unverifiable(viewer, row)) is not None:
        raise (NotAllowed if problem.code is Code.NOT_ALLOWED else Invalid)(problem.message, "id")
    if (problem := _unread(row, number)) is not None:
        raise Conflict(problem.message, problem.field)
    if len(note.strip()) > 300:
        raise Invalid("This has at most 300 characters.", "note")
    entry = session.get_one(Entry, row.id, with_for_update=True)
    if (problem := _overtaken(row, entry)) is not None:
        raise Conflict(problem.message, problem.field)
    before = _vouch(viewer, entry)
    jobs.later_each(session, "entry.lapse", _lapses(entry))
    moved: dict[str, tuple[object, object]] = {"freshness": (before, Freshness.VERIFIED)}
    if note.strip():
        moved["note"] = (None, note.strip())
    activity.record(session, viewer.id, "entry.verified", "Entry", entry.uid, revision=row.revision, moved=moved)
    return reread(session, entry)


def verify_all(
    session: Session, viewer: Viewer, uids: Sequence[UUID], *, numbers: Mapping[UUID, int] | None = None
) -> list[Verified]:
    """Vouch for many entries at once, each by itself: one that may not be verified does not stop the others. What is contested is
    not cleared by a tick in a list. Of an entry that has one of the `numbers` only that revision. Refuses TOO_LARGE beyond a
    hundred; costs as many statements for a hundred as for two.
    """
    if len(uids) > MOST:
        raise TooLarge(f"At most {MOST} at a time.", "ids")
    rows = {row.uid: row for row in by_uids(session, viewer, list(dict.fromkeys(uids)))}
    read_as = numbers or {}
    problems = {
        uid: _unverifiable(viewer, row) or _doubted(row) or _unread(row, read_as.get(uid)) for uid, row in rows.items()
    }
    wanted = sorted(row.id for uid, row in rows.items() if problems[uid] is None)
    locked = session.exec(chosen(Entry).where(col(Entry.id).in_(wanted)).order_by(col(Entry.id)).with_for_update())
    found = list(locked)
    problems |= {entry.uid: _overtaken(rows[entry.uid], entry) for entry in found}
    entries = [entry for entry in found if problems[entry.uid] is None]
    befores = {entry.uid: _vouch(viewer, entry) for entry in entries}
    jobs.later_each(session, "entry.lapse", [lapse for entry in entries for lapse in _lapses(entry)])
    acts = [(uid, rows[uid].revision, {"freshness": (before, Freshness.VERIFIED)}) for uid, before in befores.items()]
    session.flush()  # what was vouched for is read back
    activity.record_each(session, viewer.id, "entry.verified", "Entry", acts)
    ids = [entry.id for entry in entries]
    done = read(session, EntryRow, everything().where(table_of(Entry).c.id.in_(ids))) if ids else []
    now = {row.uid: row for row in done}
    unknown = Problem("id", "There is no such entry.", Code.NOT_FOUND)
    return [Verified(uid, now.get(uid), problems.get(uid, unknown)) for uid in uids]


def _unverifiable(viewer: Viewer, row: EntryRow) -> Problem | None:
    if not may_verify(viewer, row):
        message = "An entry is verified by its owner, by whoever is named for it, or by those who curate."
        return Problem("id", message, Code.NOT_ALLOWED)
    if row.status is not Status.PUBLISHED:
        return Problem("id", "Only what is published can be verified.")
    return None


def _overtaken(row: EntryRow, entry: Entry) -> Problem | None:
    """Whether an entry moved on while this waited for it: nobody vouches for what they have not read."""
    was, now = ((each.published_revision_id, each.status, each.contested_at) for each in (row, entry))
    if was == now:
        return None
    return Problem("id", "This has changed just now: read it again before you verify it.", Code.CONFLICT)


def _unread(row: EntryRow, number: int | None) -> Problem | None:
    """Whether another revision is out than the one that was read."""
    if number in (None, row.revision):
        return None
    message = f"Revision {row.revision} is out since you read revision {number}: read it first."
    return Problem("revision", message, Code.CONFLICT)


def _doubted(row: EntryRow) -> Problem | None:
    if row.freshness is not Freshness.CONTESTED:
        return None
    return Problem("id", "This is contested: open it, look at what speaks against it, and verify it there.")


def _vouch(viewer: Viewer, entry: Entry) -> Freshness:
    """Set the verification; answers what the freshness was before."""
    now = clock.now()
    before, entry.freshness = entry.freshness, Freshness.VERIFIED
    entry.verified_by_id, entry.verified_until, entry.updated_at = viewer.id, now + holds_for(entry), now
    entry.contested_at, entry.contested_by_id, entry.contested_why = None, None, None
    return before


def _lapses(entry: Entry) -> list[tuple[str, datetime]]:
    """When a verification is looked at again: once it is due, and once it ends."""
    until = entry.verified_until
    return [(str(entry.uid), moment) for moment in (due_from(entry, until), until)] if until else []


def keeps(viewer: Viewer, entry: EntryRow) -> bool:
    """Whether an entry is the viewer's to keep true: its owner, its verifier, or a member of the group that verifies it."""
    if viewer.id is None or not viewer.is_inside:
        return False
    in_group = entry.verifier_group_id is not None and entry.verifier_group_id == viewer.group_id
    return in_group or viewer.id in (entry.owner_id, entry.verifier_person_id)


def may_verify(viewer: Viewer, entry: EntryRow) -> bool:
    """Whether the viewer may vouch for an entry."""
    return viewer.may(Act.ENTRIES_WRITE) and (viewer.may(Act.ENTRIES_CURATE) or keeps(viewer, entry))


def may_set_verifier(viewer: Viewer, entry: EntryRow) -> bool:
    """Whether the viewer may say who verifies an entry: its owner, and those who curate."""
    own = viewer.id is not None and entry.owner_id == viewer.id
    return viewer.may(Act.ENTRIES_WRITE) and (viewer.may(Act.ENTRIES_CURATE) or own) and may_edit(viewer, entry)


def set_verifier(session: Session, viewer: Viewer, uid: UUID, keeping: Keeping) -> EntryRow:
    """Say who verifies an entry, one person or one group, and for how many days that holds, from the next time on.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID with everything that is wrong.
    """
    row, entry = editable(session, viewer, uid)
    if not may_set_verifier(viewer, row):
        raise NotAllowed("Who verifies an entry is said by its owner and by those who curate.", "id")
    person = _person(session, viewer, keeping.get("person"))
    group = people.group_by_uid(session, viewer, group_uid) if (group_uid := keeping.get("group")) else None
    refuse(_unfit(session, row, keeping, person, group))
    before = (entry.verifier_person_id, entry.verifier_group_id, entry.verify_days)
    if "person" in keeping:
        entry.verifier_person_id = person.id if person else None
    if "group" in keeping:
        entry.verifier_group_id = group.id if group else None
    if person is not None:
        entry.verifier_group_id = None
    if group is not None:
        entry.verifier_person_id = None
    entry.verify_days = keeping.get("days", entry.verify_days)
    after = (entry.verifier_person_id, entry.verifier_group_id, entry.verify_days)
    if after != before:
        moved = dict(zip(("person", "group", "days"), zip(before, after, strict=True), strict=True))
        verb = "entry.verifier_set"
        activity.record(session, viewer.id, verb, "Entry", entry.uid, revision=row.revision, moved=moved)
    if entry.freshness in HOLDING and entry.verified_until is not None:
        jobs.later(session, "entry.lapse", str(entry.uid), at=due_from(entry, entry.verified_until))
    return reread(session, entry)


def _person(session: Session, viewer: Viewer, uid: UUID | None) -> people.PersonRow | None:
    return people.person_by_uid(session, viewer, uid) if uid else None


def _unfit(
    session: Session, row: EntryRow, keeping: Keeping, person: people.PersonRow | None, group: GroupRow | None
) -> Iterable[Problem]:
    if keeping.get("person") and keeping.get("group"):
        yield Problem("group", "Name a person or a group, not both.")
    if keeping.get("person"):
        reader = viewer_for(person) if person is not None and person.disabled_at is None else None
        if reader is None or not reader.is_inside:
            yield Problem("person", "There is no such colleague.")
        elif row.status is Status.PUBLISHED and by_uid(session, reader, row.uid) is None:
            yield Problem("person", "They may not read this entry.")
    if keeping.get("group"):
        if group is None:
            yield Problem("group", "There is no such group.")
        elif row.audience is Audience.GROUP and group.id not in {each.id for each in audience_groups(row)}:
            yield Problem("group", "This entry is not for that group.")
    days = keeping.get("days")
    if days is not None and not SHORTEST <= days <= LONGEST:
        yield Problem("days", f"A verification holds for {SHORTEST} to {LONGEST} days.")


def _verifying_groups(session: Session, rows: list[EntryRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.verifier_group_id for row in rows))
    return {row.id: found.get(row.verifier_group_id) for row in rows}


def verifying_group(entry: EntryRow) -> GroupRow | None:
    """The group whose members verify an entry, read for the whole list at once."""
    return neighbours(entry, _verifying_groups)


def lapse(session: Session, uid: UUID) -> None:
    """Move a verification whose time has come: due a week before it ends, expired when it does. Only what is published lapses, and what
    is published again catches up. Running it twice does no harm.
    """
    entry = session.connection().execute(select(table_of(Entry).c.id).where(table_of(Entry).c.uid == uid)).first()
    found = session.get(Entry, entry.id, with_for_update=True) if entry else None
    if found is None or found.verified_until is None or found.freshness not in HOLDING:
        return
    now = clock.now()
    if found.status is not Status.PUBLISHED or now < due_from(found, found.verified_until):
        return
    wanted = Freshness.EXPIRED if now >= found.verified_until else Freshness.DUE
    if wanted is not found.freshness:
        before, found.freshness = found.freshness, wanted
        verb = "entry.expired" if wanted is Freshness.EXPIRED else "entry.due"
        activity.record(session, None, verb, "Entry", uid, moved={"freshness": (before, wanted)})


def contest(session: Session, entry: Entry, person_id: int | None, *, why: str) -> None:
    """Put a published entry in doubt at once, saying why in at most 300 characters; `person_id` is None where nobody in particular did.

    Twice does no harm: the first reason stays until somebody verifies the entry.
    """
    if entry.status is not Status.PUBLISHED or entry.freshness is Freshness.CONTESTED:
        return
    before, entry.freshness = entry.freshness, Freshness.CONTESTED
    entry.updated_at = entry.contested_at = clock.now()
    entry.contested_by_id, entry.contested_why = person_id, why[:300]
    moved = {"freshness": (before, Freshness.CONTESTED), "why": (None, why)}
    activity.record(session, person_id, "entry.contested", "Entry", entry.uid, moved=moved)


def doubt(session: Session, entry: Entry, person_id: int | None, *, voices: int) -> None:
    """What a customer said speaks against a published entry, and `voices` distinct customers now do: the first asks its owner to
    look at it, the second contests it [E3].
    """
    if entry.status is not Status.PUBLISHED or entry.freshness is Freshness.CONTESTED:
        return
    if voices > 1:
        contest(session, entry, person_id, why=f"{voices} customers say otherwise.")
        return
    moved = {"voices": (0, voices)}
    activity.record(session, person_id, "entry.doubted", "Entry", entry.uid, moved=moved)


def forget(entry: Entry) -> None:
    """Start over: nobody has vouched for what is published now. What was contested stays so until somebody verifies it."""
    if entry.freshness is not Freshness.CONTESTED:
        entry.freshness = Freshness.UNVERIFIED
    entry.verified_by_id, entry.verified_until = None, None


def resume(session: Session, entry: Entry) -> None:
    """Have the verification of what is published again looked at: its time may have come meanwhile."""
    jobs.later_each(session, "entry.lapse", _lapses(entry))
