"""Suggesting an edit, taking it into a new revision in the suggester's credit, and declining it for a reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import Session

from knowledge import activity, clock, markup
from knowledge.community.reactions import require_somebody
from knowledge.community.suggestions import (
    PartRow,
    Suggestion,
    SuggestionPart,
    SuggestionRow,
    author_of,
    by_uid,
    entry_of,
    parts_of,
    waiting_by,
)
from knowledge.database import columns_of, one, table_of
from knowledge.entries import (
    Entry,
    EntryRow,
    Revision,
    RevisionRow,
    differences,
    may_edit,
    revision_detail,
    revisions,
    writing,
)
from knowledge.entries.differences import Part
from knowledge.entries.entry import for_audience
from knowledge.entries.fields import FieldName, called
from knowledge.entries.kinds import DETAILS
from knowledge.entries.writing import Changes
from knowledge.errors import Code, Conflict, Invalid, NotAllowed, NotFound, Problem, RateLimited, Refusal, refuse
from knowledge.people import Viewer
from knowledge.words import Kind, SuggestionState

PARTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.BEST_PRACTICE: ("problem", "when", "do", "say", "avoid", "measure"),
    Kind.INSIGHT: ("claim",),
    Kind.VISION: ("statement", "what", "why"),
}
"""What can be suggested of a kind beyond title, summary and body."""

MOST_WAITING = 10
_LIMITS = {"title": 200, "summary": 160, "insight.claim": 500}

_e = table_of(Entry).c
_r = table_of(Revision).c


def suggest(
    session: Session, viewer: Viewer, entry: EntryRow, base_revision: int, texts: Mapping[str, str], *, note: str = ""
) -> SuggestionRow:
    """Propose new words for parts of an entry, by field (`body`, `practice.do`); what is as it was is left out.

    Refuses NOT_ALLOWED, RATE_LIMITED, and INVALID or TOO_LARGE with all that is wrong.
    """
    person = require_somebody(viewer, doing="suggest an edit")
    if waiting_by(session, person, entry.id) >= MOST_WAITING:
        raise RateLimited("So many of your suggestions wait here already. See first what becomes of them.")
    base = _base(session, viewer, entry, base_revision)
    known = _texts(entry.kind, base)
    wanted = {field: _tidy(field, text) for field, text in texts.items()}
    changed = {field: text for field, text in wanted.items() if text != _tidy(field, known.get(field, ""))}
    refuse(_faults(session, known, changed, note))

    suggestion = Suggestion(
        entry_id=entry.id,
        base_revision=base_revision,
        note=note.strip(),
        author_id=person,
        created_at=clock.now(),
    )
    session.add(suggestion)
    session.flush()  # its parts point at its id
    assert suggestion.id is not None
    for field, text in changed.items():
        session.add(SuggestionPart(suggestion_id=suggestion.id, field=field, before=known[field], text=text))
    activity.record(session, viewer.id, "suggestion.made", "Suggestion", suggestion.uid)
    return _reread(session, suggestion.uid)


def take(session: Session, viewer: Viewer, uid: UUID) -> SuggestionRow:
    """Make a suggestion a new revision over the latest, with its author named in the note.

    Refuses NOT_FOUND, NOT_ALLOWED, INVALID where it was decided, and CONFLICT where a part says something else by now.
    """
    found, entry, row = _decidable(session, viewer, uid)
    _, locked = writing.editable(session, viewer, entry.uid)
    latest = writing.latest_revision(session, locked)
    now = _texts(entry.kind, latest)
    if moved := [part.field for part in parts_of(found) if part.before != now.get(part.field, "")]:
        raise Conflict(
            f"Since this was suggested, {' and '.join(moved)} changed: put in by hand what still fits.", "id"
        )
    changes = _changes({part.field: part.text for part in parts_of(found)})
    changes["note"] = _credit(found)

    writing.update(session, viewer, entry.uid, latest.number, cast(Changes, changes))
    _decide(viewer, row, SuggestionState.TAKEN)
    activity.record(session, viewer.id, "suggestion.taken", "Suggestion", uid)
    return _reread(session, uid)


def decline(session: Session, viewer: Viewer, uid: UUID, reason: str) -> SuggestionRow:
    """Leave the entry as it is, and say why to whoever suggested it. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    _, _, row = _decidable(session, viewer, uid)
    if not 1 <= len(reason.strip()) <= 300:
        raise Invalid("Say why, in at most 300 characters; whoever suggested it reads it.", "reason")
    _decide(viewer, row, SuggestionState.DECLINED)
    row.reason = reason.strip()
    activity.record(session, viewer.id, "suggestion.declined", "Suggestion", uid, moved={"reason": (None, row.reason)})
    return _reread(session, uid)


