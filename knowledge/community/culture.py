"""How a company keeps its word to itself, counted: thanks by group and value, who takes part, and how long since a leader met a customer.

Nothing here tells of one person but to themselves. A group is counted from five people up, and groups that are not shown hold five
or nobody together, so that nobody is found by subtracting.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlmodel import Session

from knowledge import clock, estimates, people
from knowledge.community import oneself
from knowledge.community.appreciations import Appreciation
from knowledge.community.readers import inside
from knowledge.customers.interactions import Interaction
from knowledge.database import remembered, table_of
from knowledge.entries.entry import Revision
from knowledge.errors import Invalid
from knowledge.estimates import SUPPRESSED, Estimate
from knowledge.estimates.anonymity import USUAL
from knowledge.feedback import Feedback
from knowledge.loop.responses import LoopResponse
from knowledge.people import Act, GroupRow, Person, Viewer
from knowledge.words import Basis, CultureValue

LATELY = timedelta(days=90)
SPANS = (30, 90)
"""The days over which it is told who takes part; with any number of days single people could be told apart."""

_a, _p = table_of(Appreciation).c, table_of(Person).c


@dataclass(frozen=True, slots=True)
class GroupThanks:
    """How often a group and its people were thanked lately; suppressed from too few [A3]."""

    group: GroupRow
    thanks: Estimate


@dataclass(frozen=True, slots=True)
class ValueThanks:
    """How often anybody was thanked lately by one of the values."""

    value: CultureValue
    thanks: Estimate


@dataclass(frozen=True, slots=True)
class Participation:
    """Which share of a group's people did something lately; without a group that of all who work here."""

    group: GroupRow | None
    took_part: Estimate
    wrote: Estimate
    recorded: Estimate
    answered: Estimate
    met: Estimate


class _EveryGroup(GroupRow):
    """All groups, read once for an operation however many figures are told of them."""


def _groups(session: Session, viewer: Viewer) -> Sequence[GroupRow]:
    if not viewer.may(Act.PEOPLE_READ):
        return []
    known = remembered(session, _EveryGroup)
    if not known:
        known.update((group.id, group) for group in people.groups(session, viewer))
    return list(known.values())


def tellable(cells: Mapping[Any, Mapping[int, int]]) -> Mapping[Any, Estimate]:
    """Counts of thanks by whoever gave them, as far as they may be told: each by five givers, and all that are not told together by
    five or nobody, for the total less what is told is what those gave.
    """
    shown = [key for key, gave in cells.items() if key is not None and len(gave) >= USUAL]
    shown.sort(key=lambda key: (len(cells[key]), str(key)))
    hidden = {giver for key, gave in cells.items() if key not in shown for giver in gave}
    while shown and 0 < len(hidden) < USUAL:
        hidden |= cells[shown.pop(0)].keys()
    return {
        key: estimates.count(sum(gave.values()), voices=len(gave), basis=Basis.CENSUS)
        if key in shown or not gave
        else SUPPRESSED
        for key, gave in cells.items()
    }


def _counted(session: Session, cell: ColumnElement[Any]) -> Mapping[Any, Mapping[int, int]]:
    """How often each giver gave thanks lately, by what they are counted for."""
    statement = (
        select(cell.label("cell"), _a.from_id, func.count())
        .join_from(table_of(Appreciation), table_of(Person), _p.id == _a.person_id, isouter=True)
        .where(_a.withdrawn_at.is_(None), _a.created_at >= clock.minute() - LATELY)
        .group_by("cell", _a.from_id)
    )
    found: dict[Any, dict[int, int]] = {}
    for key, giver, n in session.connection().execute(statement):
        found.setdefault(key, {})[giver] = int(n)
    return found


def thanks_by_group(session: Session, viewer: Viewer) -> Sequence[GroupThanks]:
    """How often each group and its people were thanked within 90 days, for those who work here; two statements [A3]."""
    groups = _groups(session, viewer)
    if not groups:
        return []
    told = tellable(_counted(session, func.coalesce(_a.group_id, _p.group_id)))
    return [GroupThanks(group, told.get(group.id, estimates.count(0, basis=Basis.CENSUS))) for group in groups]


