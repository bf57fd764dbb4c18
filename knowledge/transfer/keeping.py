"""Keeps incoming entries: compares each with the one of its slug, and writes what differs through the entries' own functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from knowledge import activity, clock, jobs
from knowledge.entries import (
    Entry,
    EntryRow,
    Revision,
    approving,
    detail_of,
    freshness,
    listing,
    publishing,
    tags,
    writing,
)
from knowledge.entries.details import parts_of
from knowledge.entries.kinds import DETAILS
from knowledge.errors import Invalid, NotAllowed, Problem, refuse
from knowledge.people import OPERATOR, GroupRow, PersonRow, Viewer
from knowledge.transfer import lookups
from knowledge.transfer.creating import Ready, Wanted, is_published
from knowledge.transfer.entries import Incoming, rests_on_evidence
from knowledge.transfer.parts import canonical
from knowledge.transfer.report import Outcome
from knowledge.words import Freshness, Kind, RevisionState, Role, Status

_COLUMNS = ("language", "audience", "source", "licence")
_OUT_AGAIN = (Status.ARCHIVED, Status.OBSOLETE)
SCHEDULED = RevisionState.SCHEDULED
_MOMENTS = ("created_at", "published_at")


class Timed(Protocol):
    """A row that says for when something is scheduled, and since when it waits."""

    @property
    def submitted_at(self) -> datetime | None:
        """Since when it waits."""
        ...

    @property
    def scheduled_for(self) -> datetime | None:
        """The moment at which it is published."""
        ...


@dataclass(frozen=True)
class Known:
    """What the rows of one batch refer to, as it was before the batch."""

    entries: Mapping[str, EntryRow]
    persons: Mapping[str, PersonRow]
    groups: Mapping[str, GroupRow]
    former: frozenset[str]  # slugs that other entries had


@dataclass(frozen=True)
class Difference:
    """Whether what people write differs, which makes a new revision, and whether state, author or dates do."""

    text: bool = False
    facts: bool = False


def known(session: Session, rows: Sequence[Incoming]) -> Known:
    """Read in three statements what these rows name."""
    found = lookups.persons(session, (email for row in rows for email in row.emails))
    return Known(
        lookups.entries(session, (row.slug for row in rows)),
        found,
        lookups.groups(session, (name for row in rows for name in row.groups or ())),
        frozenset(lookups.former(session, (row.slug for row in rows))),
    )


def difference(known: Known, row: Incoming) -> Difference:
    """How a row differs from the entry that has its slug; an entry that is not there yet differs in all."""
    entry = known.entries.get(row.slug)
    if entry is None:
        return Difference(text=True, facts=True)
    return Difference(_text_differs(entry, row) or _place_differs(known, entry, row), _facts_differ(known, entry, row))


def _text_differs(entry: EntryRow, row: Incoming) -> bool:
    changes: Mapping[str, Any] = dict(row.changes)
    for name in ("title", "summary"):
        if name in changes and " ".join((changes[name] or "").split()) != getattr(entry, name):
            return True
    if "body" in changes and canonical(changes["body"] or "") != canonical(entry.body):
        return True
    empty = {"language": "en", "audience": "EMPLOYEES"}
    if any(
        name in changes and _plain(changes[name] or empty.get(name)) != _plain(getattr(entry, name))
        for name in _COLUMNS
    ):
        return True
    if "tags" in changes and not tags.are_meant(tags.of_entry(entry), changes["tags"] or ()):
        return True
    return _detail_differs(entry, changes.get("detail"))


def _detail_differs(entry: EntryRow, wanted: Mapping[str, Any] | None) -> bool:
    if not wanted or entry.kind not in DETAILS:
        return bool(wanted)
    stored = detail_of(entry, DETAILS[entry.kind].row_class)
    held = {**{name: getattr(stored, name) for name in DETAILS[entry.kind].fields}, **parts_of(entry)}
    return any(_plain(held.get(name)) != _plain(value) for name, value in wanted.items())


def _plain(value: Any) -> Any:
    return canonical(value) if isinstance(value, str) else value


def _place_differs(known: Known, entry: EntryRow, row: Incoming) -> bool:
    changes: Mapping[str, Any] = dict(row.changes)
    held = {
        "functions": listing.functions_of,
        "stages": listing.stages_of,
        "principles": listing.principle_numbers,
    }
    if any(name in changes and set(changes[name] or ()) != set(read(entry)) for name, read in held.items()):
        return True
    if row.groups is not None and set(row.groups) != {group.name for group in listing.audience_groups(entry)}:
        return True
    return _is_another(known, row.owner, entry.owner_id)


def _facts_differ(known: Known, entry: EntryRow, row: Incoming) -> bool:
    if any(getattr(row, name) is not None and getattr(row, name) != getattr(entry, name) for name in _MOMENTS):
        return True
    if row.verified_until not in (None, entry.verified_until):
        return True
    return row.status not in (None, entry.status) or _is_another(known, row.author, entry.author_id)


def _is_another(known: Known, email: str | None, id: int | None) -> bool:
    return email is not None and (email not in known.persons or known.persons[email].id != id)


def keep(session: Session, viewer: Viewer, known: Known, row: Incoming) -> Outcome:
    """Write a row if it differs. Refuses what `entries.writing` and `entries.publishing` refuse, and a kind that changes."""
    entry = known.entries.get(row.slug)
    if entry is not None and row.kind not in (None, entry.kind):
        raise Invalid(f"The entry {row.slug} is a {entry.kind.replace('_', ' ').lower()}, and stays one.", "kind")
    found = difference(known, row)
    if not found.text and (not found.facts or _only_waits(known, entry, row)):
        return Outcome.UNCHANGED
    changes = _resolved(known, row)
    if entry is None:
        if row.kind is None:
            raise Invalid("This is needed.", "kind")
        stored = _stored(session, writing.create(session, viewer, row.kind, changes, sample=row.sample))
        outcome = Outcome.CREATED
    else:
        stored = _changed(session, viewer, entry, row, changes, found)
        outcome = Outcome.UPDATED
    revision = _meant(session, known, row, stored)
    _sign(known, row, stored, revision)
    if not is_waiting(row, entry):
        _bring_to(session, viewer, stored, revision, row)
    elif row.published_at is not None and not rests_on_evidence(stored.kind, row.changes):
        # Progress is posted on what is published.
        _bring_to(session, viewer, stored, revision, replace(row, status=Status.PUBLISHED))
    _vouch(session, known, row, stored)
    if row.updated_at is not None:
        stored.updated_at = row.updated_at
    return outcome


def _resolved(known: Known, row: Incoming) -> writing.Changes:
    changes = writing.Changes(**row.changes)
    changes["slug"] = row.slug
    problems = []
    if row.owner is not None:
        owner = known.persons.get(row.owner)
        if owner is not None and owner.role is Role.CUSTOMER:  # who owns what they wrote themselves
            if row.owner != row.author:
                problems.append(Problem("owner", f"{row.owner} is a customer, and owners are colleagues."))
        elif owner is not None:
            changes["owner"] = owner.uid
        else:
            problems.append(Problem("owner", f"There is nobody with the address {row.owner}."))
    if row.groups is not None:
        problems += [
            Problem("audience_groups", f"There is no group called {name}.")
            for name in row.groups
            if name not in known.groups
        ]
        changes["audience_groups"] = [known.groups[name].uid for name in row.groups if name in known.groups]
    refuse(problems)
    return changes


def wanted(session: Session, viewer: Viewer, known: Known, row: Incoming, ready: Ready) -> Wanted:
    """What is to be created for a new row; refuses references to what is not there, and what needs someone else's approval."""
    _resolved(known, row)
    if row.slug in known.former:
        raise Invalid(f"Another entry was called {row.slug}.", "slug")
    author = known.persons.get(row.author or "")
    posted = (
        author is not None and author.role is Role.CUSTOMER
    )  # what customers write is kept by nobody unless it says so
    owner = known.persons.get(row.owner or "") or (None if posted else author)
    author_id = author.id if author else viewer.id
    owner_id = owner.id if owner else None if posted else viewer.id
    published = is_published(row)
    if published:
        _check_approval(session, viewer, ready, author_id)
        if row.kind is Kind.INITIATIVE and owner_id is None:
            raise Invalid("An initiative has exactly one owner.", "owner")
    return Wanted(row, ready, author_id, owner_id, [known.groups[name].id for name in row.groups or ()], published)


