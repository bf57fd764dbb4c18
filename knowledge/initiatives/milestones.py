"""Milestones, and the changes of what an initiative is to do."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.initiatives.planning import require_carrying
from knowledge.people import PersonRow, Viewer

MOST = 60
"""How many milestones an initiative may have."""


class Milestone(Table, table=True):
    """Something that is to be done by a day."""

    __tablename__ = "milestone"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    title: str = Field(max_length=200)
    due: date
    done_on: date | None = None
    created_at: datetime = moment()
    version: int = 1


class ScopeChange(Table, table=True):
    """What an initiative was to do and what it is to do from then on, and why; append-only [P4]."""

    __tablename__ = "scope_change"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    changes_from: str = Field(max_length=500)
    changes_to: str = Field(max_length=500)
    why: str = Field(max_length=1_000)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()


class MilestoneRow(Row):
    """A milestone as it is read."""

    uid: UUID
    entry_id: int
    title: str
    due: date
    done_on: date | None
    created_at: datetime
    version: int


class ScopeRow(Row):
    """A change of scope as it is read."""

    uid: UUID
    entry_id: int
    changes_from: str
    changes_to: str
    why: str
    author_id: int | None
    created_at: datetime


_m, _s = table_of(Milestone).c, table_of(ScopeChange).c


def _milestones(session: Session, rows: list[EntryRow]) -> Mapping[int, list[MilestoneRow]]:
    mine = select(*columns_of(Milestone)).where(_m.entry_id.in_([row.id for row in rows])).order_by(_m.due, _m.id)
    return grouped(rows, read(session, MilestoneRow, mine), lambda each: each.entry_id)


def milestones_of(initiative: EntryRow, viewer: Viewer) -> Sequence[MilestoneRow]:
    """What is to be done by when, in that order, for colleagues."""
    return neighbours(initiative, _milestones) if viewer.is_inside else ()


def is_missed(milestone: MilestoneRow) -> bool:
    """Whether its day is over and it is not done."""
    return milestone.done_on is None and milestone.due < clock.today()


def _initiatives(session: Session, rows: list[MilestoneRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def initiative_of(milestone: MilestoneRow, viewer: Viewer) -> EntryRow | None:
    """The initiative that it belongs to, if the viewer may see it."""
    return neighbours(milestone, _initiatives, viewer)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> MilestoneRow | None:
    """One milestone of an initiative that the viewer may see, for colleagues, or None."""
    wanted = select(*columns_of(Milestone)).where(_m.uid == uid)
    row = one(session, MilestoneRow, wanted) if viewer.is_inside else None
    return row if row is not None and initiative_of(row, viewer) is not None else None


def _found(session: Session, viewer: Viewer, uid: UUID) -> tuple[MilestoneRow, EntryRow]:
    row = by_uid(session, viewer, uid)
    initiative = initiative_of(row, viewer) if row is not None else None
    if row is None or initiative is None:
        raise NotFound("There is no such milestone.", "id")
    require_carrying(viewer, initiative, "id")
    return row, initiative


def add(session: Session, viewer: Viewer, initiative: EntryRow, title: str, due: date) -> MilestoneRow:
    """Say that something is to be done by a day. Refuses NOT_ALLOWED, and INVALID with all that is wrong."""
    require_carrying(viewer, initiative)
    refuse([*_title_faults(title), *_too_many(session, initiative)])
    made = Milestone(entry_id=initiative.id, title=" ".join(title.split()), due=due, created_at=clock.now())
    session.add(made)
    session.flush()  # the answer is read back
    return _kept(session, viewer, initiative, made, "initiative.milestone_added", {"milestone": (None, made.uid)})


def _title_faults(title: str) -> Iterable[Problem]:
    if not 1 <= len(" ".join(title.split())) <= 200:
        yield Problem("title", "Say what is to be done, in 1 to 200 characters.")


def _too_many(session: Session, initiative: EntryRow) -> Iterable[Problem]:
    counted = select(func.count()).where(_m.entry_id == initiative.id)
    if (session.connection().execute(counted).scalar() or 0) >= MOST:
        yield Problem("initiative", f"At most {MOST} milestones.")


def change(
    session: Session,
    viewer: Viewer,
    uid: UUID,
    *,
    version: int | None = None,
    title: str | None = None,
    due: date | None = None,
) -> MilestoneRow:
    """Put a milestone in other words, or move its day; None leaves. Refuses NOT_FOUND, NOT_ALLOWED, INVALID, CONFLICT."""
    row, initiative = _found(session, viewer, uid)
    if version is not None and version != row.version:
        raise Conflict("Somebody changed this milestone since you read it.", "version", current=row)
    if title is not None:
        refuse(_title_faults(title))
    made = session.get_one(Milestone, row.id, with_for_update=True)
    moved: dict[str, tuple[object, object]] = {"milestone": (row.uid, row.uid)}
    if due is not None and due != row.due:
        moved["due"] = (row.due, due)
    made.title, made.due = " ".join(title.split()) if title is not None else made.title, due or made.due
    made.version += 1
    return _kept(session, viewer, initiative, made, "initiative.milestone_changed", moved)


def reach(session: Session, viewer: Viewer, uid: UUID, *, on: date | None = None) -> MilestoneRow:
    """Say that it is done, today unless a day is given. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID a day to come."""
    row, initiative = _found(session, viewer, uid)
    day = on or clock.now().date()
    if day > clock.now().date():
        raise Invalid("This day has not come yet.", "on")
    made = session.get_one(Milestone, row.id, with_for_update=True)
    made.done_on, made.version = day, made.version + 1
    return _kept(session, viewer, initiative, made, "initiative.milestone_reached", {"milestone": (row.uid, row.uid)})


def reopen(session: Session, viewer: Viewer, uid: UUID) -> MilestoneRow:
    """Say that it is not done after all. Refuses NOT_FOUND and NOT_ALLOWED."""
    row, initiative = _found(session, viewer, uid)
    made = session.get_one(Milestone, row.id, with_for_update=True)
    made.done_on, made.version = None, made.version + 1
    return _kept(session, viewer, initiative, made, "initiative.milestone_reopened", {"milestone": (row.uid, row.uid)})


def drop(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take a milestone off the plan. Refuses NOT_FOUND and NOT_ALLOWED."""
    row, initiative = _found(session, viewer, uid)
    session.connection().execute(delete(table_of(Milestone)).where(_m.id == row.id))
    _record(session, viewer, initiative, "initiative.milestone_dropped", {"milestone": (row.uid, None)})
    return initiative


