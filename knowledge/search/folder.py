"""The index on disk: commits that survive a power cut, torn folders told from whole ones, a new index swapped for the old.

`current` names the folder in use. Beside each of Whoosh's tables of contents lies a stamp that is on the disk before it: the
cursor of the commit and the size and checksum of every file. Whoosh itself never waits for the disk, and would answer from half
a file.
"""

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh import versionstring
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader
from whoosh.util.filelock import FileLock
from whoosh.writing import SegmentWriter

from knowledge.disk import synced
from knowledge.search import fields

# Of fields, stamps, analysis and Whoosh; an index in another format is refilled from the rows.
FORMAT = f"1 {versionstring()}"
NAME = "MAIN"
SMALL = 100
LARGE = 2_000
MOST_ALIKE = 10  # segments of either size before they are merged
MOST_MERGED = 10_000
TRIES = 20


class TornError(Exception):
    """The folder does not hold what its last commit left there."""


class Storage(FileStorage):
    """Files of which all are on the disk before the table of contents that names them."""

    def __init__(self, folder: Path, cursor: str = "") -> None:
        super().__init__(str(folder))  # type: ignore[no-untyped-call]
        self.path = folder
        self.cursor = cursor
        self.files: dict[str, Any] = {}

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """The last step of a commit: from here on readers find it."""
        new = self.path / oldname
        synced(new)
        write_stamp(self.path, _number(newname), self.cursor, {**self.files, newname: _sum(new)})
        super().rename_file(oldname, newname, safe)  # type: ignore[no-untyped-call]
        synced(self.path)


class Writer(SegmentWriter):
    """Whoosh's writer of one commit in a folder, stamped with a cursor."""

    def __init__(self, folder: Path, cursor: str) -> None:
        super().__init__(opened(folder, cursor), timeout=30, limitmb=256)  # type: ignore[no-untyped-call]

    def _commit_toc(self, segments: list[Any]) -> None:
        folder = self.storage.path
        former = read_stamp(folder, self.generation - 1)["files"]
        for name in sorted(name for segment in segments for name in _files(folder, segment.segment_id())):
            if name not in former:
                synced(folder / name)
            self.storage.files[name] = former.get(name) or _sum(folder / name)
        TOC(self.schema, segments, self.generation).write(self.storage, NAME)  # type: ignore[no-untyped-call]
        clean_files(self.storage, NAME, self.generation, segments)
        for stamp in folder.glob("stamp_*.json"):
            if stamp != _stamp(folder, self.generation):
                stamp.unlink(missing_ok=True)


def merge(writer: Writer, segments: list[Any]) -> list[Any]:
    """The segments to keep as they are; the others go into the one being written. Only the writer waits for it."""
    merged = {segment.segment_id() for segment in _merged(segments)}
    for segment in segments:
        if segment.segment_id() in merged and segment.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)  # type: ignore[no-untyped-call]
            reader.close()
    return [segment for segment in segments if segment.segment_id() not in merged]


