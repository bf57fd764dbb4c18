"""What the packages that are installed here document themselves with: nobody wrote it for us."""

import shutil
from pathlib import Path

import markdown
import pytest

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.transfer import import_path
from tests.knowledge.transfer.files import exported

NODE = Path(shutil.which("npm") or "/nowhere/npm").resolve()
FOLDERS = [
    Path(markdown.__file__).parents[1],
    *(folder / "docs" for folder in NODE.parents if (folder / "docs").is_dir()),
]


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS[:2], ids=lambda folder: folder.name)
def test_the_documents_of_installed_packages_are_imported_and_come_back(
    sqlite: Database, sqlite_again: Database, tmp_path: Path, folder: Path
) -> None:
    report = import_path(sqlite, OPERATOR, folder)

    assert sum(report.read_as.values()) >= 20
    assert report.created >= 0.95 * report.rows
    assert all(finding.file and finding.line and finding.message for finding in (*report.problems, *report.warnings))

    again = import_path(sqlite, OPERATOR, folder)

    assert (again.created, again.updated, again.unchanged) == (0, 0, report.created)

    first = exported(sqlite, tmp_path / "first")
    back = import_path(sqlite_again, OPERATOR, tmp_path / "first")

    assert (back.problems, back.warnings) == ((), ())
    assert exported(sqlite_again, tmp_path / "second") == first
