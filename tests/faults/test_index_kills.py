"""A process that writes an index is killed in the middle of it; those who read meanwhile and later see whole commits only."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random
from time import sleep

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Reach
from tests.faults.indexing import ENTRIES, entries, read_until_told, write_until_killed

EVERYTHING = Reach(everything=True)
SECONDS = 30
FILES = 2 + 12 + 1
"""Table of contents and stamp, segments not merged yet, and what a killed process left."""


def writing(processes: ForkServerContext, folder: Path) -> AbstractContextManager[Connection]:
    return running(processes, write_until_killed, folder)


@contextmanager
def running(
    processes: ForkServerContext, target: Callable[[Path, Connection], None], folder: Path
) -> Iterator[Connection]:
    near, far = processes.Pipe()
    process = processes.Process(target=target, args=(folder, far), daemon=True)
    process.start()
    far.close()
    try:
        yield near
    finally:
        process.kill()
        process.join()


def heard(line: Connection) -> tuple[str, str, str]:
    assert line.poll(SECONDS), "The process writes nothing."
    what, trouble, cursor = line.recv()
    return str(what), str(trouble), str(cursor)


def seen(index: EmbeddedIndex) -> int:
    """The revision that all of a commit is of."""
    revisions = set(index.known().values())
    assert len(revisions) == 1, revisions
    hits = index.search("steady", EVERYTHING)
    assert (hits.total, len({hit.uid for hit in hits.hits})) == (ENTRIES, ENTRIES)
    return revisions.pop()


def rest_of(line: Connection, last: int) -> int:
    """The last revision that was acknowledged before the kill."""
    try:
        while True:
            last = int(line.recv()[2])
    except (EOFError, ConnectionResetError):
        return last


def test_a_killed_writer_leaves_whole_commits(processes: ForkServerContext, tmp_path: Path, is_long: bool) -> None:
    chance = Random(4)
    index = EmbeddedIndex(tmp_path)
    index.apply(entries(1), (), "1")
    last = 1

    for _ in range(50 if is_long else 4):
        with writing(processes, tmp_path) as line:
            what, trouble, cursor = heard(line)
            assert (what, trouble) == ("opened", "")
            assert int(cursor) >= last
            for _ in range(chance.randrange(15)):
                last = int(heard(line)[2])
                assert seen(index) >= last
            sleep(chance.uniform(0, 0.03))
        last = rest_of(line, last)
        afterwards = EmbeddedIndex(tmp_path)
        assert afterwards.trouble == ""
        assert seen(afterwards) == seen(index) == int(afterwards.cursor()) >= last
        last = int(afterwards.cursor())
        afterwards.close()
    assert last > 4
    assert len(list(index._root.current().iterdir())) <= FILES
    index.close()


def test_readers_in_several_processes_see_whole_commits_only(
    processes: ForkServerContext, tmp_path: Path, is_long: bool
) -> None:
    EmbeddedIndex(tmp_path).apply(entries(1), (), "1")
    commits = 1_000 if is_long else 25

    with ExitStack() as stack:
        readers = [stack.enter_context(running(processes, read_until_told, tmp_path)) for _ in range(4)]
        assert [reader.recv() for reader in readers] == ["reading"] * 4
        with writing(processes, tmp_path) as line:
            heard(line)
            last = max(int(heard(line)[2]) for _ in range(commits))
        for reader in readers:
            reader.send("enough")
        told = [reader.recv() for reader in readers]

    assert [wrong for _, _, wrong in told] == [[]] * 4
    assert all(newest >= last for _, newest, _ in told)
    assert all(count > 2 for count, _, _ in told)


def test_readers_of_other_processes_see_each_commit(processes: ForkServerContext, tmp_path: Path) -> None:
    EmbeddedIndex(tmp_path).apply(entries(1), (), "1")
    index = EmbeddedIndex(tmp_path)

    with writing(processes, tmp_path) as line:
        heard(line)
        for _ in range(25):
            revision = int(heard(line)[2])
            newest = index.search("steady", EVERYTHING).total, index.search(f"revision{revision}", EVERYTHING).total
            assert newest[0] == ENTRIES
            assert newest[1] == ENTRIES or seen(index) > revision
