"""What several say alike is seen to once: one item is joined to another, keeps its own voice and state, and is taken apart again
as if nothing had been [F6].

An item that is joined points at what it repeats, and nothing else of it changes; so whatever was joined to it goes along and comes
back along.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, func, literal, select, union_all
from sqlmodel import Session

from knowledge import activity
from knowledge.database import Page, Slice, is_alone, neighbours, slices, table_of
from knowledge.errors import Invalid, NotFound
from knowledge.estimates import Estimate, Voices, count
from knowledge.feedback import items, voices
from knowledge.feedback.items import Feedback, FeedbackRow, by_ids, by_uid, reread
from knowledge.feedback.voices import Period
from knowledge.people import Act, Viewer, require

_f = table_of(Feedback).c


def merge(session: Session, viewer: Viewer, uid: UUID, into: UUID) -> FeedbackRow:
    """Join an item to the one that it repeats. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for itself, for what is joined already, and
    for what is joined to it.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="sort feedback")
    row, kept = by_uid(session, viewer, uid), by_uid(session, viewer, into)
    if row is None:
        raise NotFound("There is no such feedback.", "id")
    if kept is None:
        raise NotFound("There is no such feedback.", "into")
    for id in sorted({row.id, *above(session, kept.id)}):  # of two who join in a circle the second sees the first
        session.get_one(Feedback, id, with_for_update=True)
    item = session.get_one(Feedback, row.id)
    session.refresh(item)
    if item.duplicate_of_id is not None:
        raise Invalid("This repeats something already: take them apart first.", "id")
    if row.id in above(session, kept.id):
        raise Invalid("That repeats this one, or is the same.", "into")
    item.duplicate_of_id = kept.id
    moved = {"duplicate_of": (None, kept.uid)}
    activity.record(session, viewer.id, "feedback.merged", "Feedback", row.uid, moved=moved)
    return reread(session, item)


def unmerge(session: Session, viewer: Viewer, uid: UUID) -> FeedbackRow:
    """Take an item apart from what it was joined to: it is as it was. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for one that stands
    for itself.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="sort feedback")
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such feedback.", "id")
    item = session.get_one(Feedback, row.id, with_for_update=True)
    session.refresh(item)
    if item.duplicate_of_id is None:
        raise Invalid("This repeats nothing.", "id")
    before = session.connection().execute(select(_f.uid).where(_f.id == item.duplicate_of_id)).scalar()
    item.duplicate_of_id = None
    moved = {"duplicate_of": (before, None)}
    activity.record(session, viewer.id, "feedback.unmerged", "Feedback", uid, moved=moved)
    return reread(session, item)


def above(session: Session, id: int) -> list[int]:
    """The keys of an item and of what it is joined to, up to the one that stands for itself."""
    way = select(_f.id, _f.duplicate_of_id).where(_f.id == id).cte("way", recursive=True)
    further = table_of(Feedback).alias("further")
    way = way.union(select(further.c.id, further.c.duplicate_of_id).join(way, further.c.id == way.c.duplicate_of_id))
    return list(session.connection().execute(select(way.c.id)).scalars())


def _kept(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    found = by_ids(session, viewer, (row.duplicate_of_id for row in rows if row.duplicate_of_id is not None))
    return {row.id: found.get(row.duplicate_of_id or 0) for row in rows}


def duplicate_of(item: FeedbackRow, viewer: Viewer) -> FeedbackRow | None:
    """What an item is joined to."""
    return neighbours(item, _kept, viewer)


def _joined(session: Session, rows: list[FeedbackRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[FeedbackRow]]:
    statement = items.everything().where(items.visible_to(viewer))
    return slices(session, FeedbackRow, statement, items.NEWEST, page, rows, _f.duplicate_of_id)


def duplicates_of(item: FeedbackRow, viewer: Viewer, page: Page) -> Slice[FeedbackRow]:
    """What is joined to an item, the latest first."""
    return neighbours(item, _joined, viewer, page)


def joined_to(id: int) -> Select[tuple[int]]:
    """The keys of an item and of all that is joined to it, however deep."""
    tree = select(_f.id).where(_f.id == id).cte("tree", recursive=True)
    joined = table_of(Feedback).alias("joined")
    return select(tree.union_all(select(joined.c.id).join(tree, joined.c.duplicate_of_id == tree.c.id)).c.id)


def _trees(ids: list[int]) -> CTE:
    """Items with all that is joined to them, however deep, by the item that it is counted for."""
    tree = select(_f.id.label("head"), _f.id).where(_f.id.in_(ids)).cte("tree", recursive=True)
    joined = table_of(Feedback).alias("joined")
    return tree.union_all(select(tree.c.head, joined.c.id).join(tree, joined.c.duplicate_of_id == tree.c.id))


def _below(tree: CTE, viewer: Viewer, period: Period | None = None) -> Select[Any]:
    """How much each speaker said of items with all that is joined to them, by the item that it is counted for; whoever says "same
    here" to one says it too [C3].
    """
    told = select(tree.c.head, voices.speaker(), literal(1).label("said"))
    told = told.join(table_of(Feedback), _f.id == tree.c.id).where(*voices.heard(viewer, period))
    same = voices.echoes(viewer, period).subquery("same")
    again = select(tree.c.head, same.c.speaker, literal(1)).join(same, same.c.item == tree.c.id).distinct()
    said = union_all(told, again).subquery("said")
    return select(said.c.head, said.c.speaker, func.sum(said.c.said).label("said")).group_by(
        said.c.head, said.c.speaker
    )


def _voices(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, Voices]:
    found = voices.summed(session, _below(_trees([row.id for row in rows]), viewer), "head")
    return {row.id: found.get(row.id, Voices((), 0)) for row in rows}


def voices_of(item: FeedbackRow, viewer: Viewer) -> Estimate:
    """How many say so, with all that is joined to it: messages, and distinct customers behind them."""
    found = neighbours(item, _told, viewer)[_EVER] if is_alone(item) else neighbours(item, _voices, viewer)
    return count(found.items, voices=found.customers)


_EVER, _LATELY, _HEARD = range(3)


def _told(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, Mapping[int, Voices]]:
    """Of each item the voices ever and lately, and all who were heard lately, in one statement."""
    ids, period = [row.id for row in rows], voices.lately()
    trees, everybody = _trees(ids), voices.spoke(viewer, period).subquery("everybody")
    parts = {
        _EVER: _below(trees, viewer),
        _LATELY: _below(trees, viewer, period),
        _HEARD: select(literal(0).label("head"), everybody.c.speaker, everybody.c.said),
    }
    told = union_all(*(part.add_columns(literal(which).label("which")) for which, part in parts.items()))
    found: dict[tuple[int, int], Sequence[Any]] = {}
    for head, which, *counts in session.connection().execute(voices.collapsed(told, "head", "which")):
        found[head, which] = [int(each or 0) for each in counts]
    heard = found.get((0, _HEARD), [0])[0]

    def voiced(id: int, which: int) -> Voices:
        many, said, most, squares = found.get((id, which), (0, 0, 0, 0))
        return Voices.of(many, said, most, squares, heard)

    return {id: {which: voiced(id, which) for which in (_EVER, _LATELY)} for id in ids}


def prevalence_of(item: FeedbackRow, viewer: Viewer) -> Estimate:
    """The share of the customers heard in the last ninety days who say so: it, and all that is joined to it. For colleagues."""
    if not viewer.may(Act.FEEDBACK_READ):
        return Estimate(0)
    return neighbours(item, _told, viewer)[_LATELY].prevalence
