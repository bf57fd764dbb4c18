import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from knowledge.database import Database
from knowledge.listening.searches import Heard
from knowledge.people import OPERATOR, Viewer
from knowledge.search.index import Index
from schema import documents, execution
from schema.context import Context, Counts
from schema.limits import Limits
from tests.factories import a_viewer, an_entry
from tests.schema.plans.both import GENEROUS, World

FAILS_LATE = '{ search(query: "coffee") { totalCount } entries(first: 1) { nodes { title } } bad: entries(after: "bad") { totalCount } }'
LOOKS = 'query ($id: ID!) { dataExport(customer: { id: $id }) bad: entries(after: "bad") { totalCount } }'


@pytest.mark.parametrize("source", [FAILS_LATE, LOOKS])
def test_what_an_abandoned_plan_did_is_taken_back(source: str, world: World) -> None:
    variables = {"id": world.ids["Customer"][0]}
    stock = world.run(source, world.viewers["ADMIN"], variables, plans=False)
    assert stock.heard or stock.looked

    plan = world.run(source, world.viewers["ADMIN"], variables, plans=True)

    assert plan.counts == Counts(replayed=1)
    assert (plan.told, plan.heard, plan.looked) == (stock.told, stock.heard, stock.looked)


def something() -> Any:
    return object()


def test_what_was_there_before_a_plan_gives_up_stays(world: World) -> None:
    operation = execution.prepare(FAILS_LATE, viewer=OPERATOR, limits=Limits())
    before = something()
    with world.database.reading() as session:
        context = Context(session, OPERATOR, world.index, heard=[before], looked={before: None})
        session.info["comparing"] = before

        execution.run(operation, context)

        assert session.info.get("comparing") is not before
        assert session.info["effort"] == 0
        assert [*context.looked] == [before]
        assert [type(each) for each in context.heard] == [object, Heard]


def three_entries(session: Session) -> Viewer:
    viewer = a_viewer(session)
    for _ in range(3):
        an_entry(session, viewer, tags=["one"])
    return viewer


@contextmanager
def failing(database: Database, statement: str, failure: Any) -> Iterator[list[str]]:
    """Whatever is asked of the tags fails as the database has it fail; answers what is sent."""
    sent: list[str] = []

    def fail(connection: Any, cursor: Any, asked: str, *_: Any) -> None:
        if "FROM tag" in asked or "JOIN tag" in asked:
            sent.append(asked)
            failure(cursor, statement)

    event.listen(database.engine if not database.is_sqlite else database.reader, "before_cursor_execute", fail)
    yield sent
    event.remove(database.engine if not database.is_sqlite else database.reader, "before_cursor_execute", fail)


def run(
    database: Database, index: Index, viewer: Viewer, source: str, *, plans: bool
) -> tuple[execution.Answer, Counts]:
    operation = execution.prepare(source, viewer=viewer, limits=Limits())
    with database.reading() as session:
        context = Context(session, viewer, index, "request", plans=plans)
        return execution.run(operation, context), context.counts


TAGS = "{ entries { nodes { title tags { name } } } after: entries { totalCount } }"


def test_after_a_statement_that_fails_the_answer_is_the_stock_one(database: Database, index: Index) -> None:
    viewer = database.write(three_entries)
    wrong = "SELECT nothing FROM nowhere"
    with failing(database, wrong, lambda cursor, statement: cursor.execute(statement)):
        stock, _ = run(database, index, viewer, TAGS, plans=False)
        plan, counts = run(database, index, viewer, TAGS, plans=True)

    assert counts == Counts(replayed=1)
    assert plan.errors == stock.errors
    assert type(plan.bug) is type(stock.bug)


def test_a_statement_that_was_stopped_is_not_run_again_for_nobody(database: Database, index: Index) -> None:
    viewer = database.write(three_entries)
    code, cancelled = (9, "") if database.is_sqlite else (0, "57014")

    class Stopped(Exception):
        sqlite_errorcode = code
        sqlstate = cancelled

    def stop(cursor: Any, statement: str) -> None:
        raise DBAPIError(statement, {}, Stopped())

    with failing(database, "", stop) as sent:
        answer, counts = run(database, index, viewer, TAGS, plans=True)

    assert len(sent) == 1
    assert answer.data is None
    assert answer.bug is not None
    assert counts == Counts()


def test_a_query_that_is_really_interrupted_is_not_run_again(sqlite: Database, index: Index) -> None:
    viewer = sqlite.write(three_entries)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    def interrupt(cursor: Any, statement: str) -> None:
        cursor.connection.set_progress_handler(lambda: 1, 1_000)
        try:
            cursor.execute(statement)
        finally:
            cursor.connection.set_progress_handler(None, 0)

    with failing(sqlite, endless, interrupt) as sent:
        answer, _ = run(sqlite, index, viewer, TAGS, plans=True)

    assert len(sent) == 1
    assert answer.bug is not None


def test_nothing_is_found_twice_in_a_plan(world: World) -> None:
    source = "{ entries(first: 5) { nodes { slug author { name } tags { name } } again: nodes { id } } }"
    calls = Counter[str]()
    world.run(source, OPERATOR, {}, plans=True)  # compiled

    def count(frame: Any, happened: str, _: Any) -> None:
        if happened == "call" and frame.f_code.co_name in {"entries", "listing", "tags_of", "author_of"}:
            calls[f"{frame.f_code.co_filename.rpartition('/')[2]} {frame.f_code.co_name}"] += 1

    sys.setprofile(count)
    try:
        world.run(source, OPERATOR, {}, plans=True)
    finally:
        sys.setprofile(None)

    assert calls["reading.py entries"] <= 1
    assert all(number in {1, 5} for number in calls.values()), calls


def test_plans_are_kept_with_their_document_and_only_so_many(world: World) -> None:
    switches = [f"$s{number}: Boolean!" for number in range(6)]
    fields = " ".join(f"a{number}: cursor @skip(if: $s{number})" for number in range(6))
    source = f"query ({', '.join(switches)}) {{ cursor {fields} }}"
    for ways in range(64):
        variables = {f"s{number}": bool(ways >> number & 1) for number in range(6)}
        assert world.run(source, OPERATOR, variables, plans=True).is_planned

    operation = execution.prepare(source, variables=variables, viewer=OPERATOR, limits=GENEROUS)
    assert 1 <= len(operation.chosen.plans.made) <= 16


def test_documents_that_are_sent_are_kept_up_to_a_bound_and_do_not_displace_the_products_own() -> None:
    own = documents.documented("{ cursor }", Limits(), own=True)
    for number in range(2 * documents.SENT):
        documents.documented(f"{{ a{number}: cursor }}", Limits())

    assert documents._parsed.cache_info().currsize == documents.SENT <= 128
    assert documents.documented("{ cursor }", Limits(), own=True) is own


def test_sizes_of_many_or_long_variables_are_not_kept() -> None:
    found = documents.documented("{ viewer { role } }", Limits())
    for number in range(3):
        found.weight(None, {f"v{number}_{each}": each for each in range(100)})
        found.weight(None, {f"{number}" * 2_000: 1})

    assert all(len(sizes) <= documents.FEW for _, sizes in found.weights)
    assert sum(len(name) for _, sizes in found.weights for name, *_ in sizes) <= documents.SHORT * documents.WEIGHED
