"""How the rows of a table are lines of a file: declared once, written from that, and read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from knowledge.customers import Customer
from knowledge.database import Row, Table, read, table_of, whole
from knowledge.entries import Entry
from knowledge.feedback import Feedback
from knowledge.people import FunctionalGroup, Person
from knowledge.transfer import lookups
from knowledge.transfer.fields import Identity
from knowledge.transfer.parts import canonical

R = TypeVar("R", bound=Row)

AT_ONCE = 500
"""Rows in memory at a time."""


Stored: TypeAlias = type[Table]


@dataclass(frozen=True)
class Target:
    """What a column can point to, and the column that a file says instead: without one its source and external_id."""

    table: Stored
    column: str = ""


ENTRY, PERSON, GROUP = Target(Entry, "slug"), Target(Person, "email"), Target(FunctionalGroup, "name")
CUSTOMER, FEEDBACK = Target(Customer), Target(Feedback)


@dataclass(frozen=True)
class Plain:
    """A column that is written as it is, under its own name or another."""

    column: str
    called: str = ""

    @property
    def name(self) -> str:
        """What a file calls it."""
        return self.called or self.column


@dataclass(frozen=True)
class To:
    """A column that points to a row of a table; without it the row cannot be unless the column may be empty."""

    column: str
    name: str
    target: Target


@dataclass(frozen=True)
class Own:
    """The row's own source and external_id, which are made of its uid where it comes from here."""

    name: str = ""


Column = Plain | To | Own


@dataclass(frozen=True, eq=False)
class Lines:
    """The rows of a table as lines of one type, in the order of their keys or, without those, of these names.

    `key` names what a row is found again by when it is read back by `restoring`: only where no module of its own does that.
    `left_out` are columns that are not written, with the reason; `derived` makes their values from those of the others. Of a
    table with `those` only the rows are written that it chooses. `only_there` says more of rows that something else makes.
    """

    type: str
    table: Stored
    columns: Sequence[Column]
    order: Sequence[str] = ()
    key: Sequence[str] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    those: ColumnElement[bool] | None = None
    only_there: bool = False


def plain(*names: str) -> tuple[Plain, ...]:
    """Columns that are written as they are."""
    return tuple(Plain(name) for name in names)


def written(session: Session, lines: Lines) -> Iterator[dict[str, Any]]:
    """Every row as a file has it, in pages."""
    statement, id = _numbered(lines, session.connection().dialect.name)
    for rows in pages(session, Row, statement, id):
        for row in rows:
            values: dict[str, Any] = {}
            for column in lines.columns:
                values |= _said(column, whole(row))
            yield values


def _said(column: Column, row: Mapping[str, Any]) -> Mapping[str, Any]:
    match column:
        case Plain():
            return {column.name: row[column.column]}
        case Own():
            return identity(row["uid"], row["source"], row["external_id"])
        case To(target=Target(column="")):
            uid = row[f"{column.name} uid"]
            its = (row[f"{column.name} source"], row[f"{column.name} external_id"])
            return {column.name: identity(uid, *its) if uid is not None else None}
    return {column.name: row[column.name]}


def identity(uid: UUID, source: str | None, external_id: str | None) -> dict[str, str | None]:
    """What a row with a source is called there, and what any other is called here."""
    if source is None:
        return {"source": lookups.HERE, "external_id": str(uid)}
    return {"source": source, "external_id": external_id}


def counted(lines: Lines) -> Select[Any]:
    """How many rows will be written."""
    statement = select(func.count()).select_from(table_of(lines.table))
    return statement if lines.those is None else statement.where(lines.those)


@cache
def _numbered(lines: Lines, dialect: str) -> tuple[Select[Any], ColumnElement[int]]:
    """The rows with the names of what they point to, and the number by which they are ordered; made once, which takes longer than to read
    the rows of a small store."""
    table = table_of(lines.table)
    joined: Any = table
    chosen: dict[str, ColumnElement[Any]] = {column.name: column for column in table.c}
    for number, column in enumerate(lines.columns):
        if isinstance(column, To):
            far = table_of(column.target.table).alias(f"far_{number}")
            joined = joined.outerjoin(far, far.c.id == table.c[column.column])
            if column.target.column:
                chosen[column.name] = far.c[column.target.column]
            else:
                chosen |= {f"{column.name} {name}": far.c[name] for name in ("uid", "source", "external_id")}
    which = [lines.those] if lines.those is not None else []
    if not lines.order:
        statement = select(*(each.label(name) for name, each in chosen.items())).select_from(joined)
        return statement.where(*which), table.c.id
    order = func.row_number().over(order_by=[_bytewise(dialect, chosen[name]) for name in lines.order])
    chosen["id"] = order
    labelled = (each.label(name) for name, each in chosen.items())
    numbered = select(*labelled).select_from(joined).where(*which).subquery()
    return select(*numbered.c), numbered.c.id


def _bytewise(dialect: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column in the order of its bytes on every engine."""
    is_text = isinstance(column.type.python_type, type) and issubclass(column.type.python_type, str)
    return column.collate("C") if is_text and dialect == "postgresql" else column


def pages(session: Session, row_class: type[R], statement: Select[Any], id: ColumnElement[int]) -> Iterator[list[R]]:
    """The rows of a statement, a few hundred at a time."""
    after = 0
    while rows := read(session, row_class, statement.where(id > after).order_by(id).limit(AT_ONCE)):
        yield rows
        after = rows[-1].id


def spelt(value: Any) -> Any:
    """A value as JSON and YAML have it: words in small letters, times in UTC, texts with our line ends."""
    if isinstance(value, StrEnum):
        return value.value.lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [spelt(each) for each in value]
    return canonical(value) if isinstance(value, str) else value


def exact(value: Any) -> Any:
    """The same, but texts to the letter: JSON keeps them."""
    return value if isinstance(value, str) and not isinstance(value, StrEnum) else spelt(value)


Key = str | Identity
"""What a file says for a row of a target."""
