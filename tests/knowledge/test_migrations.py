from collections.abc import Mapping

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, func, literal, select, text, union_all
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from knowledge import jobs, migrations, series, templates
from knowledge.database import Database
from knowledge.entries import curating, tags, writing
from knowledge.people import Act, Viewer, signing, tokens
from knowledge.transfer import install_library, install_sample
from knowledge.words import Audience, Kind, Role
from tests.factories import a_draft, a_group, a_viewer, an_entry


def fill(database: Database) -> None:
    """Rows in every table: what is installed, and what only comes of use."""
    install_library(database)
    install_sample(database)
    database.write(use)


def use(session: Session) -> None:
    viewer, group = a_viewer(session), a_group(session)
    assert viewer.id is not None
    draft = a_draft(session, viewer, slug="before", audience=Audience.GROUP, audience_groups=[group.uid])
    writing.update(session, viewer, draft.uid, 1, {"slug": "after"})
    tokens.create(session, viewer, "a program", [Act.ENTRIES_READ])
    signing.open(session, viewer.id, "a browser")
    signing.fail(session, "nobody@example.org", "127.0.0.1")
    jobs.later(session, "people.tidy")
    tell(session, viewer)


def tell(session: Session, author: Viewer) -> None:
    """Tags, series and templates as those who curate leave them."""
    curator = a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, author, tags=["before"])
    (tag,) = tags.of_entry(entry)
    curating.update_tag(session, curator, tag.uid, {"name": "after"})
    row = series.create(session, author, {"title": "Before", "slug": "before"})
    series.add(session, author, row.uid, entry)
    series.update(session, author, row.uid, {"slug": "after"})
    templates.save(session, curator, Kind.STORY, "Tell it.", [])


def counts(database: Database) -> Mapping[str, int]:
    """How many rows each table has."""

    def counted(name: str) -> Select[str, int]:
        table = migrations.metadata().tables[name]
        return select(literal(name), func.count()).select_from(table)

    with database.reading() as session:
        rows = session.connection().execute(union_all(*map(counted, migrations.metadata().tables)))
        return {str(row[0]): int(row[1]) for row in rows}


def rebuild(connection: Connection) -> None:
    """What a batch migration does to a table on SQLite, for each of them: copy it, drop it, rename the copy."""
    operations = Operations(MigrationContext.configure(connection))
    for table in migrations.metadata().sorted_tables:
        with operations.batch_alter_table(table.name, recreate="always"):
            pass


def test_models_and_migrations_agree(database: Database) -> None:
    assert migrations.differences(database) == []
    assert migrations.is_current(database)


def test_upgrading_again_changes_nothing(database: Database) -> None:
    fill(database)
    before = counts(database)

    migrations.upgrade(database)

    assert min(before.values()) > 0, before
    assert counts(database) == before
    assert migrations.is_current(database)


def test_an_empty_database_is_not_current(sqlite: Database) -> None:
    with sqlite.migrating() as connection:
        connection.execute(text("DELETE FROM alembic_version"))

    assert not migrations.is_current(sqlite)


def test_tables_that_are_rebuilt_keep_their_rows_and_rules(sqlite: Database) -> None:
    fill(sqlite)
    before = counts(sqlite)

    with sqlite.migrating() as connection:
        rebuild(connection)

    assert counts(sqlite) == before
    assert migrations.differences(sqlite) == []
    with pytest.raises(IntegrityError), sqlite.engine.begin() as connection:
        connection.execute(text("DELETE FROM person"))


def test_rebuilding_with_foreign_keys_on_is_found_out(sqlite: Database) -> None:
    fill(sqlite)

    with pytest.raises(IntegrityError), sqlite.engine.begin() as connection:
        rebuild(connection)


def test_a_migration_that_leaves_rows_without_their_parents_leaves_no_trace(sqlite: Database) -> None:
    fill(sqlite)
    before = counts(sqlite)

    with pytest.raises(RuntimeError, match="without their parents"), sqlite.migrating() as connection:
        connection.execute(text("DELETE FROM person"))

    assert counts(sqlite) == before
