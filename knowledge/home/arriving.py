"""What somebody finds who comes in: one statement says what there is of it, one more reads the entries that are named in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, String, cast, func, literal, select, type_coerce, union_all
from sqlmodel import Session

from knowledge import clock, entries
from knowledge.database import Moment, table_of
from knowledge.entries import Entry, EntryRow, practising, visible_to
from knowledge.home.waiting import SOURCES, carried, newest_vision
from knowledge.people import Viewer, visits
from knowledge.people.visits import Visit
from knowledge.principles import Principle
from knowledge.words import Kind, Status, WaitingKind

INITIATIVES = 4
_VISIT, _VISION, _PRINCIPLE, _INITIATIVE, _CARRIED = "visit", "vision", "principle", "initiative", "carried"

_ORDER = (*SOURCES, WaitingKind.STALE_INITIATIVES)

_e = table_of(Entry).c


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of one sort waits and since when; the entry, where it is one."""

    kind: WaitingKind
    count: int
    since: datetime | None
    entry: EntryRow | None


@dataclass(frozen=True, slots=True)
class Home:
    """What there is for somebody; `since` is when their visit before this one ended."""

    since: datetime | None
    waiting: Sequence[Waiting]
    vision: EntryRow | None
    principle: EntryRow | None
    initiatives: Sequence[EntryRow]


def home(session: Session, viewer: Viewer) -> Home:
    """What the viewer finds; two statements, however much it is."""
    found: dict[str, list[Any]] = {}
    for row in session.connection().execute(union_all(*_branches(viewer))):
        found.setdefault(row[0], []).append(row)
    several = {what for what in SOURCES for row in found.get(what, ()) if row.count > 1}
    named = [row.entry for what, rows in found.items() if what not in several for row in rows if row.entry is not None]
    known = entries.by_ids(session, viewer, named)

    def shown(what: str) -> list[EntryRow]:
        return [known[row.entry] for row in found.get(what, ()) if row.entry in known]

    return Home(
        since=next((row.at for row in found.get(_VISIT, ())), None),
        waiting=_waiting(found, known),
        vision=next(iter(shown(_VISION)), None),
        principle=next(iter(shown(_PRINCIPLE)), None),
        initiatives=sorted(shown(_INITIATIVE), key=lambda row: (row.updated_at, row.id), reverse=True),
    )


def _waiting(found: Mapping[str, Sequence[Any]], known: Mapping[int, EntryRow]) -> Sequence[Waiting]:
    told = [
        Waiting(kind, row.count, row.at, known.get(row.entry) if row.count == 1 else None)
        for kind in SOURCES
        for row in found.get(kind, ())
        if row.count
    ]
    silent = [row for row in found.get(_CARRIED, ()) if clock.has_come(row.at + timedelta(days=row.count))]
    if silent:
        since = min(row.at for row in silent)
        only = known.get(silent[0].entry) if len(silent) == 1 else None
        told.append(Waiting(WaitingKind.STALE_INITIATIVES, len(silent), since, only))
    return sorted(told, key=lambda each: _ORDER.index(each.kind))


def _branches(viewer: Viewer) -> Iterator[Select[Any]]:
    """All that is looked for, as rows of (what, count, entry, at)."""
    seen = table_of(Visit).c.person_id == (viewer.id or -1)
    visit: list[Any] = [
        literal(_VISIT, String).label("what"),
        literal(1).label("count"),
        cast(literal(None), Integer).label("entry"),
        type_coerce(visits.ended(), Moment).label("at"),
    ]
    yield select(*visit).where(seen)
    for kind, source in SOURCES.items():
        if (waits := source(viewer)) is not None:
            id, at = (each := waits.subquery()).c
            columns: list[Any] = [literal(kind.value), func.count(), cast(func.min(id), Integer), func.min(at)]
            yield select(*columns).select_from(each)
    yield _one(_VISION, newest_vision(viewer))
    yield _one(_PRINCIPLE, _of_the_week(viewer))
    yield _one(_INITIATIVE, _lately(viewer))
    if (mine := carried(viewer)) is not None:
        id, days, since = mine.subquery().c
        yield select(literal(_CARRIED), days, id, since)


def _one(what: str, chosen: Select[Any]) -> Select[Any]:
    id, at = chosen.subquery().c
    return select(literal(what), literal(1), id, at)


def _of_the_week(viewer: Viewer) -> Select[Any]:
    principle = table_of(Principle).c
    return (
        select(_e.id, _e.updated_at)
        .join_from(table_of(Entry), table_of(Principle), principle.revision_id == _e.published_revision_id)
        .where(visible_to(viewer), _e.status == Status.PUBLISHED, principle.number == practising.of_the_week())
        .limit(1)
    )


def _lately(viewer: Viewer) -> Select[Any]:
    """The initiatives that changed last."""
    return (
        select(_e.id, _e.updated_at)
        .where(visible_to(viewer), _e.kind == Kind.INITIATIVE, _e.status == Status.PUBLISHED)
        .order_by(_e.updated_at.desc(), _e.id.desc())
        .limit(INITIATIVES)
    )