def _check_approval(session: Session, viewer: Viewer, ready: Ready, author_id: int | None) -> None:
    needed = 0 if viewer == OPERATOR else approving.needed(session, ready.kind, ready.written["audience"])
    other = needed == 1 and approving.is_second_pair_of_eyes(viewer, ready.kind, author_id)
    if needed and not other:
        raise NotAllowed("What is for this audience is approved by someone other than its author.", "audience")


def _meant(session: Session, known: Known, row: Incoming, entry: Entry) -> Revision:
    """The revision that says what the row says: the latest where the row brought it, otherwise the one that readers see."""
    before = known.entries.get(row.slug)
    is_shown = before is not None and not difference(known, row).text
    return session.get_one(Revision, before.revision_id if before and is_shown else entry.latest_revision_id)


def _stored(session: Session, row: EntryRow) -> Entry:
    return session.get_one(Entry, row.id)


def _changed(
    session: Session, viewer: Viewer, entry: EntryRow, row: Incoming, changes: writing.Changes, found: Difference
) -> Entry:
    if row.status is Status.DRAFT and entry.status is Status.PUBLISHED:
        raise Invalid("This entry is published, and an import makes no drafts of what is published.", "status")
    stored = session.get_one(Entry, entry.id, with_for_update=True)
    if not found.text:
        return stored
    number = entry.revision
    if entry.latest_revision_id != entry.revision_id:
        number = writing.latest_revision(session, stored).number
    writing.update(session, viewer, entry.uid, number, changes)
    return stored


