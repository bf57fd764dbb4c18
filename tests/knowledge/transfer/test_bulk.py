import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge.database import Database, Table, table_of
from knowledge.feedback.complaints import ComplaintCase
from knowledge.people import OPERATOR
from knowledge.transfer import Report, import_path
from tests.bench.bulk import customers, feedback, transactions, write

PEOPLE = 20


def brought(database: Database, path: Path, *, rows: int) -> Report:
    for what in (customers(PEOPLE), transactions(rows, PEOPLE)):
        import_path(database, OPERATOR, write(path, what))
    return import_path(database, OPERATOR, write(path, feedback(rows, PEOPLE)))


def counted(database: Database, table: type[Table]) -> int:
    with database.reading() as session:
        return session.connection().execute(select(func.count()).select_from(table_of(table))).scalar_one()


def test_a_row_of_many_costs_less_than_a_statement_and_twice_is_the_same_as_once(
    database: Database, statements: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    brought(database, path, rows=10)

    statements.clear()
    first = brought(database, path, rows=400)
    spent = len(statements)
    second = brought(database, path, rows=400)

    assert (first.created, first.unchanged, first.refused) == (390, 10, 0)
    assert (second.created, second.unchanged, second.refused) == (0, 400, 0)
    assert spent < 0.75 * (400 + 400)
    assert counted(database, ComplaintCase) == 50  # each with its reference, as if it had come alone [F3]


@pytest.fixture
def collecting() -> Iterator[None]:
    """Garbage is collected as often as in the product; the suite does so more rarely."""
    usual = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*usual)


@pytest.mark.usefixtures("collecting")
def test_memory_stays_flat_however_many_rows_come(sqlite: Database, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    brought(sqlite, path, rows=200)

    def most(rows: int) -> int:
        write(path, feedback(rows, PEOPLE))
        tracemalloc.start()
        import_path(sqlite, OPERATOR, path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few, many = most(400), most(2_000)

    assert many < few + 500_000
