"""Thanks: from one to another, by one of the three values; either side may take it back [A2]."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import Field, Session

from knowledge import activity, clock, customers, people
from knowledge.community.follows import GOES_ALONG
from knowledge.community.reactions import require_somebody
from knowledge.customers import Customer, CustomerRow, Reference
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    sliced,
    table_of,
    word,
)
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import Act, GroupRow, Person, PersonRow, Viewer
from knowledge.words import CultureValue, Role

LONGEST, LONGEST_REASON = 500, 300
NOBODY = UUID(int=0)
"""Whom an id stands for that is not one of ours."""


class Appreciation(Table, table=True):
    """Who thanked whom for what; exactly one of person, group and customer is thanked, never oneself [A1]."""

    __tablename__ = "appreciation"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    from_id: int = Field(foreign_key="person.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True, sa_column_kwargs=GOES_ALONG)
    group_id: int | None = Field(
        default=None, foreign_key="functional_group.id", index=True, sa_column_kwargs=GOES_ALONG
    )
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True, sa_column_kwargs=GOES_ALONG)
    text: str = Field(max_length=LONGEST)
    value: CultureValue = word(CultureValue)
    public: bool = True
    created_at: datetime = moment(index=True)
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by_id: int | None = Field(default=None, foreign_key="person.id")
    sample: bool = False


class AppreciationRow(Row):
    """Thanks as they are read."""

    uid: UUID
    from_id: int
    person_id: int | None
    group_id: int | None
    customer_id: int | None
    text: str
    value: CultureValue
    public: bool
    created_at: datetime
    sample: bool


@dataclass(frozen=True, slots=True)
class Thanked:
    """Whom somebody means to thank: exactly one of these."""

    person: UUID | None = None
    handle: str | None = None
    group: UUID | None = None
    customer: Reference | None = None


_a, _p, _c = table_of(Appreciation).c, table_of(Person).c, table_of(Customer).c
_NEWEST = Order("given", ((_a.created_at, True), (_a.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whoever gave or got thanks sees them; colleagues see those that are public as well. What was withdrawn nobody sees."""
    if viewer.id is None:
        return false()
    seen = [_is_theirs(viewer)]
    if viewer.is_inside and viewer.may(Act.PEOPLE_READ):
        seen.append(_a.public.is_(True))
    known = select(_c.id).where(customers.visible_to(viewer))
    whose = or_(_a.customer_id.is_(None), _a.customer_id.in_(known), _a.from_id == viewer.id)
    return and_(_a.withdrawn_at.is_(None), whose, or_(*seen))


