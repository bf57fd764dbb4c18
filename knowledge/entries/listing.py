"""Lists of entries: filtered, sorted, a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import auto
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select, union_all
from sqlmodel import Session

from knowledge.database import Order, Page, Slice, columns_of, neighbours, one, read, sliced, slices, table_of
from knowledge.entries.entry import (
    Entry,
    EntryFunction,
    EntryPrinciple,
    EntryRow,
    EntryStage,
    Revision,
    RevisionGroup,
    RevisionRow,
    are_brief,
    everything,
    for_audience,
    may_edit,
    seen_briefly,
    seen_by,
    visible_to,
    wrote_latest,
)
from knowledge.entries.tags import RevisionTag, Tag, meant
from knowledge.people import OPERATOR, Act, FunctionalGroup, GroupRow, Person, Viewer
from knowledge.words import (
    Audience,
    Freshness,
    GroupKind,
    Kind,
    RevisionState,
    Stage,
    Status,
    Word,
)

_e = table_of(Entry).c
_r = table_of(Revision).c
_r_any = table_of(Revision).alias("any_revision")


class Sort(Word):
    """How entries are listed."""

    UPDATED_DESC = auto()
    UPDATED_ASC = auto()
    TITLE = auto()
    CREATED_DESC = auto()
    PUBLISHED_DESC = auto()
    HELPED_DESC = auto()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted; an empty filter wants all that are published. Within one field any of the values will do."""

    kinds: tuple[Kind, ...] = ()
    tags: tuple[str, ...] = ()
    functions: tuple[GroupKind, ...] = ()
    stages: tuple[Stage, ...] = ()
    status: tuple[Status, ...] = (Status.PUBLISHED,)
    freshness: tuple[Freshness, ...] = ()
    audiences: tuple[Audience, ...] = ()
    languages: tuple[str, ...] = ()
    author: UUID | None = None
    owner: UUID | None = None
    principle: int | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None


_ORDERS: Mapping[Sort, tuple[tuple[ColumnElement[Any], bool], ...]] = {
    Sort.UPDATED_DESC: ((_e.updated_at, True), (_e.id, True)),
    Sort.UPDATED_ASC: ((_e.updated_at, False), (_e.id, False)),
    Sort.TITLE: ((_r.title, False), (_e.id, False)),
    Sort.CREATED_DESC: ((_e.created_at, True), (_e.id, True)),
    Sort.PUBLISHED_DESC: ((func.coalesce(_e.published_at, _e.created_at), True), (_e.id, True)),
}


def _order(sort: Sort) -> Order:
    return Order(sort.value, _ORDERS.get(sort, _ORDERS[Sort.UPDATED_DESC]))  # what helped is for colleagues alone


def listing(
    session: Session, viewer: Viewer, page: Page, *, filter: Filter | None = None, sort: Sort = Sort.UPDATED_DESC
) -> Slice[EntryRow]:
    """A page of the entries that the viewer may see; published ones, unless the filter names other states."""
    wanted = filter or Filter()
    listed = _listed(viewer, wanted, sort, are_brief(session))
    return sliced(session, EntryRow, *listed, page, _counted(viewer, wanted))


@lru_cache(maxsize=512)
def _counted(viewer: Viewer, wanted: Filter) -> Select[Any] | None:
    """How a list is counted without looking at revisions, where nothing of them is asked for."""
    if wanted.languages or wanted.tags:
        return None
    counted = select(func.count().label("id")).select_from(table_of(Entry))
    return counted.where(visible_to(viewer), *_conditions(wanted, viewer))


@lru_cache(maxsize=512)
def _listed(viewer: Viewer, wanted: Filter, sort: Sort, is_brief: bool) -> tuple[Select[Any], Order]:
    """The statement and the order of a list, kept so that it need not be put together and compiled whenever somebody looks."""
    seen = seen_briefly(viewer) if is_brief else seen_by(viewer)
    statement = seen.where(*_conditions(wanted, viewer))
    if sort is Sort.HELPED_DESC and viewer.is_inside:
        from knowledge import proof  # what came of entries is told of them, so it imports this package

        lows = proof.lows()
        helped = Order(sort.value, ((func.coalesce(lows.c.low, 0.0), True), *_ORDERS[Sort.UPDATED_DESC]))
        return statement.outerjoin(lows, lows.c.entry_id == _e.id), helped
    return statement, _order(sort)


