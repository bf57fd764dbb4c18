"""A customer is forgotten: in one transaction nothing of the rows names them any more, and the numbers of the past stay [G3].

What the disk still holds of the rows that were, `scrubbing` sees to.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, RowMapping, Select, and_, delete, false, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Field, Session

from knowledge import activity, changes, clock
from knowledge.attachments.attaching import Attachment
from knowledge.attachments.contents import store_of
from knowledge.customers import Customer, CustomerRow
from knowledge.database import Table, forget_neighbours, moment, table_of
from knowledge.errors import Conflict, NotFound
from knowledge.evidence import claiming, requoting
from knowledge.people import Act, Person, Viewer, require
from knowledge.privacy import declared, posting
from knowledge.privacy.declared import Owned, Through
from knowledge.privacy.names import STRUCK, Names, names
from knowledge.words import CustomerStatus, Role

SILENT = ("image/", "video/", "audio/")
"""Files in whose bytes no text is looked for."""


class Erasure(Table, table=True):
    """A customer was erased; of them it keeps a number that nothing else explains."""

    __tablename__ = "erasure"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    customer_uid: UUID
    at: datetime = moment()
    by_id: int | None = Field(default=None, foreign_key="person.id")
    scrubbed_at: datetime | None = moment(default=None)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: their records, the people who sign in for them, and their names."""

    ids: tuple[int, ...]
    persons: tuple[int, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class Place:
    """How many rows of a table are theirs, and how many name them besides."""

    table: str
    rows: int
    naming: int


_c, _p, _a = table_of(Customer).c, table_of(Person).c, table_of(Attachment).c


def subject(session: Session, customer_id: int, unique: str) -> Subject:
    """Everything by which a customer is known, records that became theirs included."""
    connection = session.connection()
    theirs = select(_c.id).where(_c.id == customer_id).cte("theirs", recursive=True)
    theirs = theirs.union(select(_c.id).where(_c.merged_into_id == theirs.c.id))
    rows = connection.execute(select(_c.id, _c.name, _c.email).where(_c.id.in_(select(theirs.c.id)))).all()
    ids = tuple(row.id for row in rows)
    signing = (_p.customer_id.in_(ids)) & (_p.role == Role.CUSTOMER)
    people = connection.execute(select(_p.id, _p.name, _p.email, _p.handle).where(signing)).all()
    said = [*(text for row in rows for text in row[1:]), *(text for row in people for text in row[1:])]
    return Subject(ids, tuple(row.id for row in people), names((each for each in said if each != STRUCK), unique))


def erase(session: Session, viewer: Viewer, customer: CustomerRow) -> datetime:
    """Forget a customer; answers when that was. Refuses NOT_ALLOWED to all but administrators. It cannot be undone."""
    require(viewer, Act.ADMIN, doing="erase a customer")
    stored = session.get(Customer, customer.id, with_for_update=True, populate_existing=True)
    if stored is None or stored.status != customer.status:  # merged or erased a moment ago
        raise Conflict("Somebody did something else with this customer at the same moment.", "customer")
    return _erased(session, viewer, customer.id, customer.uid)


def again(session: Session, viewer: Viewer, customer_uid: UUID) -> datetime | None:
    """The same for one who was erased before and has come back with a backup; None where nobody has."""
    status = select(_c.id).where(_c.uid == customer_uid, _c.status != CustomerStatus.ERASED)
    id = session.connection().execute(status).scalar()
    return _erased(session, viewer, id, customer_uid) if id is not None else None


def _erased(session: Session, viewer: Viewer, id: int, uid: UUID) -> datetime:
    if session.get(Customer, id, with_for_update=True) is None:
        raise NotFound("There is no such customer.", "customer")
    made = Erasure(customer_uid=uid, at=clock.now(), by_id=viewer.id)
    session.add(made)
    session.flush()  # whose time is written with verbatims that change
    whom = subject(session, id, f"erased-{made.uid.hex[-12:]}")
    uids, acts = list(_uids(session, whom)), acts_on(session, whom)
    resting = claiming.resting(session, claiming.rest_on(session, whom.ids))
    for owned in declared.OWNED:
        _forget(session, owned, whom, made.at)
    posted = posting.take_down(session, whom.persons, made.at)
    _close_accounts(session, whom, made.at)
    _leave_tombstones(session, whom, made.at)
    _forget_acts(session, acts)
    touched = posted | set(_strike(session, whom.names, made.at))
    touched |= set(_remove_files(session, whom.names, made.at))
    session.expire_all()  # what Core has written, objects do not know
    _tell(session, uids, touched)
    activity.record(session, viewer.id, "customer.erased", "Customer", uid, deleted=True)
    claiming.reevaluate(session, resting)
    session.flush()  # what is read next sees it
    forget_neighbours(session)
    return made.at


def column(owned: Owned) -> Column[Any]:
    """The column by which a row is a customer's."""
    return Table.metadata.tables[owned.table].c[owned.column]


def theirs(owned: Owned, whom: Subject) -> ColumnElement[bool]:
    """The rows of a table that are a customer's."""
    return column(owned).in_(_through(owned.through, whom))


def _through(through: Through, whom: Subject) -> Any:
    tables = Table.metadata.tables
    said, cases, met = tables["feedback"].c, tables["complaint_case"].c, tables["interaction"].c
    ids = select(said.id).where(said.customer_id.in_(whom.ids))
    ways: Mapping[Through, Any] = {
        Through.CUSTOMER: whom.ids,
        Through.PERSON: whom.persons,
        Through.FEEDBACK: ids,
        Through.CASE: select(cases.id).where(cases.feedback_id.in_(ids)),
        Through.INTERACTION: select(met.id).where(met.customer_id.in_(whom.ids)),
        Through.SUGGESTION: _of_persons("suggestion", "author_id", whom),
        Through.RESPONSE: _of_customers("survey_response", whom),
        Through.TOKEN: _of_persons("api_token", "person_id", whom),
    }
    return ways[through]


def _of_customers(table: str, whom: Subject) -> Select[Any]:
    columns = Table.metadata.tables[table].c
    return select(columns.id).where(columns.customer_id.in_(whom.ids) | columns.person_id.in_(whom.persons))


def _of_persons(table: str, column: str, whom: Subject) -> Select[Any]:
    columns = Table.metadata.tables[table].c
    return select(columns.id).where(columns[column].in_(whom.persons))


def _uids(session: Session, whom: Subject) -> Iterator[tuple[str, UUID]]:
    """The tables and the uids of all that is theirs."""
    customers = select(_c.uid).where(_c.id.in_(whom.ids))
    yield from (("customer", uid) for uid in session.connection().execute(customers).scalars())
    for owned in declared.OWNED:
        table = Table.metadata.tables[owned.table]
        if "uid" in table.c:
            found = session.connection().execute(select(table.c.uid).where(theirs(owned, whom))).scalars()
            yield from ((owned.table, uid) for uid in found)


def _forget(session: Session, owned: Owned, whom: Subject, at: datetime) -> None:
    table = Table.metadata.tables[owned.table]
    if owned.goes:
        session.connection().execute(delete(table).where(theirs(owned, whom)))
    elif owned.empties:
        values: dict[str, Any] = {name: None if table.c[name].nullable else "" for name in owned.empties}
        if owned.table == "feedback":
            values |= {"verbatim": STRUCK, "redacted_at": at}
        elif owned.table == "revision":
            values["title"] = STRUCK
        session.connection().execute(update(table).where(theirs(owned, whom)).values(values))
    elif owned.table == "evidence":  # it goes on counting, and quotes what is left
        left = len(STRUCK) if owned.through is Through.FEEDBACK else 0  # of the note of a meeting nothing is left
        quoted = {"quote_start": 0, "quote_end": left}
        session.connection().execute(update(table).where(theirs(owned, whom)).values(quoted))


def _close_accounts(session: Session, whom: Subject, at: datetime) -> None:
    for id in whom.persons:
        nobody = {"name": STRUCK, "email": f"erased-{clock.uid().hex}@invalid", "handle": None, "password": None}
        changed = {**nobody, "disabled_at": at, "updated_at": at}
        session.connection().execute(update(table_of(Person)).where(_p.id == id).values(changed))


def _leave_tombstones(session: Session, whom: Subject, at: datetime) -> None:
    nobody = {"name": STRUCK, "email": None, "source": None, "external_id": None, "joined_on": None}
    tombstone = {**nobody, "status": CustomerStatus.ERASED, "stage_review_on": None, "updated_at": at}
    session.connection().execute(update(table_of(Customer)).where(_c.id.in_(whom.ids)).values(tombstone))


def acts_on(session: Session, whom: Subject) -> list[list[int]]:
    """The acts on what is theirs, some hundreds at a time."""
    acts = Table.metadata.tables["activity"].c
    uids = [uid for _, uid in _uids(session, whom)]
    return [
        list(session.connection().execute(select(acts.id).where(acts.uid.in_(uids[start : start + 500]))).scalars())
        for start in range(0, len(uids), 500)
    ]


def _forget_acts(session: Session, acts: Collection[Collection[int]]) -> None:
    """What fields of theirs were before and after; that something was done to them stays."""
    values = Table.metadata.tables["activity_value"]
    for some in acts:
        session.connection().execute(delete(values).where(values.c.activity_id.in_(some)))


def free_columns() -> Iterator[tuple[SqlTable, list[str]]]:
    """The tables with texts in which somebody may be named."""
    for table in Table.metadata.sorted_tables:
        if free := [each.name for each in table.c if f"{table.name}.{each.name}" in declared.FREE]:
            yield table, free


def naming(table: SqlTable, free: list[str], called: Names) -> Select[Any]:
    """The rows of a table in which a name may stand."""
    return select(table).where(called.in_columns(table, free) if called and free else false())


def _strike(session: Session, called: Names, at: datetime) -> Iterator[int]:
    """Take the names out of every text; answers the entries whose texts those were."""
    given: dict[str, str] = {}
    for table, texts in free_columns():
        free = [name for name in texts if f"{table.name}.{name}" not in declared.OTHERS]
        for row in session.connection().execute(naming(table, free, called)).mappings().all():
            said = {name: row[name] for name in free if row[name]}
            struck = {name: _shortened(table.c[name], text, called, given) for name, text in said.items()}
            changed: dict[str, Any] = {name: text for name, text in struck.items() if text != said[name]}
            if table.name == "feedback" and changed:
                changed["redacted_at"] = at  # without it the database allows no change of a verbatim [F1]
            if changed:
                key = [column == row[column.name] for column in table.primary_key]
                session.connection().execute(update(table).where(*key).values(changed))
                _requote(session, table.name, row, changed, called)
                yield from _entry_of(session, table, row)


def _requote(session: Session, table: str, row: RowMapping, changed: Mapping[str, Any], called: Names) -> None:
    words = requoting.WORDS.get(table, ("", ""))[0]
    if words in changed:
        requoting.requote(session, table, row["id"], row[words], changed[words], called.struck)


def _shortened(column: Column[Any], text: str, called: Names, given: dict[str, str]) -> str:
    """The text without the names; where there may be one only, what was said otherwise stays another one, and the same the same.

    `given` holds which text each of those has taken the place of.
    """
    most: int | None = getattr(column.type, "length", None)
    struck = called.struck(text, most=most, unique=_is_unique(column))
    if struck == text or not _is_unique(column):
        return struck
    found, number = struck, 1
    while given.setdefault(found, text) != text:
        number += 1
        found = f"{struck[: (most or len(struck) + 8) - 8]}-{number}"
    return found


def _is_unique(column: Column[Any]) -> bool:
    table: Any = column.table
    constraints = [*table.constraints, *(index for index in table.indexes if index.unique)]
    keys = (each.columns for each in constraints if type(each).__name__ in ("UniqueConstraint", "Index"))
    return column.primary_key or column.name == "slug" or any(column.name in key for key in keys)


def _entry_of(session: Session, table: SqlTable, row: RowMapping) -> Iterator[int]:
    if table.name == "entry":
        yield row["id"]
    elif row.get("entry_id") is not None:
        yield row["entry_id"]
    elif row.get("revision_id") is not None:
        revisions = Table.metadata.tables["revision"].c
        yield from (
            session.connection().execute(select(revisions.entry_id).where(revisions.id == row["revision_id"])).scalars()
        )


def _remove_files(session: Session, called: Names, at: datetime) -> Iterator[int]:
    """Take files off their entries in which a name stands; their bytes go when the disk is scrubbed."""
    speaks = and_(*(~_a.media_type.like(f"{kind}%") for kind in SILENT))
    store = store_of(session)
    for sha256 in session.connection().execute(select(_a.sha256).where(speaks).distinct()).scalars().all():
        try:
            with store.open(session, sha256) as file:
                found = bool(called) and called.are_in_bytes(file.read())
        except NotFound:
            continue
        if found:
            gone = (_a.sha256 == sha256) & speaks
            yield from session.connection().execute(select(_a.entry_id).where(gone)).scalars().all()
            session.connection().execute(update(table_of(Attachment)).where(gone).values(removed_at=at))


_TOLD = {"customer": "Customer", "feedback": "Feedback", "person": "Person", "interaction": "Interaction"}


def _tell(session: Session, uids: Iterable[tuple[str, UUID]], entry_ids: Collection[int]) -> None:
    """Whoever follows what moves reads it anew."""
    moved: dict[str, list[UUID]] = {}
    for table, uid in uids:
        if table in _TOLD:
            moved.setdefault(_TOLD[table], []).append(uid)
    entries = Table.metadata.tables["entry"].c
    if entry_ids:
        found = session.connection().execute(select(entries.uid).where(entries.id.in_(entry_ids)))
        moved["Entry"] = list(found.scalars())
    for type, those in moved.items():
        changes.record_all(session, type, those)


def preview(session: Session, viewer: Viewer, customer: CustomerRow) -> list[Place]:
    """Where something of them lies, table by table; refuses NOT_ALLOWED to all but administrators."""
    require(viewer, Act.ADMIN, doing="see where something of a customer lies")
    whom = subject(session, customer.id, "")
    counts: dict[str, int] = {}
    for owned in declared.OWNED:
        table = Table.metadata.tables[owned.table]
        rows = session.connection().execute(select(table.primary_key.columns[0]).where(theirs(owned, whom))).all()
        counts[owned.table] = counts.get(owned.table, 0) + len(rows)
    mentions = {table.name: len(named(session, table, free, whom.names)) for table, free in free_columns()}
    tables = dict.fromkeys((*counts, *mentions))
    places = (Place(table, counts.get(table, 0), mentions.get(table, 0)) for table in tables)
    return [place for place in places if place.rows or place.naming]


def named(session: Session, table: SqlTable, free: list[str], called: Names) -> list[RowMapping]:
    """The rows of a table in which a name stands."""
    rows = session.connection().execute(naming(table, free, called)).mappings()
    return [row for row in rows if any(row[name] and called.are_in(row[name]) for name in free)]
