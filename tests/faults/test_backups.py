"""Backups under load, and processes killed while they back up and restore."""

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, func, select

from knowledge import backups, changes
from knowledge.backups import Damaged, Manifest
from knowledge.changes import Change
from knowledge.database import Database, table_of
from knowledge.entries import Entry
from knowledge.feedback import Feedback
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Reach
from tests.factories import a_viewer
from tests.faults import keeping
from tests.faults.writing import WRITERS, archived, entry, in_threads, opened, said, someone


@dataclass(frozen=True)
class Writing:
    """What eight threads have been promised so far."""

    promised: set[str]
    turn: threading.Condition

    def go_on(self, *_: object) -> None:
        """Wait until one of them has written once more."""
        with self.turn:
            before = len(self.promised)
            assert self.turn.wait_for(lambda: len(self.promised) > before, timeout=60), "Nobody writes."

    def keep(self, promise: str) -> None:
        """One more was acknowledged."""
        with self.turn:
            self.promised.add(promise)
            self.turn.notify_all()


@contextmanager
def eight_writers(database: Database) -> Iterator[Writing]:
    """Eight threads that write until the end."""
    viewer, stopping = someone(database), threading.Event()
    writing = Writing(set(), threading.Condition())

    def write(number: int) -> None:
        turn = 0
        while not stopping.is_set():
            title = f"Written by {number} as number {turn}"
            promise = database.write(partial(entry, viewer=viewer, title=title))
            writing.keep(promise)
            writing.keep(database.write(partial(said, viewer=viewer, verbatim=title)))
            if turn % 3 == 2:
                writing.keep(database.write(partial(archived, promise=promise)))
            turn += 1

    running = threading.Thread(target=in_threads, args=(write,))
    running.start()
    try:
        for _ in range(2 * WRITERS):
            writing.go_on()
        yield writing
    finally:
        stopping.set()
        running.join()


def taken(database: Database, path: Path, writing: Writing | None = None) -> Manifest:
    """A backup; between any two tables one of the writers writes."""
    go_on = writing.go_on if writing else lambda *_: None
    with path.open("wb") as file:
        return backups.take(database, file, version="1", attachments=path.parent / "attachments", progress=go_on)


def restored(path: Path, url: str) -> Database:
    database = Database(url)
    try:
        with backups.opened(path) as backup:
            backup.check()
            backups.restore(database, backup, attachments=path.parent / "attachments")
    except BaseException:
        database.close()
        raise
    return database


def lost(database: Database, promised: set[str]) -> set[str]:
    """What was acknowledged and is not there."""
    uids = {promise for promise in promised if not promise.startswith("archived")}
    with database.reading() as session:
        answer = session.connection().execute
        there = {f"entry {uid}" for uid in answer(select(table_of(Entry).c.uid)).scalars()}
        there |= {f"feedback {uid}" for uid in answer(select(table_of(Feedback).c.uid)).scalars()}
    return uids - there


def halves(database: Database) -> list[int]:
    """What operations write together and is not there together."""
    change = table_of(Change).c
    with database.reading() as session:
        answer = session.connection().execute
        logged = Counter(dict(tuple(row) for row in answer(
            select(change.type, func.count(change.uid.distinct())).group_by(change.type)
        )))  # fmt: skip
        found = [
            answer(select(func.count()).select_from(table_of(Entry))).scalar_one() - logged["Entry"],
            answer(select(func.count()).select_from(table_of(Feedback))).scalar_one() - logged["Feedback"],
            answer(select(func.count()).where(table_of(Entry).c.published_revision_id.is_(None))).scalar_one(),
        ]
    return [each for each in found if each]


def found_by_search(database: Database, folder: Path) -> int:
    with closing(EmbeddedIndex(folder)) as index:
        following.reindex(database, index)
        assert not following.difference(database, index)
        return index.search("written", Reach(everything=True)).total


def test_a_backup_taken_while_eight_write_restores_elsewhere_and_is_whole(
    database: Database, engine: str, empty: Callable[[str], str], tmp_path: Path, is_long: bool
) -> None:
    assert database.is_sqlite == (engine == "sqlite")
    database.write(a_viewer)

    for number in range(20 if is_long else 1):
        path = tmp_path / f"{number}.zip"
        with eight_writers(database) as writing:
            promised = set(writing.promised)
            manifest = taken(database, path, writing)
            meanwhile = len(writing.promised) - len(promised)

        with closing(restored(path, empty(engine))) as elsewhere:
            assert lost(elsewhere, promised) == set()
            assert halves(elsewhere) == []
            assert taken(elsewhere, tmp_path / "again.zip").parts == manifest.parts
            assert 0 < found_by_search(elsewhere, tmp_path / f"index{number}") <= manifest.rows["entry"]
        assert promised
        assert meanwhile >= len(manifest.rows)


def test_a_backup_that_reads_each_table_at_another_moment_is_found_out(
    sqlite: Database, empty: Callable[[str], str], tmp_path: Path
) -> None:
    sqlite.write(a_viewer)
    restless = Database(str(sqlite.url))

    @event.listens_for(restless.reader, "before_cursor_execute")
    def move_on(connection: Any, *_: object) -> None:
        driver = connection.connection.dbapi_connection
        if driver.in_transaction:
            driver.execute("COMMIT")
            driver.execute("BEGIN")

    with eight_writers(sqlite) as writing, closing(restless):
        taken(restless, tmp_path / "backup.zip", writing)

    assert wrong_with(tmp_path / "backup.zip", empty("sqlite"))


def wrong_with(path: Path, url: str) -> list[object]:
    try:
        with closing(restored(path, url)) as elsewhere:
            return [*halves(elsewhere)]
    except RuntimeError as orphans:
        return [orphans]


