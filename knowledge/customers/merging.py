"""Two records of one customer become one, and exactly what they were again.

Every row that names the customer who goes names the one who stays from then on, and it is written down which rows those were. What
happened stays where it happened: the moves on the ladder and the memberships of the past are not rewritten [L7]. Where either
stands from then on follows from what each has by then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, String, UniqueConstraint, cast, exists, insert, literal, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.customers import segments
from knowledge.customers.customer import Customer, CustomerRow, Reference, find, is_below
from knowledge.database import Row, Table, columns_of, moment, neighbours, one, read, table_of
from knowledge.errors import Conflict, Invalid, NotFound
from knowledge.ladder import settling
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import CustomerStatus, TransitionCause


class CustomerMerge(Table, table=True):
    """One merge: who went into whom, and when that was undone, if it was."""

    __tablename__ = "customer_merge"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    from_id: int = Field(foreign_key="customer.id", index=True)
    into_id: int = Field(foreign_key="customer.id", index=True)
    at: datetime = moment()
    by_id: int | None = Field(default=None, foreign_key="person.id")
    undone_at: datetime | None = moment(default=None)
    undone_by_id: int | None = Field(default=None, foreign_key="person.id")


class CustomerMergeRow(Table, table=True):
    """One row that a merge made name the customer who stays: its table, the column, and its key there."""

    __tablename__ = "customer_merge_row"

    merge_id: int = Field(foreign_key="customer_merge.id", primary_key=True)
    place: str = Field(max_length=120, primary_key=True)
    key: str = Field(max_length=80, primary_key=True)


class MergeRow(Row):
    """A merge as it is read."""

    uid: UUID
    from_id: int
    into_id: int
    at: datetime
    by_id: int | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge or its undoing leaves: the merge, and who stands for the customer now."""

    merge: MergeRow
    customer: CustomerRow


STAYS: Mapping[str, str] = {
    "stage_transition": "how each came to where they stood is history",
    "segment_membership": "who was in a segment on a past day is history; what holds now is begun anew by those who keep segments",
    "customer_merge": "it says who went into whom",
}
"""Tables whose rows go on naming the customer who went, and why."""

_m, _r, _c = table_of(CustomerMerge).c, table_of(CustomerMergeRow).c, table_of(Customer).c
_SEEN = ("id", *MergeRow.__annotations__)


def naming() -> Iterator[Column[int]]:
    """Every column that names a customer and moves with them."""
    for table in Table.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is _c.id and table.name not in STAYS:
                yield key.parent


def key_in(column: Column[int]) -> ColumnElement[str]:
    """What a row is found again by, besides the customer it names."""
    others = [cast(each, String) for each in column.table.primary_key.columns if each is not column]
    key: ColumnElement[str] = others[0] if others else literal("")
    for other in others[1:]:
        key = key + literal(" ") + other
    return key


def merges_of(customer: CustomerRow, viewer: Viewer) -> Sequence[MergeRow]:
    """The merges by which others became this customer and that still stand, the latest first; for colleagues."""
    return neighbours(customer, _merges) if viewer.may(Act.CUSTOMERS_READ) else []


def _merges(session: Session, rows: list[CustomerRow]) -> Mapping[int, Sequence[MergeRow]]:
    ids = [row.id for row in rows]
    standing = select(*columns_of(CustomerMerge, *_SEEN)).where(_m.into_id.in_(ids), _m.undone_at.is_(None))
    found: dict[int, list[MergeRow]] = {id: [] for id in ids}
    for merge in read(session, MergeRow, standing.order_by(_m.at.desc(), _m.id.desc())):
        found[merge.into_id].append(merge)
    return found


def _names(session: Session, rows: list[MergeRow]) -> Mapping[int, str]:
    named = select(_c.id, _c.name).where(_c.id.in_([row.from_id for row in rows]))
    found = {row.id: row.name for row in session.connection().execute(named)}
    return {row.id: found[row.from_id] for row in rows}


def former_name(merge: MergeRow) -> str:
    """What the record that went is called."""
    return neighbours(merge, _names)


def merger_of(merge: MergeRow) -> PersonRow | None:
    """Who merged them."""
    return neighbours(merge, people.loaded, "by_id")


def merge(session: Session, viewer: Viewer, gone: Reference, stays: Reference) -> Merged:
    """One customer instead of two. Stewards do it. The one who stays keeps what is said of it; the other one's record is kept as it was.

    Refuses NOT_ALLOWED, NOT_FOUND, and INVALID where they are the same, or where the one who stays belongs to the other.
    """
    require(viewer, Act.ENTRIES_CURATE, doing="merge customers")
    source, target = _both(session, viewer, gone, stays)
    if is_below(session, target.id, source.id):
        message = "They are one already." if source.id == target.id else f"{target.name} belongs to {source.name}."
        raise Invalid(message, "into")
    done = CustomerMerge(from_id=source.id, into_id=target.id, at=clock.now(), by_id=viewer.id)
    session.add(done)
    session.flush()  # its rows point to it
    assert done.id is not None
    for column in naming():
        _move(session, done.id, column, source.id, target.id)
    segments.hand_over(session, source.id, target.id, done.at)
    _stand(session, source.id, CustomerStatus.MERGED, target.id)
    settling.settle(session, [target.id], cause=TransitionCause.MERGE)
    merged = {"into": (None, target.uid)}
    activity.record(session, viewer.id, "customer.merged", "Customer", source.uid, deleted=True, moved=merged)
    activity.record(session, viewer.id, "customer.joined", "Customer", target.uid, moved={"from": (None, source.uid)})
    return _answer(session, viewer, done.uid, target.uid)


