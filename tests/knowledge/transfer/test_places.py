import os
from pathlib import Path

from sqlalchemy import text

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.transfer import import_path
from tests.factories import a_file as attached
from tests.factories import an_entry
from tests.knowledge.transfer.files import a_file, exported


def test_a_name_in_another_alphabet_is_reported_and_stops_no_other_file(sqlite: Database, tmp_path: Path) -> None:
    for name in (b"caf\xe9.md", b"caf\xe9/x.md", b"plain.md"):
        a_file(tmp_path / "in" / os.fsdecode(name), "# A")

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert report.created == 1
    assert [str(each) for each in report.problems] == [
        f"{name}:1: This name is not UTF-8; rename it first." for name in ("caf\ufffd", "caf\ufffd.md")
    ]
    alone = import_path(sqlite, OPERATOR, tmp_path / "in" / os.fsdecode(b"caf\xe9.md"))
    assert (alone.created, alone.problems) == (1, ())


def test_a_file_that_an_export_names_is_no_link_to_somewhere_else(
    sqlite: Database, sqlite_again: Database, tmp_path: Path
) -> None:
    sqlite.write(lambda session: attached(session, OPERATOR, an_entry(session, OPERATOR, slug="one"), data=b"Secret."))
    (name,) = (name for name in exported(sqlite, tmp_path / "out") if name.startswith("attachments/"))
    (tmp_path / "elsewhere").write_bytes(b"Secret.")
    (tmp_path / "out" / name).unlink()
    (tmp_path / "out" / name).symlink_to(tmp_path / "elsewhere")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "out")

    assert [each.message for each in report.problems] == [f"The file {name} cannot be read."]


def test_lines_without_the_files_beside_them_say_what_is_missing(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(lambda session: attached(session, OPERATOR, an_entry(session, OPERATOR, slug="one")))
    (name,) = (name for name in exported(sqlite, tmp_path / "out") if name.startswith("attachments/"))
    with sqlite.migrating() as connection:
        connection.execute(text("DELETE FROM attachment_name"))
        connection.execute(text("DELETE FROM attachment"))

    report = import_path(sqlite, OPERATOR, tmp_path / "out" / "data.jsonl")

    assert f"The file {name} cannot be read." in [each.message for each in report.problems]
