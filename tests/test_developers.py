"""Whoever does what docs/developers.md says, to the letter and nothing else, has a slice that works and breaks no rule of the house."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import CLEAN, ROOT
from tests.documents import Block, blocks

pytestmark = pytest.mark.slow

TREE = ("knowledge", "schema", "frontend", "server", "tests", "docs")
WRITE = re.compile(r"Write `([\w/.]+)`:")
INSERT = re.compile(r"In `([\w/.]+)`, (after|before) `(.+)`:")


def test_the_steps_of_the_document_make_a_slice_that_works_and_breaks_no_rule(tmp_path: Path) -> None:
    tree = a_copy(tmp_path / "tree")

    for block in blocks("developers"):
        follow(tree, block)

    run(tree, "ruff check -q . && ruff format --check -q .")


def a_copy(tree: Path) -> Path:
    tree.mkdir()
    without = shutil.ignore_patterns(
        "*-pytest-*.pyc", "results", "bench"
    )  # what is compiled comes along, as far as it may
    for folder in TREE:
        shutil.copytree(ROOT / folder, tree / folder, ignore=without)
    for file in ("pyproject.toml", "loyalty_commons.py", "Makefile", "README.md", "CHANGELOG.md"):
        shutil.copyfile(ROOT / file, tree / file)
    return tree


def follow(tree: Path, block: Block) -> None:
    if wanted := WRITE.fullmatch(block.before):
        path = tree / wanted[1]
        assert not path.exists(), f"{path} is there already"
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif wanted := INSERT.fullmatch(block.before):
        inserted(tree / wanted[1], block.text, wanted[3], below=wanted[2] == "after")
    elif block.before == "Run:":
        run(tree, block.text)
    else:
        assert block.language == "text", f"Nobody says what is to be done with this:\n{block.text}"


def inserted(path: Path, text: str, beside: str, *, below: bool) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if beside in line]
    assert found, f"{path} has no line with {beside}"
    at = found[0] + below
    path.write_text("".join([*lines[:at], text, *lines[at:]]), encoding="utf-8")


def run(tree: Path, command: str) -> None:
    """In a shell, as a developer would; whatever is said stands in the failure."""
    # What one process compiles the next ones find.
    clean = {name: value for name, value in CLEAN.items() if not name.startswith(("PYTEST", "PYTHONDONTWRITE"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{CLEAN['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=tree,
        env={
            **clean,
            "PATH": path,
            "PYTHONPATH": str(tree),
            "PYTEST_ADDOPTS": f"-p no:cacheprovider --basetemp={tree.parent}/temp",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
