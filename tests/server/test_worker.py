import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, jobs
from knowledge.database import Database, table_of
from knowledge.jobs import Job
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from server import worker
from server.worker import DAILY, HANDLERS, HOURLY, OFTEN, RECURRING, Lease, Worker
from tests.factories import a_viewer, an_entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def working(database: Database, index: EmbeddedIndex, folder: Path) -> Iterator[Worker]:
    busy = Worker(database, index, folder)
    busy.start()
    try:
        yield busy
    finally:
        busy.stop()


def publish_one(session: Session) -> None:
    an_entry(session, a_viewer(session))


def test_only_one_holds_the_lease_and_the_next_takes_it_over(tmp_path: Path) -> None:
    first, second = Lease(tmp_path / "lock"), Lease(tmp_path / "lock")

    held = [first.taken(), second.taken(), first.taken()]
    first.given_up()

    assert held == [True, False, True]
    assert second.taken()
    second.given_up()


def test_every_recurring_job_has_a_handler_and_waits_once(sqlite: Database) -> None:
    sqlite.write(worker.begin_recurring)
    sqlite.write(worker.begin_recurring)

    done = jobs.run_due(sqlite, HANDLERS)

    assert set(RECURRING) <= set(HANDLERS)
    assert done == len(RECURRING)


def test_tidying_asks_for_the_next_day_surveys_for_the_next_hour_and_digests_sooner(sqlite: Database) -> None:
    with clock.held(NOON):
        sqlite.write(worker.begin_recurring)
        jobs.run_due(sqlite, HANDLERS)

    with sqlite.reading() as session:
        due = set(session.connection().execute(select(table_of(Job).c.due_at)).scalars())
        assert due == {NOON + DAILY, NOON + HOURLY, NOON + OFTEN}


def test_two_that_began_at_once_keep_one_chain_of_runs(database: Database) -> None:
    with clock.held(NOON):
        for _ in range(2):
            database.write(lambda session: jobs.later(session, "people.tidy"))
        jobs.run_due(database, HANDLERS)
    with clock.held(NOON + DAILY):
        done = jobs.run_due(database, HANDLERS)

    assert done == 1


def test_a_recurring_job_that_failed_for_good_is_asked_for_again(sqlite: Database) -> None:
    def fail(session: Session) -> None:
        session.add(Job(kind="people.tidy", due_at=clock.now(), tries=jobs.TRIES))

    sqlite.write(fail)
    sqlite.write(worker.begin_recurring)

    assert jobs.run_due(sqlite, HANDLERS) == len(RECURRING)


def test_the_index_has_what_was_committed_before_it_was_asked(
    database: Database, index: EmbeddedIndex, tmp_path: Path
) -> None:
    with working(database, index, tmp_path) as busy:
        database.write(publish_one)
        busy.caught_up().result(10)

        assert len(index.known()) == 1
        assert not following.difference(database, index)


def test_an_index_that_was_lost_is_filled_from_the_rows(sqlite: Database, index: EmbeddedIndex, tmp_path: Path) -> None:
    sqlite.write(publish_one)

    with working(sqlite, index, tmp_path) as busy:
        busy.caught_up().result(10)

    assert not following.difference(sqlite, index)


def test_beside_another_process_it_waits_for_the_other_ones_index(
    sqlite: Database, index: EmbeddedIndex, tmp_path: Path
) -> None:
    other = Lease(tmp_path / "worker.lock")
    assert other.taken()

    with working(sqlite, index, tmp_path) as busy:
        sqlite.write(publish_one)
        waiting = busy.caught_up()
        following.follow(sqlite, index)

        assert waiting.result(10) is None


def test_when_the_other_process_ends_its_turn_has_come(sqlite: Database, index: EmbeddedIndex, tmp_path: Path) -> None:
    other = Lease(tmp_path / "worker.lock")
    assert other.taken()
    sqlite.write(publish_one)

    with working(sqlite, index, tmp_path) as busy:
        waiting = busy.caught_up()
        other.given_up()
        waiting.result(10)

    assert len(index.known()) == 1


def test_a_due_job_runs_by_itself(sqlite: Database, index: EmbeddedIndex, tmp_path: Path) -> None:
    ran = threading.Event()
    handlers = {**HANDLERS, "test.ring": lambda session, subject: ran.set()}
    sqlite.write(lambda session: jobs.later(session, "test.ring"))

    busy = Worker(sqlite, index, tmp_path, handlers=handlers)
    busy.start()
    try:
        assert ran.wait(10)
    finally:
        busy.stop()
