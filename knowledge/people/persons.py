"""People who sign in, and the functional groups they work in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlmodel import Field, Session

from knowledge import activity, changes, clock
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    among,
    columns_of,
    formed,
    moment,
    neighbours,
    one,
    read,
    read_among,
    remembered,
    sliced,
    table_of,
    within,
    word,
)
from knowledge.errors import Invalid, NotFound, Problem, refuse
from knowledge.people import handles
from knowledge.people.passwords import hashed, weaknesses
from knowledge.people.permissions import Act, Viewer, require
from knowledge.words import GroupKind, LookPurpose, Role


class FunctionalGroup(Table, table=True):
    """A group of colleagues with one function."""

    __tablename__ = "functional_group"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(unique=True, max_length=120)
    kind: GroupKind = word(GroupKind)
    sample: bool = False


class Person(Table, table=True):
    """Someone who can sign in, or in whose name a token acts."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=120)
    email: str = Field(unique=True, max_length=254)
    role: Role = word(Role, index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    password: str | None = None
    disabled_at: datetime | None = moment(default=None)
    sample: bool = False
    version: int = 1
    created_at: datetime = moment(default=None)
    updated_at: datetime = moment(default=None)
    handle: str | None = Field(default=None, unique=True, max_length=60)


class GroupRow(Row):
    """A functional group as it is read."""

    uid: UUID
    name: str
    kind: GroupKind
    sample: bool


class PersonRow(Row):
    """A person as colleagues see them."""

    uid: UUID
    name: str
    email: str
    role: Role
    group_id: int | None
    customer_id: int | None
    disabled_at: datetime | None
    sample: bool
    handle: str | None


_PERSON = ("id", "uid", "name", "email", "role", "group_id", "customer_id", "disabled_at", "sample", "handle")


def _persons() -> Select[Any]:
    return select(*columns_of(Person, *_PERSON))


def person_columns() -> Sequence[ColumnElement[Any]]:
    """The columns of a person for a statement that joins one; `came_along` makes a row of them."""
    return [table_of(Person).c[name].label(f"person_{name}") for name in _PERSON]


def came_along(session: Session, row: Row) -> PersonRow:
    """The person of `person_columns` beside a row, whom this operation need not read again."""
    beside = within(row, "person_")
    found = formed(session, PersonRow, [beside])[0]
    return cast(PersonRow, remembered(session, PersonRow).setdefault(found.id, found))


@lru_cache(maxsize=32)
def _those(count: int) -> Select[Any]:
    return _persons().where(among(table_of(Person).c.id, count))


def visible_to(viewer: Viewer) -> Select[Any]:
    """People as the viewer may list them: colleagues see everyone, others only themselves."""
    statement = _persons()
    if viewer.may(Act.PEOPLE_READ):
        return statement
    return statement.where(table_of(Person).c.id == (viewer.id or -1))


def listing(
    session: Session, viewer: Viewer, page: Page, *, search: str = "", roles: tuple[Role, ...] = ()
) -> Slice[PersonRow]:
    """People by name; `search` is the beginning of a name, of an address or of a handle."""
    table = table_of(Person).c
    statement = visible_to(viewer)
    if roles:
        statement = statement.where(table.role.in_(roles))
    if search:
        start = search.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = statement.where(
            func.lower(table.name).like(start, escape="\\")
            | table.email.like(start, escape="\\")
            | table.handle.like(start, escape="\\")
        )
    return sliced(session, PersonRow, statement, Order("name", ((table.name, False), (table.id, False))), page)


def person_by_uid(session: Session, viewer: Viewer, uid: UUID) -> PersonRow | None:
    """One person the viewer may see, or None."""
    return one(session, PersonRow, visible_to(viewer).where(table_of(Person).c.uid == uid))


def by_email(session: Session, email: str) -> PersonRow | None:
    """Whoever signs in with this address; for the edges and for imports, where no viewer asks."""
    return one(session, PersonRow, _persons().where(table_of(Person).c.email == email.strip().lower()))


def by_ids(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, PersonRow]:
    """People by their key: one statement for those whom the operation has not met before, and they are aware of one another."""
    known = remembered(session, PersonRow)
    wanted = {each for each in ids if each is not None}
    if new := wanted - known.keys():
        rows = read_among(session, PersonRow, _those, new)
        known.update((row.id, row) for row in rows)
    return {id: known[id] for id in wanted if id in known}


class _OneselfRow(PersonRow):
    counted: int
    latest: int


def counted_with(session: Session, viewer: Viewer, count: ColumnElement[int]) -> int:
    """A count for the viewer, with the viewer's own row and the head of the log in the same statement: pages show all three."""
    beside = (count.label("counted"), changes.latest(session).label("latest"))
    row = one(session, _OneselfRow, _persons().add_columns(*beside).where(table_of(Person).c.id == viewer.id))
    if row is None:
        return 0
    changes.note(session, row.latest)
    remembered(session, PersonRow).setdefault(row.id, row)
    return row.counted


_NAMING = frozenset({"author_id", "owner_id", "verified_by_id", "reporter_id"})


def loaded(session: Session, rows: list[Any], column: str) -> Mapping[int, PersonRow | None]:
    """The person that `column` of each row names: a relation for `neighbours`. Those whom its other columns name come along."""
    columns = [*(each for each in _NAMING - {column} if hasattr(rows[0], each)), column] if rows else ()
    if all(getattr(row, column) is None for row in rows):
        return dict.fromkeys((row.id for row in rows), None)
    people = by_ids(session, (getattr(row, each) for row in rows for each in columns))
    return {row.id: people.get(getattr(row, column)) for row in rows}


def groups(session: Session, viewer: Viewer) -> list[GroupRow]:
    """All functional groups by name, for those who work here."""
    if not viewer.may(Act.PEOPLE_READ):
        return []
    return read(session, GroupRow, select(*columns_of(FunctionalGroup)).order_by(table_of(FunctionalGroup).c.name))


def groups_by_ids(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, GroupRow]:
    """Groups by their key, in one statement."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    table = table_of(FunctionalGroup).c
    return {
        row.id: row for row in read(session, GroupRow, select(*columns_of(FunctionalGroup)).where(table.id.in_(wanted)))
    }


def group_by_uid(session: Session, viewer: Viewer, uid: UUID) -> GroupRow | None:
    """One functional group, for those who work here."""
    table = table_of(FunctionalGroup).c
    return (
        one(session, GroupRow, select(*columns_of(FunctionalGroup)).where(table.uid == uid))
        if viewer.may(Act.PEOPLE_READ)
        else None
    )


def _groups(session: Session, rows: list[Any]) -> Mapping[int, GroupRow | None]:
    found = groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(person: PersonRow) -> GroupRow | None:
    """The group a person works in, read for all people of the list at once."""
    return neighbours(person, _groups)


def viewer_for(
    person: PersonRow,
    *,
    scopes: frozenset[Act] | None = None,
    credential: int | None = None,
    purpose: LookPurpose | None = None,
) -> Viewer:
    """The viewer that this person is, within the scopes of the token that was shown."""
    return Viewer(
        id=person.id,
        uid=person.uid,
        name=person.name,
        role=Role(person.role),
        group_id=person.group_id,
        customer_id=person.customer_id,
        scopes=scopes,
        credential=credential,
        purpose=purpose,
    )


def add_group(session: Session, viewer: Viewer, name: str, kind: GroupKind, *, sample: bool = False) -> FunctionalGroup:
    """A new functional group; refuses NOT_ALLOWED without the act ADMIN, INVALID for a name that is taken."""
    require(viewer, Act.ADMIN, doing="add a group")
    if (
        session.connection()
        .execute(select(columns_of(FunctionalGroup, "id")[0]).where(table_of(FunctionalGroup).c.name == name))
        .first()
    ):
        raise Invalid(f"There is a group called {name} already.", "name")
    group = FunctionalGroup(name=name, kind=kind, sample=sample)
    session.add(group)
    session.flush()  # people point at its id
    activity.record(session, viewer.id, "group.added", "FunctionalGroup", group.uid)
    return group


def add(
    session: Session,
    viewer: Viewer,
    email: str,
    name: str,
    role: Role,
    *,
    password: str | None = None,
    group_id: int | None = None,
    customer_id: int | None = None,
    sample: bool = False,
) -> Person:
    """A new person; refuses NOT_ALLOWED without the act ADMIN, INVALID with everything that is wrong."""
    require(viewer, Act.ADMIN, doing="add people")
    email = email.strip().lower()
    refuse(_faults(session, email, name, role, password, customer_id))
    now = clock.now()
    person = Person(
        email=email,
        name=name.strip(),
        role=role,
        password=hashed(password) if password else None,
        group_id=group_id,
        customer_id=customer_id,
        sample=sample,
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    session.flush()  # whoever asked wants the id, and the handle may need it
    assert person.id is not None
    person.handle = _free_handle(session, person.name, person.id)
    activity.record(session, viewer.id, "person.added", "Person", person.uid, moved={"role": (None, role)})
    return person


def _faults(
    session: Session, email: str, name: str, role: Role, password: str | None, customer_id: int | None
) -> Iterable[Problem]:
    if not 3 <= len(email) <= 254 or email.count("@") != 1 or email.startswith("@") or email.endswith("@"):
        yield Problem("email", "This is not an e-mail address.")
    elif by_email(session, email):
        yield Problem("email", "Someone signs in with this address already.")
    if not 1 <= len(name.strip()) <= 120:
        yield Problem("name", "A name has 1 to 120 characters.")
    if customer_id is not None and role is not Role.CUSTOMER:
        yield Problem("customer", "Only someone with the role CUSTOMER belongs to a customer.")
    if password is not None:
        yield from (Problem("password", weakness) for weakness in weaknesses(password, email, name))


def give_handles(session: Session) -> None:
    """Give a handle to everybody who came before there were handles."""
    table = table_of(Person).c
    without = select(table.id, table.name).where(table.handle.is_(None)).order_by(table.id)
    for row in session.connection().execute(without).all():
        handle = _free_handle(session, row.name, row.id)
        session.connection().execute(update(table_of(Person)).where(table.id == row.id).values(handle=handle))


def _free_handle(session: Session, name: str, id: int) -> str:
    candidates = handles.wanted(name, id)
    handle = table_of(Person).c.handle
    taken = set(session.connection().execute(select(handle).where(handle.in_(candidates))).scalars())
    return next(each for each in candidates if each not in taken)


def rename(session: Session, viewer: Viewer, name: str) -> PersonRow:
    """Change one's own display name; refuses INVALID."""
    require(viewer, Act.PROFILE_WRITE, doing="change your profile")
    person = session.get(Person, viewer.id)
    if person is None:
        raise NotFound("You are not in the list of people.")
    if not 1 <= len(name.strip()) <= 120:
        raise Invalid("A name has 1 to 120 characters.", "name")
    before, person.name, person.updated_at = person.name, name.strip(), clock.now()
    session.flush()  # the answer shows the new name
    activity.record(session, viewer.id, "person.renamed", "Person", person.uid, moved={"name": (before, person.name)})
    return by_ids(session, [person.id])[person.id]


def set_role(session: Session, viewer: Viewer, email: str, role: Role) -> PersonRow:
    """Give somebody another role; refuses NOT_ALLOWED without the act ADMIN, NOT_FOUND, and INVALID for a customer's."""
    require(viewer, Act.ADMIN, doing="change roles")
    row = by_email(session, email)
    if row is None:
        raise NotFound("Nobody signs in with this address.", "email")
    if row.customer_id is not None and role is not Role.CUSTOMER:
        raise Invalid("They belong to a customer, and stay one.", "role")
    person = session.get_one(Person, row.id)
    before, person.role, person.updated_at = person.role, role, clock.now()
    session.flush()  # the answer shows the new role
    activity.record(session, viewer.id, "person.changed_role", "Person", person.uid, moved={"role": (before, role)})
    return by_ids(session, [row.id])[row.id]


def set_password(session: Session, viewer: Viewer, email: str, password: str) -> None:
    """Set somebody's password for them; refuses NOT_ALLOWED without the act ADMIN, NOT_FOUND, and INVALID for a weak one."""
    require(viewer, Act.ADMIN, doing="set passwords")
    row = by_email(session, email)
    if row is None:
        raise NotFound("Nobody signs in with this address.", "email")
    refuse(Problem("password", weakness) for weakness in weaknesses(password, row.email, row.name))
    person = session.get_one(Person, row.id)
    person.password, person.updated_at = hashed(password), clock.now()
    activity.record(session, viewer.id, "person.set_password", "Person", person.uid)