def thanks_by_value(session: Session, viewer: Viewer) -> Sequence[ValueThanks]:
    """How often anybody was thanked by each value within 90 days, for those who work here; one statement [A3]."""
    if not viewer.may(Act.PEOPLE_READ):
        return []
    told = tellable(_counted(session, _a.value))
    return [ValueThanks(value, told.get(value, estimates.count(0, basis=Basis.CENSUS))) for value in CultureValue]


def _acts(since: datetime) -> Iterator[Select[Any]]:
    """Who did what since then: a row with the person's key for each time."""
    wrote, said, told, met = (table_of(each).c for each in (Revision, Feedback, LoopResponse, Interaction))
    each = (
        ("wrote", wrote.author_id, wrote.created_at),
        ("recorded", said.reporter_id, said.received_at),
        ("answered", told.author_id, told.published_at),
        ("met", met.person_id, met.at),
    )
    for name, who, at in each:
        for called in (name, "took_part"):
            yield select(who.label("id"), literal(called).label("act")).where(at >= since, who.is_not(None))


def participation(session: Session, viewer: Viewer, *, days: int = 90) -> Sequence[Participation]:
    """The shares of all who work here and of each group of five or more that wrote, recorded what customers said, answered them
    or met them within the days: 30 or 90, or it refuses INVALID. Three statements.
    """
    if days not in SPANS:
        raise Invalid("Ask for 30 or 90 days.", "days")
    groups = _groups(session, viewer)
    if not groups:
        return []
    here = (_p.disabled_at.is_(None), inside())
    sizes = session.connection().execute(select(_p.group_id, func.count()).where(*here).group_by(_p.group_id))
    members = {row[0]: int(row[1]) for row in sizes}
    acts = union_all(*_acts(clock.minute() - timedelta(days=days))).subquery("acts")
    did = (
        select(_p.group_id, acts.c.act, func.count(_p.id.distinct()))
        .join_from(acts, table_of(Person), _p.id == acts.c.id)
        .where(*here)
        .group_by(_p.group_id, acts.c.act)
    )
    hits = {(row[0], row[1]): int(row[2]) for row in session.connection().execute(did)}
    shown = estimates.released({id: n for id, n in members.items() if id}, USUAL, unassigned=members.get(None, 0))
    return [
        _share(None, sum(members.values()), _summed(hits)),
        *(_share(group, members[group.id], _of(hits, group.id)) for group in groups if group.id in shown),
    ]


def _of(hits: Mapping[tuple[int | None, str], int], id: int) -> Mapping[str, int]:
    return {act: n for (group, act), n in hits.items() if group == id}


def _summed(hits: Mapping[tuple[int | None, str], int]) -> Mapping[str, int]:
    return {act: sum(n for (_, each), n in hits.items() if each == act) for _, act in hits}


def _share(group: GroupRow | None, members: int, hits: Mapping[str, int]) -> Participation:
    def of(act: str) -> Estimate:
        found = estimates.share(hits.get(act, 0), members, basis=Basis.CENSUS, population=members)
        return estimates.guarded(found, USUAL)

    return Participation(group, *(of(act) for act in ("took_part", "wrote", "recorded", "answered", "met")))


@dataclass(frozen=True, slots=True)
class DirectContact:
    """When somebody last met a customer in person, and how many whole days ago."""

    at: datetime
    days: int


def last_contact(session: Session, viewer: Viewer) -> DirectContact | None:
    """The viewer's own last direct contact with a customer; None where none was logged, and of nobody else's."""
    if viewer.id is None or not viewer.may(Act.CUSTOMERS_READ):
        return None
    own = oneself.of(session, viewer)
    at = own.met_at if own is not None else None
    return None if at is None else DirectContact(at, max(clock.days_since(at), 0))
