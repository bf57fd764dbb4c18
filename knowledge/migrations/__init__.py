"""Brings the tables of a database to what the code expects; the same files run on SQLite and PostgreSQL."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from knowledge.database import Database, Table
from knowledge.migrations import guards

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

TABLES = (
    "knowledge.activity",
    "knowledge.attachments",
    "knowledge.changes",
    "knowledge.community.follows",
    "knowledge.community.notifications",
    "knowledge.community.shares",
    "knowledge.customers",
    "knowledge.entries",
    "knowledge.evidence",
    "knowledge.feedback",
    "knowledge.initiatives.progress",
    "knowledge.jobs",
    "knowledge.outcomes",
    "knowledge.people.signing",
    "knowledge.people.tokens",
    "knowledge.uses",
    "knowledge.series",
    "knowledge.templates",
    "knowledge.vision",
    "knowledge.community.flags",
    "knowledge.community.mentions",
    "knowledge.community.reactions",
    "knowledge.community.suggestions",
    "knowledge.community.votes",
    "knowledge.listening.awaiting",
    "knowledge.listening.searches",
    "knowledge.search.synonyms",
    "knowledge.customers.touchpoints",
    "knowledge.customers.interactions",
    "knowledge.customers.merging",
    "knowledge.customers.characteristics",
    "knowledge.customers.needs",
    "knowledge.customers.relationships",
    "knowledge.customers.segments",
    "knowledge.ladder.settling",
    "knowledge.ladder.usable",
    "knowledge.feedback.complaints",
    "knowledge.feedback.dues",
    "knowledge.feedback.telling",
    "knowledge.feedback.themes",
    "knowledge.privacy.consents",
    "knowledge.privacy.looks",
    "knowledge.privacy.requests",
    "knowledge.privacy.erasing",
    "knowledge.privacy.retention",
    "knowledge.loop.responses",
    "knowledge.loop.replies",
    "knowledge.loop.rewards",
    "knowledge.surveys.survey",
    "knowledge.surveys.response",
    "knowledge.evidence.claiming",
    "knowledge.vision.answers",
    "knowledge.vision.assumptions",
    "knowledge.vision.placing",
    "knowledge.vision.meanings",
    "knowledge.vision.commitments",
    "knowledge.vision.communications",
    "knowledge.vision.public_part",
    "knowledge.initiatives.planning",
    "knowledge.initiatives.milestones",
    "knowledge.initiatives.measures",
    "knowledge.initiatives.issues",
    "knowledge.community.questions",
    "knowledge.community.promotions",
    "knowledge.community.appreciations",
    "knowledge.community.digests",
    "knowledge.community.notices",
    "knowledge.entries.hiding",
    "knowledge.people.visits",
)
"""The modules that define tables; importing them fills `Table.metadata`."""


def _config() -> "Config":
    from alembic.config import (
        Config,
    )  # Alembic waits until a database is looked at: a process that only answers needs little of it

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
    with database.migrating() as connection:
        run(connection)


def run(connection: Connection, number: str = "head") -> None:
    """Run what is missing up to a migration, within the transaction of `Database.migrating`."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, number)
    guards.stand(connection)


def draft(database: Database, message: str, number: str) -> None:
    """Write a new migration file with what differs between a database and the code; for developers."""
    from alembic import command

    config = _config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=number)


def version(connection: Connection) -> str | None:
    """The number of the last migration that ran, or None in an empty database."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


@cache
def head() -> str:
    """The number of the last migration that the code knows."""
    return str(_scripts().get_current_head())


@cache
def known() -> frozenset[str]:
    """The numbers of all of them; what is not among them is from a newer version."""
    return frozenset(each.revision for each in _scripts().walk_revisions())


def is_current(database: Database) -> bool:
    """Whether the tables are those that the code expects."""
    with database.reader.connect() as connection:
        return version(connection) == head()


def differences(database: Database) -> list[Any]:
    """What the tables of a database lack, or have too much, beside the code; empty when all is well."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
        return list(compare_metadata(context, metadata()))


def _ours(thing: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ARG001
    return name != "alembic_version"
