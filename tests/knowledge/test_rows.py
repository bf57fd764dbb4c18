import gc
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from weakref import ref

import pytest
from sqlalchemy import Select, bindparam, case, event, exc, func, select, text
from sqlmodel import Session

from knowledge import transfer
from knowledge.customers import Customer
from knowledge.database import Database, Page, Row, Table, among, columns_of, one, read, read_among, sliced, table_of
from knowledge.database.pages import Order
from knowledge.database.rows import whole
from knowledge.entries.entry import Entry, Revision
from knowledge.errors import Invalid
from tests.factories import a_customer

_c = table_of(Customer).c
_e = table_of(Entry).c


class AnyRow(Row):
    """Whatever a statement reads."""


@pytest.fixture
def told(database: Database) -> Iterator[Session]:
    transfer.install_library(database)
    transfer.install_sample(database)
    with database.reading() as session:
        yield session


@pytest.fixture
def reading(database: Database) -> Iterator[Session]:
    for name in ("Ada", "Berta", "Carla"):
        database.write(lambda session, name=name: a_customer(session, name=name))  # type: ignore[misc]
    with database.reading() as session:
        yield session


@pytest.fixture
def sent(storied: Database) -> list[tuple[str, Any]]:
    """What is sent to the reader, with its values."""
    heard: list[tuple[str, Any]] = []
    event.listen(storied.reader, "before_cursor_execute", lambda *sent: heard.append(sent[2:4]))
    return heard


@cache
def named(count: int) -> Select[Any]:
    return select(*columns_of(Customer)).where(among(_c.name, count)).order_by(_c.id)


def names(rows: list[Any]) -> list[str]:
    return [row.name for row in rows]


def test_every_column_of_every_table_has_the_value_that_sqlalchemy_gives(told: Session) -> None:
    filled = 0
    for table in Table.metadata.sorted_tables:
        statement = select(*table.c).order_by(*table.primary_key)
        expected = [dict(row) for row in told.connection().execute(statement).mappings()]
        filled += bool(expected)

        for _ in ("compiled", "kept"):
            rows = read(told, AnyRow, statement)
            for name in reversed(table.c.keys()):
                values = [getattr(row, name) for row in rows]
                assert values == [row[name] for row in expected], (table.name, name)
                assert list(map(type, values)) == [type(row[name]) for row in expected], (table.name, name)
        assert [whole(row) for row in read(told, AnyRow, statement)] == expected, table.name
    assert filled > 40


def test_a_column_is_unpacked_for_all_rows_when_one_is_asked_and_others_are_not(reading: Session) -> None:
    rows: list[Any] = read(reading, AnyRow, select(*columns_of(Customer)).order_by(_c.id))

    assert [row.__dict__ for row in rows] == [{}, {}, {}]
    assert rows[1].name == "Berta"
    assert [row.__dict__ for row in rows] == [{"name": "Ada"}, {"name": "Berta"}, {"name": "Carla"}]


def test_what_a_row_was_given_since_stays_when_others_unpack_a_column(reading: Session) -> None:
    rows: list[Any] = read(reading, AnyRow, select(*columns_of(Customer)).order_by(_c.id))
    rows[0].name, rows[1].told = "Adele", "yes"

    assert names(rows)[0] == "Adele"
    assert whole(rows[1])["told"] == "yes"


def test_a_column_that_was_not_read_is_no_attribute(reading: Session) -> None:
    row: Any = one(reading, AnyRow, select(_c.id))

    with pytest.raises(AttributeError, match="AnyRow has no name"):
        _ = row.name
    assert not hasattr(row, "name")


def test_a_kept_statement_is_sent_with_the_values_of_its_time(reading: Session, statements: list[str]) -> None:
    kept = select(*columns_of(Customer)).where(_c.name == bindparam("name"), _c.created_at > bindparam("since"))
    since = reading.connection().execute(select(func.min(_c.created_at))).scalar_one()
    statements.clear()

    found = [names(read(reading, AnyRow, kept, name=name, since=since.replace(year=2000))) for name in ("Ada", "Carla")]
    none = read(reading, AnyRow, kept, name="Ada", since=since.replace(year=9000))

    assert (found, none) == ([["Ada"], ["Carla"]], [])
    assert len(statements) == 3
    assert len(set(statements)) == 1


def test_a_kept_statement_takes_no_list_whose_length_may_change(reading: Session) -> None:
    kept = select(_c.id).where(_c.name.in_(bindparam("names", expanding=True)))

    with pytest.raises(TypeError, match="read_among"):
        read(reading, AnyRow, kept, names=["Ada"])


