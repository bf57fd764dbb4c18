"""Databases with rows in every table: filled once, and copied for every test that wants one."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from knowledge.database import Database
from tests.conftest import run_sql
from tests.knowledge.test_migrations import fill


@pytest.fixture(scope="session")
def filled_folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    shutil.copyfile(sqlite_template, folder / "loyalty.db")
    with closing(Database(f"sqlite:///{folder / 'loyalty.db'}")) as database:
        fill(database)
    return folder


@pytest.fixture(scope="session")
def filled_template(postgres: Any) -> str:
    run_sql(postgres, "CREATE DATABASE template_filled TEMPLATE template_loyalty")
    with closing(Database(postgres.get_uri("template_filled"))) as database:
        fill(database)
    return "template_filled"


@pytest.fixture
def filled_sqlite(filled_folder: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copytree(filled_folder, tmp_path, dirs_exist_ok=True)
    with closing(Database(f"sqlite:///{tmp_path / 'loyalty.db'}")) as database:
        yield database


@pytest.fixture
def filled_postgresql(filled_template: str, postgres: Any) -> Iterator[Database]:
    name = f"filled_{uuid4().hex[:12]}"
    run_sql(postgres, f"CREATE DATABASE {name} TEMPLATE {filled_template}")
    with closing(Database(postgres.get_uri(name))) as database:
        yield database
    run_sql(postgres, f"DROP DATABASE {name}")


@pytest.fixture
def filled(engine: str, request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"filled_{engine}")
    return found
