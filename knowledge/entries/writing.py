"""Writing entries: every save is a new, complete revision, and nothing that is wrong leaves a trace."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session

from knowledge import activity, clock, markup
from knowledge.database import one, table_of
from knowledge.entries import fields, links, listing, revisions, rules, tags
from knowledge.entries.entry import (
    WRITES,
    Entry,
    EntryFunction,
    EntryPrinciple,
    EntryRow,
    EntryStage,
    Revision,
    RevisionGroup,
    RevisionRow,
    by_uid,
    everything,
    may_edit,
)
from knowledge.entries.kinds import DETAILS
from knowledge.entries.merging import Merge, merge
from knowledge.errors import Code, Conflict, NotAllowed, NotFound, Problem, refuse
from knowledge.people import Act, FunctionalGroup, Person, Viewer, require
from knowledge.words import Audience, GroupKind, Kind, RevisionState, Role, Stage, Status


class Changes(TypedDict, total=False):
    """What a save changes: what is omitted stays as it is, None clears. `detail` is the part that only the kind has."""

    title: str
    slug: str | None
    summary: str | None
    body: str | None
    language: str | None
    tags: Sequence[str] | None
    audience: Audience | None
    audience_groups: Sequence[UUID] | None
    functions: Sequence[GroupKind] | None
    stages: Sequence[Stage] | None
    principles: Sequence[int] | None
    owner: UUID | None
    source: str | None
    licence: str | None
    note: str | None
    detail: Mapping[str, Any]


_r = table_of(Revision).c


def create(session: Session, viewer: Viewer, kind: Kind, changes: Changes, *, sample: bool = False) -> EntryRow:
    """A new draft of the viewer's; refuses NOT_ALLOWED, and INVALID or TOO_LARGE with everything that is wrong."""
    act = WRITES.get(kind, Act.ENTRIES_WRITE)
    require(viewer, act, doing=f"write {kind.replace('_', ' ').lower()} entries")
    return begin(session, viewer, kind, changes, sample=sample)


def begin(session: Session, viewer: Viewer, kind: Kind, changes: Changes, *, sample: bool = False) -> EntryRow:
    """The same for whoever is known to be allowed; what customers begin is theirs, and nobody keeps it yet."""
    written = whole(None, changes)
    refuse(
        [
            *rules.faults(kind, written, _spent(session)),
            *_slug_faults(session, written, None),
            *_reference_faults(session, written),
        ]
    )

    now = clock.now()
    entry = Entry(
        slug=written["slug"] or _free_slug(session, written["title"]),
        kind=kind,
        author_id=viewer.id,
        owner_id=_person_id(session, written["owner"]) or (viewer.id if viewer.is_inside else None),
        audience=written["audience"],
        sample=sample,
        created_at=now,
        updated_at=now,
    )
    session.add(entry)
    session.flush()  # revision and neighbours point at its id
    _save(session, viewer, entry, written, number=1)
    _place(session, entry, written, changes)
    activity.record(session, viewer.id, "entry.created", "Entry", entry.uid, revision=1)
    return reread(session, entry)


def update(session: Session, viewer: Viewer, uid: UUID, base_revision: int, changes: Changes) -> EntryRow:
    """A new revision over the latest. Refuses NOT_FOUND, NOT_ALLOWED, CONFLICT when someone saved since, and what is wrong."""
    row, entry = editable(session, viewer, uid)
    return rewrite(session, viewer, row, entry, base_revision, changes)


