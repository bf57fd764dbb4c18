"""Reads back what `lines` wrote: rows of a table as they were, found again by their key, with what they point to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Enum, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from knowledge.database import Table, table_of
from knowledge.errors import Invalid, NotFound
from knowledge.transfer import lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields, Identity
from knowledge.transfer.lines import Key, Lines, Own, Plain, Target, To, exact
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row


@dataclass(frozen=True)
class Restored:
    """A row read: its values by column, what it points to by column, and which of both were said."""

    row: Row
    values: Mapping[str, Any]
    keys: Mapping[str, Key | None]
    unknown: Sequence[Any] = ()


@dataclass
class Known:
    """What the rows of a batch point to, and which of them are there."""

    targets: Mapping[Target, dict[Key, int]]
    there: dict[tuple[Any, ...], Mapping[str, Any]] = field(default_factory=dict)


def restored(lines: Lines) -> Handler:
    """How lines of a type are read back. A row that is there and differs is brought to what the line says."""
    return Handler(lines.type, partial(_read, lines), partial(_known, lines), partial(_keep, lines))


def _read(lines: Lines, row: Row) -> Restored:
    fields = Fields(row.values)
    values: dict[str, Any] = {}
    keys: dict[str, Key | None] = {}
    for column in lines.columns:
        match column:
            case Plain() if column.name in fields:
                values[column.column] = _reader(_column(lines, column.column))(fields, column.name)
            case To() if column.name in fields:
                keys[column.column] = _pointed(fields, column)
            case Own():
                own = fields.own_identity()
                values |= {"source": own.source, "external_id": own.external_id}
    for column in lines.columns:
        said = values | keys
        if isinstance(column, Plain | To) and _is_needed(lines, column) and said.get(column.column) is None:
            fields.needed(column.name, None, None)
    for name, value in values.items():
        longest = getattr(_column(lines, name).type, "length", None)
        if isinstance(value, str) and longest is not None and len(value) > longest:
            fields.wrong(name, f"This has at most {longest} characters.")
    fields.finish()
    return Restored(row, values, keys, fields.unknown)


def _pointed(fields: Fields, column: To) -> Key | None:
    if not column.target.column:
        return fields.identity(column.name)
    if table_of(column.target.table).c[column.target.column].type.python_type is UUID:
        uid = fields.uid(column.name)
        return str(uid) if uid is not None else None
    return fields.text(column.name)


def _column(lines: Lines, name: str) -> SqlColumn[Any]:
    return table_of(lines.table).c[name]


def _is_needed(lines: Lines, column: Plain | To) -> bool:
    stored = _column(lines, column.column)
    has_default = lines.table.model_fields[column.column].is_required() is False
    return not stored.nullable and not has_default


def _reader(column: SqlColumn[Any]) -> Callable[[Fields, str], Any]:
    if isinstance(column.type, Enum):
        vocabulary = cast("type[StrEnum]", column.type.enum_class)
        return lambda fields, name: fields.word(name, vocabulary)
    readers: Mapping[Any, Callable[[Fields, str], Any]] = {
        datetime: Fields.moment,
        date: Fields.day,
        bool: Fields.flag,
        int: Fields.number,
        float: Fields.decimal,
        UUID: Fields.uid,
    }
    return readers.get(column.type.python_type, Fields.text)


def _known(lines: Lines, session: Session, rows: Sequence[Restored]) -> Known:
    targets = {column.target for column in lines.columns if isinstance(column, To)}
    wanted: dict[Target, set[Key]] = {target: set() for target in targets}
    for row in rows:
        for column in lines.columns:
            if isinstance(column, To) and (key := row.keys.get(column.column)) is not None:
                wanted[column.target].add(key)
    known = Known({target: _found(session, target, keys) for target, keys in wanted.items()})
    _find_there(lines, session, rows, known)
    return known


def _found(session: Session, target: Target, keys: set[Key]) -> dict[Key, int]:
    if not keys:
        return {}
    if not target.column:
        return lookups.identified(session, target.table, (key for key in keys if isinstance(key, Identity)))
    table = table_of(target.table).c
    wanted = [UUID(str(key)) if table[target.column].type.python_type is UUID else key for key in keys]
    rows = session.connection().execute(select(table[target.column], table.id).where(table[target.column].in_(wanted)))
    return {str(row[0]): row[1] for row in rows}


def _find_there(lines: Lines, session: Session, rows: Sequence[Restored], known: Known) -> None:
    """Those rows that have the keys of these; more where the key has several columns, which does no harm."""
    resolved = [_resolved(lines, known, row) for row in rows]
    table = table_of(lines.table).c
    statement = select(*table)
    for name in lines.key:
        said = {values.get(name) for values in resolved}
        some = table[name].in_(said - {None})
        statement = statement.where(some | table[name].is_(None) if None in said else some)
    for found in session.connection().execute(statement):
        values = dict(found._mapping)
        known.there[tuple(values[name] for name in lines.key)] = values


def _resolved(lines: Lines, known: Known, row: Restored) -> dict[str, Any]:
    values = dict(row.values)
    for column in lines.columns:
        if isinstance(column, To) and column.column in row.keys:
            key = row.keys[column.column]
            values[column.column] = known.targets[column.target].get(key) if key is not None else None
    return values


def _keep(lines: Lines, batch: Batch, row: Restored) -> Outcome:
    values = _resolved(lines, batch.known, row)
    itself = _to_itself(lines, row)
    for column in lines.columns:
        if not isinstance(column, To) or column.column in itself or row.keys.get(column.column) is None:
            continue
        if values[column.column] is None:
            _miss(lines, batch, row, column)
    if lines.derived is not None:
        values |= lines.derived(values)
    key = tuple(values.get(name) for name in lines.key)
    there = batch.known.there.get(key)
    if there is None and lines.only_there:
        raise NotFound(f"There is no {lines.table.__name__.lower()} {key[0]}.", lines.key[0])
    if there is None:
        stored = lines.table(**values)
        batch.session.add(stored)
        _flush(batch, lines)  # what comes after may point to it
        for name in itself:
            values[name] = stored.__dict__["id"]
            setattr(stored, name, values[name])
        _remember(lines, batch.known, stored, key, values)
        return Outcome.CREATED
    moved = {name: value for name, value in values.items() if exact(there[name]) != exact(value)}
    if not moved:
        return Outcome.UNCHANGED
    primary = tuple(there[column.name] for column in table_of(lines.table).primary_key.columns)
    written = batch.session.get_one(lines.table, primary, with_for_update=True)
    for name, value in moved.items():
        setattr(written, name, value)
    _flush(batch, lines)
    return Outcome.UPDATED


def _to_itself(lines: Lines, row: Restored) -> Sequence[str]:
    """The columns by which a row points to itself."""
    return [
        column.column
        for column in lines.columns
        if isinstance(column, To)
        and column.target.table is lines.table
        and row.keys.get(column.column) == str(row.values.get(column.target.column))
    ]


def _flush(batch: Batch, lines: Lines) -> None:
    try:
        batch.session.flush()
    except IntegrityError:
        raise Invalid("Something else that is there already has the same name or place.", lines.key[0]) from None


def _miss(lines: Lines, batch: Batch, row: Restored, column: To) -> None:
    """Somebody who is not known is left out with a warning where the column may be empty; anything else is refused."""
    message = f"There is no {column.name} {row.keys[column.column]}"
    if not _column(lines, column.column).nullable or column.column in lines.key or column.target.table is lines.table:
        raise NotFound(f"{message}.", column.name)
    batch.warn(row.row, column.name, f"{message}; it was left out.")


def _remember(lines: Lines, known: Known, stored: Table, key: tuple[Any, ...], values: Mapping[str, Any]) -> None:
    known.there[key] = {**values, "id": getattr(stored, "id", None)} if hasattr(stored, "id") else values
    for target, found in known.targets.items():
        if target.table is lines.table and target.column:
            found[str(getattr(stored, target.column))] = known.there[key]["id"]
