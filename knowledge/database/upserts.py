"""Inserts that expect the row to be there already: two transactions that write the same thing at once both succeed."""

from typing import Any

from sqlalchemy import ColumnElement, Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert_into(session: Session, table: Table) -> Any:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, which both engines call alike."""
    is_sqlite = session.connection().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)


def chance_uid(session: Session) -> ColumnElement[Any]:
    """A uid that the database makes for each row of an insert from a select; it has no order in time, as `clock.uid()` has."""
    if session.connection().dialect.name == "sqlite":
        return func.lower(func.hex(func.randomblob(16)))
    return func.gen_random_uuid()
