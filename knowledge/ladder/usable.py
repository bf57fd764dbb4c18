"""What customers can use: what is said of each, or else what is meant for the segments that they are in."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import UniqueConstraint, delete, insert, select
from sqlmodel import Field, Session

from knowledge import activity, jobs
from knowledge.customers.segments import Segment, SegmentMembership, SegmentRow
from knowledge.database import Table, neighbours, read, table_of
from knowledge.errors import NotFound, TooLarge
from knowledge.ladder import offerings
from knowledge.ladder.offerings import Applicability, Offering, OfferingReference, OfferingRow
from knowledge.people import Act, Viewer, require
from knowledge.words import OfferingScope

MOST = 250
"""How many offerings may be meant for one segment."""


class SegmentOffering(Table, table=True):
    """An offering that is meant for the customers of a segment."""

    __tablename__ = "segment_offering"
    __table_args__ = (UniqueConstraint("segment_id", "offering_id"),)

    id: int | None = Field(default=None, primary_key=True)
    segment_id: int = Field(foreign_key="segment.id")
    offering_id: int = Field(foreign_key="offering.id", index=True)


class _Meant(OfferingRow):
    segment_id: int


_a, _o, _m, _n = (table_of(each).c for each in (Applicability, Offering, SegmentMembership, SegmentOffering))


def applicable(session: Session, ids: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """The offerings that these customers can use: those not retired of which somebody said so; of whom nobody said it of any, the
    current ones that are meant for a segment they are in now, but for those they cannot use. In two statements.
    """
    said = select(_a.customer_id, _a.offering_id, _a.applies).join(table_of(Offering), _o.id == _a.offering_id)
    said = said.where(_a.customer_id.in_(ids), _o.scope != OfferingScope.RETIRED)
    can, cannot = dict[int, set[int]](), set[tuple[int, int]]()
    for id, offering, applies in session.connection().execute(said):
        if applies:
            can.setdefault(id, set()).add(offering)
        else:
            cannot.add((id, offering))
    meant = select(_m.customer_id, _n.offering_id).join_from(
        table_of(SegmentMembership), table_of(SegmentOffering), _n.segment_id == _m.segment_id
    )
    meant = meant.join(table_of(Offering), _o.id == _n.offering_id).where(
        _m.customer_id.in_(set(ids) - can.keys()), _m.until.is_(None), _o.scope == OfferingScope.CURRENT
    )
    for id, offering in session.connection().execute(meant).all():
        if (id, offering) not in cannot:
            can.setdefault(id, set()).add(offering)
    return {id: frozenset(found) for id, found in can.items()}


def mean(session: Session, viewer: Viewer, segment: SegmentRow, references: Sequence[OfferingReference]) -> SegmentRow:
    """Say which offerings are meant for the customers of a segment, instead of those before; who stands on a rung because of that is
    looked at again soon. Refuses NOT_ALLOWED, TOO_LARGE, and NOT_FOUND where there is no such offering.
    """
    require(viewer, Act.ENTRIES_CURATE, doing="say what a segment can use")
    if len(references) > MOST:
        raise TooLarge(f"At most {MOST} offerings are meant for a segment.", "offerings")
    found = offerings.referred(session, viewer, references)
    if missing := [number for number, each in enumerate(references) if each not in found]:
        raise NotFound("There is no such offering.", f"offerings.{missing[0]}")
    session.get_one(Segment, segment.id, with_for_update=True)
    before = {row.id: row.name for row in meant_for(segment, viewer)}
    wanted = {found[each].id: found[each].name for each in references}
    if before.keys() == wanted.keys():
        return segment
    connection = session.connection()
    connection.execute(delete(table_of(SegmentOffering)).where(_n.segment_id == segment.id))
    if wanted:
        rows = [{"segment_id": segment.id, "offering_id": id} for id in wanted]
        connection.execute(insert(table_of(SegmentOffering)), rows)
    moved = {"offerings": (", ".join(before.values()), ", ".join(wanted.values()))}
    activity.record(session, viewer.id, "segment.offered", "Segment", segment.uid, moved=moved)
    jobs.later(session, "ladder.settle", "0")
    return segment


def _meant(session: Session, rows: list[SegmentRow], viewer: Viewer) -> Mapping[int, Sequence[OfferingRow]]:
    columns: list[Any] = [_o[name] for name in ("id", *OfferingRow.__annotations__)]
    statement = (
        select(*columns, _n.segment_id)
        .join_from(table_of(Offering), table_of(SegmentOffering), _n.offering_id == _o.id)
        .where(offerings.visible_to(viewer), _n.segment_id.in_([row.id for row in rows]))
        .order_by(_o.name, _o.id)
    )
    found: dict[int, list[OfferingRow]] = {row.id: [] for row in rows}
    for each in read(session, _Meant, statement):
        found[each.segment_id].append(each)
    return found


def meant_for(segment: SegmentRow, viewer: Viewer) -> Sequence[OfferingRow]:
    """The offerings that are meant for a segment, by name."""
    return neighbours(segment, _meant, viewer)
