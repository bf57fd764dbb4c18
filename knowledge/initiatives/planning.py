"""What an initiative is for and what it takes: its sponsor, the vision and the steps it serves, and the time of groups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, delete, insert, select
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, people
from knowledge.database import Row, Table, columns_of, grouped, neighbours, read, table_of, word
from knowledge.entries import Entry, EntryRow
from knowledge.entries.writing import reread
from knowledge.errors import NotAllowed, Problem, refuse
from knowledge.people import FunctionalGroup, GroupRow, PersonRow, Viewer, viewer_for
from knowledge.vision import questions
from knowledge.words import GroupKind, Kind, VisionStep

MOST_STEPS = 40
MOST_GROUPS = 20
MOST_PERCENT = 100


class InitiativeBacking(Table, table=True):
    """Who sponsors an initiative, and the vision that it carries out."""

    __tablename__ = "initiative_backing"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    sponsor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    vision_id: int | None = Field(default=None, foreign_key="entry.id", index=True)


class InitiativeStep(Table, table=True):
    """A step of the vision that an initiative serves, or one guiding question of that step by its key."""

    __tablename__ = "initiative_step"
    __table_args__ = (UniqueConstraint("entry_id", "step", "question"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    step: VisionStep = word(VisionStep)
    question: str = Field(default="", max_length=80)


class InitiativeCapacity(Table, table=True):
    """How much of a group's time an initiative takes, in percent of what the group has for initiatives."""

    __tablename__ = "initiative_capacity"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    group_id: int = Field(foreign_key="functional_group.id", primary_key=True, index=True)
    percent: int


class BackingRow(Row):
    """Who sponsors an initiative and what it carries out, as it is read; its id is the initiative's."""

    entry_id: int
    sponsor_id: int | None
    vision_id: int | None


class StepRow(Row):
    """A step or a question that an initiative serves; `question` is empty where it is the step as a whole."""

    entry_id: int
    step: VisionStep
    question: str


class ShareRow(GroupRow):
    """A group with the part of its time that an initiative takes, in percent."""

    entry_id: int
    kind: GroupKind
    percent: int


class Served(TypedDict):
    """A step that is served, and one of its guiding questions by its key, or "" for the step as a whole."""

    step: VisionStep
    question: str


class Plan(TypedDict, total=False):
    """What is said of an initiative's plan: what is omitted stays as it is, None and an empty list clear."""

    sponsor: UUID | None
    vision: EntryRow | None
    steps: Sequence[Served]
    capacity: Mapping[UUID, int]


_b, _s = table_of(InitiativeBacking).c, table_of(InitiativeStep).c
_k, _g = table_of(InitiativeCapacity).c, table_of(FunctionalGroup).c
_e = table_of(Entry).c


def _backings(session: Session, rows: list[EntryRow]) -> Mapping[int, BackingRow | None]:
    mine = select(_b.entry_id.label("id"), *columns_of(InitiativeBacking)).where(_b.entry_id.in_([r.id for r in rows]))
    found = {row.entry_id: row for row in read(session, BackingRow, mine)}
    return {row.id: found.get(row.id) for row in rows}


def backing_of(initiative: EntryRow) -> BackingRow | None:
    """Who sponsors an initiative and which vision it carries out; None where nobody has said. Read for the whole list."""
    return neighbours(initiative, _backings)


def _sponsors(session: Session, rows: list[EntryRow]) -> Mapping[int, PersonRow | None]:
    backings = {row.id: backing_of(row) for row in rows}
    found = people.by_ids(session, (each.sponsor_id for each in backings.values() if each))
    return {id: found.get(each.sponsor_id) if each else None for id, each in backings.items()}


def sponsor_of(initiative: EntryRow, viewer: Viewer) -> PersonRow | None:
    """Who clears the way for an initiative, for colleagues."""
    return neighbours(initiative, _sponsors) if viewer.is_inside else None


