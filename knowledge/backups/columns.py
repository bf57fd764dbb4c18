"""How a value of either engine is written in a backup: ids as 32 digits, moments in UTC, booleans as 0 and 1, bytes as digits.

The database itself does it, in the select and in the insert, because a million rows pass through here.
"""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import (
    CHAR,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Uuid,
)
from sqlalchemy import Table as SqlTable

from knowledge.backups.parts import LEFT_OUT

Expression = Callable[[str], str]


def _itself(name: str) -> str:
    return name


_TAKEN: Mapping[str, tuple[tuple[type, Expression], ...]] = {
    "sqlite": (
        (DateTime, lambda name: f"replace({name}, ' ', 'T') || 'Z'"),
        (LargeBinary, lambda name: f"lower(hex({name}))"),
    ),
    "postgresql": (
        (DateTime, lambda name: f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
        (Date, lambda name: f"to_char({name}, 'YYYY-MM-DD')"),
        (Uuid, lambda name: f"replace({name}::text, '-', '')"),
        (Boolean, lambda name: f"{name}::int"),
        (LargeBinary, lambda name: f"encode({name}, 'hex')"),
    ),
}
_PLAIN = (Integer, Float, String, Date, Boolean, CHAR)


def tables(connection: Connection) -> list[SqlTable]:
    """The tables that a backup has, as they are in the database, by name."""
    found = MetaData()
    found.reflect(connection)
    return [table for name, table in sorted(found.tables.items()) if name not in LEFT_OUT]


def selected(connection: Connection, table: SqlTable) -> str:
    """The statement that reads all rows of a table as a backup writes them, in the order of their keys."""
    quote, dialect = _quote(connection), connection.dialect.name
    values = ", ".join(_taken(column, dialect)(quote(column.name)) for column in table.columns)
    keys = list(table.primary_key) or list(table.columns)
    order = ", ".join(quote(key.name) + _collation(key, dialect) for key in keys)
    return f"SELECT {values} FROM {quote(table.name)} ORDER BY {order}"  # noqa: S608 - names of our own tables


def inserted(connection: Connection, table: SqlTable, names: list[str]) -> str:
    """The statement that puts one such row into a table of SQLite, or begins a COPY into one of PostgreSQL."""
    quote = _quote(connection)
    into = f"{quote(table.name)} ({', '.join(map(quote, names))})"
    if connection.dialect.name == "postgresql":
        return f"COPY {into} FROM STDIN"
    places = ", ".join(_given(table.columns[name]) for name in names)
    return f"INSERT INTO {into} VALUES ({places})"  # noqa: S608 - names of our own tables


def _quote(connection: Connection) -> Expression:
    return partial(connection.dialect.identifier_preparer.quote)


def _taken(column: Column[object], dialect: str) -> Expression:
    if (column.table.name, column.name) == ("change", "xid"):
        return lambda _: (
            "0"
        )  # the number of a transaction means nothing to another cluster, and would hide the row there
    for kind, expression in _TAKEN[dialect]:
        if isinstance(column.type, kind):
            return expression
    if not isinstance(column.type, _PLAIN):
        raise TypeError(f"A backup cannot hold {column.table.name}.{column.name}, which is {column.type!r}.")
    return _itself


def _given(column: Column[object]) -> str:
    if isinstance(column.type, DateTime):
        return "replace(replace(?, 'T', ' '), 'Z', '')"
    return "unhex(?)" if isinstance(column.type, LargeBinary) else "?"


def _collation(key: Column[object], dialect: str) -> str:
    return ' COLLATE "C"' if dialect == "postgresql" and isinstance(key.type, String) else ""
