"""A disk without room refuses, loses nothing, lets everybody read, and works again when there is room."""

from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from knowledge.database import Database, Unwritable, table_of
from knowledge.entries import Entry
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
    assert [type(each) for each in seen.refused] == [Unwritable] * 3
    assert seen.read == 1 + len(seen.promised)
    assert len(seen.index_refused) == 2
    assert seen.index_trouble.startswith("The index cannot be written: ")
    assert seen.logged == ["the index cannot be written: there is no room"] * 2
    assert seen.half_indexes == 0
    assert seen.found == 1
    assert seen.agrees
    assert set(seen.promised) | set(seen.after) <= there
    assert len(there) == 1 + len(seen.promised) + len(seen.after)


def test_a_full_database_keeps_what_it_acknowledged_and_takes_more_when_it_may_grow(sqlite: Database) -> None:
    event.listen(sqlite.engine, "connect", _narrow)
    viewer = sqlite.write(a_viewer)

    promised, refused = until_refused(sqlite, partial(entry, viewer=viewer, title="Written " + "on " * 20))
    while_full = entries_in(sqlite)
    sqlite.write(lambda session: session.connection().exec_driver_sql("PRAGMA max_page_count=100000"))
    promised.append(sqlite.write(partial(entry, viewer=viewer, title="Written again")))

    assert [type(each) for each in refused] == [Unwritable] * 3
    assert while_full == set(promised[:-1])
    assert entries_in(sqlite) == set(promised)


def _narrow(connection: Any, _: object) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 8}")


def test_of_a_batch_that_finds_the_disk_full_nothing_is_acknowledged_that_is_not_kept(sqlite: Database) -> None:
    event.listen(sqlite.engine, "connect", _narrow)
    viewer = sqlite.write(a_viewer)

    waiting = [
        sqlite.submit(partial(entry, viewer=viewer, title=f"Written at once as number {number}"))
        for number in range(100)
    ]
    refused = [each for each in waiting if each.exception() is not None]

    assert {type(each.exception()) for each in refused} == {Unwritable}
    assert entries_in(sqlite) == {each.result() for each in waiting if each not in refused}