def _visions(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    backings = {row.id: backing_of(row) for row in rows}
    found = entries.by_ids(session, viewer, (each.vision_id for each in backings.values() if each and each.vision_id))
    return {id: found.get(each.vision_id or 0) if each else None for id, each in backings.items()}


def vision_of(initiative: EntryRow, viewer: Viewer) -> EntryRow | None:
    """The vision that an initiative carries out, if the viewer may see it."""
    return neighbours(initiative, _visions, viewer)


def _steps(session: Session, rows: list[EntryRow]) -> Mapping[int, list[StepRow]]:
    mine = select(*columns_of(InitiativeStep)).where(_s.entry_id.in_([row.id for row in rows]))
    found = read(session, StepRow, mine.order_by(_s.id))
    found.sort(key=lambda each: (list(VisionStep).index(each.step), each.question))
    return grouped(rows, found, lambda each: each.entry_id)


def steps_of(initiative: EntryRow) -> Sequence[StepRow]:
    """The steps and questions that an initiative serves, in the order of the steps."""
    return neighbours(initiative, _steps)


def _shares(session: Session, rows: list[EntryRow]) -> Mapping[int, list[ShareRow]]:
    joined = select(*columns_of(FunctionalGroup), _k.entry_id, _k.percent).join_from(
        table_of(InitiativeCapacity), table_of(FunctionalGroup), _g.id == _k.group_id
    )
    mine = joined.where(_k.entry_id.in_([row.id for row in rows])).order_by(_g.name, _g.id)
    return grouped(rows, read(session, ShareRow, mine), lambda each: each.entry_id)


def capacity_of(initiative: EntryRow, viewer: Viewer) -> Sequence[ShareRow]:
    """The groups whose time an initiative takes, by name, for colleagues."""
    return neighbours(initiative, _shares) if viewer.is_inside else ()


def require_carrying(viewer: Viewer, initiative: EntryRow, field: str = "initiative") -> None:
    """Refuse unless it is an initiative that the viewer carries: its owner, or a leader."""
    refuse(_not_one(initiative, field))
    if not entries.acts.may_post(viewer, initiative):
        raise NotAllowed("An initiative is planned and moved by its owner and by leaders.", field)


def _not_one(initiative: EntryRow, field: str) -> Iterable[Problem]:
    if initiative.kind is not Kind.INITIATIVE:
        yield Problem(field, "This is not an initiative.")


def plan(session: Session, viewer: Viewer, initiative: EntryRow, planned: Plan) -> EntryRow:
    """Say what an initiative is for and what it takes. Refuses NOT_ALLOWED, and INVALID with all that is wrong."""
    require_carrying(viewer, initiative)
    sponsor = people.person_by_uid(session, viewer, uid) if (uid := planned.get("sponsor")) else None
    groups = _group_ids(session, planned.get("capacity", {}))
    refuse(
        [
            *_sponsor_faults(planned, sponsor),
            *_vision_faults(planned),
            *_step_faults(session, planned.get("steps", ())),
            *_capacity_faults(planned.get("capacity", {}), groups),
        ]
    )
    entry = session.get_one(
        Entry, initiative.id, with_for_update=True
    )  # two who plan it at once do it one after the other
    before = _backings(session, [initiative])[initiative.id]
    backing = {
        "sponsor_id": (sponsor.id if sponsor else None) if "sponsor" in planned else before and before.sponsor_id,
        "vision_id": _id(planned["vision"]) if "vision" in planned else before and before.vision_id,
    }
    connection = session.connection()
    connection.execute(delete(table_of(InitiativeBacking)).where(_b.entry_id == initiative.id))
    connection.execute(insert(table_of(InitiativeBacking)), [{"entry_id": initiative.id, **backing}])
    if "steps" in planned:
        wanted = dict.fromkeys((each["step"], each["question"]) for each in planned["steps"])
        _replace(session, initiative, InitiativeStep, [{"step": step, "question": key} for step, key in wanted])
    if "capacity" in planned:
        taken = [{"group_id": groups[uid], "percent": each} for uid, each in planned["capacity"].items() if each]
        _replace(session, initiative, InitiativeCapacity, taken)
    entry.updated_at = clock.now()
    activity.record(session, viewer.id, "initiative.planned", "Entry", initiative.uid, revision=initiative.revision)
    return reread(session, entry)


def _id(row: EntryRow | None) -> int | None:
    return row.id if row is not None else None


def _replace(session: Session, initiative: EntryRow, kept: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    table = table_of(kept)
    session.connection().execute(delete(table).where(table.c.entry_id == initiative.id))
    if rows:
        session.connection().execute(insert(table), [{"entry_id": initiative.id, **row} for row in rows])


def _group_ids(session: Session, capacity: Mapping[UUID, int]) -> Mapping[UUID, int]:
    wanted: Select[Any] = select(_g.uid, _g.id).where(_g.uid.in_(set(capacity)))
    return {row[0]: row[1] for row in session.connection().execute(wanted)} if capacity else {}


def _sponsor_faults(planned: Plan, sponsor: PersonRow | None) -> Iterable[Problem]:
    if planned.get("sponsor") is None:
        return
    reader = viewer_for(sponsor) if sponsor is not None and sponsor.disabled_at is None else None
    if reader is None or not reader.is_inside:
        yield Problem("sponsor", "There is no such colleague.")


def _vision_faults(planned: Plan) -> Iterable[Problem]:
    chosen = planned.get("vision")
    if chosen is not None and chosen.kind is not Kind.VISION:
        yield Problem("vision", "This is not a vision.")


def _step_faults(session: Session, served: Sequence[Served]) -> Iterable[Problem]:
    if len(served) > MOST_STEPS:
        yield Problem("steps", f"At most {MOST_STEPS} steps and questions.")
    if not any(each["question"] for each in served):
        return
    known = {(step.key, each.key) for step in questions.steps(session) for each in questions.questions_of(step)}
    for each in served:
        if each["question"] and (each["step"], each["question"]) not in known:
            yield Problem("steps", f"This step asks no such question: {each['question'][:80]}")


def _capacity_faults(capacity: Mapping[UUID, int], groups: Mapping[UUID, int]) -> Iterable[Problem]:
    if len(capacity) > MOST_GROUPS:
        yield Problem("capacity", f"At most {MOST_GROUPS} groups.")
    for uid, percent in capacity.items():
        if uid not in groups:
            yield Problem("capacity", "There is no such group.")
        elif not 0 <= percent <= MOST_PERCENT:
            yield Problem("capacity", f"A part of a group's time is from 0 to {MOST_PERCENT} percent.")