def _is_theirs(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer is on either side."""
    sides = [_a.from_id == viewer.id, _a.person_id == viewer.id]
    if viewer.group_id is not None and viewer.is_inside:
        sides.append(_a.group_id == viewer.group_id)
    if viewer.customer_id is not None:
        sides.append(_a.customer_id == viewer.customer_id)
    return or_(*sides)


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Appreciation, "id", *AppreciationRow.__annotations__)).where(visible_to(viewer))


def uids_for(viewer: Viewer) -> Select[Any]:
    """The uids of those that the viewer may see, as notifications ask."""
    return select(_a.uid).where(visible_to(viewer))


def listing(
    session: Session,
    viewer: Viewer,
    page: Page,
    *,
    person: UUID | None = None,
    group: UUID | None = None,
    value: CultureValue | None = None,
) -> Slice[AppreciationRow]:
    """Thanks that the viewer may see, the latest first; only those to a person or group, or by a value, where one is named."""
    statement = _seen_by(viewer)
    if person is not None:
        statement = statement.where(_a.person_id.in_(select(_p.id).where(_p.uid == person)))
    if group is not None:
        groups = table_of(people.FunctionalGroup).c
        statement = statement.where(_a.group_id.in_(select(groups.id).where(groups.uid == group)))
    if value is not None:
        statement = statement.where(_a.value == value)
    return sliced(session, AppreciationRow, statement, _NEWEST, page)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> AppreciationRow | None:
    """One that the viewer may see, or None."""
    return one(session, AppreciationRow, _seen_by(viewer).where(_a.uid == uid))


def by_uids(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> Mapping[UUID, AppreciationRow]:
    """Those of these that the viewer may see, in one statement."""
    if not uids:
        return {}
    return {row.uid: row for row in read(session, AppreciationRow, _seen_by(viewer).where(_a.uid.in_(uids)))}


def thank(
    session: Session,
    viewer: Viewer,
    to: Thanked,
    *,
    text: str,
    value: CultureValue,
    public: bool = True,
    sample: bool = False,
) -> AppreciationRow:
    """Thank a person, a group or a customer. Refuses NOT_ALLOWED where nobody in particular thanks, NOT_FOUND, and INVALID
    for thanks to oneself [A1] or without words.
    """
    mine = require_somebody(viewer, doing="thank anybody")
    text = text.strip()
    whom = _found(session, viewer, to)
    refuse(_faults(viewer, whom, text))
    now = clock.now()
    row = Appreciation(from_id=mine, text=text, value=value, public=public, created_at=now, sample=sample)
    row.person_id, row.group_id, row.customer_id = (whom.get(each) for each in ("person_id", "group_id", "customer_id"))
    session.add(row)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "appreciation.given", "Appreciation", row.uid)
    found = by_uid(session, viewer, row.uid)
    assert found is not None
    return found


def _faults(viewer: Viewer, whom: Mapping[str, int], text: str) -> Iterator[Problem]:
    if whom.get("person_id") == viewer.id or whom.get("customer_id", 0) == viewer.customer_id:
        yield Problem("to", "Thanks go to somebody else.")
    if not 1 <= len(text) <= LONGEST:
        yield Problem("text", f"Say what for, in 1 to {LONGEST} characters.")


def _found(session: Session, viewer: Viewer, to: Thanked) -> Mapping[str, int]:
    """The column that says who is thanked, with the key. Customers thank colleagues and groups, and may not list them."""
    if to.customer is not None:
        found = customers.find(session, viewer, to.customer)
        return {"customer_id": _there(found.id if found else None, "customer")}
    if to.group is not None:
        groups = table_of(people.FunctionalGroup).c
        return {"group_id": _there(_key(session, select(groups.id).where(groups.uid == to.group)), "group")}
    handle = (to.handle or "").strip().lstrip("@").lower()
    if to.person is None and not handle:
        raise Invalid("Say whom you thank: a colleague or a group.", "to")
    named = _p.uid == to.person if to.person is not None else _p.handle == handle
    statement = select(_p.id).where(named, _p.disabled_at.is_(None))
    if not viewer.is_inside:
        statement = statement.where(_p.role != Role.CUSTOMER)
    return {"person_id": _there(_key(session, statement), "person")}


def _key(session: Session, statement: Select[Any]) -> int | None:
    found = session.connection().execute(statement).scalar()
    return None if found is None else int(found)


def _there(id: int | None, what: str) -> int:
    if id is None:
        raise NotFound(f"There is no such {what}.", "to")
    return id


def may_withdraw(row: AppreciationRow, viewer: Viewer) -> bool:
    """Whether the viewer is on either side of it [A2]: gave it, or is thanked by it alone or in a group."""
    if viewer.id is None or not viewer.may(Act.COMMUNITY_WRITE):
        return False
    in_group = viewer.is_inside and row.group_id is not None and row.group_id == viewer.group_id
    theirs = row.customer_id is not None and row.customer_id == viewer.customer_id
    return viewer.id in (row.from_id, row.person_id) or in_group or theirs


def withdraw(session: Session, viewer: Viewer, uid: UUID) -> None:
    """Take thanks back, from either side; nobody sees them any more. Refuses NOT_ALLOWED to all others, and NOT_FOUND."""
    mine = require_somebody(viewer, doing="take thanks back")
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There are no such thanks.", "id")
    if not may_withdraw(row, viewer):
        raise NotAllowed("Whoever gave thanks, or was thanked, takes them back.", "id")
    _end(session, row, mine)
    activity.record(session, viewer.id, "appreciation.withdrawn", "Appreciation", uid)


def _end(session: Session, row: AppreciationRow, by: int) -> None:
    kept = session.get_one(Appreciation, row.id)
    kept.withdrawn_at, kept.withdrawn_by_id = clock.now(), by
    session.flush()  # what is read next is without it


def may_hide(viewer: Viewer) -> bool:
    """Whether the viewer may take away what they read of others: those who curate may."""
    return viewer.may(Act.ENTRIES_CURATE) and viewer.may(Act.COMMUNITY_WRITE)


def hide(session: Session, viewer: Viewer, uid: UUID, reason: str) -> None:
    """Take thanks away that should not stand there, for good and for a reason that is kept on record. Refuses NOT_FOUND, NOT_ALLOWED
    and INVALID; what is between two is theirs alone.
    """
    mine = require_somebody(viewer, doing="moderate")
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There are no such thanks.", "id")
    if not may_hide(viewer):
        raise NotAllowed("Thanks are hidden by those who curate.", "id")
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise Invalid(f"Say why, in at most {LONGEST_REASON} characters; it is kept on record.", "reason")
    _end(session, row, mine)
    moved = {"reason": (None, reason.strip())}
    activity.record(session, viewer.id, "appreciation.hidden", "Appreciation", uid, moved=moved)


def giver_of(row: AppreciationRow) -> PersonRow | None:
    """Who thanks; whoever is thanked comes along in the same statement."""
    return neighbours(row, _people, "from_id")


def person_of(row: AppreciationRow) -> PersonRow | None:
    """The person who is thanked."""
    return neighbours(row, _people, "person_id")


def _people(session: Session, rows: list[AppreciationRow], column: str) -> Mapping[int, PersonRow | None]:
    found = people.by_ids(session, (id for row in rows for id in (row.from_id, row.person_id)))
    return {row.id: found.get(getattr(row, column)) for row in rows}


def _groups(session: Session, rows: list[AppreciationRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(row: AppreciationRow) -> GroupRow | None:
    """The group that is thanked."""
    return neighbours(row, _groups)


def _customers(session: Session, rows: list[AppreciationRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(row: AppreciationRow, viewer: Viewer) -> CustomerRow | None:
    """The customer who is thanked."""
    return neighbours(row, _customers, viewer)