def _sign(known: Known, row: Incoming, entry: Entry, revision: Revision) -> None:
    """Whose it is and since when; an author whom nobody knows is a warning elsewhere, and leaves the entry to nobody."""
    person = known.persons.get(row.author or "")
    if person is not None:
        if row.owner in (None, row.author) and entry.owner_id == entry.author_id:
            entry.owner_id = person.id
        entry.author_id = person.id
        revision.author_id = person.id
    if row.created_at is not None:
        entry.created_at = row.created_at
        if revision.number == 1:
            revision.created_at = row.created_at


def _bring_to(session: Session, viewer: Viewer, entry: Entry, revision: Revision, row: Incoming) -> None:
    """Take an entry to the state in its life that the row names, or keep it published where it was."""
    status = row.status or (Status.PUBLISHED if entry.published_revision_id is not None else entry.status)
    session.flush()  # the acts of publishing read what was just written
    if status is Status.PUBLISHED or (status in _OUT_AGAIN and row.published_at is not None):
        if revision.id != entry.published_revision_id or entry.status is not Status.PUBLISHED:
            _publish(session, viewer, entry, revision)
        if row.published_at is not None:
            entry.published_at = revision.published_at = row.published_at
            session.flush()  # archiving reads it again
    if status is Status.ARCHIVED:
        publishing.archive(session, viewer, entry.uid)
    elif status is Status.OBSOLETE:
        _supersede(session, viewer, entry, revision)
    elif status is Status.SCHEDULED:
        put_off(session, viewer, entry, revision, row)
    elif status in (Status.IN_REVIEW, Status.CHANGES_REQUESTED) and revision.state.value != status.value:
        publishing.submit(session, viewer, entry.uid)
        if status is Status.CHANGES_REQUESTED:
            publishing.request_changes(
                session, viewer, entry.uid, "Changes had been requested before this was imported."
            )
        revision.submitted_at = row.submitted_at or revision.submitted_at
        revision.scheduled_for = row.scheduled_for


