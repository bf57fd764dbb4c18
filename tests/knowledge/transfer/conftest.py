"""A second, empty store for what goes from one to another."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.database import Database


@pytest.fixture
def sqlite_again(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "again.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()
