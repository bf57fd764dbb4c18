import io
import stat
import struct
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from knowledge.database import Database
from knowledge.errors import Invalid, TooLarge
from knowledge.people import OPERATOR
from knowledge.transfer import archives, export_path, import_path
from knowledge.transfer.archives import Archive
from tests.knowledge.transfer.files import a_file, exported, some_lines


def an_archive(path: Path, **files: str | bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as zip:
        for name, text in files.items():
            zip.writestr(name, text)
    return path


def reasons(path: Path) -> dict[str, str]:
    archive = Archive(path)
    archive.close()
    return {finding.file: finding.message for finding in archive.refused}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("../out.md", "leads out"),
        ("a/../../out.md", "leads out"),
        ("./a.md", "leads out"),
        ("a//b.md", "leads out"),
        ("/etc/a.md", "where on a disk"),
        ("C:/a.md", "where on a disk"),
        ("C:a.md", "where on a disk"),
        ("a\\b.md", "backslash"),
        ("a\x1b[31m.md", "control"),
        ("x" * 2_000 + ".md", "too long"),
        ("inner.zip", "archive within"),
    ],
)
def test_a_name_that_no_file_of_a_folder_has_is_refused(tmp_path: Path, name: str, word: str) -> None:
    path = an_archive(tmp_path / "x.zip", **{name: "x", "good.md": "# Good"})

    found = reasons(path)

    assert len(found) == 1
    assert word in next(iter(found.values()))
    assert all(file.isprintable() for file in found)


def test_what_is_refused_stops_no_other_file(sqlite: Database, tmp_path: Path) -> None:
    path = an_archive(
        tmp_path / "x.zip", **{"../a.md": "# A", "notes/good.md": "# Good\n\n[x](other.md)", "notes/other.md": "# O"}
    )

    report = import_path(sqlite, OPERATOR, path)

    assert (report.created, report.refused) == (2, 1)
    assert str(report.problems[0]).startswith("../a.md:1: ")
    assert not list(tmp_path.rglob("*.md"))


def test_links_devices_and_twice_the_same_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with ZipFile(path, "w") as zip:
        for name, mode in (("link.md", stat.S_IFLNK), ("device.md", stat.S_IFCHR), ("file.md", stat.S_IFREG)):
            info = ZipInfo(name)
            info.create_system, info.external_attr = 3, (mode | 0o644) << 16
            zip.writestr(info, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            zip.writestr("file.md", "again")

    assert sorted(reasons(path)) == ["device.md", "file.md", "link.md"]


def test_what_is_encrypted_or_strangely_compressed_is_refused(tmp_path: Path) -> None:
    path = an_archive(tmp_path / "x.zip", **{"secret.md": "# Secret"})
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x03\x04") + 6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with ZipFile(tmp_path / "y.zip", "w", ZIP_BZIP2) as zip:
        zip.writestr("b.md", "x")

    assert "encrypted" in reasons(path)["secret.md"]
    assert "compressed" in reasons(tmp_path / "y.zip")["b.md"]


def test_what_would_swell_is_refused_unread(tmp_path: Path) -> None:
    path = an_archive(tmp_path / "x.zip", **{"bomb.md": "\0" * (20 * 1024**2), "long.md": "word " * 1_000})

    assert list(reasons(path)) == ["bomb.md"]


def test_an_archive_that_declares_too_much_altogether_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 10)

    with pytest.raises(Invalid):
        Archive(an_archive(tmp_path / "x.zip", **{"a.md": "x" * 6, "b.md": "x" * 6}))


def test_an_archive_of_too_many_files_is_refused_before_it_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = an_archive(tmp_path / "x.zip", **{f"{number}.md": "x" for number in range(12)})
    monkeypatch.setattr(archives, "MOST_FILES", 11)
    with pytest.raises(Invalid):
        Archive(path)

    monkeypatch.setattr(archives, "MOST_FILES", 5)  # more than twice that is not even listed
    with pytest.raises(Invalid):
        archives._check_index(path)