def _conditions(wanted: Filter, viewer: Viewer) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (_e.kind, wanted.kinds),
            (_e.freshness, wanted.freshness),
            (_e.audience, wanted.audiences),
            (_r.language, wanted.languages),
        )
        if values
    ]
    if wanted.status:
        found.append(_in_state(wanted.status, viewer))
    found += [_e.id.in_(chosen) for chosen in _chosen(wanted)]
    if wanted.tags:
        tagged = select(table_of(RevisionTag).c.revision_id).join(table_of(Tag)).where(meant(wanted.tags))
        found.append(_r.id.in_(tagged))
    for column, uid in ((_e.author_id, wanted.author), (_e.owner_id, wanted.owner)):
        if uid is not None:
            found.append(column == select(table_of(Person).c.id).where(table_of(Person).c.uid == uid).scalar_subquery())
    if wanted.updated_after is not None:
        found.append(_e.updated_at > wanted.updated_after)
    if wanted.updated_before is not None:
        found.append(_e.updated_at < wanted.updated_before)
    return found


def _in_state(states: tuple[Status, ...], viewer: Viewer) -> ColumnElement[bool]:
    """In one of these states; for those who review, IN_REVIEW is also a newer revision of what is published."""
    in_state = _e.status.in_(states)
    if Status.IN_REVIEW not in states or not viewer.may(Act.ENTRIES_CURATE):
        return in_state
    waiting = select(_r_any.c.id).where(_r_any.c.state == RevisionState.IN_REVIEW)
    return or_(in_state, and_(_e.status == Status.PUBLISHED, _e.latest_revision_id.in_(waiting)))


def _chosen(wanted: Filter) -> list[Select[Any]]:
    functions, stages, principles = table_of(EntryFunction).c, table_of(EntryStage).c, table_of(EntryPrinciple).c
    chosen: list[Select[Any]] = []
    if wanted.functions:
        chosen.append(select(functions.entry_id).where(functions.function.in_(wanted.functions)))
    if wanted.stages:
        chosen.append(select(stages.entry_id).where(stages.stage.in_(wanted.stages)))
    if wanted.principle is not None:
        chosen.append(select(principles.entry_id).where(principles.number == wanted.principle))
    return chosen


def _by(viewer: Viewer) -> ColumnElement[bool]:
    return or_(_e.author_id == (viewer.id or -1), _e.owner_id == (viewer.id or -1))


def mine(session: Session, viewer: Viewer, page: Page) -> Slice[EntryRow]:
    """What the viewer wrote or answers for and is published, the latest changed first."""
    statement = seen_by(viewer).where(_by(viewer), _e.status == Status.PUBLISHED)
    return sliced(session, EntryRow, statement, _order(Sort.UPDATED_DESC), page)


def begun(viewer: Viewer) -> ColumnElement[bool]:
    """Which entries the viewer began and has not published, or has a newer draft of."""
    mine = or_(_by(viewer), wrote_latest(viewer.id or -1))
    unpublished = _e.latest_revision_id != func.coalesce(_e.published_revision_id, -1)
    return and_(mine, unpublished, _e.status.notin_((Status.ARCHIVED, Status.OBSOLETE)))


def drafts(session: Session, viewer: Viewer, page: Page) -> Slice[EntryRow]:
    """What the viewer began and has not published, and what has a newer draft of theirs."""
    order = Order("drafts", ((_e.latest_revision_id, True), (_e.id, True)))
    return sliced(session, EntryRow, seen_by(viewer).where(begun(viewer)), order, page)


@dataclass(slots=True)
class _Place:
    """Whom an entry concerns, as it lies beside the entry."""

    functions: list[GroupKind] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    principles: list[int] = field(default_factory=list)


