"""How the company listens: which channels were heard lately and which are silent, and what of that reaches each function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from knowledge import clock, entries, feedback
from knowledge.activity import Activity
from knowledge.customers import Customer
from knowledge.database import table_of
from knowledge.entries.entry import Entry, EntryFunction, EntryStage, published
from knowledge.estimates import Estimate, count
from knowledge.evidence import Evidence
from knowledge.feedback import Feedback, voices
from knowledge.listening.people import FEWEST
from knowledge.people import Act, FunctionalGroup, Person, Viewer
from knowledge.words import Channel, GroupKind, Kind, Reach, Stage

SILENT = timedelta(days=30)
"""After so long without a word a channel is called silent."""

WINDOW = timedelta(days=365)
"""How far the map looks back."""

_f, _c, _p = table_of(Feedback).c, table_of(Customer).c, table_of(Person).c
_VOICE = voices.speaker().element


@dataclass(frozen=True, slots=True)
class Heard:
    """A channel, when it was last heard, and how much came by it in all."""

    channel: Channel
    last_at: datetime | None
    said: Estimate
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What customers on one rung say by one channel, and what of it reaches one function. A rung of None is not known."""

    stage: Stage | None
    channel: Channel
    said: Estimate
    used: Estimate
    reach: Reach


@dataclass(frozen=True, slots=True)
class Rung:
    """How many practices a function has for the customers on a rung."""

    stage: Stage
    practices: Estimate


@dataclass(frozen=True, slots=True)
class Map:
    """What reaches one function, by rung and channel; where nothing was said there is no cell."""

    function: GroupKind
    cells: Sequence[Cell]
    rungs: Sequence[Rung]


def heard(session: Session, viewer: Viewer) -> Sequence[Heard]:
    """Every channel, the one heard last first and those never heard at the end; nothing for those who read no feedback."""
    if not viewer.may(Act.FEEDBACK_READ):
        return ()
    statement = select(_f.channel, func.max(_f.received_at), func.count(), func.count(_VOICE.distinct()))
    rows = session.connection().execute(statement.where(feedback.visible_to(viewer)).group_by(_f.channel))
    known = {row[0]: (row[1], count(row[2], voices=row[3])) for row in rows}
    since = clock.minute() - SILENT
    found = [Heard(each, *known.get(each, (None, count(0))), is_silent=True) for each in Channel]
    found = [Heard(each.channel, each.last_at, each.said, not each.last_at or each.last_at < since) for each in found]
    return sorted(found, key=lambda each: (each.last_at is None, -(each.last_at.timestamp() if each.last_at else 0)))


def right_to_know(session: Session, viewer: Viewer, function: GroupKind) -> Map:
    """What of the past year reaches a function: in four statements, and naming nobody."""
    if not viewer.may(Act.FEEDBACK_READ):
        return Map(function, (), ())
    said = _counted(session, _lately(viewer, func.count(), func.count(_VOICE.distinct())))
    used = _counted(session, _used(viewer, function))
    reached = _counted(session, _reached(viewer, function))
    cells = [
        Cell(
            *place,
            count(items, voices=voices),
            count(used.get(place, (0, 0))[0], voices=used.get(place, (0, 0))[1]),
            reach(reached.get(place, (0,))[0]),
        )
        for place, (items, voices) in said.items()
    ]
    ladder = list(Stage)
    cells.sort(
        key=lambda cell: (ladder.index(cell.stage) if cell.stage else len(ladder), -(cell.said.n or 0), cell.channel)
    )
    return Map(function, cells, _practices(session, viewer, function))


def reach(people: int) -> Reach:
    """How many, told so that a cell names nobody."""
    if people == 0:
        return Reach.NOBODY
    return Reach.FEW if people < FEWEST else Reach.SEVERAL


def _lately(viewer: Viewer, *counts: ColumnElement[int]) -> Select[Any]:
    """What was said in the past year, by rung and channel."""
    joined = table_of(Feedback).outerjoin(table_of(Customer), _c.id == _f.customer_id)
    statement = select(_c.stage, _f.channel, *counts).select_from(joined)
    since = clock.minute() - WINDOW
    return statement.where(feedback.visible_to(viewer), _f.received_at > since).group_by(_c.stage, _f.channel)


def _counted(session: Session, statement: Select[Any]) -> Mapping[tuple[Stage | None, Channel], tuple[int, ...]]:
    return {(row[0], row[1]): tuple(row[2:]) for row in session.connection().execute(statement)}


def _used(viewer: Viewer, function: GroupKind) -> Select[Any]:
    """What of it is evidence on an entry that concerns the function."""
    v, e = table_of(Evidence).c, table_of(EntryFunction).c
    attached = (
        select(v.feedback_id)
        .join(table_of(EntryFunction), e.entry_id == v.entry_id)
        .join(table_of(Entry), table_of(Entry).c.id == v.entry_id)
        .where(e.function == function, entries.visible_to(viewer))
    )
    return _lately(viewer, func.count(), func.count(_VOICE.distinct())).where(_f.id.in_(attached))


def _reached(viewer: Viewer, function: GroupKind) -> Select[Any]:
    """How many people of the function had to do with it: wrote it down, sorted it, were given it or moved it."""
    act, g = table_of(Activity).c, table_of(FunctionalGroup).c
    theirs = select(_p.id).join(table_of(FunctionalGroup), g.id == _p.group_id).where(g.kind == function)
    statement = _lately(viewer, func.count(act.person_id.distinct()))
    return statement.join(table_of(Activity), act.uid == _f.uid).where(
        act.type == "Feedback", act.person_id.in_(theirs)
    )


def _practices(session: Session, viewer: Viewer, function: GroupKind) -> Sequence[Rung]:
    e, of, serves = table_of(Entry).c, table_of(EntryFunction).c, table_of(EntryStage).c
    statement = (
        select(serves.stage, func.count())
        .join_from(table_of(Entry), table_of(EntryFunction), of.entry_id == e.id)
        .join(table_of(EntryStage), serves.entry_id == e.id)
        .where(of.function == function, e.kind == Kind.BEST_PRACTICE, published(), entries.visible_to(viewer))
        .group_by(serves.stage)
    )
    known = {row[0]: row[1] for row in session.connection().execute(statement)}
    return [Rung(stage, count(known.get(stage, 0))) for stage in Stage]