def test_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = an_archive(tmp_path / "x.zip", **{"a.md": "x" * 500, "b.md": "y" * 500})
    data = bytearray(path.read_bytes())
    for start in (at for at in range(len(data)) if data[at : at + 4] == b"PK\x01\x02"):
        data[start + 20 : start + 24] = struct.pack("<L", len(data))  # each claims nearly all of it
    path.write_bytes(data)

    with pytest.raises(Invalid):
        Archive(path)


def test_a_file_that_is_longer_than_it_declares_is_reported(sqlite: Database, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with ZipFile(path, "w", ZIP_STORED) as zip:
        zip.writestr("a.md", "# A" + "x" * 1_000)
        zip.writestr("b.md", "# B")
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 100)
    path.write_bytes(data)

    report = import_path(sqlite, OPERATOR, path)

    assert (report.created, report.refused) == (1, 1)
    assert "damaged" in report.problems[0].message


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(sqlite: Database, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid):
        import_path(sqlite, OPERATOR, a_file(tmp_path / "x.zip", data))


@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_damaged_archive_is_refused_or_reported(sqlite: Database, tmp_path: Path, data: st.DataObject) -> None:
    lines = '{"type": "group", "name": "G"}\n' * 3
    whole = an_archive(tmp_path / "x.zip", **{"a.md": "# A\n\n" + "x y " * 60, "b.jsonl": lines}).read_bytes()
    places = data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6))
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole)
    for place, value in places:
        damaged[place : place + 1] = bytes([value])
    path = a_file(tmp_path / "y.zip", bytes(damaged))

    with suppress(Invalid):
        import_path(sqlite, OPERATOR, path, dry_run=True)


def test_names_in_the_alphabet_of_old_archives_are_read(tmp_path: Path) -> None:
    path = an_archive(tmp_path / "x.zip", **{"Größe.md": "# G", "plain.md": "x"})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        data[start + at + 1] &= ~0x08  # it no longer says that this is UTF-8
    path.write_bytes(data)

    archive = Archive(path)
    archive.close()

    assert list(archive.names) == ["Größe.md", "plain.md"]


def test_a_folder_around_everything_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    files = {
        "Vault/.obsidian/app.json": "{}",
        "Vault/a.md": "x",
        "Vault/b/c.md": "x",
        "__MACOSX/Vault/._a.md": "x",
        ".DS_Store": "x",
    }

    archive = Archive(an_archive(tmp_path / "x.zip", **files))
    archive.close()

    assert (list(archive.names), list(archive.vaults)) == (["a.md", "b/c.md"], [""])


def test_an_export_is_the_same_archive_every_time(stocked: Database, sqlite_again: Database, tmp_path: Path) -> None:
    export_path(stocked, tmp_path / "one.zip")
    export_path(stocked, tmp_path / "two.zip")
    import_path(sqlite_again, OPERATOR, tmp_path / "one.zip")
    export_path(sqlite_again, tmp_path / "three.zip")

    first = (tmp_path / "one.zip").read_bytes()
    assert (tmp_path / "two.zip").read_bytes() == first
    assert (tmp_path / "three.zip").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".zip") == [
        "one.zip",
        "three.zip",
        "two.zip",
    ]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_archive_has_what_a_folder_has(stocked: Database, tmp_path: Path) -> None:
    folder = exported(stocked, tmp_path / "folder")

    export_path(stocked, tmp_path / "x.zip")

    with ZipFile(io.BytesIO((tmp_path / "x.zip").read_bytes())) as zip:
        assert {name: zip.read(name) for name in zip.namelist()} == folder
        assert {info.date_time for info in zip.infolist()} == {archives.BEGAN}
        assert zip.namelist() == sorted(zip.namelist())


def test_more_than_an_archive_may_have_is_exported_as_a_folder(
    stocked: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 5)

    with pytest.raises(TooLarge):
        export_path(stocked, tmp_path / "x.zip")

    assert not (tmp_path / "x.zip").exists()


def test_lines_in_an_archive_are_imported_too(sqlite: Database, tmp_path: Path) -> None:
    some_lines(tmp_path / "in" / "rows.jsonl", {"type": "group", "name": "Support"})
    archives.pack(tmp_path / "in", tmp_path / "x.zip")

    first, second = (import_path(sqlite, OPERATOR, tmp_path / "x.zip", strict=True) for _ in range(2))

    assert (first.created, second.unchanged) == (1, 1)
