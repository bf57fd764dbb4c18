"""How long the faults run, and processes that start fast enough to be killed often."""

import multiprocessing
import os
import shutil
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.factories import a_viewer
from tests.faults.writing import opened


@pytest.fixture(scope="session")
def is_long() -> bool:
    """`LOYALTY_TEST_ROUNDS=long` is what `make faults` sets; without it the rounds fit into the suite."""
    return os.environ.get("LOYALTY_TEST_ROUNDS") == "long"


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """New processes are forked from one that has imported everything and has no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.writing", "tests.faults.keeping", "knowledge.markup.rendering"])
    return context


@pytest.fixture
def founded(sqlite_template: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A folder by its name, with a database in it that has one person."""

    def found(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "loyalty.db")
        database = opened(folder)
        database.write(a_viewer)
        database.close()
        return folder

    return found


@pytest.fixture
def folder(founded: Callable[[str], Path]) -> Path:
    """One such folder."""
    return founded("data")
