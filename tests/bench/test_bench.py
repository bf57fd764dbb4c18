import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench import measure, rows, stores
from tests.bench.contenders import BARE, UNCACHED


@pytest.mark.slow
def test_the_product_is_measured_beside_a_bare_route(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measure.main(["a", "--quick", "--folder", str(tmp_path)])

    told = capsys.readouterr().out.splitlines()
    for name in (UNCACHED, BARE):
        figures = next(line for line in told if line.startswith(f"| {name} |")).split("|")[2:5]
        assert all(float(each.split()[0].replace(",", "")) >= 0 for each in figures)


@pytest.mark.slow
def test_a_store_is_multiplied_by_entries_that_differ_in_all_that_must_be_unique(tmp_path: Path) -> None:
    stores.grown(tmp_path, 20)

    rows.multiply(tmp_path / "data" / "loyalty.db", 3)

    with closing(sqlite3.connect(tmp_path / "data" / "loyalty.db")) as database:
        assert database.execute("SELECT count(*), count(DISTINCT uid) FROM entry").fetchone() == (60, 60)
        assert database.execute("SELECT count(*) FROM revision_tag").fetchone() == (240,)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
