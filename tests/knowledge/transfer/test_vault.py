import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge.database import Database, table_of
from knowledge.entries import Entry
from knowledge.entries.links import Mention
from knowledge.people import OPERATOR
from knowledge.transfer import archives, import_path
from tests.knowledge.transfer.files import exported
from tests.knowledge.transfer.vault import Vault, write_vault

NOTES = 2_000 if os.environ.get("LOYALTY_TEST_ROUNDS") == "long" else 300


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Vault]:
    path = tmp_path_factory.mktemp("vault") / "Vault"
    return path, write_vault(path, NOTES)


def mentions(database: Database) -> tuple[int, int]:
    """How many mentions there are, and how many of them lead to an entry."""
    with database.reading() as session:
        mention, entry = table_of(Mention).c, table_of(Entry).c
        every = session.connection().execute(select(func.count()).select_from(table_of(Mention))).scalar_one()
        leading = select(func.count()).select_from(table_of(Mention)).where(mention.slug.in_(select(entry.slug)))
        return every, session.connection().execute(leading).scalar_one()


@pytest.mark.slow
def test_a_vault_arrives_with_every_link(
    sqlite: Database, sqlite_again: Database, tmp_path: Path, vault: tuple[Path, Vault]
) -> None:
    path, made = vault

    report = import_path(sqlite, OPERATOR, path)

    assert (report.created, report.problems) == (made.notes + made.aliases, ())
    assert report.read_as == {"Obsidian": made.notes}
    assert report.links == {"rewritten": made.links + made.pictures, "missing": made.missing, "ambiguous": 0}
    assert report.attachments["found"] == made.pictures
    wanted = sum(len(targets) for targets in made.targets.values())
    assert mentions(sqlite) == (wanted + made.missing, wanted)

    again = import_path(sqlite, OPERATOR, path)

    assert (again.created, again.updated, again.unchanged) == (0, 0, made.notes + made.aliases)

    first = exported(sqlite, tmp_path / "first")
    back = import_path(sqlite_again, OPERATOR, tmp_path / "first")

    assert (back.problems, back.warnings, back.refused) == ((), (), 0)
    assert exported(sqlite_again, tmp_path / "second") == first


def test_a_vault_in_an_archive_is_the_same_vault(sqlite: Database, sqlite_again: Database, tmp_path: Path) -> None:
    write_vault(tmp_path / "around" / "Vault", 60)
    archives.pack(tmp_path / "around", tmp_path / "vault.zip")

    of_folder = import_path(sqlite, OPERATOR, tmp_path / "around" / "Vault")
    of_archive = import_path(sqlite_again, OPERATOR, tmp_path / "vault.zip")

    assert of_archive == of_folder
    assert of_archive.read_as == {"Obsidian": 60}
    first, second = (exported(each, tmp_path / name) for each, name in ((sqlite, "a"), (sqlite_again, "b")))
    assert first.keys() == second.keys()
