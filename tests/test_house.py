"""What import-linter cannot say: who reads the environment and the time, who commits, and where nothing is asynchronous."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("server", "schema", "knowledge", "frontend")
SOURCES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def calls(path: Path) -> frozenset[str]:
    """Every attribute or name that the file calls or reads, such as `os.environ` or `session.commit`."""
    return frozenset(ast.unparse(node) for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute))


def users(*endings: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in SOURCES if any(call.endswith(endings) for call in calls(path))}


def test_only_the_settings_read_the_environment() -> None:
    assert users("os.environ", "os.getenv") <= {"server/settings.py"}


def test_only_the_clock_reads_the_time() -> None:
    assert users("datetime.now", "datetime.utcnow", "date.today", "time.time") == {"knowledge/clock.py"}


def test_only_the_database_commits() -> None:
    assert {path for path in users(".commit") if not path.startswith("knowledge/database/")} <= {
        "schema/atomic.py",  # releases the savepoint of a root mutation
        *(f"knowledge/{path}" for path in INDEX_AND_SAVEPOINTS),
    }


INDEX_AND_SAVEPOINTS = ("search/embedded.py", "search/folder.py", "search/segments.py", "transfer/importing.py")


@pytest.mark.parametrize("layer", ["knowledge", "schema"])
def test_nothing_below_the_edge_is_asynchronous(layer: str) -> None:
    asynchronous = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.is_relative_to(ROOT / layer)
        for node in ast.walk(parsed(path))
        if isinstance(node, asynchronous)
    ]

    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    assert [str(path) for path in SOURCES if not ast.get_docstring(parsed(path)) and "versions" not in path.parts] == []


def test_no_file_tells_more_than_one_story() -> None:
    long = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in SOURCES
        if "versions" not in path.parts and path.name != "words.py"  # a vocabulary is one story, however long
    }

    assert {path: lines for path, lines in long.items() if lines > 420} == {}
