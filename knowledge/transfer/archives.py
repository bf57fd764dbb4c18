"""Zip archives: read as somebody else's, which is checked before anything of it is read; written the same every time."""

import io
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from knowledge.errors import Invalid
from knowledge.transfer.places import VAULT
from knowledge.transfer.report import Finding

MOST_FILES = 100_000
MOST_BYTES = 4 * 1024**3
"""What all files of an archive may have altogether once they are read."""
LONGEST_NAME = 1_000
SWELLING = 200
"""How many times longer than its compressed form a file may be once it has more than a megabyte."""
INDEX = 64 * 1024**2
"""Bytes of an archive's own list of its files."""
BEGAN = (1980, 1, 1, 0, 0, 0)

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


class Archive:
    """A zip file as a place. Nothing is unpacked: a file is read from within, and never beyond the size that it declares."""

    def __init__(self, path: Path) -> None:
        _check_index(path)
        try:
            self.zip = ZipFile(path)
        except _BROKEN:
            raise Invalid(f"{path.name} is not a zip archive that can be read.", "path") from None
        try:
            self.vaults: Sequence[str] = ()
            self.refused: Sequence[Finding] = ()
            self.members = self._members(path)
        except BaseException:
            self.zip.close()
            raise
        self.names: Sequence[str] = sorted(self.members, key=lambda name: name.split("/"))

    def _members(self, path: Path) -> dict[str, ZipInfo]:
        infos = [info for info in self.zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise Invalid(f"{path.name} has more than {MOST_FILES:,} files.", "path")
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise Invalid(f"{path.name} would be longer than {MOST_BYTES // 1024**3} GB.", "path")
        if sum(info.compress_size for info in infos) > path.stat().st_size:
            raise Invalid(f"The files within {path.name} overlap, as no archive's do that is honest.", "path")
        found, hidden, refused = dict[str, ZipInfo](), set[str](), list[Finding]()
        for info in infos:
            name = _name(info)
            if reason := _unsafe(info, name) or ("Another file has this name." if name in found else ""):
                refused.append(Finding(_shown(name), 1, "", reason))
            elif any(part.startswith(".") or part == "__MACOSX" for part in name.split("/")):
                hidden.add(name)
            else:
                found[name] = info
        self.refused = refused
        root = _wrapper(found)
        folders = {name.removeprefix(root).partition(VAULT + "/")[0] for name in hidden if f"/{VAULT}/" in f"/{name}"}
        self.vaults = sorted(folder.rstrip("/") for folder in folders)
        return {name.removeprefix(root): info for name, info in found.items()}

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file; whatever is wrong with the archive rises as OSError."""
        return cast("IO[bytes]", io.BufferedReader(_Member(self.zip, self.members[name])))

    def size(self, name: str) -> int:
        """How many bytes a file declares."""
        return self.members[name].file_size

    def close(self) -> None:
        """Close the archive."""
        self.zip.close()


class _Member(io.RawIOBase):
    """One file of an archive, which ends where it said it would."""

    def __init__(self, zip: ZipFile, info: ZipInfo) -> None:
        self.left = info.file_size
        try:
            self.stream = zip.open(info)
        except _BROKEN as broken:
            raise OSError(0, "the archive is damaged here") from broken

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self.stream.read(len(view))
        except _BROKEN as broken:
            raise OSError(0, "the archive is damaged here") from broken
        self.left -= len(data)
        if self.left < 0:
            raise OSError(0, "it is longer than the archive says")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed and hasattr(self, "stream"):
            self.stream.close()
        super().close()


def _check_index(path: Path) -> None:
    """Refuse an archive whose list of files is itself too long to be read."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        start = stream.seek(max(0, size - 65_536 - _END.size))
        tail = stream.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            raise Invalid(f"{path.name} is not a zip archive that can be read.", "path")
        _, _, _, _, count, index, _, _ = _END.unpack_from(tail, at)
        if start + at >= _LOCATOR.size:
            stream.seek(start + at - _LOCATOR.size)
            signature, _, place, _ = _LOCATOR.unpack(stream.read(_LOCATOR.size))
            if signature == b"PK\x06\x07" and place + _END_64.size <= size:
                stream.seek(place)
                long = _END_64.unpack(stream.read(_END_64.size))
                count, index = (long[7], long[8]) if long[0] == b"PK\x06\x06" else (count, index)
    if index > INDEX or count > 2 * MOST_FILES:  # folders are listed too
        raise Invalid(f"{path.name} has more than {MOST_FILES:,} files.", "path")


def _name(info: ZipInfo) -> str:
    """The name as it was meant: much that is UTF-8 does not say so."""
    name = info.orig_filename if "\0" in info.orig_filename else info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return unicodedata.normalize("NFC", name)


def _unsafe(info: ZipInfo, name: str) -> str:
    """Why a file of an archive is not read; empty where it is."""
    if reason := _misleading(name):
        return reason
    mode = info.external_attr >> 16
    if info.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "This is a symbolic link or no file at all."
    if info.flag_bits & 0x41 or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "This is encrypted, or compressed in a way that is not read."
    if info.file_size > 1024**2 and info.file_size > SWELLING * max(info.compress_size, 1):
        return f"This would become more than {SWELLING} times as long as it is in the archive."
    if name.lower().endswith(".zip"):
        return "An archive within an archive is not read; unpack it first."
    return ""


def _misleading(name: str) -> str:
    """Why a name is none that a file within a folder has."""
    parts = name.split("/")
    if len(name) > LONGEST_NAME:
        return "This name is too long."
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "There is a control character in this name."
    if "\\" in name:
        return "There is a backslash in this name."
    if name.startswith("/") or name[1:2] == ":":
        return "This name says where on a disk the file would lie; names are relative."
    if any(part in ("", ".", "..") for part in parts):
        return "This name leads out of its folder."
    return ""


def _shown(name: str) -> str:
    """A name that a terminal can be trusted with."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:LONGEST_NAME]


def _wrapper(names: dict[str, ZipInfo]) -> str:
    """The one folder that everything lies in, with its slash; or nothing."""
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or any("/" not in name for name in names):
        return ""
    return tops.pop() + "/"


def pack(folder: Path, target: Path) -> None:
    """Make an archive of a folder: the same bytes for the same files, whenever and wherever it is made."""
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=6) as zip:
        for name in sorted(_files(folder)):
            path = folder / name
            info = ZipInfo(name, BEGAN)
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, ZIP_DEFLATED
            info.file_size = path.stat().st_size  # tells whether the long form is needed
            with path.open("rb") as source, zip.open(info, "w") as goal:
                while piece := source.read(1024**2):
                    goal.write(piece)


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
