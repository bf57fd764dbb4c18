"""Takes in what is written of a published entry and not published yet, and the slugs that entries had before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from knowledge import activity
from knowledge.entries import Entry, EntryRow, Revision, listing, publishing, rules, tags, writing
from knowledge.entries.details import revision_detail, revision_parts
from knowledge.entries.entry import RevisionRow
from knowledge.entries.kinds import DETAILS
from knowledge.entries.links import SlugRedirect
from knowledge.errors import Invalid, NotFound
from knowledge.people import GroupRow, PersonRow
from knowledge.transfer import entries, keeping, lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields
from knowledge.transfer.parts import canonical
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row
from knowledge.words import Kind, RevisionState

STATES = (
    RevisionState.DRAFT,
    RevisionState.IN_REVIEW,
    RevisionState.CHANGES_REQUESTED,
    RevisionState.SCHEDULED,
)
_EMPTY: Mapping[str, Any] = dict.fromkeys(
    ("summary", "body", "language", "tags", "audience", "source", "licence", "note")
)


@dataclass(frozen=True)
class Draft:
    """A row read. A draft is whole: what its row leaves out is empty."""

    row: Row
    slug: str
    kind: Kind
    changes: Mapping[str, Any]
    state: RevisionState
    groups: Sequence[str]
    author: str | None
    created_at: datetime | None
    submitted_at: datetime | None = None
    scheduled_for: datetime | None = None
    unknown: Sequence[Any] = ()


@dataclass(frozen=True)
class Known:
    """What the rows of one batch name."""

    entries: Mapping[str, EntryRow]
    persons: Mapping[str, PersonRow]
    groups: Mapping[str, GroupRow]


def _read(row: Row) -> Draft:
    fields = Fields(row.values)
    kind = fields.needed("kind", fields.word("kind", Kind), Kind.GUIDE)
    changes = {**_EMPTY, **entries.written(fields, kind), "note": fields.text("note")}
    if kind in DETAILS:
        changes["detail"] = {**DETAILS[kind].fields, **changes.get("detail", {})}
    state = fields.word("status", RevisionState) or RevisionState.DRAFT
    if state not in STATES:
        fields.wrong("status", "What is not published is draft, in_review, changes_requested or scheduled.")
    if state is RevisionState.SCHEDULED and "scheduled_for" not in fields:
        fields.wrong("scheduled_for", "What is scheduled has a moment.")
    draft = Draft(
        row,
        fields.needed("slug", fields.text("slug"), ""),
        kind,
        changes,
        state,
        fields.texts("audience_groups") or (),
        fields.email("author"),
        fields.moment("created_at"),
        fields.moment("submitted_at"),
        fields.moment("scheduled_for"),
        fields.unknown,
    )
    fields.finish()
    return draft


def _known(session: Session, rows: Sequence[Draft]) -> Known:
    return Known(
        lookups.entries(session, (row.slug for row in rows)),
        lookups.persons(session, (row.author for row in rows)),
        lookups.groups(session, (name for row in rows for name in row.groups)),
    )


def _keep(batch: Batch, row: Draft) -> Outcome:
    entry: EntryRow | None = batch.known.entries.get(row.slug)
    if entry is None:
        raise NotFound(f"There is no entry {row.slug}.", "slug")
    if entry.published_revision_id is None:
        raise Invalid("This entry was never published, so it is a draft itself.", "slug")
    if row.kind is not entry.kind:
        raise Invalid(f"The entry {row.slug} is a {entry.kind.replace('_', ' ').lower()}, and stays one.", "kind")
    stored = batch.session.get_one(Entry, entry.id, with_for_update=True)
    latest = writing.latest_revision(batch.session, stored)
    is_draft = latest.id != entry.published_revision_id
    if is_draft and not _differs(batch.known, latest, row):
        return Outcome.UNCHANGED
    updated_at = stored.updated_at
    changes = cast(writing.Changes, {**row.changes, "audience_groups": _groups(batch.known, row)})
    if gone := revision_parts(latest):  # a draft is whole
        changes["detail"] = {**dict.fromkeys(gone), **changes["detail"]}
    writing.update(batch.session, batch.viewer, entry.uid, latest.number, changes)
    revision = batch.session.get_one(Revision, stored.latest_revision_id)
    _bring_to(batch, entry, revision, row)
    _sign(batch, revision, row)
    stored.updated_at = updated_at  # readers see what they saw
    return Outcome.UPDATED if is_draft else Outcome.CREATED


def _differs(known: Known, latest: RevisionRow, row: Draft) -> bool:
    empty = {"language": "en", "audience": "EMPLOYEES"}
    said = {name: row.changes.get(name) or empty.get(name) for name in (*writing.TEXTS, "note")}
    said |= {"title": " ".join((said["title"] or "").split()), "summary": " ".join((said["summary"] or "").split())}
    if any(_plain(getattr(latest, name)) != _plain(value) for name, value in said.items()):
        return True
    if not tags.are_meant(tags.of_revision(latest), row.changes["tags"] or ()):
        return True
    if set(row.groups) != {group.name for group in listing.revision_groups(latest)}:
        return True
    author = known.persons.get(row.author or "")
    if latest.state is not row.state or (author is not None and author.id != latest.author_id):
        return True
    scheduled = getattr(latest, "scheduled_for", row.scheduled_for)
    if row.scheduled_for != scheduled:
        return True
    return row.created_at not in (None, latest.created_at) or _detail_differs(latest, row)


def _detail_differs(latest: RevisionRow, row: Draft) -> bool:
    if row.kind not in DETAILS:
        return False
    stored = revision_detail(latest, DETAILS[row.kind].row_class)
    parts = revision_parts(latest)
    held = {**{name: getattr(stored, name) for name in DETAILS[row.kind].fields}, **parts}
    wanted = {**dict.fromkeys(parts), **row.changes["detail"]}
    return any(_plain(held.get(name)) != _plain(value) for name, value in wanted.items())


def _plain(value: Any) -> Any:
    return canonical(value) if isinstance(value, str) else value or ""


def _groups(known: Known, row: Draft) -> Sequence[Any]:
    if missing := [name for name in row.groups if name not in known.groups]:
        raise Invalid(f"There is no group called {missing[0]}.", "audience_groups")
    return [known.groups[name].uid for name in row.groups]


def _bring_to(batch: Batch, entry: EntryRow, revision: Revision, row: Draft) -> None:
    batch.session.flush()  # the acts of publishing read what was just written
    if row.state is RevisionState.SCHEDULED:
        stored = batch.session.get_one(Entry, entry.id)
        keeping.put_off(batch.session, batch.viewer, stored, revision, row)
        return
    if row.state is not RevisionState.DRAFT:
        publishing.submit(batch.session, batch.viewer, entry.uid)
        revision.submitted_at = row.submitted_at or revision.submitted_at
    revision.state, revision.scheduled_for = row.state, row.scheduled_for


def _sign(batch: Batch, revision: Revision, row: Draft) -> None:
    person = batch.known.persons.get(row.author or "")
    if row.author and person is None:
        batch.warn(row.row, "author", f"There is nobody with the address {row.author}; the draft is nobody's.")
    if person is not None:
        revision.author_id = person.id
    revision.created_at = row.created_at or revision.created_at


@dataclass(frozen=True)
class Former:
    """A row read: what an entry was called, and what it is called now."""

    row: Row
    slug: str
    to: str
    unknown: Sequence[Any] = ()


@dataclass(frozen=True)
class _Named:
    """The entries of both slugs, and to whom former ones lead."""

    entries: Mapping[str, EntryRow]
    former: Mapping[str, int]


def _read_former(row: Row) -> Former:
    fields = Fields(row.values)
    slug, to = (fields.needed(name, fields.text(name), "") for name in ("from", "to"))
    if slug and (len(slug) > 120 or not rules.SLUG.match(slug)):
        fields.wrong(
            "from", "A slug has lower-case letters and digits with single dashes between, 120 characters at most."
        )
    fields.finish()
    return Former(row, slug, to, fields.unknown)


def _named(session: Session, rows: Sequence[Former]) -> _Named:
    return _Named(
        lookups.entries(session, (slug for row in rows for slug in (row.slug, row.to))),
        lookups.former(session, (row.slug for row in rows)),
    )


def _keep_former(batch: Batch, row: Former) -> Outcome:
    entry = batch.known.entries.get(row.to)
    if entry is None:
        raise NotFound(f"There is no entry {row.to}.", "to")
    leads_to = batch.known.former.get(row.slug)
    if leads_to == entry.id:
        return Outcome.UNCHANGED
    if leads_to is not None or row.slug in batch.known.entries:
        raise Invalid(f"Another entry is or was called {row.slug}.", "from")
    batch.session.add(SlugRedirect(slug=row.slug, entry_id=entry.id))
    moved = {"slug": (row.slug, row.to)}
    activity.record(
        batch.session, batch.viewer.id, "entry.renamed", "Entry", entry.uid, revision=entry.revision, moved=moved
    )
    return Outcome.CREATED


DRAFTS = Handler("draft", _read, _known, _keep)
FORMER = Handler("redirect", _read_former, _named, _keep_former, alike=lambda row: row.slug)
