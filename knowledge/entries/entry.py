"""The row that all knowledge shares, its revisions, and who may see which of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select, true
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Row, Table, columns_of, moment, neighbours, one, read, remembered, table_of, word
from knowledge.entries.kinds import DETAILS
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.words import Audience, Freshness, GroupKind, Kind, RevisionState, Stage, Status

D = TypeVar("D", bound=Row)


class Entry(Table, table=True):
    """What an entry is: its identity, whom it is for, and where it is in its life. What is written lies in revisions."""

    __tablename__ = "entry"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    slug: str = Field(unique=True, max_length=120)
    kind: Kind = word(Kind, index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    audience: Audience = word(Audience, Audience.EMPLOYEES)
    status: Status = word(Status, Status.DRAFT)
    freshness: Freshness = word(Freshness, Freshness.UNVERIFIED)
    verified_by_id: int | None = Field(default=None, foreign_key="person.id")
    verified_until: datetime | None = moment(default=None)
    published_revision_id: int | None = None
    latest_revision_id: int | None = None
    published_at: datetime | None = moment(default=None)
    sample: bool = False
    created_at: datetime = moment()
    updated_at: datetime = moment(index=True)
    verifier_person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    verifier_group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    verify_days: int | None = None
    contested_at: datetime | None = moment(default=None)
    contested_by_id: int | None = Field(default=None, foreign_key="person.id")
    contested_why: str | None = Field(default=None, max_length=300)
    successor_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    successor_note: str | None = Field(default=None, max_length=300)


class Revision(Table, table=True):
    """One complete, immutable state of what is written."""

    __tablename__ = "revision"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    number: int
    title: str = Field(max_length=200)
    summary: str = Field(default="", max_length=160)
    body: str = ""
    body_html: str = ""
    renderer: str = Field(default="", max_length=80)
    language: str = Field(default="en", max_length=12)
    audience: Audience = word(Audience, Audience.EMPLOYEES)
    source: str | None = Field(default=None, max_length=300)
    licence: str | None = Field(default=None, max_length=120)
    state: RevisionState = word(RevisionState, RevisionState.DRAFT)
    note: str = Field(default="", max_length=300)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    published_at: datetime | None = moment(default=None)
    submitted_at: datetime | None = moment(default=None)
    scheduled_for: datetime | None = moment(default=None)


class EntryFunction(Table, table=True):
    """A function that an entry concerns."""

    __tablename__ = "entry_function"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    function: GroupKind = word(GroupKind, primary_key=True)


class EntryStage(Table, table=True):
    """A rung of the ladder that an entry serves."""

    __tablename__ = "entry_stage"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    stage: Stage = word(Stage, primary_key=True)


class EntryPrinciple(Table, table=True):
    """A principle that an entry puts into practice."""

    __tablename__ = "entry_principle"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    number: int = Field(primary_key=True)


class RevisionGroup(Table, table=True):
    """A group that may read a revision whose audience is GROUP."""

    __tablename__ = "revision_group"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    group_id: int = Field(foreign_key="functional_group.id", primary_key=True, index=True)


class EntryRow(Row):
    """An entry with the revision that its readers see: the published one, or the latest where none is published."""

    uid: UUID
    slug: str
    kind: Kind
    author_id: int | None
    owner_id: int | None
    audience: Audience
    status: Status
    freshness: Freshness
    verified_by_id: int | None
    verified_until: datetime | None
    published_revision_id: int | None
    latest_revision_id: int
    published_at: datetime | None
    source: str | None
    licence: str | None
    sample: bool
    created_at: datetime
    updated_at: datetime
    verifier_person_id: int | None
    verifier_group_id: int | None
    verify_days: int | None
    contested_at: datetime | None
    contested_by_id: int | None
    contested_why: str | None
    successor_id: int | None
    successor_note: str | None
    revision_id: int
    revision: int
    title: str
    summary: str
    body: str
    body_html: str
    language: str
    note: str

    @property
    def url(self) -> str:
        """Where the entry's page is."""
        return f"/entries/{self.slug}"


class RevisionRow(Row):
    """A revision as it is read."""

    uid: UUID
    entry_id: int
    number: int
    title: str
    summary: str
    body: str
    body_html: str
    language: str
    audience: Audience
    source: str | None
    licence: str | None
    state: RevisionState
    note: str
    author_id: int | None
    created_at: datetime
    published_at: datetime | None
    submitted_at: datetime | None
    scheduled_for: datetime | None
    kind: Kind
    version: int


_e = table_of(Entry).c
_r = table_of(Revision).c
_SHOWN = func.coalesce(_e.published_revision_id, _e.latest_revision_id)


def shown_revision() -> ColumnElement[int]:
    """The key of the revision that readers of an entry see."""
    return _SHOWN


