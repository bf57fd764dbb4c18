"""Processes that write are killed in the middle of it, and started again."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random
from time import monotonic
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.changes import Change
from knowledge.database import table_of
from knowledge.entries import Entry
from knowledge.feedback import Feedback
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.words import Status
from tests.faults.writing import opened, write_until_killed

SECONDS_TO_AGREE = 5
SECONDS_TO_WRITE = 30
MOST_IN_A_ROUND = 25
ROUNDS_IN_A_FOLDER = 10
Promises = defaultdict[str, set[UUID]]


@contextmanager
def writing(processes: ForkServerContext, folder: Path, *, before_commit: bool = False) -> Iterator[Connection]:
    """A process that says `ready`, and is killed at the end."""
    near, far = processes.Pipe()
    options = {"before_commit": before_commit}
    process = processes.Process(target=write_until_killed, args=(folder, far), kwargs=options, daemon=True)
    process.start()
    far.close()
    try:
        assert near.poll(SECONDS_TO_AGREE), "The index does not agree with the rows in time."
        assert near.recv_bytes() == b"ready"
        yield near
    finally:
        process.kill()
        process.join()


def promised(line: Connection, promises: Promises, chance: Random) -> None:
    """Let the process write a few things and note what it acknowledges, then look away for a moment."""
    line.send_bytes(b"go")
    for _ in range(chance.randrange(MOST_IN_A_ROUND)):
        assert line.poll(SECONDS_TO_WRITE), "The process writes nothing."
        note(promises, line.recv_bytes())
    until = monotonic() + chance.uniform(0, 0.03)
    while line.poll(max(0.0, until - monotonic())) and monotonic() < until:
        note(promises, line.recv_bytes())


def rest_of(line: Connection, promises: Promises) -> None:
    """Note what was acknowledged before the kill and not read yet."""
    try:
        while True:
            note(promises, line.recv_bytes())
    except (EOFError, ConnectionResetError):
        line.close()


def note(promises: Promises, promise: bytes) -> None:
    what, _, uid = promise.decode().partition(" ")
    promises[what].add(UUID(uid))


def kill(
    processes: ForkServerContext, folder: Path, promises: Promises, chance: Random, *, before_commit: bool = False
) -> None:
    with writing(processes, folder, before_commit=before_commit) as line:
        if not before_commit:
            assert not disagreement(folder)
        promised(line, promises, chance)
    rest_of(line, promises)


def disagreement(folder: Path) -> following.Difference:
    database, index = opened(folder), EmbeddedIndex(folder / "index")
    found = following.difference(database, index)
    index.close()
    database.close()
    return found


def lost(session: Session, promises: Mapping[str, set[UUID]]) -> set[UUID]:
    """What was acknowledged and is not there."""
    entries, feedback = table_of(Entry).c, table_of(Feedback).c
    there = set(session.connection().execute(select(entries.uid)).scalars())
    archived = select(entries.uid).where(entries.status == Status.ARCHIVED)
    return (
        (promises["entry"] - there)
        | (promises["feedback"] - set(session.connection().execute(select(feedback.uid)).scalars()))
        | (promises["archived"] - set(session.connection().execute(archived).scalars()))
    )


def faults(session: Session) -> list[object]:
    """What a database should never answer: broken pages, rows without parents, halves of operations."""
    ask = session.connection().exec_driver_sql
    changes, entries, feedback = table_of(Change).c, table_of(Entry).c, table_of(Feedback).c
    logged = select(func.count(changes.uid.distinct()))
    count = session.connection().execute
    halves = [
        count(select(func.count()).where(entries.published_revision_id.is_(None))).scalar_one(),
        count(select(func.count(entries.id))).scalar_one() - count(logged.where(changes.type == "Entry")).scalar_one(),
        count(select(func.count(feedback.id))).scalar_one()
        - count(logged.where(changes.type == "Feedback")).scalar_one(),
    ]
    broken = [each for each in ask("PRAGMA integrity_check").scalars() if each != "ok"]
    return [*broken, *ask("PRAGMA foreign_key_check").all(), *(half for half in halves if half)]


def after_kills(
    processes: ForkServerContext, folder: Path, rounds: int, chance: Random
) -> tuple[Promises, set[UUID], list[object]]:
    promises: Promises = defaultdict(set)
    for _ in range(rounds):
        kill(processes, folder, promises, chance)
    with writing(processes, folder):
        assert not disagreement(folder)
    database = opened(folder)
    with database.reading() as session:
        found = promises, lost(session, promises), faults(session)
    database.close()
    return found


def test_nothing_acknowledged_is_lost_and_the_index_agrees_after_each_start(
    processes: ForkServerContext, founded: Callable[[str], Path], is_long: bool
) -> None:
    chance = Random(2)

    for number in range(50 if is_long else 1):
        promises, missing, broken = after_kills(processes, founded(f"data{number}"), ROUNDS_IN_A_FOLDER, chance)

        assert len(promises["entry"]) > ROUNDS_IN_A_FOLDER
        assert promises["archived"]
        assert missing == set()
        assert broken == []


def test_a_writer_that_acknowledges_before_its_commit_is_found_out(processes: ForkServerContext, folder: Path) -> None:
    chance = Random(3)
    promises: Promises = defaultdict(set)
    database = opened(folder)

    for _ in range(40):
        kill(processes, folder, promises, chance, before_commit=True)
        with database.reading() as session:
            missing = lost(session, promises)
        if missing:
            break

    database.close()
    assert missing
