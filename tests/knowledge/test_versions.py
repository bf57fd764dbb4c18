"""A version of the rows is another after each commit, whoever made it."""

import subprocess
import sys
from collections.abc import Hashable, Iterator
from contextlib import closing

import pytest
from sqlmodel import Session

from knowledge.database import Database, versions
from knowledge.database.versions import Versions
from tests.factories import a_group

ELSEWHERE = """
import sys
from knowledge import migrations
from knowledge.database import Database
from tests.factories import a_group
migrations.metadata()
database = Database(sys.argv[1])
database.write(a_group)
database.close()
"""


@pytest.fixture
def told(database: Database) -> Iterator[Versions]:
    with closing(versions.of(database)) as told:
        yield told


def newest(told: Versions) -> Hashable:
    """The version; on PostgreSQL it is first asked of the server."""
    while (version := told.newest()) is None:
        pass
    return version


def group(session: Session) -> None:
    a_group(session)


def test_a_commit_of_this_process_is_seen_at_once(database: Database, told: Versions) -> None:
    before = newest(told)

    database.write(group)

    assert newest(told) != before


def test_nothing_moves_without_a_commit(database: Database, told: Versions) -> None:
    before = newest(told)

    with database.reading() as session:
        session.connection().exec_driver_sql("SELECT 1")

    assert newest(told) == before


def test_a_commit_of_another_process_is_seen(database: Database, told: Versions) -> None:
    before = newest(told)
    address = database.url.render_as_string(hide_password=False)

    subprocess.run([sys.executable, "-c", ELSEWHERE, address], check=True)

    while database.is_sqlite is False and newest(told) == before:
        pass  # between nodes it may take a second
    assert newest(told) != before


def test_what_another_connection_has_not_committed_moves_nothing(database: Database, told: Versions) -> None:
    before = newest(told)

    def write(session: Session) -> Hashable:
        a_group(session)
        session.flush()
        return newest(told) if database.is_sqlite else before

    assert database.write(write) == before