def rewrite(
    session: Session, viewer: Viewer, row: EntryRow, entry: Entry, base_revision: int, changes: Changes
) -> EntryRow:
    """The same of a locked entry for whoever is known to be allowed."""
    latest = latest_revision(session, entry)
    if latest.number != base_revision:
        raise _overtaken(session, viewer, row, latest, base_revision, changes)
    before = _as_written(entry, latest)
    along = _along(entry, before, changes)
    written = whole(before, {**changes, "detail": {**changes.get("detail", {}), **along}} if along else changes)
    refuse(
        [
            *rules.faults(entry.kind, written, _spent(session)),
            *_slug_faults(session, written, entry),
            *_reference_faults(session, written),
            *_unapproved(viewer, row, written, changes),
            *_unseen(viewer, row),
        ]
    )

    _rename(session, entry, written)
    if entry.published_revision_id is None:
        entry.updated_at = clock.now()  # what readers see of a published entry moves when it is published
    if latest.state in (RevisionState.IN_REVIEW, RevisionState.SCHEDULED):
        session.get_one(Revision, latest.id).state = RevisionState.SUPERSEDED
    if "owner" in changes:
        entry.owner_id = _person_id(session, written["owner"]) or entry.author_id
    _save(session, viewer, entry, written, number=latest.number + 1)
    _place(session, entry, written, changes)
    moved = {field: (before["detail"].get(field), new) for field, new in along.items()}
    activity.record(session, viewer.id, "entry.updated", "Entry", entry.uid, revision=row.revision, moved=moved)
    return reread(session, entry)


def _along(entry: Entry, before: Mapping[str, Any], changes: Changes) -> Mapping[str, Any]:
    """What of its kind's part follows from a change."""
    detail = DETAILS.get(entry.kind)
    return detail.along(before["detail"], changes["detail"]) if detail is not None and "detail" in changes else {}


def editable(session: Session, viewer: Viewer, uid: UUID) -> tuple[EntryRow, Entry]:
    """An entry that the viewer may edit, as a row and, locked, as an object. Refuses NOT_FOUND and NOT_ALLOWED."""
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such entry.", "id")
    if not may_edit(viewer, row):
        raise NotAllowed("This entry is edited by its author, its owner and those who curate.", "id")
    entry = session.get_one(Entry, row.id, with_for_update=True)
    return row, entry


def latest_revision(session: Session, entry: Entry) -> RevisionRow:
    """The newest revision, whatever its state."""
    statement = select(*listing.REVISION).join_from(
        table_of(Revision), table_of(Entry), table_of(Entry).c.id == _r.entry_id
    )
    revision = one(session, RevisionRow, statement.where(_r.id == entry.latest_revision_id))
    assert revision is not None
    return revision


TEXTS = revisions.WRITTEN

_EMPTY: Mapping[str, Any] = {
    "title": "",
    "slug": None,
    "summary": "",
    "body": "",
    "language": "en",
    "tags": (),
    "audience": Audience.EMPLOYEES,
    "audience_groups": (),
    "functions": (),
    "stages": (),
    "principles": (),
    "owner": None,
    "source": None,
    "licence": None,
    "note": "",
    "detail": {},
}


def whole(before: Mapping[str, Any] | None, changes: Changes) -> dict[str, Any]:
    """The whole that a save leaves behind: what was before, what changes, and empty values for what is cleared."""
    written = {**_EMPTY, **(before or {}), "note": ""}
    for field, value in changes.items():
        if field == "detail":
            merged = {**written["detail"], **changes["detail"]}
            written["detail"] = {name: each for name, each in merged.items() if each is not None or "." not in name}
        else:
            written[field] = _EMPTY[field] if value is None else value
    written["title"] = " ".join(written["title"].split())
    written["summary"] = " ".join(written["summary"].split())
    return written


def _as_written(entry: Entry, latest: RevisionRow) -> dict[str, Any]:
    return {**revisions.as_written(latest), "slug": entry.slug}


class Overtaken(Conflict):
    """Someone saved since; `merge` is what their changes and the viewer's come to, where the viewer may read theirs."""

    def __init__(self, message: str, *, current: RevisionRow | None, merge: Merge | None) -> None:
        super().__init__(message, "baseRevision", current=current)
        self.merge = merge


def _overtaken(
    session: Session, viewer: Viewer, row: EntryRow, latest: RevisionRow, base_revision: int, changes: Changes
) -> Overtaken:
    seen = latest if row.latest_revision_id == row.published_revision_id else listing.latest_of(row, viewer)
    if seen is None:
        message = "Its author is working on a newer draft; it can be edited again once that is submitted or published."
        return Overtaken(message, current=None, merge=None)
    message = f"Someone saved revision {latest.number} while you were editing revision {base_revision}."
    common = revisions.nearest(session, viewer, row, base_revision)
    was = revisions.as_written(common) if common else {}
    detail = DETAILS.get(row.kind)
    base, yours, theirs = (
        fields.said({**each, "tags": tags.cleaned(each["tags"])}, detail)
        for each in (whole(was, {}), whole(was, changes), whole(revisions.as_written(latest), {}))
    )
    return Overtaken(message, current=seen, merge=merge(base, yours, theirs, revisions.effort(session)))


