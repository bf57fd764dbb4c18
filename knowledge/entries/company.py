"""The company that a tag keeps: the kinds of its entries, and the tags that stand beside it more often than chance would have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.database import neighbours, read, table_of
from knowledge.entries.entry import Entry, Revision, published, visible_to
from knowledge.entries.tags import RevisionTag, Tag, TagRow, known_to, worn
from knowledge.people import Viewer
from knowledge.words import Kind

CANDIDATES = 200
"""Of the tags that share most entries with a tag, so many are weighed."""

_t = table_of(Tag).c
_e = table_of(Entry).c
_r = table_of(Revision).c
_rt = table_of(RevisionTag).c


@dataclass(frozen=True, slots=True)
class RelatedTag:
    """A tag that shares entries with another, and how many of those the viewer sees."""

    tag: TagRow
    shared: int


def _kinds(session: Session, tags: list[TagRow], viewer: Viewer) -> Mapping[int, list[tuple[Kind, int]]]:
    ids = {tag.id for tag in tags}
    statement = select(_rt.tag_id, _e.kind, func.count()).where(_rt.tag_id.in_(ids), worn(viewer))
    found: dict[int, list[tuple[Kind, int]]] = {id: [] for id in ids}
    for tag_id, kind, count in session.connection().execute(statement.group_by(_rt.tag_id, _e.kind)):
        found[tag_id].append((kind, count))
    order = list(Kind)
    return {id: sorted(each, key=lambda pair: (-pair[1], order.index(pair[0]))) for id, each in found.items()}


def kinds_of(tag: TagRow, viewer: Viewer) -> Sequence[tuple[Kind, int]]:
    """The kinds of a tag's published entries that the viewer sees, with how many, the most frequent first."""
    return neighbours(tag, _kinds, viewer)


def _related(session: Session, tags: list[TagRow], viewer: Viewer, first: int) -> Mapping[int, list[RelatedTag]]:
    ids = {tag.id for tag in tags}
    shared = _shared(session, viewer, ids)
    others = {other for each in shared.values() for other, _ in each} | ids
    used, everything = _used(session, viewer, others)
    rows = {row.id: row for row in read(session, TagRow, known_to(viewer).where(_t.id.in_(others)))}
    found: dict[int, list[RelatedTag]] = {}
    for id in ids:
        ranked = sorted(
            (
                (-count * log(count * everything / (used[id] * used[other])), -count, rows[other].name, other)
                for other, count in shared.get(id, ())
                if other in rows
            ),
        )
        found[id] = [RelatedTag(rows[other], -count) for _, count, _, other in ranked[:first]]
    return found


def _shared(session: Session, viewer: Viewer, ids: set[int]) -> Mapping[int, list[tuple[int, int]]]:
    """The tags on the same entries with how many they share; the most frequent for each."""
    beside = table_of(RevisionTag).alias("beside")
    place = func.row_number().over(partition_by=_rt.tag_id, order_by=(func.count().desc(), beside.c.tag_id))
    statement = (
        select(_rt.tag_id, beside.c.tag_id.label("other"), func.count().label("shared"), place.label("place"))
        .where(
            _rt.tag_id.in_(ids), worn(viewer), beside.c.revision_id == _rt.revision_id, beside.c.tag_id != _rt.tag_id
        )
        .group_by(_rt.tag_id, beside.c.tag_id)
        .subquery("shared")
    )
    found: dict[int, list[tuple[int, int]]] = {}
    wanted = select(statement).where(statement.c.place <= CANDIDATES)
    for row in session.connection().execute(wanted):
        found.setdefault(row.tag_id, []).append((row.other, row.shared))
    return found


def _used(session: Session, viewer: Viewer, ids: set[int]) -> tuple[Mapping[int, int], int]:
    """How many entries each tag is on, and how many there are."""
    everything = select(func.count()).select_from(table_of(Entry)).where(visible_to(viewer), published())
    statement = select(_rt.tag_id, func.count(), everything.correlate(None).scalar_subquery()).where(
        _rt.tag_id.in_(ids), worn(viewer)
    )
    rows = session.connection().execute(statement.group_by(_rt.tag_id)).all()
    return {row[0]: row[1] for row in rows}, rows[0][2] if rows else 0


def related_to(tag: TagRow, viewer: Viewer, first: int) -> Sequence[RelatedTag]:
    """Tags on the same entries, weighed by how many they share times the logarithm of how much more often than chance that is.

    So a tag that everything has says nothing, however often it is met. Only what the viewer sees is counted. Three statements for
    the whole list.
    """
    return neighbours(tag, _related, viewer, first)
