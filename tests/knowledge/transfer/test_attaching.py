from pathlib import Path

from knowledge import attachments
from knowledge.database import Database
from knowledge.entries import by_slug
from knowledge.people import OPERATOR
from knowledge.transfer import import_path
from tests.factories import a_picture
from tests.knowledge.transfer.files import a_file


def a_vault(path: Path) -> Path:
    """A page with a picture, and with a program that only calls itself one."""
    a_file(path / ".obsidian/app.json", "{}")
    a_file(path / "Valve.md", "It leaks: ![[leak.png]]\n\n![[bad.png]]\n")
    a_file(path / "files/leak.png", a_picture())
    a_file(path / "files/bad.png", b"MZ\x90\x00 not a picture")
    return path


def test_what_pages_show_is_attached_once_and_what_is_refused_is_told(database: Database, tmp_path: Path) -> None:
    first, second = (import_path(database, OPERATOR, a_vault(tmp_path / "vault")) for _ in range(2))

    assert (first.attachments, second.attachments) == ({"found": 2, "kept": 1}, {"found": 2, "kept": 1})
    assert [each.field for each in first.warnings if "png" in each.field] == ["bad.png"]
    with database.reading() as session:
        entry = by_slug(session, OPERATOR, "valve")
        assert entry is not None
        (kept,) = attachments.of_entry(entry, OPERATOR)
        with attachments.store_of(session).open(session, kept.sha256) as stream:
            assert (kept.name, stream.read()) == ("leak.png", a_picture())


def test_a_dry_run_attaches_nothing(sqlite: Database, tmp_path: Path) -> None:
    import_path(sqlite, OPERATOR, a_vault(tmp_path / "vault"), dry_run=True)

    with sqlite.reading() as session:
        assert by_slug(session, OPERATOR, "valve") is None