def _merged(segments: list[Any]) -> Iterator[Any]:
    small = [each for each in segments if each.doc_count_all() <= SMALL]
    large = [each for each in segments if SMALL < each.doc_count_all() <= LARGE]
    for alike in (small, large):
        if len(alike) > MOST_ALIKE:
            sizes = accumulate(each.doc_count() for each in alike)
            yield from (each for each, size in zip(alike, sizes, strict=True) if size <= MOST_MERGED)
    yield from (each for each in segments if each.doc_count() <= each.doc_count_all() // 2)


def opened(folder: Path, cursor: str = "") -> FileIndex:
    """Whoosh's index in a folder; raises OSError or Whoosh's EmptyIndexError where there is none."""
    return FileIndex(Storage(folder, cursor), schema=fields.schema())  # type: ignore[no-untyped-call]


def created(folder: Path, cursor: str) -> None:
    """A new empty index in a folder of its own."""
    folder.mkdir()
    TOC.create(Storage(folder, cursor), fields.schema(), NAME)  # type: ignore[no-untyped-call]


def generation(folder: Path) -> int:
    """The number of the newest commit in a folder; -1 where there is none."""
    names = os.listdir(folder)  # noqa: PTH208 - ten times as fast as pathlib, and asked before every search
    return max((_number(name) for name in names if name.endswith(".toc")), default=-1)


def _number(name: str) -> int:
    return int(name.removeprefix(f"_{NAME}_").removesuffix(".toc"))


def check(folder: Path) -> None:
    """Read every file of the newest commit; raises `TornError` when one is missing or another."""
    try:
        newest = generation(folder)
        stamp = read_stamp(folder, newest)
        if stamp["format"] != FORMAT:
            raise TornError(f"The index was written in format {stamp['format']}, and this is {FORMAT}.")
        for name, expected in stamp["files"].items():
            if _sum(folder / name) != expected:
                raise TornError(f"{name} is not what was written.")
        opened(folder)
    except OSError as missing:
        raise TornError(str(missing)) from missing


def write_stamp(folder: Path, number: int, cursor: str, files: Mapping[str, Any]) -> None:
    """Put a commit's cursor and files on the disk, in one step."""
    written = json.dumps({"format": FORMAT, "cursor": cursor, "files": files})
    replaced(_stamp(folder, number), written)


def read_stamp(folder: Path, number: int) -> Any:
    """A commit's stamp: format, cursor, files. Raises `TornError` when it is not there or not whole."""
    try:
        stamp = json.loads(_stamp(folder, number).read_text())
        return {name: stamp[name] for name in ("format", "cursor", "files")}
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise TornError(f"The stamp of commit {number} cannot be read: {wrong}") from wrong


def replaced(path: Path, text: str) -> None:
    """Write a small file so that after a power cut there is the old text or the new one."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    synced(new)
    new.replace(path)
    synced(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep out other threads and processes that lock the same path."""
    lock = FileLock(str(path))
    lock.acquire(blocking=True)
    try:
        yield
    finally:
        lock.release()


class Root:
    """The folder of folders, of which `current` names the one in use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def writing(self) -> Any:
        """Locked while the index in use is written."""
        return locked(self.path / "writing.lock")

    def current(self) -> Path:
        """The folder in use; raises OSError when there is none."""
        return self.path / (self.path / "current").read_text().strip()

    def newest(self) -> str:
        """The generation: folder and commit; raises OSError when there is none."""
        current = self.current()
        return f"{current.name}.{generation(current)}"

    def stamp(self) -> Any:
        """The stamp of the newest commit, as `read_stamp` gives it."""
        for _ in range(TRIES):
            try:
                current = self.current()
                return read_stamp(current, generation(current))
            except (OSError, TornError) as gone:  # the next commit has taken its place meanwhile
                moved = gone
        raise TornError(str(moved))

    def move(self, cursor: str) -> None:
        """Give the newest commit another cursor; the caller keeps other writers out."""
        current = self.current()
        write_stamp(current, generation(current), cursor, self.stamp()["files"])

    def started(self) -> str:
        """Make sure that there is a whole index; answers why an empty one took its place, if one did."""
        with self.writing():
            try:
                check(self.current())
            except FileNotFoundError:
                trouble = "The index is lost: nothing names its folder." if any(self._folders()) else ""
            except TornError as torn:
                trouble = f"The index is torn: {torn}"
            else:
                return ""
            self.swapped(self._fresh(""))
            return trouble

    def rebuilt(self, fill: Callable[[Path], None], cursor: str) -> None:
        """Let `fill` write a new index beside the one in use, then use that; one at a time, and the old one answers meanwhile."""
        with locked(self.path / "rebuilding.lock"):
            with self.writing():
                self._drop_others(self.current())
                folder = self._fresh(cursor)
            fill(folder)
            with self.writing():
                self.swapped(folder)

    def swapped(self, folder: Path) -> None:
        """Use this folder from now on and drop all others. Readers keep the files that they have open."""
        replaced(self.path / "current", folder.name)
        self._drop_others(folder)

    def _drop_others(self, folder: Path) -> None:
        for other in self._folders():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    def _fresh(self, cursor: str) -> Path:
        numbers = [int(each.name) for each in self._folders()]
        folder = self.path / str(max(numbers, default=0) + 1)
        created(folder, cursor)
        return folder

    def _folders(self) -> list[Path]:
        return [each for each in self.path.iterdir() if each.is_dir() and each.name.isdigit()]


def _files(folder: Path, segment: str) -> list[str]:
    return [path.name for path in folder.glob(f"{segment}.*") if path.is_file()]


def _sum(path: Path) -> list[int]:
    sum, size = 0, 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sum, size = zlib.crc32(block, sum), size + len(block)
    return [size, sum]


def _stamp(folder: Path, number: int) -> Path:
    return folder / f"stamp_{number}.json"
