"""Rows that there is one of however many ask at once: the database's own constraint decides, and nobody is told of a failure."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from knowledge.database.columns import Table, table_of


def keep_once(session: Session, table: type[Table], values: Mapping[str, Any]) -> bool:
    """Insert a row unless there is one of its key already; whether it was inserted."""
    statement = _insert(session)(table_of(table)).values(**values).on_conflict_do_nothing()
    inserted = statement.returning(*table_of(table).primary_key)  # counting rows is not the same with every driver
    return session.connection().execute(inserted).first() is not None


def keep_latest(session: Session, table: type[Table], values: Mapping[str, Any]) -> None:
    """Insert a row, or have it take the place of the one of its key."""
    key = [column.name for column in table_of(table).primary_key]
    rest = {name: value for name, value in values.items() if name not in key}
    statement = _insert(session)(table_of(table)).values(**values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def _insert(session: Session) -> Any:
    return sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
