import threading
from concurrent.futures import Future
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, changes, clock, jobs
from knowledge.activity import Activity, ActivityValue
from knowledge.changes import Change
from knowledge.database import Database, Row, neighbours, read, table_of
from knowledge.errors import Invalid
from knowledge.jobs import Job
from tests.factories import a_customer, a_viewer


class NumberedRow(Row):
    uid: UUID


def customers_named(session: Session) -> list[NumberedRow]:
    from knowledge.customers import Customer

    return read(session, NumberedRow, select(table_of(Customer).c.id, table_of(Customer).c.uid))


def test_refused_operation_leaves_nothing_and_its_neighbours_in_the_batch_stay(database: Database) -> None:
    gate = threading.Event()

    def hold(session: Session) -> None:
        gate.wait(10)

    def fail(session: Session) -> None:
        a_customer(session, name="Nobody")
        raise LookupError

    held = database.submit(hold)
    waiting: list[Future[object]] = [database.submit(work) for work in (a_customer, fail, a_customer)]
    gate.set()

    assert held.result() is None
    assert isinstance(waiting[1].exception(), LookupError)
    assert waiting[0].exception() is None
    assert waiting[2].exception() is None
    with database.reading() as session:
        assert len(customers_named(session)) == 2


@pytest.mark.parametrize("name", ["a\0b", "\0"])
def test_a_text_with_nul_is_refused_on_every_engine(database: Database, name: str) -> None:
    def two(session: Session) -> None:
        a_customer(session, name="Rosa")
        a_customer(session, name=name)

    for work in (two, lambda session: a_customer(session, name=name)):
        with pytest.raises(Invalid, match="NUL"):
            database.submit(work).result()

    with database.reading() as session:
        assert customers_named(session) == []


def test_reading_keeps_nothing(database: Database) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"), database.reading() as session:
        a_customer(session)

    with database.reading() as session:
        assert customers_named(session) == []


def test_listener_hears_every_commit(database: Database) -> None:
    heard = threading.Event()
    database.listen(heard.set)

    database.write(a_customer)

    assert heard.wait(10)


def test_neighbours_are_read_once_for_all_rows_and_apart_for_other_arguments(database: Database) -> None:
    calls: list[tuple[int, str]] = []

    def relation(session: Session, rows: list[NumberedRow], word: str) -> dict[int, str]:
        calls.append((len(rows), word))
        return {row.id: f"{word} {row.id}" for row in rows}

    for _ in range(3):
        database.write(a_customer)
    with database.reading() as session:
        rows = customers_named(session)
        found = [neighbours(row, relation, "a") for row in rows] + [neighbours(rows[0], relation, "b")]

    assert found == [*(f"a {row.id}" for row in rows), f"b {rows[0].id}"]
    assert calls == [(3, "a"), (3, "b")]


def test_change_log_gives_every_change_once_in_order(database: Database) -> None:
    made = [database.write(a_customer).uid for _ in range(5)]
    seen, cursor = [], ""
    while True:
        with database.reading() as session:
            batch = changes.since(session, cursor, types=("Customer",), most=2)
        if not batch:
            break
        seen += [change.uid for change in batch]
        cursor = batch[-1].cursor

    assert seen == made


def test_change_log_waits_for_a_slower_transaction_rather_than_missing_it(database: Database) -> None:
    if database.is_sqlite:
        database.write(a_customer)  # writers are serial here, so that there is no slower one
        with database.reading() as session:
            assert len(changes.since(session, "", types=("Customer",))) == 1
        return
    with Session(database.engine) as slow:
        changes.record(slow, "Customer", clock.uid())
        slow.flush()
        database.write(a_customer)
        with database.reading() as session:
            before = changes.since(session, "", types=("Customer",))
        slow.commit()
    with database.reading() as session:
        after = changes.since(session, "", types=("Customer",))

    assert (len(before), len(after)) == (0, 2)


def test_every_act_is_on_record_with_what_it_changed(session: Session) -> None:
    ines = a_viewer(session)
    token = activity.request_id.set("request-7")

    activity.record(session, ines.id, "entry.moved", "Entry", clock.uid(), moved={"status": ("DRAFT", None)})

    activity.request_id.reset(token)
    session.flush()
    acts, values = table_of(Activity).c, table_of(ActivityValue).c
    act = (
        session.connection()
        .execute(select(acts.id, acts.person_id, acts.request_id).where(acts.verb == "entry.moved"))
        .one()
    )
    value = session.connection().execute(select(values.before, values.after).where(values.activity_id == act.id)).one()
    assert (act.person_id, act.request_id, value.before, value.after) == (ines.id, "request-7", "DRAFT", None)


def test_job_runs_once_and_a_failing_one_is_tried_again_later(database: Database) -> None:
    ran: list[str] = []

    def handler(session: Session, subject: str) -> None:
        ran.append(subject)
        if subject == "bad" and len(ran) < 3:
            raise LookupError

    database.write(lambda session: jobs.later(session, "test", "good"))
    database.write(lambda session: jobs.later(session, "test", "bad"))

    first = jobs.run_due(database, {"test": handler})
    second = jobs.run_due(database, {"test": handler})
    with database.reading() as session:
        waiting = session.connection().execute(select(table_of(Job).c.tries, table_of(Job).c.failure)).all()

    assert (first, second, ran) == (1, 0, ["good", "bad"])
    assert [(row.tries, row.failure) for row in waiting] == [(1, "LookupError: ")]


def test_uids_sort_by_the_time_they_were_made() -> None:
    made = [clock.uid() for _ in range(3)]

    assert all(uid.version == 7 for uid in made)
    assert made[0].int >> 80 <= made[2].int >> 80


def test_change_table_is_named_in_the_log(session: Session) -> None:
    a_customer(session)

    assert session.connection().execute(select(table_of(Change).c.type)).scalars().all() == ["Customer"]
