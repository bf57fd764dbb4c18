"""Which entries are a link away from one, or two links with an entry between."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, BindParameter, Select, bindparam, func, literal, select, union, union_all
from sqlmodel import Session

from knowledge.database import table_of
from knowledge.entries.entry import Entry, EntryRow, Revision, published, visible_to
from knowledge.entries.links import Link, Mention, pairs_of
from knowledge.people import Viewer

MOST = 1_000
"""Links that are looked at for a list of entries, those of the first step before the others."""

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
    first: dict[int, dict[int, UUID]] = {id: {} for id in ids}
    second: dict[int, dict[int, UUID]] = {}
    for step, start, end, uid in session.connection().execute(_edges(viewer, ids)):
        (first if step == 1 else second).setdefault(start, {})[end] = uid
    found: dict[int, dict[UUID, LinkedNear]] = {}
    for id, direct in first.items():
        ways = Counter(uid for between in direct for end, uid in second.get(between, {}).items() if end != id)
        near_by = {uid: LinkedNear(is_direct=True, ways=ways[uid]) for end, uid in direct.items() if end != id}
        found[id] = {uid: LinkedNear(is_direct=False, ways=number) for uid, number in ways.items()} | near_by
    return found


def _edges(viewer: Viewer, ids: Sequence[int]) -> Select[Any]:
    edges = _around()
    ends = select(_e.id, _e.uid).where(visible_to(viewer), published(), _e.id.in_(select(edges.c.end))).cte("ends")
    return (
        select(edges.c.step, edges.c.start, edges.c.end, ends.c.uid)
        .join(ends, ends.c.id == edges.c.end)
        .order_by(edges.c.step, edges.c.start, edges.c.end)
        .limit(MOST)
        .params(ids=ids)
    )


@cache
def _around() -> CTE:
    """The links at the entries `ids`, and those at the entries at their other ends, as (step, start, end).

    Built once, since that takes longer than asking. The second step looks up what it starts from in lists: joined, SQLite would
    read every link and every mention there is. Both parts are referred to several times, and would be worked out as often.
    """
    one = _one_step()
    return (
        union_all(select(literal(1).label("step"), one.c.start, one.c.end), *_two_steps(one))
        .cte("edges")
        .prefix_with("MATERIALIZED")
    )


def _one_step() -> CTE:
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    outwards, inwards = pairs_of(near=ids), pairs_of(far=ids)
    return (
        union(
            select(outwards.c.from_id.label("start"), outwards.c.to_id.label("end")),
            select(inwards.c.to_id, inwards.c.from_id),
        )
        .cte("one")
        .prefix_with("MATERIALIZED")
    )


def _two_steps(one: CTE) -> list[Select[Any]]:
    """On from each entry that is one step away: by links that somebody set, and by what texts mention."""
    between, other = table_of(Entry).alias("between"), table_of(Entry).alias("other")
    text = table_of(Revision).alias("text")
    reached = select(one.c.end)

    def shown(entry: Any) -> Any:
        return func.coalesce(entry.c.published_revision_id, entry.c.latest_revision_id)

    texts = select(shown(between)).where(between.c.id.in_(reached))
    slugs = select(between.c.slug).where(between.c.id.in_(reached))
    mentions = select(literal(2), text.c.entry_id, other.c.id).where(
        _m.revision_id.in_(texts), text.c.id == _m.revision_id, other.c.slug == _m.slug
    )
    mentioned = select(literal(2), other.c.id, text.c.entry_id).where(
        _m.slug.in_(slugs), other.c.slug == _m.slug, text.c.id == _m.revision_id
    )
    source = table_of(Entry).alias("source")
    mentioned = mentioned.where(source.c.id == text.c.entry_id, shown(source) == text.c.id)
    return [
        select(literal(2), _l.from_id, _l.to_id).where(_l.from_id.in_(reached)),
        select(literal(2), _l.to_id, _l.from_id).where(_l.to_id.in_(reached)),
        mentions,
        mentioned,
    ]
