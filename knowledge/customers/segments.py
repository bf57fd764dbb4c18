"""Segments: customers who have something in common, named one by one or chosen by a rule, with who was in it when.

A membership is a stretch of time. It is begun and ended and never rewritten, so that who was in a segment on a past day stays so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, literal, null, or_, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.customers import customer as customers
from knowledge.customers import rules, sorting
from knowledge.customers.customer import SEEN, Customer, CustomerRow
from knowledge.customers.rules import Node
from knowledge.database import (
    NOTHING,
    Order,
    Page,
    Row,
    Slice,
    Table,
    carried,
    columns_of,
    grouped,
    moment,
    neighbours,
    one,
    read,
    sliced,
    slices,
    table_of,
    word,
)
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.people import Act, Viewer, require
from knowledge.words import CustomerStatus, Predicate, SegmentMethod


class Segment(Table, table=True):
    """Some customers, by a name."""

    __tablename__ = "segment"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=80, unique=True)
    description: str = Field(default="", max_length=500)
    method: SegmentMethod = word(SegmentMethod, SegmentMethod.MANUAL)
    high_value: bool = False
    sorted_at: datetime | None = moment(default=None)
    version: int = 1
    sample: bool = False
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = moment()


class SegmentMembership(Table, table=True):
    """From when until when a customer was in a segment; without an end they are in it now."""

    __tablename__ = "segment_membership"

    id: int | None = Field(default=None, primary_key=True)
    segment_id: int = Field(foreign_key="segment.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    since: datetime = moment()
    until: datetime | None = moment(default=None)


class SegmentRow(Row):
    """A segment as it is read."""

    uid: UUID
    name: str
    description: str
    method: SegmentMethod
    high_value: bool
    sorted_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class Wanted(TypedDict, total=False):
    """What is said of a segment: what is omitted stays as it is."""

    name: str
    description: str
    high_value: bool
    rule: Node


_s, _m, _c = table_of(Segment).c, table_of(SegmentMembership).c, table_of(Customer).c
_SEEN = ("id", *SegmentRow.__annotations__)
_BY_NAME = Order("name", ((_s.name, False), (_s.id, False)))
_MEMBERS = Order("name", ((_c.name, False), (_c.id, False)))
_NOW = _m.until.is_(None)


def _seen() -> Select[Any]:
    return select(*columns_of(Segment, *_SEEN))


def listing(session: Session, viewer: Viewer, page: Page) -> Slice[SegmentRow]:
    """The segments by name."""
    return sliced(session, SegmentRow, _seen(), _BY_NAME, page) if viewer.may(Act.CUSTOMERS_READ) else NOTHING


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> SegmentRow | None:
    """One segment, or None for whoever may not read customers."""
    return one(session, SegmentRow, _seen().where(_s.uid == uid)) if viewer.may(Act.CUSTOMERS_READ) else None


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int | None]) -> Mapping[int, SegmentRow]:
    """Segments by their key, in one statement; none for whoever may not read customers."""
    wanted = {each for each in ids if each is not None} if viewer.may(Act.CUSTOMERS_READ) else set()
    return {row.id: row for row in read(session, SegmentRow, _seen().where(_s.id.in_(wanted)))} if wanted else {}


def named(session: Session, viewer: Viewer, uid: UUID, *, field: str = "segment") -> SegmentRow:
    """The segment that is meant; refuses NOT_FOUND."""
    found = by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such segment.", field)
    return found


def at(moment: datetime | None) -> ColumnElement[bool]:
    """Which memberships held at a moment, or hold now."""
    return _NOW if moment is None else (_m.since <= moment) & or_(_m.until.is_(None), _m.until > moment)


def _members(
    session: Session, rows: list[SegmentRow], viewer: Viewer, page: Page, moment: datetime | None
) -> Mapping[int, Slice[CustomerRow]]:
    seen = select(_c.id, *columns_of(Customer, *SEEN)).where(customers.visible_to(viewer), at(moment))
    seen = seen.join_from(table_of(Customer), table_of(SegmentMembership), _m.customer_id == _c.id)
    return slices(session, CustomerRow, seen, _MEMBERS, page, rows, _m.segment_id)


def members_of(segment: SegmentRow, viewer: Viewer, page: Page, moment: datetime | None = None) -> Slice[CustomerRow]:
    """Who is in a segment, or was at a moment, by name; of those who were merged since, the number alone remains."""
    return neighbours(segment, _members, viewer, page, moment)


def _sizes(session: Session, rows: list[SegmentRow], moment: datetime | None) -> Mapping[int, int]:
    counted = select(_m.segment_id, func.count(_m.customer_id.distinct())).where(at(moment))
    mine = counted.where(_m.segment_id.in_([row.id for row in rows])).group_by(_m.segment_id)
    found = {each[0]: int(each[1]) for each in session.connection().execute(mine)}
    return {row.id: found.get(row.id, 0) for row in rows}


def size_of(segment: SegmentRow, moment: datetime | None = None) -> int:
    """How many are in a segment, or were at a moment: the same number whenever one asks for a past one."""
    return neighbours(segment, _sizes, moment)


def _of_customers(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[SegmentRow]]:
    if not viewer.may(Act.CUSTOMERS_READ):
        return {row.id: [] for row in rows}
    mine = (
        _seen().add_columns(_m.customer_id.label("member_id")).where(_NOW, _m.customer_id.in_([row.id for row in rows]))
    )
    joined = mine.join_from(table_of(Segment), table_of(SegmentMembership), _m.segment_id == _s.id).order_by(_s.name)
    return grouped(rows, read(session, SegmentRow, joined), lambda row: carried(row, "member_id"))


def of_customer(customer: CustomerRow, viewer: Viewer) -> Sequence[SegmentRow]:
    """The segments that a customer is in now, by name; read for the whole list at once."""
    return neighbours(customer, _of_customers, viewer)


@dataclass(frozen=True, slots=True)
class Told:
    """A node of a rule as people read it."""

    depth: int
    predicate: Predicate
    text: str


def _told(session: Session, rows: list[SegmentRow]) -> Mapping[int, Sequence[Told]]:
    nodes = rules.nodes_of(session, [row.id for row in rows])
    names = rules.names_of(session, nodes)
    found: dict[int, list[Told]] = {row.id: [] for row in rows}
    for node, depth in rules.ordered(nodes):
        found[node.segment_id].append(Told(depth, node.predicate, rules.in_words(node, names)))
    return found


def told_of(segment: SegmentRow) -> Sequence[Told]:
    """A segment's rule in words, node by node, each before those below it."""
    return neighbours(segment, _told)


