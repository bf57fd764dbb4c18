"""A disk without room refuses, loses nothing, lets everybody read, and works again when there is room."""

from multiprocessing.context import ForkServerContext
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, event, select

from knowledge.database import Database, table_of
from knowledge.entries import Entry
from knowledge.search import documents
from tests.factories import a_viewer
from tests.faults.writing import Starved, entry, opened, until_refused, write_without_room


def entries_in(database: Database) -> set[str]:
    with database.reading() as session:
        return {f"entry {uid}" for uid in session.connection().execute(select(table_of(Entry).c.uid)).scalars()}


def starved(processes: ForkServerContext, folder: Path) -> Starved:
    near, far = processes.Pipe()
    process = processes.Process(target=write_without_room, args=(folder, far), daemon=True)
    process.start()
    far.close()
    seen = near.recv()
    process.join()
    near.close()
    assert isinstance(seen, Starved)
    return seen


def test_a_process_whose_files_may_not_grow_refuses_writes_and_answers_reads(
    processes: ForkServerContext, folder: Path
) -> None:
    seen = starved(processes, folder)

    database = opened(folder)
    there = entries_in(database)
    database.close()
    assert seen.promised
    assert seen.refused == []
    assert seen.read == 1 + len(seen.promised)
    assert seen.index_refused
    assert seen.found == 1
    assert seen.agrees
    assert set(seen.promised) | set(seen.after) <= there
    assert len(there) == 1 + len(seen.promised) + len(seen.after)
