"""Puts what a backup has into an empty database: the tables as they were in its version, its rows, then what came since."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, func, inspect, select
from sqlalchemy import Table as SqlTable

from knowledge import migrations
from knowledge.backups import contents
from knowledge.backups.checking import Backup, Damaged
from knowledge.backups.columns import inserted, tables
from knowledge.backups.parts import attachment_part, table_part
from knowledge.database import Database
from knowledge.errors import Conflict, Invalid

BATCH = 1_000

Progress = Callable[[int, int], None]


def restore(
    database: Database,
    backup: Backup,
    *,
    attachments: Path,
    replacing: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Fill a database from a checked backup, in one transaction; `attachments` is the folder of their contents.

    Refuses a database that has tables, unless `replacing`: then all of them go first. Refuses a backup of a newer version.
    `progress` hears how many rows of how many are in.
    """
    refuse_newer(backup)
    if not replacing:
        refuse_tables(database)
    with database.migrating() as connection:
        there = MetaData()
        there.reflect(connection)
        there.drop_all(connection)
        migrations.run(connection, backup.manifest.migration)
        _filled(connection, backup, progress)
        for digest in backup.manifest.attachments:
            with backup.content(attachment_part(digest)) as content:
                contents.keep(connection, attachments, digest, content)
        migrations.run(connection)


def refuse_newer(backup: Backup) -> None:
    """Refuse a backup whose tables this version does not know."""
    found = backup.manifest
    if found.migration not in migrations.known():
        raise Invalid(f"The backup is of version {found.version} with tables {found.migration}: this version is older.")


def refuse_tables(database: Database) -> None:
    """Refuse a database that has tables already."""
    if not is_empty(database):
        raise Conflict("The database has tables already.")


def is_empty(database: Database) -> bool:
    """Whether a database has no tables."""
    return not inspect(database.engine).get_table_names()


def _filled(connection: Connection, backup: Backup, progress: Progress) -> None:
    there = {table.name: table for table in tables(connection)}
    if different := sorted(there.keys() ^ backup.manifest.rows.keys()):
        raise Damaged(f"{table_part(different[0])} is not as tables {backup.manifest.migration} have it.")
    keys = _without_keys(connection)
    total, done = sum(backup.manifest.rows.values()), 0
    for name, table in there.items():
        connection.execute(table.delete())  # what a migration put there is in the backup as well
        _copied(connection, backup, table)
        done += backup.manifest.rows[name]
        progress(done, total)
        _counted_on(connection, table)
    _with_keys(connection, keys)
    for name, table in there.items():
        count = connection.execute(select(func.count()).select_from(table)).scalar_one()
        if count != backup.manifest.rows[name]:
            raise Damaged(f"{table_part(name)} has {backup.manifest.rows[name]} rows, and {count} came of it.")


def _copied(connection: Connection, backup: Backup, table: SqlTable) -> None:
    driver: Any = connection.connection.dbapi_connection
    with backup.rows(table.name) as (names, rows):
        if sorted(names) != sorted(column.name for column in table.columns):
            raise Damaged(f"{table_part(table.name)} has other columns than tables {backup.manifest.migration}.")
        statement = inserted(connection, table, names)
        if connection.dialect.name == "postgresql":
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            for batch in _batches(rows):
                driver.executemany(statement, batch)


def _batches(rows: Iterator[list[object]]) -> Iterator[list[list[object]]]:
    return iter(lambda: list(islice(rows, BATCH)), [])


def _counted_on(connection: Connection, table: SqlTable) -> None:
    """Have PostgreSQL hand out the next number, and not one that a row has."""
    if connection.dialect.name != "postgresql" or [key.name for key in table.primary_key] != ["id"]:
        return
    name = connection.dialect.identifier_preparer.quote(table.name)
    connection.exec_driver_sql(
        f"SELECT setval(sequence, coalesce(top, 1), top IS NOT NULL) FROM "  # noqa: S608 - names of our own tables
        f"(SELECT pg_get_serial_sequence('{name}', 'id') AS sequence, (SELECT max(id) FROM {name}) AS top) AS found "
        "WHERE sequence IS NOT NULL"
    )


def _without_keys(connection: Connection) -> list[tuple[str, str, str]]:
    """Take the foreign keys off PostgreSQL's tables, so that rows come in any order; on SQLite they are off already."""
    if connection.dialect.name != "postgresql":
        return []
    keys = [
        (row.table, row.name, row.rule)
        for row in connection.exec_driver_sql(
            "SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS rule "
            "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    ]
    for table, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return keys


def _with_keys(connection: Connection, keys: list[tuple[str, str, str]]) -> None:
    """Put them on again, which checks every row."""
    for table, name, rule in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
