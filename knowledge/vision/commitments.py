"""Commitments: who has a stake in a vision, and where each of them stood towards which version of it [V4]."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge import activity, clock, estimates, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.entries import listing
from knowledge.entries.entry import Entry, EntryRow, by_ids, visible_to
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.estimates import Estimate
from knowledge.people import Act, GroupRow, PersonRow, Viewer, require
from knowledge.vision.assumptions import may_keep
from knowledge.words import Basis, CommitmentState, Role


class Stakeholder(Table, table=True):
    """Someone whose support a vision needs: a colleague, a group, or somebody outside by name. Exactly one is given."""

    __tablename__ = "stakeholder"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    name: str | None = Field(default=None, max_length=120)
    key: bool = False
    created_at: datetime = moment()
    removed_at: datetime | None = moment(default=None)
    sample: bool = False


class Commitment(Table, table=True):
    """Where a stakeholder stood towards version k of the vision at one time; append-only, the newest counts."""

    __tablename__ = "commitment"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    stakeholder_id: int = Field(foreign_key="stakeholder.id", index=True)
    version: int
    state: CommitmentState = word(CommitmentState)
    statement: str = Field(default="", max_length=1_000)
    expires_on: date | None = None
    given_at: datetime = moment()
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")


class StakeholderRow(Row):
    """A stakeholder as it is read."""

    uid: UUID
    entry_id: int
    person_id: int | None
    group_id: int | None
    name: str | None
    key: bool
    created_at: datetime


class CommitmentRow(Row):
    """A commitment as it is read."""

    uid: UUID
    stakeholder_id: int
    version: int
    state: CommitmentState
    statement: str
    expires_on: date | None
    given_at: datetime
    recorded_by_id: int | None

    @property
    def is_expired(self) -> bool:
        """Whether its day is over."""
        return self.expires_on is not None and self.expires_on < clock.today()


BEHIND = frozenset({CommitmentState.SUPPORTS, CommitmentState.COMMITTED})
"""The states in which somebody stands behind a vision."""

MOST = 200
"""How many stakeholders a vision has at most."""

_s, _c, _e = table_of(Stakeholder).c, table_of(Commitment).c, table_of(Entry).c
_OWN = ("id", *StakeholderRow.__annotations__)


def _of_visions(session: Session, visions: list[EntryRow]) -> Mapping[int, list[StakeholderRow]]:
    mine = select(*columns_of(Stakeholder, *_OWN)).where(_s.entry_id.in_([row.id for row in visions]))
    mine = mine.where(_s.removed_at.is_(None)).order_by(_s.key.desc(), _s.id)
    return grouped(visions, read(session, StakeholderRow, mine), lambda row: row.entry_id)


def stakeholders_of(vision: EntryRow, viewer: Viewer) -> Sequence[StakeholderRow]:
    """Who has a stake in a vision, those whose support it needs first; for colleagues, read for the whole list at once."""
    return neighbours(vision, _of_visions) if viewer.is_inside else ()


def _commitments(session: Session, rows: list[StakeholderRow]) -> Mapping[int, list[CommitmentRow]]:
    theirs = select(*columns_of(Commitment)).where(_c.stakeholder_id.in_([row.id for row in rows]))
    found = read(session, CommitmentRow, theirs.order_by(_c.version.desc(), _c.id.desc()))
    return grouped(rows, found, lambda row: row.stakeholder_id)


def commitments_of(stakeholder: StakeholderRow) -> Sequence[CommitmentRow]:
    """All that a stakeholder ever gave, to the newest version and the latest first; nothing of it is rewritten [V4]."""
    return neighbours(stakeholder, _commitments)


def standing_of(stakeholder: StakeholderRow, version: int) -> CommitmentRow | None:
    """Where a stakeholder stands towards a version: the newest that was given to it."""
    return next((row for row in commitments_of(stakeholder) if row.version == version), None)


def is_behind(stakeholder: StakeholderRow, version: int) -> bool:
    """Whether a stakeholder supports a version or is committed to it, and that has not expired."""
    given = standing_of(stakeholder, version)
    return given is not None and given.state in BEHIND and not given.is_expired


def coverage(vision: EntryRow, viewer: Viewer) -> Estimate:
    """The share of the key stakeholders who stand behind the version that is out; of nobody there is none."""
    version = listing.version_of(vision) or 0
    needed = [row for row in stakeholders_of(vision, viewer) if row.key]
    behind = sum(is_behind(row, version) for row in needed)
    return estimates.share(behind, len(needed), basis=Basis.CENSUS, population=len(needed))


def person_of(stakeholder: StakeholderRow) -> PersonRow | None:
    """The colleague, where it is one."""
    return neighbours(stakeholder, people.loaded, "person_id")


def _groups(session: Session, rows: list[StakeholderRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(stakeholder: StakeholderRow) -> GroupRow | None:
    """The group, where it is one."""
    return neighbours(stakeholder, _groups)


def recorded_by(commitment: CommitmentRow) -> PersonRow | None:
    """Who wrote it down."""
    return neighbours(commitment, people.loaded, "recorded_by_id")


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> StakeholderRow | None:
    """One stakeholder of a vision that the viewer may see, for colleagues, or None."""
    seen = select(_e.id).where(visible_to(viewer))
    mine = select(*columns_of(Stakeholder, *_OWN)).where(_s.uid == uid, _s.entry_id.in_(seen))
    return one(session, StakeholderRow, mine.where(_s.removed_at.is_(None))) if viewer.is_inside else None


def add(
    session: Session,
    viewer: Viewer,
    vision: EntryRow,
    *,
    person: UUID | None = None,
    group: UUID | None = None,
    name: str | None = None,
    key: bool = False,
) -> StakeholderRow:
    """Say who has a stake in a vision: a colleague, a group, or somebody outside by name. Whoever is there already is changed.

    Refuses NOT_ALLOWED and INVALID.
    """
    if not may_keep(vision, viewer):
        raise NotAllowed("Who has a stake in a vision is said by those who may edit it.", "vision")
    called = " ".join((name or "").split()) or None
    someone = people.person_by_uid(session, viewer, person) if person is not None else None
    some_group = people.group_by_uid(session, viewer, group) if group is not None else None
    known = _listed(session, vision)
    refuse(_unnamed(person, group, called, someone, some_group, len(known)))
    person_id, group_id = someone.id if someone else None, some_group.id if some_group else None
    stakeholder = _same(session, known, person_id, group_id, called)
    if stakeholder is None:
        stakeholder = _stake(session, vision, person_id, group_id, called)
    before, stakeholder.key = stakeholder.key, key
    who = called or (someone.name if someone else None) or (some_group.name if some_group else "")
    _note(session, viewer, vision, "stakeholder.added", {who: (before, key)})
    return _reread(session, viewer, stakeholder)


def _listed(session: Session, vision: EntryRow) -> Sequence[StakeholderRow]:
    """Who is on the list, held until this is written: a double click puts nobody on it twice."""
    session.get_one(Entry, vision.id, with_for_update=True)
    return _of_visions(session, [vision])[vision.id]


def _same(
    session: Session, known: Sequence[StakeholderRow], person_id: int | None, group_id: int | None, name: str | None
) -> Stakeholder | None:
    wanted = (person_id, group_id, name)
    found = next((row.id for row in known if (row.person_id, row.group_id, row.name) == wanted), None)
    return session.get_one(Stakeholder, found) if found is not None else None


def _stake(
    session: Session, vision: EntryRow, person_id: int | None, group_id: int | None, name: str | None
) -> Stakeholder:
    stakeholder = Stakeholder(
        entry_id=vision.id, created_at=clock.now(), person_id=person_id, group_id=group_id, name=name
    )
    session.add(stakeholder)
    session.flush()  # commitments point at it
    return stakeholder


def _unnamed(
    person: UUID | None,
    group: UUID | None,
    name: str | None,
    someone: PersonRow | None,
    some_group: GroupRow | None,
    known: int,
) -> Iterable[Problem]:
    if sum(each is not None for each in (person, group, name)) != 1:
        yield Problem("person", "Name one: a colleague, a group, or somebody outside.")
    if person is not None and (someone is None or someone.role is Role.CUSTOMER):
        yield Problem("person", "There is no such colleague.")
    if group is not None and some_group is None:
        yield Problem("group", "There is no such group.")
    if name is not None and len(name) > 120:
        yield Problem("name", "A name has at most 120 characters.")
    if known >= MOST:
        yield Problem("", f"A vision has at most {MOST} stakeholders.")


def remove(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take a stakeholder off the list; what they gave stays where it was given. Refuses NOT_FOUND and NOT_ALLOWED."""
    row, vision = _found(session, viewer, uid)
    if not may_keep(vision, viewer):
        raise NotAllowed("Who has a stake in a vision is said by those who may edit it.", "id")
    session.get_one(Stakeholder, row.id).removed_at = clock.now()
    _note(session, viewer, vision, "stakeholder.removed", {str(row.uid): (row.key, None)})
    session.flush()  # the list is read back
    return vision


