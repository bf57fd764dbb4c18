"""The row that all knowledge shares, its revisions, and who may see which of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import (
    Row,
    Table,
    among,
    columns_of,
    moment,
    one,
    read_among,
    remembered,
    table_of,
    word,
)
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


class _BodyRow(Row):
    body: str
    body_html: str


@lru_cache(maxsize=32)
def _bodies_of(count: int) -> Select[Any]:
    return select(_r.id, _r.body, _r.body_html).where(among(_r.id, count))


def _bodies(session: Session, rows: list[Any]) -> Mapping[int, _BodyRow]:
    found = {row.id: row for row in read_among(session, _BodyRow, _bodies_of, {row.revision_id for row in rows})}
    return {row.id: found[row.revision_id] for row in rows}


class EntryRow(Row):
    """An entry with the revision that its readers see: the published one, or the latest where none is published."""

    late = dict.fromkeys(("body", "body_html"), _bodies)

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
    return _with(_r.body, _r.body_html)


@cache
def briefly() -> Select[Any]:
    """The same without their bodies, for lists: a row whose body is asked for all the same finds it with those of its neighbours."""
    return _with()


def _with(*bodies: ColumnElement[str]) -> Select[Any]:
    written = [_r.title, _r.summary, *bodies, _r.language, _r.source, _r.licence, _r.note]
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


@lru_cache(maxsize=512)
def seen_briefly(viewer: Viewer) -> Select[Any]:
    """The same without their bodies."""
    return briefly().where(visible_to(viewer))


BODIES = frozenset({"body", "bodyHtml", "outline", "excerpt"})
"""Fields that look at the body of an entry."""


def are_brief(session: Session) -> bool:
    """Whether the operation names no field that looks at bodies: its lists are read without them."""
    named = session.info.get("named")
    return named is not None and BODIES.isdisjoint(named)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> EntryRow | None:
    """One entry the viewer may see, or None."""
    return one(session, EntryRow, seen_by(viewer).where(_e.uid == uid))


def by_uids(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> list[EntryRow]:
    """Entries the viewer may see, in the order of `uids`; what may not be seen is left out."""
    found = {row.uid: row for row in read_among(session, EntryRow, partial(_with_uids, viewer), set(uids))}
    return [found[uid] for uid in uids if uid in found]


@lru_cache(maxsize=512)
def _with_uids(viewer: Viewer, count: int) -> Select[Any]:
    return seen_by(viewer).where(among(_e.uid, count))


@lru_cache(maxsize=512)
def _with_ids(viewer: Viewer, count: int) -> Select[Any]:
    return seen_by(viewer).where(among(_e.id, count))


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, EntryRow]:
    """Entries the viewer may see, by their key, in one statement; over one snapshot none is read twice."""
    wanted, known = set(ids), dict[int, EntryRow | None]()
    if session.info.get("reading"):
        known = remembered(session, (EntryRow, viewer))
    if new := wanted - known.keys():
        found = {row.id: row for row in read_among(session, EntryRow, partial(_with_ids, viewer), new)}
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


def published() -> ColumnElement[bool]:
    """Entries that are out, whomever they are for."""
    return _e.status.in_((Status.PUBLISHED, Status.OBSOLETE))
