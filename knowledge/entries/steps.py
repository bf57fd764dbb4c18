"""Which entries are a link away from one, or two links with an entry between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, func, null, or_, select, union, union_all
from sqlmodel import Session

from knowledge.database import table_of
from knowledge.entries.entry import Entry, EntryRow, Revision, published, visible_to
from knowledge.entries.links import Link, Mention, pairs_of
from knowledge.people import Viewer

MOST = 1_000
"""Ways that are looked at for a list of entries, those of one step first."""

_e = table_of(Entry).c
_l = table_of(Link).c
_m = table_of(Mention).c


@dataclass(frozen=True, slots=True)
class LinkedNear:
    """How an entry is reached: directly, and over how many others."""

    is_direct: bool
    ways: int


def near(session: Session, viewer: Viewer, entries: Sequence[EntryRow]) -> Mapping[int, Mapping[UUID, LinkedNear]]:
    """The published entries within two links of each entry, by uid, in one statement; links count both ways.

    Neither an entry that the viewer may not see nor one that is reached only over such an entry is among them.
    """
    ids = [entry.id for entry in entries]
    one = _one_step(ids)
    ways = union_all(*_two_steps(one), select(one.c.near, one.c.far, null())).cte("ways")
    ends = table_of(Entry).alias("ends")
    seen = select(_e.id).where(
        visible_to(viewer), published(), or_(_e.id.in_(select(ways.c.far)), _e.id.in_(select(ways.c.between)))
    )
    allowed = seen.cte("allowed")
    statement = (
        select(ways.c.near, ends.c.uid, ways.c.between)
        .join(ends, ends.c.id == ways.c.far)
        .where(ways.c.far != ways.c.near, ways.c.far.in_(select(allowed.c.id)))
        .where(or_(ways.c.between.is_(None), ways.c.between.in_(select(allowed.c.id))))
        .order_by(ways.c.between.is_not(None), ways.c.near, ways.c.far, ways.c.between)
        .limit(MOST)
    )
    found: dict[int, dict[UUID, LinkedNear]] = {id: {} for id in ids}
    for start, uid, between in session.connection().execute(statement):
        before = found[start].get(uid, LinkedNear(is_direct=False, ways=0))
        found[start][uid] = LinkedNear(before.is_direct or between is None, before.ways + (between is not None))
    return found


def _one_step(ids: Sequence[int]) -> CTE:
    outwards, inwards = pairs_of(near=ids), pairs_of(far=ids)
    return union(
        select(outwards.c.from_id.label("near"), outwards.c.to_id.label("far")),
        select(inwards.c.to_id, inwards.c.from_id),
    ).cte("one")


def _two_steps(one: CTE) -> list[Select[Any]]:
    """On from each entry that is one step away: by links that somebody set, and by what texts mention."""
    between, other = table_of(Entry).alias("between"), table_of(Entry).alias("other")
    text = table_of(Revision).alias("text")
    steps = (one.c.near, one.c.far.label("between"))

    def shown(entry: Any) -> Any:
        return func.coalesce(entry.c.published_revision_id, entry.c.latest_revision_id)

    mentions = select(one.c.near, other.c.id.label("far"), steps[1]).where(
        between.c.id == one.c.far, _m.revision_id == shown(between), other.c.slug == _m.slug
    )
    mentioned = select(one.c.near, other.c.id, steps[1]).where(
        between.c.id == one.c.far,
        _m.slug == between.c.slug,
        text.c.id == _m.revision_id,
        other.c.id == text.c.entry_id,
        shown(other) == text.c.id,
    )
    return [
        select(one.c.near, _l.to_id.label("far"), steps[1]).where(_l.from_id == one.c.far),
        select(one.c.near, _l.from_id, steps[1]).where(_l.to_id == one.c.far),
        mentions,
        mentioned,
    ]
