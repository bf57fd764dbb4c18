"""Touchpoints: where in the life of what they bought customers meet the company, and who answers for that."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.customers.customer import key_of
from knowledge.database import Row, Table, columns_of, moment, neighbours, one, read, table_of, word
from knowledge.errors import Conflict, NotFound, Problem, refuse
from knowledge.people import Act, FunctionalGroup, GroupRow, Viewer, groups_by_ids, require
from knowledge.words import Phase

MOST = 200
"""So many there are at most: more is no map but a maze."""


class Touchpoint(Table, table=True):
    """One place where customers and the company meet."""

    __tablename__ = "touchpoint"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=80, unique=True)
    phase: Phase = word(Phase)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id")
    version: int = 1
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = moment()


class TouchpointRow(Row):
    """A touchpoint as it is read."""

    uid: UUID
    name: str
    phase: Phase
    group_id: int | None
    version: int
    created_at: datetime
    updated_at: datetime


class Wanted(TypedDict, total=False):
    """What is said of a touchpoint: what is omitted stays as it is, None clears."""

    name: str
    phase: Phase
    group: UUID | None


STARTERS = (
    ("First heard of us", Phase.AWARENESS),
    ("Enquiry", Phase.EVALUATION),
    ("Offer", Phase.EVALUATION),
    ("Order", Phase.PURCHASE),
    ("Delivery", Phase.DELIVERY),
    ("Handover and first steps", Phase.ONBOARDING),
    ("Everyday use", Phase.USE),
    ("Call for help", Phase.SUPPORT),
    ("Complaint", Phase.SUPPORT),
    ("Service visit", Phase.MAINTENANCE),
    ("Invoice", Phase.RENEWAL),
    ("Renewal talk", Phase.RENEWAL),
    ("Farewell", Phase.EXIT),
)
"""What an installation begins with; each company makes them its own."""

_t = table_of(Touchpoint).c
_SEEN = ("id", *TouchpointRow.__annotations__)
_ALONG = case({phase.value: place for place, phase in enumerate(Phase)}, value=_t.phase)


def all_of_them(session: Session, viewer: Viewer) -> list[TouchpointRow]:
    """Every touchpoint along the life cycle, for whoever may read customers."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return []
    return read(session, TouchpointRow, select(*columns_of(Touchpoint, *_SEEN)).order_by(_ALONG, _t.name).limit(MOST))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> TouchpointRow | None:
    """One touchpoint, or None for whoever may not read customers."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return None
    return one(session, TouchpointRow, select(*columns_of(Touchpoint, *_SEEN)).where(_t.uid == uid))


def by_name(session: Session, viewer: Viewer, name: str) -> TouchpointRow | None:
    """The touchpoint of that name."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return None
    wanted = select(*columns_of(Touchpoint, *_SEEN)).where(func.lower(_t.name) == _plain(name).lower())
    return one(session, TouchpointRow, wanted)


def by_ids(session: Session, ids: Iterable[int | None]) -> Mapping[int, TouchpointRow]:
    """Touchpoints by their key, in one statement; for rows whose reader may read them."""
    wanted = {each for each in ids if each is not None}
    statement = select(*columns_of(Touchpoint, *_SEEN)).where(_t.id.in_(wanted))
    return {row.id: row for row in read(session, TouchpointRow, statement)} if wanted else {}


def _groups(session: Session, rows: list[TouchpointRow]) -> Mapping[int, GroupRow | None]:
    found = groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(touchpoint: TouchpointRow) -> GroupRow | None:
    """Who answers for what happens there."""
    return neighbours(touchpoint, _groups)


def create(session: Session, viewer: Viewer, wanted: Wanted) -> TouchpointRow:
    """A new touchpoint; `name` and `phase` are given. Stewards draw the map. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.ENTRIES_CURATE, doing="draw the map of touchpoints")
    refuse(_faults(session, viewer, wanted, None))
    now = clock.now()
    group_id = key_of(session, FunctionalGroup, wanted.get("group"))
    touchpoint = Touchpoint(
        name=_plain(wanted["name"]),
        phase=wanted["phase"],
        group_id=group_id,
        created_at=now,
        created_by_id=viewer.id,
        updated_at=now,
    )
    session.add(touchpoint)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "touchpoint.created", "Touchpoint", touchpoint.uid)
    return _reread(session, touchpoint.uid)


def update(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted, *, version: int | None = None) -> TouchpointRow:
    """Change a touchpoint. Refuses NOT_ALLOWED, NOT_FOUND, INVALID, and CONFLICT where `version` is not the latest."""
    require(viewer, Act.ENTRIES_CURATE, doing="draw the map of touchpoints")
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such touchpoint.", "id")
    if version is not None and version != row.version:
        raise Conflict("Somebody changed this touchpoint in the meantime.", "version", current=row)
    refuse(_faults(session, viewer, wanted, row))
    stored = session.get_one(Touchpoint, row.id, with_for_update=True)
    stored.name = _plain(wanted.get("name", stored.name))
    stored.phase = wanted.get("phase", stored.phase)
    if "group" in wanted:
        stored.group_id = key_of(session, FunctionalGroup, wanted["group"])
    stored.version += 1
    stored.updated_at = clock.now()
    moved = {name: (getattr(row, name), getattr(stored, name)) for name in ("name", "phase", "group_id")}
    moved = {name: each for name, each in moved.items() if each[0] != each[1]}
    activity.record(session, viewer.id, "touchpoint.updated", "Touchpoint", uid, moved=moved)
    session.flush()  # the answer is read back
    return _reread(session, uid)


def _faults(session: Session, viewer: Viewer, wanted: Wanted, row: TouchpointRow | None) -> Iterable[Problem]:
    name = _plain(wanted.get("name", row.name if row else ""))
    if not 1 <= len(name) <= 80:
        yield Problem("name", "A name has 1 to 80 characters.")
    elif (same := by_name(session, viewer, name)) is not None and (row is None or same.id != row.id):
        yield Problem("name", f"There is a touchpoint {same.name} already.")
    if (group := wanted.get("group")) is not None and key_of(session, FunctionalGroup, group) is None:
        yield Problem("group", "There is no such group.")
    if row is None and len(all_of_them(session, viewer)) >= MOST:
        yield Problem("name", f"There are {MOST} touchpoints already; a map with more helps nobody.")


def _plain(name: str) -> str:
    return " ".join(name.split())


def _reread(session: Session, uid: UUID) -> TouchpointRow:
    row = one(session, TouchpointRow, select(*columns_of(Touchpoint, *_SEEN)).where(_t.uid == uid))
    assert row is not None
    return row


def install(session: Session) -> None:
    """Begin with a map of touchpoints where there is none."""
    if session.connection().execute(select(_t.id).limit(1)).first() is None:
        now = clock.now()
        session.add_all(Touchpoint(name=name, phase=phase, created_at=now, updated_at=now) for name, phase in STARTERS)