def create(session: Session, viewer: Viewer, wanted: Wanted) -> SegmentRow:
    """A new segment; with a rule that one chooses its members at once. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.ENTRIES_CURATE, doing="draw segments")
    refuse(_faults(session, wanted, None))
    now = clock.now()
    stored = Segment(
        name=_plain(wanted["name"]),
        method=SegmentMethod.RULE if "rule" in wanted else SegmentMethod.MANUAL,
        created_at=now,
        created_by_id=viewer.id,
        updated_at=now,
    )
    _apply(stored, wanted)
    session.add(stored)
    session.flush()  # nodes and memberships point to it
    activity.record(session, viewer.id, "segment.created", "Segment", stored.uid)
    return _ruled(session, viewer, stored, wanted)


def update(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted, *, version: int | None = None) -> SegmentRow:
    """Change a segment, or the rule of one that has a rule. Refuses NOT_ALLOWED, NOT_FOUND, INVALID and CONFLICT."""
    require(viewer, Act.ENTRIES_CURATE, doing="draw segments")
    row = named(session, viewer, uid, field="id")
    if version is not None and version != row.version:
        raise Conflict("Somebody changed this segment in the meantime.", "version", current=row)
    refuse(_faults(session, wanted, row))
    stored = session.get_one(Segment, row.id, with_for_update=True)
    _apply(stored, wanted)
    stored.version += 1
    stored.updated_at = clock.now()
    moved = {name: (getattr(row, name), getattr(stored, name)) for name in ("name", "description", "high_value")}
    moved = {name: each for name, each in moved.items() if each[0] != each[1]}
    activity.record(session, viewer.id, "segment.updated", "Segment", uid, moved=moved)
    return _ruled(session, viewer, stored, wanted)


def _ruled(session: Session, viewer: Viewer, stored: Segment, wanted: Wanted) -> SegmentRow:
    assert stored.id is not None
    if "rule" in wanted:
        rules.write(session, stored.id, wanted["rule"], _uids())
        _sort(session, stored)
    session.flush()  # the answer is read back
    return named(session, viewer, stored.uid)


def _uids() -> Iterator[UUID]:
    while True:
        yield clock.uid()


def _apply(stored: Segment, wanted: Wanted) -> None:
    stored.name = _plain(wanted.get("name", stored.name))
    stored.description = wanted.get("description", stored.description).strip()
    stored.high_value = wanted.get("high_value", stored.high_value)


def _faults(session: Session, wanted: Wanted, row: SegmentRow | None) -> Iterable[Problem]:
    name = _plain(wanted.get("name", row.name if row else ""))
    if not 1 <= len(name) <= 80:
        yield Problem("name", "A name has 1 to 80 characters.")
    same = select(_s.id).where(func.lower(_s.name) == name.lower(), _s.id != (row.id if row else -1))
    if session.connection().execute(same).first() is not None:
        yield Problem("name", f"There is a segment {name} already.")
    if len(wanted.get("description", "").strip()) > 500:
        yield Problem("description", "This has at most 500 characters.")
    if "rule" in wanted:
        if row is not None and row.method is SegmentMethod.MANUAL:
            yield Problem("rule", "The members of this segment are named one by one; draw another one with a rule.")
        yield from rules.faults(session, wanted["rule"])


def _plain(name: str) -> str:
    return " ".join(name.split())


def add(session: Session, viewer: Viewer, segment: SegmentRow, customer: CustomerRow) -> None:
    """Put a customer into a segment from now on; who is in it stays. Refuses NOT_ALLOWED, and INVALID where a rule chooses."""
    _by_hand(session, viewer, segment)
    if not _is_member(session, segment.id, customer.id):
        session.add(SegmentMembership(segment_id=segment.id, customer_id=customer.id, since=clock.now()))
        _tell(session, viewer, segment, "segment.joined", customer)


def remove(session: Session, viewer: Viewer, segment: SegmentRow, customer: CustomerRow) -> None:
    """Take a customer out of a segment from now on. Refuses NOT_ALLOWED, and INVALID where a rule chooses."""
    _by_hand(session, viewer, segment)
    if _is_member(session, segment.id, customer.id):
        _end(session, _m.segment_id == segment.id, _m.customer_id == customer.id)
        _tell(session, viewer, segment, "segment.left", customer)


def _by_hand(session: Session, viewer: Viewer, segment: SegmentRow) -> None:
    require(viewer, Act.CUSTOMERS_WRITE, doing="sort customers into segments")
    session.get_one(Segment, segment.id, with_for_update=True)  # nobody is put into it twice at once
    if segment.method is SegmentMethod.RULE:
        raise Invalid("A rule chooses who is in this segment.", "segment")


def _is_member(session: Session, segment_id: int, customer_id: int) -> bool:
    mine = select(_m.id).where(_m.segment_id == segment_id, _m.customer_id == customer_id, _NOW)
    return session.connection().execute(mine).first() is not None


def _end(session: Session, *which: ColumnElement[bool], at: datetime | None = None) -> int:
    ended = table_of(SegmentMembership).update().where(_NOW, *which).values(until=at or clock.now())
    return session.connection().execute(ended).rowcount


def _tell(session: Session, viewer: Viewer, segment: SegmentRow, verb: str, customer: CustomerRow) -> None:
    session.flush()  # the answer counts it
    activity.record(session, viewer.id, verb, "Segment", segment.uid, moved={"customer": (None, customer.uid)})
    sorting.later(session)


def _sort(session: Session, segment: Segment) -> None:
    """Begin and end memberships so that now those are in a segment who fit its rule."""
    assert segment.id is not None
    fitting = select(_c.id).where(
        _c.status == CustomerStatus.ACTIVE, rules.condition(rules.nodes_of(session, [segment.id]))
    )
    ids = fitting.subquery().c.id
    now = clock.now()
    left = _end(session, _m.segment_id == segment.id, _m.customer_id.not_in(select(ids)), at=now)
    there = select(_m.customer_id).where(_m.segment_id == segment.id, _NOW)
    new = select(literal(segment.id), ids, literal(now, _m.since.type), null()).where(ids.not_in(there))
    names = ["segment_id", "customer_id", "since", "until"]
    joined = session.connection().execute(insert(table_of(SegmentMembership)).from_select(names, new)).rowcount
    segment.sorted_at = now
    if left or joined:
        activity.record(session, None, "segment.sorted", "Segment", segment.uid, moved={"joined": (left, joined)})


def sort(session: Session, _: str = "") -> None:
    """Have every rule choose anew. Safe to run twice."""
    ruled = select(_s.id).where(_s.method == SegmentMethod.RULE).order_by(_s.id)
    for id in list(session.connection().execute(ruled).scalars()):
        _sort(session, session.get_one(Segment, id, with_for_update=True))


def hand_over(session: Session, source: int, target: int, at: datetime) -> None:
    """Whoever stays is from now on in the segments that the one who goes was put into by hand; the past stays as it was."""
    mine = _members_by_hand(session, source, _NOW)
    _end(session, _m.customer_id == source, at=at)
    there = _members_by_hand(session, target, _NOW)
    _begin(session, target, mine - there, at)
    sorting.later(session)


def hand_back(session: Session, source: int, target: int, merged_at: datetime, at: datetime) -> None:
    """Whoever comes back is again in the segments that it left with the merge; who stayed leaves those it came into by it."""
    came = _m.customer_id == target, _m.since == merged_at
    _end(session, *came, _m.segment_id.in_(select(_s.id).where(_s.method == SegmentMethod.MANUAL)), at=at)
    _begin(session, source, _members_by_hand(session, source, _m.until == merged_at), at)
    sorting.later(session)


def _members_by_hand(session: Session, customer_id: int, when: ColumnElement[bool]) -> set[int]:
    manual = select(_s.id).where(_s.method == SegmentMethod.MANUAL)
    mine = select(_m.segment_id).where(_m.customer_id == customer_id, _m.segment_id.in_(manual), when)
    return set(session.connection().execute(mine).scalars())


def _begin(session: Session, customer_id: int, segments: Iterable[int], at: datetime) -> None:
    session.add_all(
        SegmentMembership(segment_id=segment, customer_id=customer_id, since=at) for segment in sorted(segments)
    )
    session.flush()  # reads that follow see it