def _places(session: Session, entries: list[EntryRow]) -> Mapping[int, _Place]:
    ids = [entry.id for entry in entries]
    sorts = (
        ("functions", EntryFunction, "function"),
        ("stages", EntryStage, "stage"),
        ("principles", EntryPrinciple, "number"),
    )
    statement = union_all(
        *(
            select(table.c.entry_id, literal(name), cast(table.c[column], String)).where(table.c.entry_id.in_(ids))
            for name, table, column in ((name, table_of(each), column) for name, each, column in sorts)
        )
    )
    found = {id: _Place() for id in ids}
    for id, name, value in session.connection().execute(statement):
        getattr(found[id], name).append(_TYPED[name](value))
    return found


_TYPED: Mapping[str, Callable[[str], Any]] = {"functions": GroupKind, "stages": Stage, "principles": int}


def functions_of(entry: EntryRow) -> Sequence[GroupKind]:
    """The functions an entry concerns, by name."""
    return sorted(neighbours(entry, _places).functions)


def stages_of(entry: EntryRow) -> Sequence[Stage]:
    """The rungs an entry serves, in the ladder's order."""
    return sorted(neighbours(entry, _places).stages, key=list(Stage).index)


def principle_numbers(entry: EntryRow) -> Sequence[int]:
    """The numbers of the principles an entry puts into practice, in their order."""
    return sorted(neighbours(entry, _places).principles)


def _versions(session: Session, rows: list[EntryRow]) -> Mapping[int, int | None]:
    ids = [row.id for row in rows]
    statement = select(_r.entry_id, func.count()).where(_r.entry_id.in_(ids), _r.published_at.is_not(None))
    counted = {row[0]: row[1] for row in session.connection().execute(statement.group_by(_r.entry_id))}
    return {id: counted.get(id) for id in ids}


def version_of(entry: EntryRow) -> int | None:
    """How many revisions of an entry have been published: version k of a vision is its k-th."""
    return neighbours(entry, _versions)


class _NamedGroupRow(GroupRow):
    revision_id: int


def _groups_of(session: Session, revisions: Mapping[int, int]) -> Mapping[int, list[_NamedGroupRow]]:
    """The groups of these revisions, given as revision -> key of the answer."""
    if not revisions:
        return {}
    named = table_of(RevisionGroup).c
    statement = (
        select(named.revision_id, *columns_of(FunctionalGroup))
        .join_from(table_of(RevisionGroup), table_of(FunctionalGroup))
        .where(named.revision_id.in_(revisions))
        .order_by(table_of(FunctionalGroup).c.name)
    )
    found: dict[int, list[_NamedGroupRow]] = {key: [] for key in revisions.values()}
    for row in read(session, _NamedGroupRow, statement):
        found[revisions[row.revision_id]].append(row)
    return found


def _groups(session: Session, entries: list[EntryRow]) -> Mapping[int, list[_NamedGroupRow]]:
    for_groups = {entry.revision_id: entry.id for entry in entries if entry.audience is Audience.GROUP}
    return {**{entry.id: [] for entry in entries}, **_groups_of(session, for_groups)}


def _revision_groups(session: Session, revisions: list[RevisionRow]) -> Mapping[int, list[_NamedGroupRow]]:
    for_groups = {revision.id: revision.id for revision in revisions if revision.audience is Audience.GROUP}
    return {**{revision.id: [] for revision in revisions}, **_groups_of(session, for_groups)}


def revision_groups(revision: RevisionRow) -> Sequence[GroupRow]:
    """The groups that a revision is for, where its audience is GROUP."""
    return neighbours(revision, _revision_groups)


def audience_groups(entry: EntryRow) -> Sequence[GroupRow]:
    """The groups that may read an entry whose audience is GROUP."""
    return neighbours(entry, _groups)