@cache
def everything() -> Select[Any]:
    """All entries with the revision that is shown; for indexing and export. Whoever reads for people adds `visible_to`."""
    written = [_r.title, _r.summary, _r.body, _r.body_html, _r.language, _r.source, _r.licence, _r.note]
    return (
        select(*columns_of(Entry), _r.id.label("revision_id"), _r.number.label("revision"), *written)
        .join_from(table_of(Entry), table_of(Revision), and_(_r.id == _SHOWN, _r.entry_id == _e.id))  # a way from either to the other
    )  # fmt: skip


@lru_cache(maxsize=512)
def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which entries the viewer may know of. Every read that shows entries to people starts from this.

    Published entries by their audience; one's own in any state; what was submitted, scheduled or archived to those who curate.
    A draft is its author's and owner's alone, also once it is archived, and that of a curator who wrote it over what was submitted.
    """
    if viewer == OPERATOR:
        return true()
    if not viewer.may(Act.ENTRIES_READ):
        return false()
    ways = [and_(published(), for_audience(viewer))]
    if viewer.is_signed_in:
        ways.append(or_(_e.author_id == viewer.id, _e.owner_id == viewer.id))
    if viewer.may(Act.ENTRIES_CURATE):
        ways.append(and_(curated(), for_audience(viewer)))
        ways.append(and_(_e.status.in_(KEPT), wrote_latest(viewer.id)))
    return or_(*ways)


CURATED = (Status.IN_REVIEW, Status.CHANGES_REQUESTED, Status.SCHEDULED, Status.ARCHIVED)
"""The states, besides those that are out, in which curators see what others wrote."""


KEPT = (Status.DRAFT, Status.ARCHIVED)
"""The states in which an entry may be a draft that nobody else was shown."""


def curated() -> ColumnElement[bool]:
    """Which entries that are not out curators see though others wrote them; a draft that was archived has been shown to nobody."""
    newest = table_of(Revision).alias("newest_submitted").c
    submitted = select(newest.id).where(newest.id == _e.latest_revision_id, newest.submitted_at.is_not(None)).exists()
    shown = or_(_e.status != Status.ARCHIVED, _e.published_revision_id.is_not(None), submitted)
    return and_(_e.status.in_(CURATED), shown)


def wrote_latest(person: Any) -> ColumnElement[bool]:
    """Whether somebody, by their key or the column that holds it, saved the newest revision of an entry."""
    newest = table_of(Revision).alias("newest_of_all").c
    return select(newest.id).where(newest.id == _e.latest_revision_id, newest.author_id == person).exists()


def audiences(viewer: Viewer) -> frozenset[Audience]:
    """The audiences that the viewer belongs to, GROUP apart."""
    if not viewer.is_signed_in and viewer.role is None:
        return frozenset({Audience.PUBLIC})
    if not viewer.is_inside:
        return frozenset({Audience.PUBLIC, Audience.CUSTOMERS})
    return frozenset({Audience.PUBLIC, Audience.CUSTOMERS, Audience.EMPLOYEES})


def for_audience(
    viewer: Viewer, audience: ColumnElement[Any] = _e.audience, revision: ColumnElement[Any] = _SHOWN
) -> ColumnElement[bool]:
    """Whether the viewer belongs to an audience: that of what is shown of an entry, or that of another revision."""
    mine = audience.in_(audiences(viewer))
    if viewer.group_id is None or not viewer.is_inside:
        return mine
    group = table_of(RevisionGroup).c
    named = select(group.revision_id).where(group.group_id == viewer.group_id)
    return or_(mine, and_(audience == Audience.GROUP, revision.in_(named)))


@lru_cache(maxsize=512)
def seen_by(viewer: Viewer) -> Select[Any]:
    """The entries that the viewer may see, with the revision that is shown."""
    return everything().where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> EntryRow | None:
    """One entry the viewer may see, or None."""
    return one(session, EntryRow, seen_by(viewer).where(_e.uid == uid))


def by_uids(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> list[EntryRow]:
    """Entries the viewer may see, in the order of `uids`; what may not be seen is left out."""
    if not uids:
        return []
    size = next((size for size in SIZES if size >= len(uids)), 0)
    if size:
        rows = read(session, EntryRow, _seen_among(viewer, size), **_filled("uid", uids, size))
    else:
        rows = read(session, EntryRow, seen_by(viewer).where(_e.uid.in_(uids)))
    found = {row.uid: row for row in rows}
    return [found[uid] for uid in uids if uid in found]


SIZES = (1, 10, 20, 50, 100)
"""For so many keys a statement is kept; fewer are filled up by the last of them, which is found once all the same."""


@lru_cache(maxsize=512)
def _seen_among(viewer: Viewer, size: int) -> Select[Any]:
    return seen_by(viewer).where(_e.uid.in_([bindparam(f"uid{place}", type_=_e.uid.type) for place in range(size)]))


def _filled(name: str, keys: Sequence[Any], size: int) -> Mapping[str, Any]:
    last = len(keys) - 1
    return {f"{name}{place}": keys[min(place, last)] for place in range(size)}


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, EntryRow]:
    """Entries the viewer may see, by their key, in one statement; over one snapshot none is read twice."""
    wanted, known = set(ids), dict[int, EntryRow | None]()
    if session.info.get("reading"):
        known = remembered(session, (EntryRow, viewer))
    if new := wanted - known.keys():
        found = {row.id: row for row in read(session, EntryRow, seen_by(viewer).where(_e.id.in_(new)))}
        known.update({id: found.get(id) for id in new})
    return {id: row for id in wanted if (row := known[id]) is not None}


def may_edit(viewer: Viewer, entry: EntryRow | Entry) -> bool:
    """Whether the viewer may write a new revision: its author, its owner, and those who curate."""
    if not viewer.may(WRITES.get(entry.kind, Act.ENTRIES_WRITE)):
        return (
            entry.kind is Kind.INITIATIVE and entry.owner_id == viewer.id is not None and viewer.may(Act.ENTRIES_WRITE)
        )
    mine = viewer.id is not None and viewer.id in (entry.author_id, entry.owner_id)
    return mine or viewer.may(Act.ENTRIES_CURATE)


WRITES: Mapping[Kind, Act] = {
    Kind.VISION: Act.VISION_WRITE,
    Kind.PRINCIPLE: Act.VISION_WRITE,
    Kind.INITIATIVE: Act.INITIATIVES_WRITE,
}
"""The act that writing a kind needs; ENTRIES_WRITE where none is named."""


def _details(session: Session, entries: list[EntryRow], row_class: type[D]) -> Mapping[int, D | None]:
    kind, detail = next((kind, each) for kind, each in DETAILS.items() if each.row_class is row_class)
    wanted = {entry.revision_id for entry in entries if entry.kind is kind}
    found = _details_by_revision(session, detail.table, row_class, wanted)
    return {entry.id: found.get(entry.revision_id) for entry in entries}


def detail_of(entry: EntryRow, row_class: type[D]) -> D:
    """What the entry's kind has beyond title and body, read for all entries of that kind in the list at once."""
    return cast(D, neighbours(entry, _details, row_class))