def is_done(processes: ForkServerContext, target: Callable[..., None], *arguments: Path, after: int) -> bool:
    """Run a process that kills itself after so many steps; whether it came to its end before."""
    process = processes.Process(target=keeping.until_killed, args=(target, after, *arguments), daemon=True)
    process.start()
    process.join()
    assert process.exitcode in (0, -9), process.exitcode
    return process.exitcode == 0


@pytest.fixture
def written(folder: Path) -> Path:
    """A folder with some entries."""
    with closing(opened(folder)) as database:
        viewer = someone(database)
        for number in range(5):
            database.write(partial(entry, viewer=viewer, title=f"Written as number {number}"))
    return folder


def steps(is_long: bool, most: int) -> list[int]:
    """After how many steps to kill: all of them in the long run; in the suite a few, and the last where files change places."""
    chance = Random(5)
    return [*range(1, most + 1)] if is_long else sorted({chance.randrange(1, most), *range(most - 1, most + 1)})


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(
    processes: ForkServerContext, written: Path, tmp_path: Path, is_long: bool
) -> None:
    most = keeping.counted(processes, keeping.back_up, written, tmp_path / "measured.zip")

    for after in steps(is_long, most):
        path = tmp_path / f"{after}.zip"
        assert not is_done(processes, keeping.back_up, written, path, after=after)
        assert not path.exists() or is_whole(path)

    assert is_whole(tmp_path / "measured.zip")


def test_a_backup_that_is_written_under_its_name_from_the_start_is_found_out(
    processes: ForkServerContext, written: Path, tmp_path: Path
) -> None:
    path = tmp_path / "backup.zip"
    most = keeping.counted(processes, keeping.back_up_carelessly, written, tmp_path / "measured.zip")

    assert not is_done(processes, keeping.back_up_carelessly, written, path, after=most - 5)

    assert path.exists()
    assert not is_whole(path)


def is_whole(path: Path) -> bool:
    try:
        with backups.opened(path) as backup:
            backup.check()
    except Damaged:
        return False
    return True


@pytest.fixture
def two(written: Path, founded: Callable[[str], Path], tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    """A new folder with one entry, and a backup of another with five."""
    taken_from(written, tmp_path / "backup.zip")
    first = founded("first")
    with closing(opened(first)) as database:
        database.write(partial(entry, viewer=someone(database), title="Written before"))
        with closing(EmbeddedIndex(first / "index")) as index:
            following.reindex(database, index)

    def made(name: str) -> tuple[Path, Path]:
        return shutil.copytree(first, tmp_path / name), tmp_path / "backup.zip"

    return made


def taken_from(folder: Path, path: Path) -> Manifest:
    with closing(opened(folder)) as database:
        return taken(database, path)


def what_is_there(folder: Path, path: Path) -> tuple[object, ...]:
    """The rows as the parts of a backup, after a start as the server makes it, which has to bring the index along."""
    with closing(opened(folder)) as database, closing(EmbeddedIndex(folder / "index")) as index:
        following.reconcile(database, index)
        assert not following.difference(database, index)
        assert halves(database) == []
        with database.reading() as session:
            assert changes.since(session, index.cursor()) == []
            assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        return taken(database, path).parts


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(
    processes: ForkServerContext, two: Callable[[str], tuple[Path, Path]], tmp_path: Path, is_long: bool
) -> None:
    folder, backup = two("measured")
    old, new = taken_from(folder, tmp_path / "old.zip").parts, manifest_of(backup).parts
    most = keeping.counted(processes, keeping.restore, folder, backup)
    seen = Counter[str]()

    for after in steps(is_long, most):
        folder, backup = two(f"data{after}")
        assert not is_done(processes, keeping.restore, folder, backup, after=after)
        there = what_is_there(folder, tmp_path / "there.zip")
        assert there in (old, new), after
        seen["new" if there == new else "old"] += 1

    assert seen["old"]
    assert seen["new"]


@pytest.mark.postgres
def test_a_restore_into_postgresql_that_is_killed_leaves_the_old(
    processes: ForkServerContext, written: Path, empty: Callable[[str], str], tmp_path: Path, is_long: bool
) -> None:
    taken_from(written, tmp_path / "backup.zip")
    target = partial(keeping.restore_into, url=empty("postgresql"))
    most = keeping.counted(processes, target, tmp_path / "backup.zip")
    with closing(Database(target.keywords["url"])) as database:
        database.write(lambda session: entry(session, viewer=someone(database), title="Written later"))
        old = taken(database, tmp_path / "old.zip").parts

        for after in range(1, most) if is_long else (most // 3, most - 5):
            assert not is_done(processes, target, tmp_path / "backup.zip", after=after)
            assert taken(database, tmp_path / "there.zip").parts == old


def test_a_restore_over_the_old_database_is_found_out(
    processes: ForkServerContext, two: Callable[[str], tuple[Path, Path]], tmp_path: Path
) -> None:
    folder, backup = two("measured")
    most = keeping.counted(processes, keeping.restore_carelessly, folder, backup)
    folder, backup = two("elsewhere")
    old, new = taken_from(folder, tmp_path / "old.zip").parts, manifest_of(backup).parts

    assert not is_done(processes, keeping.restore_carelessly, folder, backup, after=most // 2)

    assert not is_either(folder, tmp_path / "there.zip", old, new)


def is_either(folder: Path, path: Path, old: object, new: object) -> bool:
    try:
        return what_is_there(folder, path) in (old, new)
    except Exception:  # whatever it is, it is neither
        return False


def manifest_of(path: Path) -> Manifest:
    with backups.opened(path) as backup:
        return backup.manifest