_EARLIER = table_of(Revision).alias("earlier")
VERSION = (
    select(func.count())
    .where(_EARLIER.c.entry_id == _r.entry_id, _EARLIER.c.published_at <= _r.published_at)
    .correlate(table_of(Revision))
    .scalar_subquery()
    .label("version")
)
REVISION: Sequence[ColumnElement[Any]] = [*columns_of(Revision), _e.kind, VERSION]
"""The columns of a `RevisionRow`; its entry must be joined."""


def readable_revisions(viewer: Viewer) -> Select[Any]:
    """The revisions that the viewer may read of entries that they see: all that was ever published and is for them, what was submitted
    to those who review, and what they wrote themselves and all of their own entries; customers the one that is published.
    """
    statement = select(*REVISION).join_from(table_of(Revision), table_of(Entry), _e.id == _r.entry_id)
    if viewer == OPERATOR:
        return statement
    mine = _by(viewer)
    if not viewer.is_inside:
        return statement.where((_r.author_id == (viewer.id or -1)) | (_r.id == _e.published_revision_id))
    mine |= _r.author_id == viewer.id
    readable: ColumnElement[bool] = _r.published_at.is_not(None)
    if viewer.may(Act.ENTRIES_CURATE):
        readable = or_(readable, _r.state == RevisionState.IN_REVIEW)
    return statement.where(mine | (readable & for_audience(viewer, _r.audience, _r.id)))


def _revision_pages(
    session: Session, entries: list[EntryRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[RevisionRow]]:
    order = Order("number", ((_r.number, True), (_r.id, True)))
    return slices(session, RevisionRow, readable_revisions(viewer), order, page, entries, _r.entry_id)


def revisions_of(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[RevisionRow]:
    """The revisions that the viewer may read, the newest first: colleagues all that was ever published, customers the one that is."""
    return neighbours(entry, _revision_pages, viewer, page)


def revision_by_uid(session: Session, viewer: Viewer, uid: UUID) -> RevisionRow | None:
    """One revision that the viewer may read, of an entry that they may see, or None."""
    return one(session, RevisionRow, readable_revisions(viewer).where(_r.uid == uid, visible_to(viewer)))


def _latest(session: Session, entries: list[EntryRow]) -> Mapping[int, RevisionRow | None]:
    newer = {entry.latest_revision_id for entry in entries if entry.latest_revision_id != entry.published_revision_id}
    if not newer:
        return dict.fromkeys((entry.id for entry in entries), None)
    statement = (
        select(*REVISION).join_from(table_of(Revision), table_of(Entry), _e.id == _r.entry_id).where(_r.id.in_(newer))
    )
    found = {row.entry_id: row for row in read(session, RevisionRow, statement)}
    return {entry.id: found.get(entry.id) for entry in entries}


def latest_of(entry: EntryRow, viewer: Viewer) -> RevisionRow | None:
    """What is written but not published yet: for its author and owner, and once it was submitted or scheduled for those who review and
    are among those whom it is for.
    """
    revision = neighbours(entry, _latest)
    if revision is None or viewer == OPERATOR:
        return revision
    own = (revision.author_id, *((entry.author_id, entry.owner_id) if viewer.is_inside else ()))
    if viewer.id is not None and viewer.id in own:
        return revision
    submitted = revision.state in (RevisionState.IN_REVIEW, RevisionState.CHANGES_REQUESTED, RevisionState.SCHEDULED)
    return revision if submitted and may_edit(viewer, entry) and _is_for(viewer, revision) else None


def _is_for(viewer: Viewer, revision: RevisionRow) -> bool:
    """Whether a colleague belongs to the audience of a revision; `for_audience` says the same of many."""
    return revision.audience is not Audience.GROUP or viewer.group_id in {each.id for each in revision_groups(revision)}


def all_of_them(session: Session, after: int, most: int) -> list[EntryRow]:
    """Entries by their key, a batch at a time, for exports and indexes that no viewer asks for."""
    return read(session, EntryRow, everything().where(_e.id > after).order_by(_e.id).limit(most))


def is_published(entry: EntryRow) -> bool:
    """Whether an entry is out, whomever it is for."""
    return entry.status in (Status.PUBLISHED, Status.OBSOLETE)
