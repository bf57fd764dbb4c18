"""Reads a backup and believes nothing: the manifest first, then every part by its size and its hash."""

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

import orjson

from knowledge.backups.parts import MANIFEST, Manifest, Part, attachment_part, table_part
from knowledge.errors import Invalid

BLOCK = 1 << 20
PARTS = re.compile(r"tables/[a-z][a-z0-9_]*\.jsonl|attachments/[0-9a-f]{64}")
BROKEN = (BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError)


class Damaged(Invalid):
    """The file is no backup, or not the one that was written."""


class Backup:
    """A backup that is open for reading; `check` it before anything is taken from it."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        with _told(MANIFEST):
            self.manifest = Manifest.read(archive.read(MANIFEST))
        self._parts = {part.name: part for part in self.manifest.parts}
        self._refuse_strangers()

    def check(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Read every part; `progress` hears how many bytes of how many. Refuses with the name of the first part that is not whole."""
        done = 0
        for part in self.manifest.parts:
            self._check(part)
            done += part.bytes
            progress(done, self.manifest.size)

    @contextmanager
    def rows(self, table: str) -> Iterator[tuple[list[str], Iterator[list[object]]]]:
        """The names of the columns of a table, and its rows one after the other."""
        name = table_part(table)
        with _told(name), self._archive.open(name) as part:
            names = orjson.loads(part.readline())
            yield names, map(orjson.loads, part)

    @contextmanager
    def content(self, name: str) -> Iterator[IO[bytes]]:
        """What an attachment contains."""
        with _told(name), self._archive.open(name) as part:
            yield part

    def _refuse_strangers(self) -> None:
        there = sorted(self._archive.namelist())
        named = sorted([MANIFEST, *self._parts])
        if len(self._parts) != len(self.manifest.parts) or not all(map(PARTS.fullmatch, self._parts)):
            raise Damaged(f"{MANIFEST} names parts that no backup has.")
        if missing := set(named) - set(there):
            raise Damaged(f"{min(missing)} is missing.")
        if there != named:
            surplus = sorted(set(there) - set(named)) or ["A part"]
            raise Damaged(f"{surplus[0]} does not belong into it.")

    def _check(self, part: Part) -> None:
        sum, size, lines = hashlib.sha256(), 0, 0
        with _told(part.name), self._archive.open(part.name) as content:
            while block := content.read(BLOCK):
                sum.update(block)
                size += len(block)
                lines += block.count(b"\n")
        is_table = part.name.endswith(".jsonl")
        is_named = is_table or part.name == attachment_part(part.sha256)
        if (
            (size, sum.hexdigest()) != (part.bytes, part.sha256)
            or (is_table and lines != part.rows + 1)
            or not is_named
        ):
            raise Damaged(f"{part.name} is not what was written.")


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup by its file. Refuses what is none, or not the whole of one."""
    with path.open("rb") as file:
        try:
            archive = ZipFile(file)
        except BROKEN as broken:
            raise Damaged(f"{path} is no backup, or its end is missing: {broken}") from broken
        with archive:
            yield Backup(archive)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Whatever goes wrong in here is the part's fault."""
    try:
        yield
    except Invalid:
        raise
    except BROKEN as broken:
        raise Damaged(f"{name} cannot be read: {broken}") from broken
    except OSError as broken:
        if broken.errno != EINVAL:  # the archive says that the part begins before the file does
            raise
        raise Damaged(f"{name} cannot be read: it is not in the file.") from broken
