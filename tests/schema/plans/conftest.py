"""One world for all these tests, which only read it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import clock
from knowledge.database import Database
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from tests.conftest import fresh_sqlite
from tests.schema.plans.both import World, populated


@pytest.fixture(scope="package")
def world(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("plans")
    database, index = Database(fresh_sqlite(sample_template, folder)), EmbeddedIndex(folder / "index")
    following.follow(database, index)
    yield populated(database, index)
    index.close()
    database.close()


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with clock.held(datetime.now(UTC)):
        yield
