"""Uses: "I used it", and with whom it worked. A weak verification, counted in people: it stands beside freshness and moves it only
where somebody was harmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, UniqueConstraint, case, cast, false, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, estimates, people
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    slices,
    table_of,
    word,
)
from knowledge.entries import EntryRow, freshness
from knowledge.entries.entry import Entry
from knowledge.errors import NotAllowed, NotFound, Problem, refuse
from knowledge.estimates import Estimate
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import GroupKind, Kind, Stage, Status, UseResult


class Use(Table, table=True):
    """One time that somebody used a practice. What is taken back stays, and counts no more."""

    __tablename__ = "use"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    stage: Stage | None = word(Stage, None)
    segment: str | None = Field(default=None, max_length=80)
    function: GroupKind | None = word(GroupKind, None)
    result: UseResult = word(UseResult)
    note: str = Field(default="", max_length=500)
    used_on: date
    created_at: datetime = moment()
    withdrawn_at: datetime | None = moment(default=None)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)


class UseRow(Row):
    """A use as colleagues read it."""

    uid: UUID
    entry_id: int
    person_id: int | None
    stage: Stage | None
    segment: str | None
    function: GroupKind | None
    result: UseResult
    note: str
    used_on: date
    created_at: datetime
    source: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class With:
    """With whom a practice was used, and by which function."""

    stage: Stage | None = None
    segment: str = ""
    function: GroupKind | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of using a practice with one kind of customer, by one function: of each person the latest word."""

    among: With
    results: Mapping[UseResult, int]
    mine: UUID | None = None

    @property
    def people(self) -> Estimate:
        """How many people used it."""
        return estimates.count(sum(self.results.values()))

    def told(self, result: UseResult) -> Estimate:
        """How many of them say this."""
        return estimates.count(self.results.get(result, 0))

    @property
    def worked(self) -> Estimate:
        """The share for whom it worked, with its interval."""
        people = sum(self.results.values())
        return estimates.share(self.results.get(UseResult.WORKED, 0), people, voices=people)


_u = table_of(Use).c
_SEEN = ("id", *UseRow.__annotations__)
_NEWEST = Order("newest", ((_u.used_on, True), (_u.id, True)))


def _uses() -> Select[Any]:
    return select(*columns_of(Use, *_SEEN)).where(_u.withdrawn_at.is_(None))


def _seen_by(viewer: Viewer) -> Select[Any]:
    return _uses() if may_read(viewer) else _uses().where(false())


def may_read(viewer: Viewer) -> bool:
    """Whether the viewer reads who used what: colleagues do."""
    return viewer.is_inside and viewer.may(Act.ENTRIES_READ)


def _pages(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[UseRow]]:
    return slices(session, UseRow, _seen_by(viewer), _NEWEST, page, rows, _u.entry_id)