def _kept(
    session: Session,
    viewer: Viewer,
    initiative: EntryRow,
    made: Milestone,
    verb: str,
    moved: Mapping[str, tuple[object, object]],
) -> MilestoneRow:
    _record(session, viewer, initiative, verb, moved)
    return read(session, MilestoneRow, select(*columns_of(Milestone)).where(_m.id == made.id))[0]


def _record(
    session: Session, viewer: Viewer, initiative: EntryRow, verb: str, moved: Mapping[str, tuple[object, object]]
) -> None:
    session.get_one(Entry, initiative.id).updated_at = clock.now()
    activity.record(session, viewer.id, verb, "Entry", initiative.uid, revision=initiative.revision, moved=moved)
    session.flush()  # what was written is read back


def _scopes(session: Session, rows: list[EntryRow]) -> Mapping[int, list[ScopeRow]]:
    mine = select(*columns_of(ScopeChange)).where(_s.entry_id.in_([row.id for row in rows])).order_by(_s.id.desc())
    return grouped(rows, read(session, ScopeRow, mine), lambda each: each.entry_id)


def scope_of(initiative: EntryRow, viewer: Viewer) -> Sequence[ScopeRow]:
    """What it was to do and is to do since, the latest change first, for colleagues."""
    return neighbours(initiative, _scopes) if viewer.is_inside else ()


def author_of(scope: ScopeRow) -> PersonRow | None:
    """Who said so."""
    return neighbours(scope, people.loaded, "author_id")


def change_scope(
    session: Session, viewer: Viewer, initiative: EntryRow, changes_from: str, changes_to: str, why: str
) -> ScopeRow:
    """Say what it was to do, what it is to do from now on, and why; never changed afterwards [P4]. Refuses NOT_ALLOWED, INVALID."""
    require_carrying(viewer, initiative)
    said = {"from": (changes_from, 500), "to": (changes_to, 500), "why": (why, 1_000)}
    refuse(
        Problem(field, f"Say this in 1 to {most:,} characters.")
        for field, (text, most) in said.items()
        if not 1 <= len(text.strip()) <= most
    )
    made = ScopeChange(
        entry_id=initiative.id,
        changes_from=changes_from.strip(),
        changes_to=changes_to.strip(),
        why=why.strip(),
        author_id=viewer.id,
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()  # the answer is read back
    _record(
        session,
        viewer,
        initiative,
        "initiative.rescoped",
        {"from": (None, made.changes_from), "to": (None, made.changes_to)},
    )
    return read(session, ScopeRow, select(*columns_of(ScopeChange)).where(_s.id == made.id))[0]
