"""What the processes do that back up and restore until they are killed: after so many steps, of which each opened, renamed or
removed file is one."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TypeAlias

from knowledge import backups
from knowledge.database import Database
from server import backups as taking
from server import restoring
from server.settings import Settings
from tests.faults.writing import opened

TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.scandir", "os.listdir"})

Step: TypeAlias = Callable[[], None]
Target: TypeAlias = Callable[..., None]


def until_killed(target: Target, after: int, *arguments: Path) -> None:
    """Run `target` and kill this process at a step."""
    left = after

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    _run(target, step, *arguments)


def counted(processes: ForkServerContext, target: Target, *arguments: Path) -> int:
    """How many steps `target` takes to its end."""
    near, far = processes.Pipe()
    process = processes.Process(target=_count, args=(target, far, *arguments), daemon=True)
    process.start()
    far.close()
    steps = near.recv()
    process.join()
    near.close()
    return int(steps)


def _count(target: Target, line: Connection, *arguments: Path) -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    _run(target, step, *arguments)
    line.send(steps)


def _run(target: Target, step: Step, *arguments: Path) -> None:
    is_running = True

    def hear(name: str, _: object) -> None:
        if is_running and name in TOUCHES:
            step()

    sys.addaudithook(hear)
    target(step, *arguments)
    is_running = False


def back_up(step: Step, folder: Path, path: Path) -> None:
    """As the command does it."""
    taking.take(Settings(data=folder), path, lambda _done, _all: step())


def back_up_carelessly(step: Step, folder: Path, path: Path) -> None:
    """Under its name from the start: what a test of kills has to notice."""
    with closing(opened(folder)) as database, path.open("wb") as file:
        backups.take(database, file, version="1", attachments=folder, progress=lambda _done, _all: step())


def restore(step: Step, folder: Path, path: Path) -> None:
    """As the command does it."""
    with backups.opened(path) as backup:
        backup.check()
        restoring.restore(Settings(data=folder), backup, replacing=False, progress=lambda _done, _all: step())


def restore_into(step: Step, path: Path, *, url: str) -> None:
    """Into PostgreSQL, as the command does it."""
    with closing(Database(url)) as database, backups.opened(path) as backup:
        backups.restore(database, backup, attachments=path, replacing=True, progress=lambda _done, _all: step())


def restore_carelessly(step: Step, folder: Path, path: Path) -> None:
    """In the place of the old database: what a test of kills has to notice."""
    for each in folder.glob("loyalty.db*"):
        each.unlink()
    with closing(opened(folder)) as database, backups.opened(path) as backup:
        backups.restore(database, backup, attachments=folder, progress=lambda _done, _all: step())