def _spent(session: Session) -> MutableMapping[str, float]:
    """What this operation has spent on rendering, where the edge counts it."""
    return session.info if "effort" in session.info else {}


def _slug_faults(session: Session, written: Mapping[str, Any], entry: Entry | None) -> Iterable[Problem]:
    slug = written["slug"]
    if slug is not None and links.is_taken(session, slug, but=entry.id if entry else None):
        yield Problem("slug", f"Another entry is called {slug}.")


def _reference_faults(session: Session, written: Mapping[str, Any]) -> Iterable[Problem]:
    if written["owner"] is not None and _person_id(session, written["owner"]) is None:
        yield Problem("owner", "There is no such colleague.")
    if wanted := set(written["audience_groups"]):
        table = table_of(FunctionalGroup).c
        known = {row.uid for row in session.connection().execute(select(table.uid).where(table.uid.in_(wanted)))}
        if wanted - known:
            yield Problem("audienceGroups", "There is no such group.")


def _unapproved(viewer: Viewer, row: EntryRow, written: Mapping[str, Any], changes: Changes) -> Iterable[Problem]:
    """What takes effect on saving, while the entry is out for customers or for everyone, is for those who curate."""
    is_out = listing.is_published(row) and row.audience in (Audience.CUSTOMERS, Audience.PUBLIC)
    if not is_out or viewer.may(Act.ENTRIES_CURATE):
        return
    now: dict[str, Any] = {
        "slug": row.slug,
        "functions": set(listing.functions_of(row)),
        "stages": set(listing.stages_of(row)),
        "principles": set(listing.principle_numbers(row)),
    }
    for field, before in now.items():
        after = (written[field] or before) if isinstance(before, str) else set(written[field])
        if field in changes and after != before:
            message = "While this is out for customers, those who curate change it."
            yield Problem(field, message, Code.NOT_ALLOWED)


def _unseen(viewer: Viewer, row: EntryRow) -> Iterable[Problem]:
    """A draft is its author's and owner's alone: whoever guesses its number would read it in what they wrote over it."""
    if row.latest_revision_id != row.published_revision_id and listing.latest_of(row, viewer) is None:
        message = "Its author is working on a newer draft; it can be edited again once that is submitted or published."
        yield Problem("baseRevision", message, Code.CONFLICT)


def _person_id(session: Session, uid: UUID | None) -> int | None:
    if uid is None:
        return None
    table = table_of(Person).c
    inside = (table.uid == uid) & (table.role != Role.CUSTOMER)  # an owner sees every draft
    return session.connection().execute(select(table.id).where(inside)).scalar()


def _free_slug(session: Session, title: str) -> str:
    wanted = tags.slug_of(title) or "entry"
    slug, number = wanted, 1
    while slug in rules.RESERVED or links.is_taken(session, slug):
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _rename(session: Session, entry: Entry, written: Mapping[str, Any]) -> None:
    slug = written["slug"] or entry.slug
    if slug == entry.slug:
        return
    redirects = table_of(links.SlugRedirect)
    session.connection().execute(delete(redirects).where(redirects.c.slug == slug))
    assert entry.id is not None
    session.add(links.SlugRedirect(slug=entry.slug, entry_id=entry.id))
    entry.slug = slug


@dataclass(frozen=True, slots=True)
class Rendering:
    """The HTML of what is written: the body's, the kind's detail with its parts', and the slugs that they mention."""

    body_html: str
    detail: Mapping[str, Any]
    mentioned: tuple[str, ...]
    parts: Mapping[str, str]


