"""What a vision means to a person or a group, in their own words, to the version that they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint, and_, func, literal, select, union_all
from sqlmodel import Field, Session

from knowledge import activity, clock, estimates, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.entries import listing
from knowledge.entries.entry import EntryRow
from knowledge.errors import Conflict, Invalid, NotAllowed, Problem, refuse
from knowledge.estimates import Estimate
from knowledge.people import Act, FunctionalGroup, GroupRow, Person, PersonRow, Viewer, require
from knowledge.words import Basis, Role


class PersonalMeaning(Table, table=True):
    """ "What does it mean to me?" answered: by a person for themselves, or for a group by one of it."""

    __tablename__ = "personal_meaning"
    __table_args__ = (
        UniqueConstraint("entry_id", "version", "person_id"),
        UniqueConstraint("entry_id", "version", "group_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id")
    version: int
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    text: str = Field(max_length=1_000)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    sample: bool = False


class MeaningRow(Row):
    """What a vision means to somebody, as it is read."""

    uid: UUID
    entry_id: int
    version: int
    person_id: int | None
    group_id: int | None
    text: str
    author_id: int | None
    updated_at: datetime


SHOWN = 100
"""How many a page can be given; the coverage counts all of them."""

_m = table_of(PersonalMeaning).c
_OWN = ("id", *MeaningRow.__annotations__)


def _of_visions(session: Session, visions: list[EntryRow]) -> Mapping[int, list[MeaningRow]]:
    now = {row.id: listing.version_of(row) or 0 for row in visions}
    said = select(*columns_of(PersonalMeaning, *_OWN)).where(_m.entry_id.in_(now))
    found = read(session, MeaningRow, said.order_by(_m.group_id.is_(None), _m.updated_at.desc(), _m.id.desc()))
    return grouped(visions, [row for row in found if row.version == now[row.entry_id]], lambda row: row.entry_id)


def of_vision(vision: EntryRow, viewer: Viewer) -> Sequence[MeaningRow]:
    """What the version that is out means to groups and, after them, to people, the latest first; for colleagues."""
    return neighbours(vision, _of_visions) if viewer.is_inside else ()


def mine(vision: EntryRow, viewer: Viewer) -> MeaningRow | None:
    """What the viewer said of the version that is out."""
    return next(
        (row for row in of_vision(vision, viewer) if viewer.id is not None and row.person_id == viewer.id), None
    )


@dataclass(frozen=True, slots=True)
class _Coverage:
    """How many colleagues and groups there are, and how many of them said what it means to them."""

    people: int
    groups: int
    people_said: int
    groups_said: int


def _covered(session: Session, visions: list[EntryRow]) -> Mapping[int, _Coverage]:
    """Counted by the database in one statement, however many said something."""
    person, group = table_of(Person).c, table_of(FunctionalGroup)
    active = and_(person.role != Role.CUSTOMER, person.disabled_at.is_(None))
    everybody = select(func.count(person.id)).where(active).scalar_subquery()
    groups = select(func.count()).select_from(group).scalar_subquery()
    each = []
    for row in visions:
        said = and_(_m.entry_id == row.id, _m.version == (listing.version_of(row) or 0))
        inside = select(func.count(_m.id)).where(said, person.id == _m.person_id, active).scalar_subquery()
        for_groups = select(func.count(_m.group_id)).where(said).scalar_subquery()
        each.append(select(literal(row.id), everybody, groups, inside, for_groups))
    return {row[0]: _Coverage(*row[1:]) for row in session.connection().execute(union_all(*each))}


def coverage(vision: EntryRow, viewer: Viewer) -> Estimate:
    """The share of the colleagues who said what the version that is out means to them."""
    if not viewer.is_inside:
        return estimates.share(0, 0)
    found = neighbours(vision, _covered)
    return estimates.share(found.people_said, found.people, basis=Basis.CENSUS, population=found.people)


def group_coverage(vision: EntryRow, viewer: Viewer) -> Estimate:
    """The share of the functional groups of which one said what the version that is out means to the group."""
    if not viewer.is_inside:
        return estimates.share(0, 0)
    found = neighbours(vision, _covered)
    return estimates.share(found.groups_said, found.groups, basis=Basis.CENSUS, population=found.groups)


def person_of(meaning: MeaningRow) -> PersonRow | None:
    """The colleague to whom it means that."""
    return neighbours(meaning, people.loaded, "person_id")


def _groups(session: Session, rows: list[MeaningRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(meaning: MeaningRow) -> GroupRow | None:
    """The group to which it means that."""
    return neighbours(meaning, _groups)


def say(
    session: Session, viewer: Viewer, vision: EntryRow, text: str, *, version: int | None = None
) -> MeaningRow | None:
    """Say what the version that is out means to oneself, in place of what one said before; nothing at all takes it back.

    Refuses NOT_ALLOWED, INVALID, and CONFLICT where another version is out than the one that was read.
    """
    _require_reader(viewer, vision, version)
    return _keep(session, viewer, vision, text, person_id=viewer.id, group_id=None)


def say_for_group(
    session: Session, viewer: Viewer, vision: EntryRow, text: str, *, version: int | None = None
) -> MeaningRow | None:
    """The same for the group that one belongs to."""
    _require_reader(viewer, vision, version)
    if viewer.group_id is None:
        raise Invalid("You belong to no group.", "forGroup")
    return _keep(session, viewer, vision, text, person_id=None, group_id=viewer.group_id)


def _require_reader(viewer: Viewer, vision: EntryRow, version: int | None) -> None:
    require(viewer, Act.ENTRIES_WRITE, doing="say what a vision means to you")
    if viewer.id is None or not viewer.is_inside:
        raise NotAllowed("Colleagues say what a vision means to them.")
    now = listing.version_of(vision) or 0
    if now == 0 or not listing.is_published(vision):
        raise Invalid("Nothing of this is published yet.", "vision")
    if version not in (None, now):
        raise Conflict(f"Version {now} is out since you read version {version}: read it first.", "version")


def _keep(
    session: Session, viewer: Viewer, vision: EntryRow, text: str, *, person_id: int | None, group_id: int | None
) -> MeaningRow | None:
    said, version, now = text.strip(), listing.version_of(vision) or 0, clock.now()
    refuse(_faults(said))
    wanted = (_m.entry_id == vision.id, _m.version == version)
    whose = _m.person_id == person_id if group_id is None else _m.group_id == group_id
    known = session.connection().execute(select(_m.id).where(*wanted, whose)).scalar()
    stored = session.get_one(PersonalMeaning, known) if known is not None else None
    if not said:
        if stored is not None:
            session.delete(stored)
            activity.record(session, viewer.id, "meaning.withdrawn", "Entry", vision.uid, revision=vision.revision)
            session.flush()  # the list is read back
        return None
    if stored is None:
        stored = PersonalMeaning(
            entry_id=vision.id, version=version, person_id=person_id, group_id=group_id, text=said, created_at=now,
            updated_at=now,
        )  # fmt: skip
        session.add(stored)
    stored.text, stored.author_id, stored.updated_at = said, viewer.id, now
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "meaning.said", "Entry", vision.uid, revision=vision.revision)
    return one(session, MeaningRow, select(*columns_of(PersonalMeaning, *_OWN)).where(_m.id == stored.id))


def _faults(said: str) -> Iterable[Problem]:
    if len(said) > 1_000:
        yield Problem("text", "This has at most 1,000 characters.")
