"""Named arrays in one file that is mapped into memory: a small directory, then each array at a multiple of 64 bytes.

Arrays are in the byte order of the machine; `folder.FORMAT` says which, so that a moved index is refilled from the rows.
"""

import json
import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

ALIGNED = 64

Array: TypeAlias = NDArray[Any]


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """A file of these one-dimensional arrays; the caller waits for the disk."""
    entries, offset = {}, 0
    for name, array in arrays.items():
        entries[name] = [array.dtype.str, len(array), offset]
        offset += _aligned(array.nbytes)
    head = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        file.write(bytes(_aligned(8 + len(head)) - 8 - len(head)))
        for array in arrays.values():
            file.write(array.tobytes())
            file.write(bytes(_aligned(array.nbytes) - array.nbytes))


class Mapped(Mapping[str, Array]):
    """The arrays of a file, read only, each made when it is asked for; the file stays mapped as long as one of them is in use."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = int.from_bytes(self._bytes[:8], "little")
        self._entries: dict[str, tuple[str, int, int]] = json.loads(self._bytes[8 : 8 + head])
        self._start = _aligned(8 + head)

    def __getitem__(self, name: str) -> Array:
        dtype, count, offset = self._entries[name]
        return np.frombuffer(self._bytes, dtype, count, self._start + offset) if count else np.empty(0, dtype)

    def is_whole(self) -> bool:
        """Whether the file is still as long as what is mapped: reading behind its end would end the process."""
        return self._bytes.size() == len(self._bytes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def numbers(array: Array) -> "memoryview[int]":
    """The same array for single numbers, which it gives five times as fast."""
    view: memoryview[int] = array.data
    return view


HEAD = 8
"""Bytes by which texts are compared as one number."""


def heads(blob: Array, ends: Array) -> NDArray[np.uint64]:
    """The first eight bytes of each text in a blob as a number that sorts as they do; shorter texts end in zeros."""
    if not len(ends):
        return np.empty(0, np.uint64)
    behind = ends.astype(np.int64)
    begins = np.append(0, behind[:-1])
    places = begins[:, None] + np.arange(HEAD)
    letters = np.where(places < behind[:, None], blob[np.minimum(places, len(blob) - 1)], 0).astype(np.uint8)
    return letters.view(">u8").ravel().astype(np.uint64)


def beginning(start: bytes) -> tuple[int, int]:
    """The least and the largest head of texts that begin so, as far as heads tell."""
    first = start[:HEAD]
    return int.from_bytes(first.ljust(HEAD, b"\0")), int.from_bytes(first.ljust(HEAD, b"\xff"))


def narrow(array: Array) -> Array:
    """The same numbers, none of them negative, in as few bytes each as hold the largest."""
    most = int(array.max()) if len(array) else 0
    return array.astype(np.min_scalar_type(most))


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED
