"""Creates many entries at once: one statement for each table, and the Markdown rendered before the transaction begins.

It leaves the rows that `entries.writing.create` and `entries.publishing.publish` leave for one entry, in a quarter of the time
(a test compares every table). Whatever is not new, plain and a draft or published goes through those.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, insert, select, update
from sqlmodel import Session

from knowledge import changes, clock, markup
from knowledge.activity import Activity, ActivityValue, request_id
from knowledge.database import table_of
from knowledge.detail import Detail
from knowledge.entries import Entry, Revision, rules, tags, writing
from knowledge.entries.entry import EntryFunction, EntryPrinciple, EntryStage, RevisionGroup
from knowledge.entries.kinds import DETAILS
from knowledge.entries.links import Mention
from knowledge.errors import Problem, refuse
from knowledge.people import Viewer
from knowledge.transfer.entries import Incoming, rests_on_evidence
from knowledge.words import Kind, RevisionState, Status


@dataclass(frozen=True)
class Ready:
    """An entry that has passed every rule that needs no database, with its HTML."""

    kind: Kind
    written: Mapping[str, Any]
    html: str
    detail: Mapping[str, Any]
    mentioned: Sequence[str]
    parts: Mapping[str, str]


@dataclass(frozen=True)
class Wanted:
    """An entry to be created: what it says, whose it is, and for which groups."""

    row: Incoming
    ready: Ready
    author_id: int | None
    owner_id: int | None
    group_ids: Sequence[int]
    published: bool


def ready(row: Incoming, *, published: bool) -> Ready:
    """Check and render a new entry; refuses INVALID and TOO_LARGE with everything that is wrong."""
    kind = row.kind
    refuse([Problem("kind", "This is needed.")] if kind is None else [])
    assert kind is not None
    groups = {"audience_groups": row.groups or ()}  # by name; whether there are such is asked later
    written = writing.whole(None, cast(writing.Changes, {**row.changes, "slug": row.slug, **groups}))
    detail = DETAILS.get(kind)
    values = {**detail.fields, **written["detail"]} if detail else {}
    faults = list(rules.faults(kind, {**written, "slug": row.slug}, {}))
    if detail and published:
        faults += detail.gaps(values)
    refuse(faults)
    html = writing.rendered(kind, written)
    return Ready(kind, written, html.body_html, html.detail, html.mentioned, html.parts)


def is_plain(row: Incoming) -> bool:
    """Whether a new entry can be created here: a draft or published, and verified by nobody."""
    return row.status in (None, Status.DRAFT, Status.PUBLISHED) and row.verified_until is None


def is_published(row: Incoming) -> bool:
    """Whether it is published at once; what rests on evidence waits for that."""
    return row.status is Status.PUBLISHED and not rests_on_evidence(row.kind, row.changes)


def create(session: Session, viewer: Viewer, entries: Sequence[Wanted]) -> None:
    """Insert these entries with all that belongs to them. Their slugs are free and their references known."""
    if not entries:
        return
    uids = [clock.uid() for _ in entries]
    ids = _inserted(session, Entry, [_entry(each, uid) for each, uid in zip(entries, uids, strict=True)])
    revisions = _inserted(session, Revision, [_revision(each, id) for each, id in zip(entries, ids, strict=True)])
    _point(session, ids, revisions, entries)
    for kind in dict.fromkeys(each.ready.kind for each in entries):
        if detail := DETAILS.get(kind):
            of_kind = zip(entries, revisions, strict=True)
            rows = [{"revision_id": id, **each.ready.detail} for each, id in of_kind if each.ready.kind is kind]
            _insert(session, table_of(detail.table), rows)
            _insert_parts(session, detail, zip(entries, revisions, strict=True))
    for table, rows in _beside(session, entries, ids, revisions):
        _insert(session, table_of(table), rows)
    _note(session, viewer, entries, uids)


def _insert_parts(session: Session, detail: Detail, of_kind: Iterable[tuple[Wanted, int]]) -> None:
    found: dict[Any, list[dict[str, Any]]] = {}
    for each, revision in of_kind:
        if DETAILS.get(each.ready.kind) is detail:
            for table, values in detail.rows_of(revision, each.ready.written["detail"], each.ready.parts):
                found.setdefault(table_of(table), []).append(values)
    for table, rows in found.items():
        _insert(session, table, rows)


def _inserted(
    session: Session, table: Any, rows: Sequence[Mapping[str, Any]], *which: ColumnElement[bool]
) -> list[int]:
    """Insert rows and learn their keys by their uids: SQLite gives keys back in order only for one row at a time."""
    columns = table_of(table).c
    session.connection().execute(insert(table_of(table)), list(rows))
    uids = [row["uid"] for row in rows]
    found = session.connection().execute(select(columns.uid, columns.id).where(columns.uid.in_(uids), *which))
    ids = {row.uid: row.id for row in found}
    return [ids[uid] for uid in uids]


def _insert(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(table), list(rows))


def _entry(each: Wanted, uid: Any) -> Mapping[str, Any]:
    now, row, written = clock.now(), each.row, each.ready.written
    return {
        "uid": uid,
        "slug": row.slug,
        "kind": each.ready.kind,
        "author_id": each.author_id,
        "owner_id": each.owner_id,
        "audience": written["audience"],
        "status": Status.PUBLISHED if each.published else Status.DRAFT,
        "published_at": (row.published_at or now) if each.published else None,
        "sample": row.sample,
        "created_at": row.created_at or now,
        "updated_at": row.updated_at or now,
    }


def _revision(each: Wanted, entry_id: int) -> Mapping[str, Any]:
    now, row, written = clock.now(), each.row, each.ready.written
    return {
        "uid": clock.uid(),
        "entry_id": entry_id,
        "number": 1,
        "body_html": each.ready.html,
        "renderer": markup.RENDERER,
        "state": RevisionState.PUBLISHED if each.published else RevisionState.DRAFT,
        "author_id": each.author_id,
        "created_at": row.created_at or now,
        "published_at": (row.published_at or now) if each.published else None,
        **{field: written[field] for field in (*writing.TEXTS, "note")},
    }


def _point(session: Session, ids: Sequence[int], revisions: Sequence[int], entries: Sequence[Wanted]) -> None:
    table = table_of(Entry)
    statement = (
        update(table)
        .where(table.c.id == bindparam("key"))
        .values(latest_revision_id=bindparam("latest"), published_revision_id=bindparam("published"))
    )
    rows = [
        {"key": id, "latest": revision, "published": revision if each.published else None}
        for id, revision, each in zip(ids, revisions, entries, strict=True)
    ]
    session.connection().execute(statement, rows)


def _beside(
    session: Session, entries: Sequence[Wanted], ids: Sequence[int], revisions: Sequence[int]
) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """What stands in tables of pairs: whom an entry concerns, what it mentions, its tags."""
    for table, field, column in (
        (EntryFunction, "functions", "function"),
        (EntryStage, "stages", "stage"),
        (EntryPrinciple, "principles", "number"),
    ):
        yield table, _pairs("entry_id", ids, column, [each.ready.written[field] for each in entries])
    yield RevisionGroup, _pairs("revision_id", revisions, "group_id", [each.group_ids for each in entries])
    yield Mention, _pairs("revision_id", revisions, "slug", [each.ready.mentioned for each in entries])
    names = [tags.cleaned(each.ready.written["tags"]) for each in entries]
    known = tags.known_or_made(session, (name for some in names for name in some))
    keys = [[known[name] for name in some] for some in names]
    yield tags.RevisionTag, _pairs("revision_id", revisions, "tag_id", keys)


def _pairs(near: str, keys: Sequence[int], far: str, values: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [{near: key, far: value} for key, some in zip(keys, values, strict=True) for value in dict.fromkeys(some)]


def _note(session: Session, viewer: Viewer, entries: Sequence[Wanted], uids: Sequence[Any]) -> None:
    """The same acts as for one entry; one change each is enough, because nobody saw the draft before it was published."""
    changes.record_all(session, "Entry", uids, revision=1)
    _insert(session, table_of(Activity), [_act(viewer, "entry.created", uid) for uid in uids])
    published = [uid for uid, each in zip(uids, entries, strict=True) if each.published]
    if not published:
        return
    rows = [_act(viewer, "entry.published", uid) for uid in published]
    acts = _inserted(session, Activity, rows, table_of(Activity).c.verb == "entry.published")
    moved = {"status": (Status.DRAFT.value, Status.PUBLISHED.value), "revision": (None, "1")}
    values = [
        {"activity_id": id, "field": field, "before": before, "after": after}
        for id in acts
        for field, (before, after) in moved.items()
    ]
    _insert(session, table_of(ActivityValue), values)


def _act(viewer: Viewer, verb: str, uid: Any) -> Mapping[str, Any]:
    return {
        "at": clock.now(),
        "person_id": viewer.id,
        "verb": verb,
        "type": "Entry",
        "uid": uid,
        "request_id": request_id.get(),
    }
