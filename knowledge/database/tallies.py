"""Counts the statements that are sent on behalf of somebody, where somebody asks."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from knowledge.database.engines import Database


@dataclass(slots=True)
class Tally:
    """What was sent so far."""

    statements: int = 0


on: ContextVar[Tally | None] = ContextVar("on", default=None)
"""On whose tally what is sent now goes; on nobody's unless set."""


def keep(database: Database) -> None:
    """Count what this database is sent from now on: statements, and not the savepoints and transactions around them."""
    # On PostgreSQL the reader is a view of the same engine and would be heard twice.
    for engine in (database.engine, database.reader) if database.is_sqlite else (database.engine,):
        event.listen(engine, "before_cursor_execute", _count)


def _count(*sent: Any) -> None:
    statement, tally = sent[2], on.get()
    if tally is not None and statement.lstrip()[:6].upper().startswith(
        ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
    ):
        tally.statements += 1