def of_entry(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[UseRow]:
    """The uses of an entry, the latest first, for colleagues; read for the whole list at once."""
    return neighbours(entry, _pages, viewer, page)


@dataclass(frozen=True, slots=True)
class Told:
    """What people say of a practice: altogether, of each their latest word, and with each kind of customer."""

    overall: Summary
    cells: Sequence[Summary]


def _told(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, Told]:
    """Of each person the latest word, in each cell and altogether, counted by the database."""
    cell = (_u.entry_id, _u.stage, _u.segment, _u.function)
    someone, newest = func.coalesce(_u.person_id, -_u.id), (_u.used_on.desc(), _u.id.desc())
    places = (
        func.row_number().over(partition_by=(*cell, someone), order_by=newest).label("in_cell"),
        func.row_number().over(partition_by=(_u.entry_id, someone), order_by=newest).label("in_all"),
    )
    ids = [row.id for row in rows]
    ranked = _seen_by(viewer).where(_u.entry_id.in_(ids)).add_columns(*places).subquery().c
    by = (ranked.entry_id, ranked.stage, ranked.segment, ranked.function, ranked.result)
    own = func.max(case((ranked.person_id == viewer.id, cast(ranked.uid, String))))
    counts = (func.count(), func.sum(case((ranked.in_all == 1, 1), else_=0)), own)
    found: dict[int, list[_Count]] = {id: [] for id in ids}
    for row in session.connection().execute(select(*by, *counts).where(ranked.in_cell == 1).group_by(*by)):
        mine = UUID(row[7]) if row[7] else None
        found[row[0]].append(_Count(With(row[1], row[2] or "", row[3]), row[4], row[5], int(row[6]), mine))
    return {id: _gathered(counts) for id, counts in found.items()}


@dataclass(frozen=True, slots=True)
class _Count:
    among: With
    result: UseResult
    in_cell: int
    in_all: int
    mine: UUID | None


def _gathered(counts: Sequence[_Count]) -> Told:
    cells: dict[With, dict[UseResult, int]] = {}
    overall: dict[UseResult, int] = {}
    own: dict[With, UUID] = {}
    for each in counts:
        cells.setdefault(each.among, {})[each.result] = each.in_cell
        overall[each.result] = overall.get(each.result, 0) + each.in_all
        if each.mine is not None:
            own[each.among] = each.mine
    summaries = [Summary(among, results, own.get(among)) for among, results in cells.items()]
    latest = max(own.values(), key=str, default=None)
    return Told(
        Summary(With(), overall, latest),
        sorted(summaries, key=lambda each: (-sum(each.results.values()), str(each.among))),
    )


def told_of(entry: EntryRow, viewer: Viewer) -> Told:
    """What came of using an entry, the kinds of customers it was most used with first; counted for the whole list at once."""
    return neighbours(entry, _told, viewer)


@dataclass(frozen=True)
class Used:
    """The uses of an entry: a page of them, read only where it is asked for, and what they come to."""

    entry: EntryRow
    viewer: Viewer
    page: Page
    is_used: bool = True  # where it is known already that nobody has used it, nothing is read

    @property
    def told(self) -> Told:
        """What they come to."""
        return told_of(self.entry, self.viewer) if self.is_used else _gathered(())

    @property
    def rows(self) -> Sequence[UseRow]:
        """The page's rows."""
        return of_entry(self.entry, self.viewer, self.page).rows

    @property
    def cursors(self) -> Sequence[str]:
        """Their places in the list."""
        return of_entry(self.entry, self.viewer, self.page).cursors

    @property
    def has_next(self) -> bool:
        """Whether more follows."""
        return of_entry(self.entry, self.viewer, self.page).has_next

    @property
    def has_previous(self) -> bool:
        """Whether there is more before."""
        return of_entry(self.entry, self.viewer, self.page).has_previous

    def total(self) -> int:
        """How many there are."""
        return of_entry(self.entry, self.viewer, self.page).total()


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> UseRow | None:
    """One use of an entry that the viewer may see, or None."""
    row = one(session, UseRow, _seen_by(viewer).where(_u.uid == uid))
    return row if row is not None and entry_of(row, viewer) is not None else None


def _entries(session: Session, rows: list[UseRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(use: UseRow, viewer: Viewer) -> EntryRow | None:
    """What was used, if the viewer may see it."""
    return neighbours(use, _entries, viewer)


def person_of(use: UseRow) -> PersonRow | None:
    """Who used it."""
    return neighbours(use, people.loaded, "person_id")


def record(
    session: Session,
    viewer: Viewer,
    practice: EntryRow,
    result: UseResult,
    *,
    among: With = With(),
    note: str = "",
    used_on: date | None = None,
) -> UseRow:
    """Say what came of using a practice. Where it harmed, the practice is contested at once.

    The function is that of the viewer's group unless given. Refuses NOT_ALLOWED, and INVALID with all that is wrong.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="say what came of a practice")
    segment, note = " ".join(among.segment.split()), note.strip()
    today = clock.now().date()
    refuse(_faults(practice, segment, note, used_on or today, today))
    use = Use(
        entry_id=practice.id,
        person_id=viewer.id,
        stage=among.stage,
        segment=segment or None,
        function=among.function or _function(session, viewer),
        result=result,
        note=note,
        used_on=used_on or today,
        created_at=clock.now(),
    )
    session.add(use)
    session.flush()  # the answer is read back
    moved = {"result": (None, result), "use": (None, use.uid)}
    activity.record(session, viewer.id, "use.recorded", "Entry", practice.uid, revision=practice.revision, moved=moved)
    if result is UseResult.HARMED:
        entry = session.get_one(Entry, practice.id, with_for_update=True)
        freshness.contest(session, entry, viewer.id, why=f"Somebody who used it says that it harmed. {note}".strip())
    return read(session, UseRow, _uses().where(_u.id == use.id))[0]


def _faults(practice: EntryRow, segment: str, note: str, used_on: date, today: date) -> Iterable[Problem]:
    if practice.kind is not Kind.BEST_PRACTICE:
        yield Problem("practice", "What is used is a practice.")
    elif practice.status is not Status.PUBLISHED:
        yield Problem("practice", "A practice is used once it is published.")
    if len(segment) > 80:
        yield Problem("segment", "With whom it was used is said in at most 80 characters.")
    if len(note) > 500:
        yield Problem("note", "This has at most 500 characters.")
    if used_on > today:
        yield Problem("usedOn", "This day has not come yet.")
    elif used_on.year < 1900:
        yield Problem("usedOn", "This was too long ago.")


def _function(session: Session, viewer: Viewer) -> GroupKind | None:
    group = people.groups_by_ids(session, [viewer.group_id]).get(viewer.group_id)
    return GroupKind(group.kind) if group is not None else None


def withdraw(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take back one's own use. What it put in doubt stays so until somebody verifies it. Refuses NOT_FOUND and NOT_ALLOWED."""
    row = by_uid(session, viewer, uid)
    entry = entry_of(row, viewer) if row is not None else None
    if row is None or entry is None:
        raise NotFound("There is no such use.", "id")
    if row.person_id is None or row.person_id != viewer.id or not viewer.may(Act.ENTRIES_WRITE):
        raise NotAllowed("A use is taken back by whoever recorded it.", "id")
    session.get_one(Use, row.id).withdrawn_at = clock.now()
    moved = {"result": (row.result, None), "use": (row.uid, None)}
    activity.record(session, viewer.id, "use.withdrawn", "Entry", entry.uid, revision=entry.revision, moved=moved)
    return entry
