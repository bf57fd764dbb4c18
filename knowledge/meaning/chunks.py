"""Vectors on disk: immutable files of passages, each known by its entry and revision, written before anybody can see them.

They stand beside the segments of the index, not in them: a new index, a merge or a withdrawn entry leaves them as they are, and the
same text never has to be computed twice. A file that is torn or lost is left out, and what it held is computed anew.
"""

import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge.disk import synced
from knowledge.meaning.encoder import Vector
from knowledge.search import arrays
from knowledge.search.arrays import Array

SMALL = 2_000
LARGE = 50_000
MOST_ALIKE = 10  # files of either size before they are merged
LOOKING = 1.0
TRIES = 20

Keys: TypeAlias = NDArray[np.bytes_]
Rows: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The passages of one revision of an entry."""

    uid: UUID
    revision: int
    vectors: Sequence[Vector]


class Chunk:
    """One file. It never changes; whoever holds it may read it after it is gone from the folder."""

    def __init__(self, name: str, found: "arrays.Mapped | dict[str, Array]") -> None:
        self.name = name
        self.keys: Keys = found["keys"].view("S24")
        self.scales: Vector = found["scales"]
        self.size = len(self.scales)
        self.rows: Rows = found["rows"].reshape(self.size, -1)
        self.codes: NDArray[np.uint64] = found["codes"].reshape(-1, self.size)

    def kept(self, which: NDArray[np.bool_]) -> dict[str, Array]:
        """The arrays of some of its passages."""
        return {
            "keys": self.keys[which],
            "scales": self.scales[which],
            "rows": self.rows[which],
            "codes": self.codes[:, which],
        }


def keys(uppers: Array, lowers: Array, revisions: Array) -> Keys:
    """Entry and revision of each as bytes that sort and compare."""
    halves = np.stack([uppers.astype(np.uint64), lowers.astype(np.uint64), revisions.astype(np.uint64)], axis=1)
    found: Keys = np.frombuffer(halves.astype(">u8").tobytes(), "S24")
    return found


class Chunks:
    """The files of one model in one folder. Several processes read; who writes keeps other writers out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Chunk] = {}
        self._seen: tuple[int, float] = (0, -LOOKING)
        self._chunks: tuple[Chunk, ...] = ()
        folder.mkdir(parents=True, exist_ok=True)

    def all(self) -> tuple[Chunk, ...]:
        """What is there now; the same tuple for as long as nothing moves."""
        mark = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - asked before every search
        # Two changes in one tick of the file system's clock look like one, so that it is listed once a second as well.
        if mark != self._seen[0] or monotonic() > self._seen[1] + LOOKING:
            self._seen = mark, monotonic()
            names = sorted(path.name for path in self._folder.glob("*.vectors"))
            if names != [chunk.name for chunk in self._chunks]:
                opened = [self._opened(name) for name in names]
                self._chunks = tuple(chunk for chunk in opened if chunk is not None)
                self._known = {chunk.name: chunk for chunk in self._chunks}
        return self._chunks

    def add(self, entries: Iterable[Encoded]) -> None:
        """Write the passages of these entries, and wait until they are on the disk."""
        taken = list(entries)
        vectors = [vector for entry in taken for vector in entry.vectors]
        if not vectors:
            return
        matrix = np.stack(vectors).astype(np.float32)
        scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
        uids = np.array(
            [(entry.uid.int >> 64, entry.uid.int & (1 << 64) - 1, entry.revision) for entry in taken], np.uint64
        )
        repeated = np.repeat(uids, [len(entry.vectors) for entry in taken], axis=0)
        self._write(
            {
                "keys": keys(*repeated.T),
                "scales": scales.astype(np.float32),
                "rows": np.rint(matrix / scales[:, None]).astype(np.int8),
                "codes": np.packbits(matrix > 0, axis=1).view(np.uint64).T,
            }
        )

    def is_crowded(self) -> bool:
        """Whether there are so many files of a size that they should be one."""
        return any(len(alike) > MOST_ALIKE for alike in self._alike())

    def tidy(self, known: Keys) -> None:
        """Put many files of a size into one, and leave out the passages of what is not known any more where that is half a file."""
        for alike in self._alike():
            if len(alike) > MOST_ALIKE:
                self._merge(alike, known)
        for chunk in self.all():
            if 2 * np.count_nonzero(np.isin(chunk.keys, known)) <= chunk.size:
                self._merge([chunk], known)

    def _alike(self) -> tuple[list[Chunk], list[Chunk]]:
        found = self.all()
        return (
            [chunk for chunk in found if chunk.size <= SMALL],
            [chunk for chunk in found if SMALL < chunk.size <= LARGE],
        )

    def _merge(self, chunks: Sequence[Chunk], known: Keys) -> None:
        parts = [chunk.kept(np.isin(chunk.keys, known)) for chunk in chunks]
        whole = {
            name: np.concatenate([part[name] for part in parts], axis=-1 if name == "codes" else 0) for name in parts[0]
        }
        if len(whole["scales"]):
            self._write(whole)
        for chunk in chunks:
            (self._folder / chunk.name).unlink(missing_ok=True)

    def _write(self, whole: dict[str, Array]) -> None:
        flat = {name: np.ascontiguousarray(array).reshape(-1) for name, array in whole.items()}
        flat["keys"] = flat["keys"].view(np.uint8)
        new = self._folder / "writing.new"
        arrays.write(new, flat)
        synced(new)
        numbers = [int(path.name.partition("-")[0]) for path in self._folder.glob("*.vectors")]
        new.rename(self._folder / f"{max(numbers, default=0) + 1:08d}-{_sum(new):08x}.vectors")
        synced(self._folder)

    def _opened(self, name: str) -> Chunk | None:
        if name in self._known:
            return self._known[name]
        path = self._folder / name
        try:
            if _sum(path) == int(name.removesuffix(".vectors").rpartition("-")[2], 16):
                return Chunk(name, arrays.Mapped(path))
        except FileNotFoundError:  # merged into another one meanwhile
            return None
        except ValueError:
            pass
        path.unlink(missing_ok=True)
        return None


def _sum(path: Path) -> int:
    sum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sum = zlib.crc32(block, sum)
    return sum