def _both(session: Session, viewer: Viewer, gone: Reference, stays: Reference) -> tuple[CustomerRow, CustomerRow]:
    found = find(session, viewer, gone), find(session, viewer, stays)
    for row, field in zip(found, ("from", "into"), strict=True):
        if row is None:
            raise NotFound("There is no such customer.", field)
    source, target = found
    assert source is not None
    assert target is not None
    for id in sorted(
        {source.id, target.id}
    ):  # always in the same order, so that two who merge never wait for one another
        session.get_one(Customer, id, with_for_update=True)
    now = find(session, viewer, gone), find(session, viewer, stays)
    if [row and row.id for row in now] != [source.id, target.id]:
        raise Conflict("Somebody did something else with one of them at the same moment.", "from")
    return source, target


def _move(session: Session, merge_id: int, column: Column[int], source: int, target: int) -> None:
    """Write down the rows that can name the other, and have them do so."""
    place = f"{column.table.name}.{column.name}"
    chosen = select(literal(merge_id), literal(place), key_in(column)).where(
        column == source, *_unopposed(column, target)
    )
    connection = session.connection()
    connection.execute(insert(table_of(CustomerMergeRow)).from_select(["merge_id", "place", "key"], chosen))
    _point(session, merge_id, column, source, target)


def _unopposed(column: Column[int], target: int) -> Iterator[ColumnElement[bool]]:
    """No row of the one who stays has the place already that this one would have to take."""
    for others in _unique_with(column):
        twin = column.table.alias()
        same = [twin.c[other.name].is_not_distinct_from(other) for other in others]
        yield ~exists().where(twin.c[column.name] == target, *same)


def _unique_with(column: Column[int]) -> Iterable[Sequence[Column[Any]]]:
    table = column.table
    together = [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    together += [list(index.columns) for index in table.indexes if index.unique]
    for columns in [*together, list(table.primary_key.columns)]:
        if column in columns:
            yield [each for each in columns if each is not column]


def _point(session: Session, merge_id: int, column: Column[int], source: int, target: int) -> None:
    """Have the rows of a merge that name one customer name the other."""
    keys = select(_r.key).where(_r.merge_id == merge_id, _r.place == f"{column.table.name}.{column.name}")
    mine = update(column.table).where(column == source, key_in(column).in_(keys))
    session.connection().execute(mine.values({column.name: target}))


def _stand(session: Session, id: int, status: CustomerStatus, into: int | None) -> None:
    session.expire_all()  # rows were written behind the objects' back
    customer = session.get_one(Customer, id)
    customer.status, customer.merged_into_id = status, into
    customer.version += 1
    customer.updated_at = clock.now()
    session.flush()  # reads that follow see who stands


def unmerge(session: Session, viewer: Viewer, uid: UUID) -> Merged:
    """Two customers again, and every row that moved names the one it named, unless it has been given to a third since.

    What was recorded of the one who stayed since then stays there. Refuses NOT_ALLOWED, NOT_FOUND, and CONFLICT where it is undone
    already, or where the one who stayed has gone into another meanwhile.
    """
    require(viewer, Act.ENTRIES_CURATE, doing="merge customers")
    row = one(session, MergeRow, select(*columns_of(CustomerMerge, *_SEEN)).where(_m.uid == uid))
    if row is None:
        raise NotFound("There is no such merge.", "id")
    for id in sorted({row.from_id, row.into_id}):
        session.get_one(Customer, id, with_for_update=True)
    done = session.get_one(CustomerMerge, row.id, with_for_update=True)
    stayed, gone = session.get_one(Customer, row.into_id), session.get_one(Customer, row.from_id)
    if done.undone_at is not None:
        raise Conflict("This is undone already.", "id")
    if stayed.status is not CustomerStatus.ACTIVE:
        raise Conflict(f"{stayed.name} is not a customer by itself any more; undo that first.", "id")
    done.undone_at, done.undone_by_id = clock.now(), viewer.id
    session.flush()  # before its rows are moved behind the objects' back
    for column in naming():
        _point(session, row.id, column, row.into_id, row.from_id)
    segments.hand_back(session, row.from_id, row.into_id, row.at, done.undone_at)
    uids = gone.uid, stayed.uid
    _stand(session, row.from_id, CustomerStatus.ACTIVE, None)
    settling.settle(session, [row.from_id, row.into_id], cause=TransitionCause.MERGE)
    settling.part(session, row.into_id, row.at)
    activity.record(session, viewer.id, "customer.unmerged", "Customer", uids[0], moved={"into": (uids[1], None)})
    activity.record(session, viewer.id, "customer.parted", "Customer", uids[1], moved={"from": (uids[0], None)})
    return _answer(session, viewer, uid, uids[0])


def _answer(session: Session, viewer: Viewer, uid: UUID, customer: UUID) -> Merged:
    session.flush()  # the answer is read back
    merge = one(session, MergeRow, select(*columns_of(CustomerMerge, *_SEEN)).where(_m.uid == uid))
    found = find(session, viewer, Reference(uid=customer))
    if merge is None or found is None:
        raise NotFound("There is no such customer.", "id")
    return Merged(merge, found)
