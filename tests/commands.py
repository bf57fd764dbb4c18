"""Runs `loyalty`: within the tests' own process, which spares each command the seconds a new one takes to begin, or in one of its own."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from typer.testing import CliRunner

from server.cli import app
from server.settings import PREFIX

ROOT = Path(__file__).parents[1]
RUN = [sys.executable, "-c", "from loyalty_commons import main; main()"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
"""The environment of a command in a process of its own."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def loyalty(*arguments: str | Path, says: str = "", **variables: str | Path) -> Said:
    """Run a command with nothing of ours in its environment but these variables; a bug in it rises here."""
    unset: dict[str, str | None] = {name: None for name in os.environ if name.startswith(PREFIX)}
    given = {f"{PREFIX}{name.upper()}": str(value) for name, value in variables.items()}
    with _logs_kept():
        result = CliRunner().invoke(app, [*map(str, arguments)], input=says, env={**unset, **given})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


@contextmanager
def _logs_kept() -> Iterator[None]:
    """A command begins the log of its process, which is that of all tests here."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**configured)