def put_off(session: Session, viewer: Viewer, entry: Entry, revision: Revision, row: Timed) -> None:
    """Have a revision published at the moment that its row says, at once where that is over."""
    if row.scheduled_for is None or (revision.state, revision.scheduled_for) == (SCHEDULED, row.scheduled_for):
        return
    refuse(publishing.gaps(session, entry, revision))
    publishing.require_enough(session, viewer, entry, revision)
    publishing.put_off(session, viewer, entry, revision, row.scheduled_for)
    revision.submitted_at = row.submitted_at


def _supersede(session: Session, viewer: Viewer, entry: Entry, revision: Revision) -> None:
    """What took its place is said by another line, which comes once that is there."""
    if entry.status is Status.OBSOLETE:
        return
    if entry.published_revision_id is None:
        raise Invalid("Only what was published can be superseded.", "status")
    moved = {"status": (entry.status, Status.OBSOLETE)}
    entry.status = Status.OBSOLETE
    verb, number = "entry.obsoleted", revision.number
    activity.record(session, viewer.id, verb, "Entry", entry.uid, revision=number, moved=moved)


def _publish(session: Session, viewer: Viewer, entry: Entry, revision: Revision) -> None:
    if revision.id != entry.latest_revision_id:
        raise Invalid("Somebody writes a newer draft of this entry, and an import does not publish it.", "status")
    publishing.publish(session, viewer, entry.uid)


def _vouch(session: Session, known: Known, row: Incoming, entry: Entry) -> None:
    """Keep who verified the entry and until when; it lapses at the time it would have lapsed where it came from."""
    if row.verified_until in (None, entry.verified_until) or entry.status is not Status.PUBLISHED:
        return
    person = known.persons.get(row.verified_by or "")
    entry.verified_by_id = person.id if person else None
    entry.verified_until = row.verified_until
    entry.freshness = Freshness.VERIFIED
    for moment in (freshness.due_from(entry, row.verified_until), row.verified_until):
        jobs.later(session, "entry.lapse", str(entry.uid), at=max(moment, clock.now()))


def is_waiting(row: Incoming, entry: EntryRow | None) -> bool:
    """Whether a row reaches its state only after everything else: an insight is published with its evidence, and nothing can be
    attached to what is archived.
    """
    kind = row.kind or (entry.kind if entry else None)
    status = row.status or (entry.status if entry else None)
    return status in _OUT_AGAIN or (rests_on_evidence(kind, row.changes) and status is Status.PUBLISHED)


def waits(known: Known, row: Incoming, outcome: Outcome) -> bool:
    """Whether a row that was kept so is still to be brought to its state by `finish_waiting`."""
    entry = known.entries.get(row.slug)
    if not is_waiting(row, entry):
        return False
    return outcome is not Outcome.UNCHANGED or (entry is not None and row.status not in (None, entry.status))


def _only_waits(known: Known, entry: EntryRow | None, row: Incoming) -> bool:
    return entry is not None and is_waiting(row, entry) and not _facts_differ(known, entry, replace(row, status=None))


def finish_waiting(session: Session, viewer: Viewer, known: Known, row: Incoming) -> None:
    """Bring a row that was waiting to its state; refuses INVALID for an insight that still has no evidence."""
    entry = known.entries.get(row.slug)
    if entry is None:
        return
    stored = session.get_one(Entry, entry.id, with_for_update=True)
    revision = _meant(session, known, row, stored)
    updated_at = stored.updated_at
    _bring_to(session, viewer, stored, revision, row)
    _vouch(session, known, row, stored)
    stored.updated_at = row.updated_at or updated_at