def rendered(kind: Kind, written: Mapping[str, Any], sizes: Mapping[str, tuple[int, int]] | None = None) -> Rendering:
    """Render everything that is written under the entry's slug; refuses TOO_LARGE what would become too large a page.

    `sizes` are those of the entry's pictures by name. A slug is its entry's for good, so that the addresses of files stay right.
    """
    files = markup.Files(f"/entries/{written['slug']}/files/", sizes or {})
    body = markup.render(written["body"], files=files)
    mentioned = list(body.links)
    values: dict[str, Any] = {}
    parts: dict[str, str] = {}
    if detail := DETAILS.get(kind):
        values = {name: written["detail"].get(name, empty) for name, empty in detail.fields.items()}
        for name in detail.markdown:
            part = markup.render(values[name], field=f"{detail.name}.{name}", files=files)
            values[f"{name}_html"] = part.html
            mentioned += part.links
        for name, each in detail.parts_of(written["detail"]).items():
            assert detail.parts is not None
            part = markup.render(detail.parts.source(each), field=f"{detail.name}.{name}", files=files)
            parts[name] = part.html
            mentioned += [*part.links, *detail.parts.mentions(each)]
    slugs = tuple(slug for slug in dict.fromkeys(mentioned) if len(slug) <= 120)
    return Rendering(body.html, values, slugs, parts)


def _sizes(session: Session, entry: Entry, written: Mapping[str, Any]) -> Mapping[str, tuple[int, int]]:
    from knowledge import attachments  # files are attached to entries, so it imports this package

    assert entry.id is not None
    shown = any("attachment:" in str(text) for text in (written["body"], *written["detail"].values()))
    return attachments.sizes(session, entry.id) if shown else {}


def _save(session: Session, viewer: Viewer, entry: Entry, written: Mapping[str, Any], *, number: int) -> None:
    assert entry.id is not None
    html = rendered(entry.kind, {**written, "slug": entry.slug}, _sizes(session, entry, written))
    revision = Revision(
        entry_id=entry.id,
        number=number,
        body_html=html.body_html,
        renderer=markup.RENDERER,
        author_id=viewer.id,
        created_at=clock.now(),
        **{field: written[field] for field in (*TEXTS, "note")},
    )
    session.add(revision)
    session.flush()  # tags, mentions and the kind's detail point at its id
    assert revision.id is not None
    if detail := DETAILS.get(entry.kind):
        row_class: Any = detail.table
        session.add(row_class(revision_id=revision.id, **html.detail))
        for table, values in detail.rows_of(revision.id, written["detail"], html.parts):
            session.add(table(**values))
    session.add_all(tags.RevisionTag(revision_id=revision.id, tag_id=id) for id in tags.named(session, written["tags"]))
    session.add_all(RevisionGroup(revision_id=revision.id, group_id=id) for id in _group_ids(session, written))
    links.mention(session, revision.id, html.mentioned)
    entry.latest_revision_id = revision.id
    if entry.published_revision_id is None:
        entry.status = Status.DRAFT
        entry.audience = written["audience"]


def _group_ids(session: Session, written: Mapping[str, Any]) -> list[int]:
    if written["audience"] is not Audience.GROUP:
        return []
    groups = table_of(FunctionalGroup).c
    statement = select(groups.id).where(groups.uid.in_(set(written["audience_groups"])))
    return list(session.connection().execute(statement).scalars())


def _place(session: Session, entry: Entry, written: Mapping[str, Any], changes: Changes) -> None:
    """Whom an entry concerns: kept beside the entry, not in its revisions, because it sorts and does not say anything."""
    neighbours: tuple[tuple[str, Any, str], ...] = (
        ("functions", EntryFunction, "function"),
        ("stages", EntryStage, "stage"),
        ("principles", EntryPrinciple, "number"),
    )
    for field, table, column in neighbours:
        if field in changes:
            session.connection().execute(delete(table_of(table)).where(table_of(table).c.entry_id == entry.id))
            session.add_all(table(entry_id=entry.id, **{column: value}) for value in dict.fromkeys(written[field]))


def reread(session: Session, entry: Entry) -> EntryRow:
    """The entry as its readers see it after what was just written."""
    session.flush()  # the answer is read back
    row = one(session, EntryRow, everything().where(table_of(Entry).c.id == entry.id))
    assert row is not None
    return row