def give(
    session: Session,
    viewer: Viewer,
    vision: EntryRow,
    state: CommitmentState,
    *,
    statement: str = "",
    expires_on: date | None = None,
    version: int | None = None,
) -> CommitmentRow:
    """Say where one stands oneself towards the version that is out; whoever was not on the list is on it then.

    Refuses NOT_ALLOWED, INVALID, and CONFLICT where another version is out than the one that was read.
    """
    _require_colleague(viewer)
    _require_version(vision, version)
    refuse(_faults(statement, expires_on))
    stakeholder = _same(session, _listed(session, vision), viewer.id, None, None)
    stakeholder = stakeholder or _stake(session, vision, viewer.id, None, None)
    return _written(session, viewer, vision, stakeholder, state, statement, expires_on)


def record(
    session: Session,
    viewer: Viewer,
    uid: UUID,
    state: CommitmentState,
    *,
    statement: str = "",
    expires_on: date | None = None,
    version: int | None = None,
) -> CommitmentRow:
    """Write down where a stakeholder stands towards the version that is out: they themselves, one of the group, and those who may
    edit the vision. Refuses NOT_FOUND, NOT_ALLOWED, INVALID and CONFLICT as `give` does.
    """
    row, vision = _found(session, viewer, uid)
    own = viewer.id is not None and (row.person_id == viewer.id or (row.group_id or 0) == viewer.group_id)
    if not (may_keep(vision, viewer) or (own and viewer.may(Act.ENTRIES_WRITE))):
        raise NotAllowed("Where others stand is written down by those who may edit the vision.", "stakeholder")
    _require_version(vision, version)
    refuse(_faults(statement, expires_on))
    stakeholder = session.get_one(Stakeholder, row.id)
    return _written(session, viewer, vision, stakeholder, state, statement, expires_on)