def _revision_details(session: Session, revisions: list[RevisionRow], row_class: type[D]) -> Mapping[int, D | None]:
    detail = next(each for each in DETAILS.values() if each.row_class is row_class)
    found = _details_by_revision(session, detail.table, row_class, {revision.id for revision in revisions})
    return {revision.id: found.get(revision.id) for revision in revisions}


def revision_detail(revision: RevisionRow, row_class: type[D]) -> D | None:
    """The same of one revision, or None where its kind has no such detail."""
    return neighbours(revision, _revision_details, row_class)


def _parts_by_revision(session: Session, kinds: Mapping[Kind, Collection[int]]) -> Mapping[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for kind, ids in kinds.items():
        if (detail := DETAILS.get(kind)) and detail.parts is not None:
            found.update(detail.parts.stored(session, ids))
    return found


def _by_kind(rows: Iterable[tuple[Kind, int]]) -> Mapping[Kind, Collection[int]]:
    found: dict[Kind, list[int]] = {}
    for kind, id in rows:
        found.setdefault(kind, []).append(id)
    return found


def _parts(session: Session, entries: list[EntryRow]) -> Mapping[int, Mapping[str, Any]]:
    found = _parts_by_revision(session, _by_kind((entry.kind, entry.revision_id) for entry in entries))
    return {entry.id: found.get(entry.revision_id, {}) for entry in entries}


def parts_of(entry: EntryRow) -> Mapping[str, Any]:
    """What of the kind's detail lies in rows of its own, by its name among the values, read for all entries at once."""
    return neighbours(entry, _parts)


def _revision_parts(session: Session, revisions: list[RevisionRow]) -> Mapping[int, Mapping[str, Any]]:
    found = _parts_by_revision(session, _by_kind((revision.kind, revision.id) for revision in revisions))
    return {revision.id: found.get(revision.id, {}) for revision in revisions}


def revision_parts(revision: RevisionRow) -> Mapping[str, Any]:
    """The same of one revision."""
    return neighbours(revision, _revision_parts)


def _details_by_revision(session: Session, table: type[Table], row_class: type[D], ids: set[int]) -> Mapping[int, D]:
    if not ids:
        return {}
    size = next((size for size in SIZES if size >= len(ids)), 0)
    if size:
        rows = read(session, row_class, _details_among(table, size), **_filled("revision", [*ids], size))
    else:
        rows = read(session, row_class, _details_of(table, ids))
    return {row.id: row for row in rows}


def _details_of(table: type[Table], ids: Iterable[Any]) -> Select[Any]:
    key = table_of(table).c.revision_id
    return select(key.label("id"), *columns_of(table)).where(key.in_(ids))


@lru_cache(maxsize=128)
def _details_among(table: type[Table], size: int) -> Select[Any]:
    type_ = table_of(table).c.revision_id.type
    return _details_of(table, [bindparam(f"revision{place}", type_=type_) for place in range(size)])


def published() -> ColumnElement[bool]:
    """Entries that are out, whomever they are for."""
    return _e.status.in_((Status.PUBLISHED, Status.OBSOLETE))
