import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text

from knowledge import backups, migrations
from knowledge.backups import Damaged, Manifest
from knowledge.backups.parts import FORMAT, LEFT_OUT, MANIFEST
from knowledge.changes import Change
from knowledge.database import Database, table_of
from knowledge.errors import Conflict, Invalid
from knowledge.people import OPERATOR
from tests.factories import a_file, a_viewer, an_entry
from tests.knowledge.test_migrations import counts

KEPT = Path(__file__).parent / "backups"
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def taken(database: Database, path: Path) -> Manifest:
    with path.open("wb") as file:
        return backups.take(database, file, version="1.2.3", attachments=path.parent / "attachments")


def restored(path: Path, url: str, *, replacing: bool = False) -> Database:
    database = Database(url)
    try:
        with backups.opened(path) as backup:
            backup.check()
            backups.restore(database, backup, attachments=path.parent / "attachments", replacing=replacing)
    except BaseException:
        database.close()
        raise
    return database


@pytest.fixture
def small(sqlite: Database, tmp_path: Path) -> Path:
    """A backup of little."""
    sqlite.write(lambda session: an_entry(session, a_viewer(session)))
    taken(sqlite, tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


@contextmanager
def changed(path: Path) -> Iterator[dict[str, bytes]]:
    """The parts of a backup, to be changed; they are written again as they are then."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    yield parts
    with ZipFile(path, "w") as archive:
        for name, said in parts.items():
            archive.writestr(name, said)


def refusal(path: Path) -> str:
    with pytest.raises(Damaged) as refused, backups.opened(path) as backup:
        backup.check()
    return str(refused.value)


@pytest.mark.postgres
def test_a_backup_restores_into_the_other_engine_and_gives_the_same_bytes_there(
    filled: Database, empty: Callable[[str], str], tmp_path: Path
) -> None:
    before = counts(filled)
    manifest = taken(filled, tmp_path / "first.zip")

    with closing(restored(tmp_path / "first.zip", empty("postgresql" if filled.is_sqlite else "sqlite"))) as elsewhere:
        again = taken(elsewhere, tmp_path / "second.zip")

        assert again.parts == manifest.parts
        kept = {name: count for name, count in before.items() if name not in LEFT_OUT}
        assert manifest.rows == kept
        assert {name: counts(elsewhere)[name] for name in kept} == kept
        assert migrations.differences(elsewhere) == []
        assert migrations.is_current(elsewhere)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_restored_can_be_written(small: Path, engine: str, empty: Callable[[str], str]) -> None:
    with closing(restored(small, empty(engine))) as elsewhere:
        elsewhere.write(lambda session: an_entry(session, a_viewer(session)))

        assert counts(elsewhere)["entry"] == 2


@pytest.mark.postgres
def test_changes_of_another_cluster_come_before_those_that_follow(
    database: Database, empty: Callable[[str], str], tmp_path: Path
) -> None:
    database.write(lambda session: an_entry(session, a_viewer(session)))
    taken(database, tmp_path / "backup.zip")

    with closing(restored(tmp_path / "backup.zip", empty("postgresql"))) as elsewhere, elsewhere.reading() as session:
        assert set(session.connection().execute(select(table_of(Change).c.xid)).scalars()) == {0}


def test_a_manifest_reads_as_it_was_written(small: Path) -> None:
    with backups.opened(small) as backup:
        assert Manifest.read(backup.manifest.written()) == backup.manifest
        assert backup.manifest.version == "1.2.3"


def test_a_backup_needs_no_file_that_can_seek(sqlite: Database, tmp_path: Path) -> None:
    class Pipe(BytesIO):
        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    manifest = backups.take(sqlite, pipe, version="1", attachments=tmp_path)
    (tmp_path / "piped.zip").write_bytes(pipe.getvalue())

    with backups.opened(tmp_path / "piped.zip") as backup:
        backup.check()
        assert backup.manifest == manifest


def test_a_part_that_was_changed_is_named(small: Path) -> None:
    with ZipFile(small) as archive:
        names = set(archive.namelist()) - {MANIFEST}
    whole = small.read_bytes()

    for name in names:
        small.write_bytes(whole)
        with changed(small) as parts:
            parts[name] = parts[name].replace(b'"', b"'", 1)

        assert name in refusal(small)


def test_a_part_that_is_missing_or_too_many_is_named(small: Path) -> None:
    whole = small.read_bytes()
    with changed(small) as parts:
        del parts["tables/entry.jsonl"]
    missing = refusal(small)

    small.write_bytes(whole)
    with changed(small) as parts:
        parts["tables/stranger.jsonl"] = b"[]\n"
    too_many = refusal(small)

    assert missing == "tables/entry.jsonl is missing."
    assert too_many == "tables/stranger.jsonl does not belong into it."


def test_a_backup_that_ends_early_is_refused(small: Path) -> None:
    whole = small.read_bytes()

    for length in range(0, len(whole), max(1, len(whole) // 50)):
        small.write_bytes(whole[:length])

        assert "its end is missing" in refusal(small)


def test_a_byte_that_changed_on_the_way_is_found_or_changes_nothing(small: Path) -> None:
    whole = bytearray(small.read_bytes())

    for place in range(0, len(whole), max(1, len(whole) // 300)):
        small.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            with backups.opened(small) as backup:
                backup.check()
        except Damaged:
            continue
        with ZipFile(small) as archive:  # a date or an attribute of the zip, which nobody reads
            assert all(
                hashlib.sha256(archive.read(part.name)).hexdigest() == part.sha256 for part in backup.manifest.parts
            )


def test_a_part_that_begins_before_its_file_does_is_refused(small: Path) -> None:
    said = bytearray(small.read_bytes())
    said[said.rindex(b"PK\5\6") + 18] = 0x7F  # where the list of parts is, by the archive's own account
    small.write_bytes(said)

    assert "is not in the file" in refusal(small)


@pytest.mark.parametrize("said", [b"", b"# Notes\n", b"SQLite format 3\0" + bytes(4096)])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, said: bytes) -> None:
    (tmp_path / "notes").write_bytes(said)

    assert "is no backup" in refusal(tmp_path / "notes")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": FORMAT + 1}, "manifest.json cannot be read"),
        (
            {"parts": [{"name": "../../etc/passwd", "bytes": 1, "sha256": "", "rows": 0}]},
            "names parts that no backup has",
        ),
        ({"parts": 5}, "manifest.json cannot be read"),
        ({"moment": "yesterday"}, "manifest.json cannot be read"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(small: Path, change: Mapping[str, object], why: str) -> None:
    with changed(small) as parts:
        parts[MANIFEST] = json.dumps({**json.loads(parts[MANIFEST]), **change}).encode()

    assert why in refusal(small)


def test_another_zip_is_no_backup(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("notes.txt", "Nothing of ours.")

    assert "manifest.json cannot be read" in refusal(tmp_path / "other.zip")


def rewritten(path: Path, change: Callable[[dict[str, bytes]], Mapping[str, object]]) -> None:
    """Change parts of a backup and have its manifest agree, as a program of somebody else might."""
    with changed(path) as parts:
        manifest = {**json.loads(parts[MANIFEST]), **change(parts)}
        for part in manifest["parts"]:
            said = parts[part["name"]]
            part.update(bytes=len(said), sha256=hashlib.sha256(said).hexdigest(), rows=said.count(b"\n") - 1)
        parts[MANIFEST] = json.dumps(manifest).encode()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_of_a_newer_version_is_refused(small: Path, engine: str, empty: Callable[[str], str]) -> None:
    rewritten(small, lambda _: {"migration": "9999"})

    with pytest.raises(Invalid, match="this version is older"):
        restored(small, empty(engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_whose_parent_is_missing_leaves_nothing(small: Path, engine: str, empty: Callable[[str], str]) -> None:
    def without_people(parts: dict[str, bytes]) -> Mapping[str, object]:
        parts["tables/person.jsonl"] = parts["tables/person.jsonl"].splitlines(keepends=True)[0]
        return {}

    rewritten(small, without_people)
    url = empty(engine)

    with pytest.raises(Exception, match=r"without their parents|foreign key"):
        restored(small, url)

    with closing(Database(url)) as elsewhere:
        assert backups.is_empty(elsewhere)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_that_its_tables_do_not_have_is_refused(small: Path, engine: str, empty: Callable[[str], str]) -> None:
    def with_another_column(parts: dict[str, bytes]) -> Mapping[str, object]:
        parts["tables/tag.jsonl"] = parts["tables/tag.jsonl"].replace(b'"slug"', b'"slag"', 1)
        return {}

    rewritten(small, with_another_column)

    with pytest.raises(Damaged, match=r"tables/tag\.jsonl has other columns"):
        restored(small, empty(engine))


def test_a_database_that_has_tables_stays_as_it_is_unless_they_are_to_go(database: Database, small: Path) -> None:
    database.write(a_viewer)
    before = counts(database)

    with pytest.raises(Conflict, match="has tables already"), backups.opened(small) as backup:
        backups.restore(database, backup, attachments=small.parent)

    assert counts(database) == before
    with backups.opened(small) as backup:
        backups.restore(database, backup, attachments=small.parent, replacing=True)
    assert counts(database)["person"] == 1
    assert counts(database)["entry"] == 1


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.zip")), ids=lambda path: path.stem)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_of_every_released_version_restores(path: Path, engine: str, empty: Callable[[str], str]) -> None:
    with backups.opened(path) as backup:
        rows = backup.manifest.rows

    with closing(restored(path, empty(engine))) as elsewhere:
        assert migrations.differences(elsewhere) == []
        assert min(rows.values()) > 0
        assert {name: counts(elsewhere)[name] for name in ("entry", "revision", "person")} == {
            name: rows[name] for name in ("entry", "revision", "person")
        }


def test_a_kind_of_column_that_nobody_thought_of_is_not_written_wrongly(sqlite: Database, tmp_path: Path) -> None:
    with sqlite.migrating() as connection:
        connection.execute(text("CREATE TABLE odd (id INTEGER PRIMARY KEY, price NUMERIC)"))

    with pytest.raises(TypeError, match=r"odd\.price"):
        taken(sqlite, tmp_path / "backup.zip")


@pytest.fixture
def with_a_file(sqlite: Database, tmp_path: Path) -> tuple[Path, str]:
    """A backup with one attachment, and its hash."""
    sqlite.write(lambda session: a_file(session, OPERATOR, an_entry(session, OPERATOR), data=b"As it was."))
    return tmp_path / "backup.zip", taken(sqlite, tmp_path / "backup.zip").attachments[0]


def test_what_an_attachment_contains_is_whole_again_where_it_was_damaged(
    with_a_file: tuple[Path, str], empty: Callable[[str], str]
) -> None:
    path, digest = with_a_file
    content = path.parent / "attachments" / digest[:2] / digest
    content.write_bytes(b"Damaged.")

    restored(path, empty("sqlite")).close()

    assert content.read_bytes() == b"As it was."


def test_an_attachment_that_is_another_than_its_name_says_is_named(with_a_file: tuple[Path, str]) -> None:
    path, digest = with_a_file

    def with_another(parts: dict[str, bytes]) -> Mapping[str, object]:
        parts[f"attachments/{digest}"] = b"Another.\n"
        return {}

    rewritten(path, with_another)

    assert refusal(path) == f"attachments/{digest} is not what was written."
