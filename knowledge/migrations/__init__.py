"""Brings the tables of a database to what the code expects; the same files run on SQLite and PostgreSQL."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from knowledge.database import Database, Table

TABLES = (
    "knowledge.activity",
    "knowledge.changes",
    "knowledge.customers",
    "knowledge.entries",
    "knowledge.evidence",
    "knowledge.feedback",
    "knowledge.initiatives.progress",
    "knowledge.jobs",
    "knowledge.people.signing",
    "knowledge.people.tokens",
    "knowledge.series",
    "knowledge.templates",
    "knowledge.vision",
)
"""The modules that define tables; importing them fills `Table.metadata`."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def metadata() -> Any:
    """Every table of the product."""
    from importlib import import_module

    for module in TABLES:
        import_module(module)
    return Table.metadata


def upgrade(database: Database) -> None:
    """Run what is missing, in one transaction, with foreign keys off on SQLite and checked before the commit."""
    config = _config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def draft(database: Database, message: str, number: str) -> None:
    """Write a new migration file with what differs between a database and the code; for developers."""
    config = _config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=number)


def version(connection: Connection) -> str | None:
    """The number of the last migration that ran, or None in an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Whether the tables are those that the code expects."""
    with database.reader.connect() as connection:
        return version(connection) == ScriptDirectory.from_config(_config()).get_current_head()


def differences(database: Database) -> list[Any]:
    """What the tables of a database lack, or have too much, beside the code; empty when all is well."""
    with database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
        return list(compare_metadata(context, metadata()))


def _ours(thing: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ARG001
    return name != "alembic_version"