def _written(
    session: Session,
    viewer: Viewer,
    vision: EntryRow,
    stakeholder: Stakeholder,
    state: CommitmentState,
    statement: str,
    expires_on: date | None,
) -> CommitmentRow:
    assert stakeholder.id is not None
    given = Commitment(
        stakeholder_id=stakeholder.id,
        version=listing.version_of(vision) or 0,
        state=state,
        statement=statement.strip(),
        expires_on=expires_on,
        given_at=clock.now(),
        recorded_by_id=viewer.id,
    )
    session.add(given)
    session.flush()  # the answer is read back
    _note(session, viewer, vision, "commitment.given", {str(stakeholder.uid): (None, state)})
    row = one(session, CommitmentRow, select(*columns_of(Commitment)).where(_c.id == given.id))
    assert row is not None
    return row


def _require_colleague(viewer: Viewer) -> None:
    require(viewer, Act.ENTRIES_WRITE, doing="commit to a vision")
    if viewer.id is None:
        raise NotAllowed("Sign in to commit to a vision.")


def _require_version(vision: EntryRow, version: int | None) -> None:
    now = listing.version_of(vision) or 0
    if now == 0 or not listing.is_published(vision):
        raise Invalid("Nothing of this is published yet, so there is no version to commit to.", "vision")
    if version not in (None, now):
        raise Conflict(f"Version {now} is out since you read version {version}: read it first.", "version")


def _faults(statement: str, expires_on: date | None) -> Iterable[Problem]:
    if len(statement.strip()) > 1_000:
        yield Problem("statement", "This has at most 1,000 characters.")
    if expires_on is not None and expires_on < clock.now().date():
        yield Problem("expiresOn", "Choose a day that is still to come.")


def _found(session: Session, viewer: Viewer, uid: UUID) -> tuple[StakeholderRow, EntryRow]:
    row = by_uid(session, viewer, uid)
    vision = by_ids(session, viewer, [row.entry_id]).get(row.entry_id) if row is not None else None
    if row is None or vision is None:
        raise NotFound("There is no such stakeholder.", "stakeholder")
    return row, vision


def _note(
    session: Session, viewer: Viewer, vision: EntryRow, verb: str, moved: Mapping[str, tuple[object, object]]
) -> None:
    activity.record(session, viewer.id, verb, "Entry", vision.uid, revision=vision.revision, moved=moved)


def _reread(session: Session, viewer: Viewer, stakeholder: Stakeholder) -> StakeholderRow:
    session.flush()  # the answer is read back
    row = by_uid(session, viewer, stakeholder.uid)
    assert row is not None
    return row