def field_of(part: PartRow) -> FieldName:
    """What people call a part of an entry, and how it is written."""
    name = part.field.partition(".")[0]
    return called(part.field, next((each for each in DETAILS.values() if each.name == name), None))


def changes_of(session: Session, part: PartRow) -> Sequence[Part]:
    """What a suggestion changes in a part, word by word."""
    effort = revisions.effort(session)
    return list(differences.of_values(field_of(part).shape, part.before, part.text, effort))


def _decidable(session: Session, viewer: Viewer, uid: UUID) -> tuple[SuggestionRow, EntryRow, Suggestion]:
    found = by_uid(session, viewer, uid)
    entry = entry_of(found, viewer) if found is not None else None
    if found is None or entry is None:
        raise NotFound("There is no such suggestion.", "id")
    if not may_edit(viewer, entry):
        raise NotAllowed("Suggestions are taken and declined by those who edit the entry.", "id")
    row = session.get_one(Suggestion, found.id, with_for_update=True)  # of two who decide at once the second waits
    if row.state is not SuggestionState.OPEN:
        raise Invalid(f"This suggestion was {row.state.lower()} already.", "id")
    return found, entry, row


def _decide(viewer: Viewer, row: Suggestion, state: SuggestionState) -> None:
    row.state, row.decided_at, row.decided_by_id = state, clock.now(), viewer.id


def _credit(suggestion: SuggestionRow) -> str:
    author = author_of(suggestion)
    said = f"Suggested by {author.name}" if author else "Suggested by a reader"
    return (f"{said}: {suggestion.note}" if suggestion.note else f"{said}.")[:300]


def _base(session: Session, viewer: Viewer, entry: EntryRow, number: int) -> RevisionRow:
    """The revision that somebody read: the one that is shown, or one that was published before, for them too."""
    statement = select(*columns_of(Revision), _e.kind).join(table_of(Entry), _e.id == _r.entry_id)
    was_shown = and_(_r.published_at.is_not(None), for_audience(viewer, _r.audience, _r.id))
    readable = or_(_r.number == entry.revision, was_shown)
    revision = one(session, RevisionRow, statement.where(_r.entry_id == entry.id, _r.number == number, readable))
    if revision is None:
        raise Invalid("Name the revision that you read.", "baseRevision")
    return revision


def _texts(kind: Kind, revision: RevisionRow) -> Mapping[str, str]:
    """What can be suggested of a revision, by the input's field."""
    found = {field: getattr(revision, field) for field in ("title", "summary", "body")}
    if kind in PARTS:
        detail = DETAILS[kind]
        stored = revision_detail(revision, detail.row_class)
        found |= {f"{detail.name}.{part}": getattr(stored, part, "") or "" for part in PARTS[kind]}
    return found


def _tidy(field: str, text: str) -> str:
    return " ".join(text.split()) if field in ("title", "summary") else text.strip("\n").rstrip()


def _faults(session: Session, known: Mapping[str, str], changed: Mapping[str, str], note: str) -> Iterable[Problem]:
    if not changed:
        yield Problem("", "This says what the entry says already. Change something first.")
    if len(note.strip()) > 300:
        yield Problem("note", "This has at most 300 characters.")
    if "title" in changed and not changed["title"]:
        yield Problem("title", "A title has 1 to 200 characters.")
    spent = session.info.get("effort", 0.0)
    for field, text in changed.items():
        if field not in known:
            yield Problem(field, "This kind of entry has no such part.")
        elif len(text) > _LIMITS.get(field, len(text)):
            yield Problem(field, f"This has at most {_LIMITS[field]} characters.")
        else:
            try:
                spent += markup.check(text, field=field)
            except Refusal as refusal:
                yield from refusal.problems
    if spent > markup.EFFORT:
        yield Problem("", "Altogether the texts take too long to render.", Code.TOO_LARGE)


def _changes(texts: Mapping[str, str]) -> dict[str, Any]:
    changes: dict[str, Any] = {field: text for field, text in texts.items() if "." not in field}
    if detail := {field.partition(".")[2]: text for field, text in texts.items() if "." in field}:
        changes["detail"] = detail
    return changes


def _reread(session: Session, uid: UUID) -> SuggestionRow:
    """The suggestion as it is now, also where taking it made the entry a draft that a curator does not see."""
    session.flush()  # the answer is read back
    row = one(session, SuggestionRow, select(*columns_of(Suggestion)).where(table_of(Suggestion).c.uid == uid))
    assert row is not None
    return row
