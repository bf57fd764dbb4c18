import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

import schema.root  # noqa: F401  every table of the product
from knowledge.database import Database, Table, table_of
from knowledge.entries.links import Link
from knowledge.initiatives.progress import ProgressUpdate
from knowledge.people import OPERATOR
from knowledge.transfer import Report
from knowledge.transfer.importing import run
from knowledge.transfer.lines import ENTRY, PERSON, Lines, Own, Plain, To, exact, plain, written
from knowledge.transfer.registry import LEFT_OUT, LINED, RESTORED, WITH_ENTRIES
from knowledge.transfer.restoring import restored
from knowledge.transfer.sources import Material
from knowledge.words import Kind
from tests.factories import an_entry
from tests.knowledge.transfer.files import some_lines

UPDATES = Lines(
    "progress",
    ProgressUpdate,
    (
        *plain("uid", "health", "percent", "summary", "next"),
        To("entry_id", "entry", ENTRY),
        To("author_id", "author", PERSON),
        Plain("created_at", "at"),
        *plain("source", "external_id"),
    ),
    key=("uid",),
)
"""Updates as if they were restored: the same table by the shortest way."""
BONDS = Lines(
    "link",
    Link,
    (
        To("from_id", "from", ENTRY),
        To("to_id", "to", ENTRY),
        Plain("kind"),
        To("created_by_id", "by", PERSON),
        Plain("created_at", "at"),
    ),
    order=("from", "to", "kind"),
    key=("from_id", "to_id", "kind"),
)

UPDATE = {
    "type": "progress",
    "uid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "health": "at_risk",
    "summary": "It leaks.",
    "entry": "to-the-front",
    "author": "ines@example.com",
    "at": "2026-03-01T00:00:00Z",
}
BOND = {"type": "link", "from": "to-the-front", "to": "other", "kind": "supports", "at": "2026-03-01T00:00:00Z"}


def test_every_table_is_exported_or_left_out_for_a_reason() -> None:
    lined = [table_of(lines.table).name for lines in (*LINED, *RESTORED)]
    known = [*lined, *WITH_ENTRIES, *LEFT_OUT]

    assert sorted(known) == sorted(Table.metadata.tables)
    assert all((*WITH_ENTRIES.values(), *LEFT_OUT.values()))


@pytest.mark.parametrize("lines", [*LINED, *RESTORED], ids=lambda lines: lines.type)
def test_every_column_of_a_table_is_written_or_left_out_for_a_reason(lines: Lines) -> None:
    said = {column.column for column in lines.columns if not isinstance(column, Own)}
    said |= {"uid", "source", "external_id"} if any(isinstance(column, Own) for column in lines.columns) else set()

    assert said & set(lines.left_out) == set()
    assert said | set(lines.left_out) | {"id"} == set(table_of(lines.table).c.keys()) | {"id"}


def test_what_is_restored_is_found_again() -> None:
    assert [lines.type for lines in RESTORED if not lines.key] == []


def bring(database: Database, path: Path, lines: Lines, *rows: dict[str, Any]) -> Report:
    with closing(Material(some_lines(path / "in.jsonl", *rows))) as material:
        return run(database, OPERATOR, material, [restored(lines)])


def told(database: Database, lines: Lines) -> Sequence[dict[str, Any]]:
    with database.reading() as session:
        return [
            {name: exact(value) for name, value in each.items() if value is not None}
            for each in written(session, lines)
        ]


def a_place(session: Session) -> None:
    an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="other")
    an_entry(session, OPERATOR, kind=Kind.VISION, slug="to-the-front")


def test_a_declared_table_is_read_back_as_it_was_written(database: Database, tmp_path: Path) -> None:
    database.write(a_place)

    first = [bring(database, tmp_path, lines, row) for lines, row in ((UPDATES, UPDATE), (BONDS, BOND))]
    second = [bring(database, tmp_path, lines, row) for lines, row in ((UPDATES, UPDATE), (BONDS, BOND))]

    assert [(report.created, report.problems) for report in first] == [(1, ()), (1, ())]
    assert [report.unchanged for report in second] == [1, 1]
    assert [each.field for each in first[0].warnings] == ["author"]
    without = {name: value for name, value in UPDATE.items() if name not in ("type", "author")}
    assert told(database, UPDATES) == [without]
    assert told(database, BONDS) == [{name: value for name, value in BOND.items() if name != "type"}]


def test_what_differs_is_brought_to_what_the_line_says(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(a_place)
    bring(sqlite, tmp_path, UPDATES, UPDATE)

    report = bring(sqlite, tmp_path, UPDATES, {**UPDATE, "percent": 50, "summary": "It holds."})

    assert (report.updated, report.problems) == (1, ())
    assert [(each["percent"], each["summary"]) for each in told(sqlite, UPDATES)] == [(50, "It holds.")]


def test_a_line_that_points_nowhere_or_says_too_little_is_refused(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(a_place)
    rows = [
        {**UPDATE, "entry": "nowhere"},
        {**UPDATE, "health": "purple", "uid": "one"},
        {"type": "progress", "uid": UPDATE["uid"]},
        {**UPDATE, "colour": "red"},
    ]

    report = bring(sqlite, tmp_path, UPDATES, *rows)

    assert {(each.line, each.field) for each in report.problems} == {
        (1, "entry"),
        (2, "health"),
        (2, "uid"),
        (3, "health"),
        (3, "summary"),
        (3, "entry"),
        (3, "at"),
    }
    assert [each.field for each in report.warnings] == ["colour", "author"]


def test_what_follows_from_other_columns_is_made_of_them(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(a_place)
    louder = replace(UPDATES, derived=lambda values: {"next": values["summary"].upper()})

    bring(sqlite, tmp_path, louder, UPDATE)

    assert [each["next"] for each in told(sqlite, UPDATES)] == ["IT LEAKS."]


def test_two_stores_tell_the_same(sqlite: Database, sqlite_template: Path, tmp_path: Path) -> None:
    sqlite.write(a_place)
    bring(sqlite, tmp_path, BONDS, BOND, {**BOND, "kind": "related"}, {**BOND, "from": "other", "to": "to-the-front"})
    shutil.copyfile(sqlite_template, tmp_path / "other.db")

    with closing(Database(f"sqlite:///{tmp_path / 'other.db'}")) as other:
        other.write(lambda session: an_entry(session, OPERATOR, kind=Kind.VISION, slug="to-the-front"))
        other.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="other"))
        bring(other, tmp_path, BONDS, *({"type": "link", **each} for each in told(sqlite, BONDS)))

        assert told(other, BONDS) == told(sqlite, BONDS)