def test_keys_of_any_number_are_asked_for_in_few_statements(reading: Session, statements: list[str]) -> None:
    wanted: list[Any] = [["Ada"], ["Ada", "Berta"], ["Ada", "Berta", "Carla"], ["Ada", "Carla", "Nobody", "None", "No"]]
    statements.clear()

    found = [names(read_among(reading, AnyRow, named, keys)) for keys in wanted]

    assert found == [["Ada"], ["Ada", "Berta"], ["Ada", "Berta", "Carla"], ["Ada", "Carla"]]
    assert read_among(reading, AnyRow, named, []) == []
    assert len(statements) == 4


def test_what_is_known_of_a_statement_goes_with_it(reading: Session) -> None:
    order = Order("name", ((_c.name, False), (_c.id, False)))
    held = []
    for name in ("Ada", "Berta"):
        statement = select(*columns_of(Customer)).where(_c.name == name)
        read(reading, AnyRow, statement)
        one(reading, AnyRow, statement)
        sliced(reading, AnyRow, statement, order, Page(first=2)).total()
        held.append(ref(statement))

    del statement
    gc.collect()

    assert held[1]() is None  # SQLAlchemy itself keeps some of the first of a form


def test_what_a_database_refuses_is_told_in_one_way(reading: Session) -> None:
    with pytest.raises(exc.DBAPIError), reading.begin_nested():
        read(reading, AnyRow, select(_c.id, text("name / no_such_column")))


@pytest.mark.parametrize("values", [{"told": 2}, {}], ids=["kept", "new"])
def test_what_goes_wrong_at_a_later_row_is_told_in_the_same_way(
    reading: Session, engine: str, values: dict[str, int]
) -> None:
    last = reading.connection().execute(select(func.max(_c.id))).scalar_one()
    broken = func.abs(-(2**63)) if engine == "sqlite" else 1 / (_c.id - _c.id)
    statement = select(case((_c.id == last, broken), else_=1)).order_by(_c.id)
    if values:
        statement = statement.where(_c.id < bindparam("told", type_=_c.id.type))
        assert len(read(reading, AnyRow, statement, told=last)) == 2
        values = {"told": last + 1}

    with pytest.raises(exc.DBAPIError):
        read(reading, AnyRow, statement, **values)


def pages(session: Session, page: Page) -> Any:
    return sliced(
        session, AnyRow, select(*columns_of(Customer)), Order("name", ((_c.name, False), (_c.id, False))), page
    )


def test_a_page_goes_on_from_the_cursor_of_each_row(reading: Session) -> None:
    first = pages(reading, Page(first=2))

    assert [names(pages(reading, Page(first=2, after=cursor)).rows) for cursor in first.cursors] == [
        ["Berta", "Carla"],
        ["Carla"],
    ]
    assert names(pages(reading, Page(last=2)).rows) == ["Berta", "Carla"]
    assert first.total() == 3


@pytest.mark.parametrize("page", [{"first": 1}, {"last": 1}])
@pytest.mark.parametrize("descends", [True, False])
def test_a_late_page_begins_where_its_index_does(
    storied: Database, sent: list[tuple[str, Any]], page: dict[str, Any], descends: bool
) -> None:
    order = Order("updated", ((_e.updated_at, descends), (_e.id, descends)))
    with storied.reading() as session:
        some: Any = sliced(session, AnyRow, select(*columns_of(Entry)), order, Page(first=30))
        way: dict[str, Any] = {"after": some.cursors[20]} if "first" in page else {"before": some.cursors[20]}

        found: Any = sliced(session, AnyRow, select(*columns_of(Entry)), order, Page(**page, **way))

        explained = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sent[-1][0]}", sent[-1][1])
        plan = [row[3] for row in explained]
    assert found.rows[0].id == some.rows[21 if "first" in page else 19].id
    assert any(re.match(r"SEARCH entry USING INDEX ix_entry_updated_at \(updated_at[<>]", each) for each in plan), plan


@pytest.mark.parametrize("descends", [True, False])
def test_rows_that_are_alike_in_the_first_column_come_exactly_once(storied: Database, descends: bool) -> None:
    number, id = table_of(Revision).c.number, table_of(Revision).c.id
    order, statement = Order("number", ((number, descends), (id, not descends))), select(number, id)
    with storied.reading() as session:
        expected = sorted(read(session, AnyRow, statement), key=lambda row: row.id, reverse=not descends)
        expected.sort(key=lambda row: row.number, reverse=descends)  # type: ignore[attr-defined]
        page: Any = sliced(session, AnyRow, statement, order, Page(first=7))
        found = [row.id for row in page.rows]
        while page.has_next:
            page = sliced(session, AnyRow, statement, order, Page(first=7, after=page.cursors[-1]))
            found += [row.id for row in page.rows]

    assert found == [row.id for row in expected]


def test_a_cursor_of_another_list_is_refused_before_anything_is_read(reading: Session, statements: list[str]) -> None:
    statements.clear()

    with pytest.raises(Invalid, match="does not belong"):
        pages(reading, Page(after="bm90aGluZw"))
    assert statements == []
