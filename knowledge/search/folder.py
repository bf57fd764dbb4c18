"""The index on disk: commits that survive a power cut, torn folders told from whole ones, a new index swapped for the old.

`current` names the folder in use. Beside each of Whoosh's tables of contents lies a stamp that is on the disk before it: the
cursor of the commit and the size and checksum of every file. Whoosh itself never waits for the disk, and would answer from half
a file.
"""

import json
import os
import pickle
import shutil
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from whoosh import versionstring
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, clean_files
from whoosh.index import IndexError as Unreadable
from whoosh.util.filelock import FileLock

from knowledge.disk import synced

# Of fields, arrays, stamps, analysis and Whoosh; an index in another format is refilled from the rows.
FORMAT = f"6 {versionstring()} {sys.byteorder}"
NAME = "MAIN"
TRIES = 20

Mark: TypeAlias = tuple[int, int]


class TornError(Exception):
    """The folder does not hold what its last commit left there."""


HARM = (
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    EOFError,
    struct.error,
    pickle.UnpicklingError,
    Unreadable,
    TornError,
)
"""What reading or writing a torn folder may raise. Where the folder turns out to be whole it was something else."""


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


def record(storage: Storage, segments: list[Any], number: int) -> None:
    """Make these the segments of the index: a new table of contents, and away with what it does not name."""
    folder = storage.path
    former = read_stamp(folder, number - 1)["files"]
    for path in (file(folder, segment) for segment in segments):
        if path.name not in former:
            synced(path)
        storage.files[path.name] = former.get(path.name) or _sum(path)
    TOC(Schema(), segments, number).write(storage, NAME)  # type: ignore[no-untyped-call]
    clean_files(storage, NAME, number, segments)
    for stamp in folder.glob("stamp_*.json"):
        if stamp != _stamp(folder, number):
            stamp.unlink(missing_ok=True)


def contents(folder: Path) -> TOC:
    """The newest table of contents; raises OSError or Whoosh's EmptyIndexError where there is none."""
    return TOC.read(Storage(folder), NAME)  # type: ignore[no-untyped-call, no-any-return]


def file(folder: Path, segment: Any) -> Path:
    """Where a segment is."""
    return folder / f"{segment.segment_id()}.nps"


def created(folder: Path, cursor: str) -> None:
    """A new empty index in a folder of its own."""
    folder.mkdir()
    TOC.create(Storage(folder, cursor), Schema(), NAME)  # type: ignore[no-untyped-call]


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
        contents(folder)
    except OSError as missing:
        raise TornError(str(missing)) from missing


def looks_whole(folder: Path) -> bool:
    """Whether the files of the newest commit are there and as long as they should be, without reading them."""
    try:
        files = read_stamp(folder, generation(folder))["files"]
        return all((folder / name).stat().st_size == size for name, (size, _) in files.items())
    except (OSError, TornError):
        return False


def write_stamp(folder: Path, number: int, cursor: str, files: Mapping[str, Any]) -> None:
    """Put a commit's cursor and files on the disk, in one step."""
    said = {"format": FORMAT, "cursor": cursor, "files": files}
    replaced(_stamp(folder, number), json.dumps({**said, "sum": _sum_of(said)}))


def read_stamp(folder: Path, number: int) -> Any:
    """A commit's stamp: format, cursor, files. Raises `TornError` when it is not there or not whole."""
    try:
        stamp = json.loads(_stamp(folder, number).read_text())
        said = {name: stamp[name] for name in ("format", "cursor", "files")}
        if stamp["format"] == FORMAT and stamp["sum"] != _sum_of(said):
            raise TornError(f"The stamp of commit {number} is not what was written.")
        return said
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


@contextmanager
def tried(path: Path) -> Iterator[bool]:
    """Whether the same path could be locked at once; it is until the end, then."""
    lock = FileLock(str(path))
    is_ours = lock.acquire(blocking=False)
    try:
        yield is_ours
    finally:
        if is_ours:
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
        """The folder in use; raises OSError when there is none, `TornError` when it cannot be read which."""
        name = (self.path / "current").read_text(errors="replace")
        if not name.isdecimal():
            raise TornError("It cannot be read which folder is in use.")
        return self.path / name

    def newest(self) -> str:
        """The generation: folder and commit; raises OSError when there is none."""
        current = self.current()
        return f"{current.name}.{generation(current)}"

    def is_at(self, generation: str, mark: Mark) -> bool:
        """Whether a generation is still the newest, given the mark that `current` had when it was opened: three questions to the
        file system, where `newest` lists a folder. Only a process that was killed while it cleaned up can make it miss a commit.
        """
        name, _, number = generation.rpartition(".")
        start = f"{self.path}/{name}/_{NAME}_"
        there = os.path.exists
        return self.mark() == mark and there(f"{start}{number}.toc") and not there(f"{start}{int(number) + 1}.toc")

    def mark(self) -> Mark:
        """What changes whenever another folder is used; raises OSError when there is none."""
        seen = os.stat(f"{self.path}/current")  # noqa: PTH116 - a tenth of the time
        return seen.st_ino, seen.st_mtime_ns

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
                self._tidied()
                return ""
            fresh = self._fresh("")
            self.swapped(fresh)
            return trouble and f"{trouble} The folder {fresh.name} takes its place."

    def building(self) -> tuple[int, int] | None:
        """How many documents of how many are in the new index that some process builds; None while none does."""
        with tried(self.path / "rebuilding.lock") as is_ours, suppress(OSError, ValueError):
            if not is_ours:
                done, total = map(int, (self.path / "building").read_text().split())
                return done, total
        return None

    def told(self, done: int, total: int) -> None:
        """Let `building` of all processes say so; a disk without room for it is told elsewhere."""
        new = self.path / "building.new"
        with suppress(OSError):
            new.write_text(f"{done} {total}")
            new.replace(self.path / "building")

    def rebuilt(self, fill: Callable[[Path], None], cursor: str) -> None:
        """Let `fill` write a new index beside the one in use, then use that; one at a time, and the old one answers meanwhile."""
        with locked(self.path / "rebuilding.lock"):
            with self.writing():
                self._drop_others(self.current())
                folder = self._fresh(cursor)
            try:
                fill(folder)
                with self.writing():
                    self.swapped(folder)
            except BaseException:  # a half index would take the room that is lacking
                with suppress(OSError, TornError):
                    if self.current() != folder:
                        shutil.rmtree(folder, ignore_errors=True)
                raise
            finally:
                (self.path / "building").unlink(missing_ok=True)

    def swapped(self, folder: Path) -> None:
        """Use this folder from now on and drop all others. Readers keep the files that they have open."""
        replaced(self.path / "current", folder.name)
        self._drop_others(folder)

    def _tidied(self) -> None:
        """Drop what a process left that was killed while it built an index."""
        with tried(self.path / "rebuilding.lock") as nobody_builds:
            if nobody_builds:
                self._drop_others(self.current())

    def _drop_others(self, folder: Path) -> None:
        for other in self._folders():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    def _fresh(self, cursor: str) -> Path:
        numbers = [int(each.name) for each in self._folders()]
        folder = self.path / str(max(numbers, default=0) + 1)
        try:
            created(folder, cursor)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _folders(self) -> list[Path]:
        return [each for each in self.path.iterdir() if each.is_dir() and each.name.isdigit()]


def _sum(path: Path) -> list[int]:
    sum, size = 0, 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sum, size = zlib.crc32(block, sum), size + len(block)
    return [size, sum]


def _sum_of(said: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(said, sort_keys=True).encode())


def _stamp(folder: Path, number: int) -> Path:
    return folder / f"stamp_{number}.json"
