import os
from pathlib import Path

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.transfer import import_path
from tests.knowledge.transfer.files import a_file


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
