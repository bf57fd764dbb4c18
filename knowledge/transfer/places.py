"""Where the files lie that are imported: a folder, one file, or an archive that is read without being unpacked."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from knowledge.errors import NotFound
from knowledge.transfer.report import Finding

VAULT = ".obsidian"
"""The one hidden folder that says something: what is around it is a vault."""


class Place(Protocol):
    """Files by name: the names have slashes, come in the order of folders, and leave out what is hidden.

    `vaults` are the folders that have Obsidian's settings; `refused` is what lies there and is not read, with the reason.
    """

    names: Sequence[str]
    vaults: Sequence[str]
    refused: Sequence[Finding]

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file. Raises OSError, also while it is read."""
        ...

    def size(self, name: str) -> int:
        """How many bytes a file has."""
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...


class Folder:
    """A folder on the disk; what lies behind a symbolic link is left alone, and refused what no page could name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        vaults, refused = list[str](), list[Finding]()
        self.names: Sequence[str] = list(self._walk("", vaults, refused))
        self._there = frozenset(self.names)
        self.vaults: Sequence[str] = vaults
        self.refused: Sequence[Finding] = sorted(refused, key=lambda finding: finding.file)

    def _walk(self, folder: str, vaults: list[str], refused: list[Finding]) -> Iterator[str]:
        folders, files = [], []
        with os.scandir(self.path / folder) as found:
            for each in found:
                is_folder = each.is_dir(follow_symlinks=False)
                if each.name == VAULT and is_folder:
                    vaults.append(folder.rstrip("/"))
                elif not each.name.startswith("."):
                    if (name := _readable(each.name)) != each.name:
                        refused.append(Finding(folder + name, 1, "", "This name is not UTF-8; rename it first."))
                    elif is_folder:
                        folders.append(each.name)
                    elif each.is_file(follow_symlinks=False):
                        files.append(each.name)
        kept = set(files)
        for name in sorted(folders + files):
            if name in kept:
                yield folder + name
            else:
                yield from self._walk(f"{folder}{name}/", vaults, refused)

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file, one of those that have a name here: a line may name any other."""
        if name not in self._there:
            raise FileNotFoundError(2, "There is no such file", name)
        return (self.path / name).open("rb")

    def size(self, name: str) -> int:
        """How many bytes a file has."""
        return (self.path / name).stat().st_size

    def close(self) -> None:
        """Nothing is held."""


class SingleFile:
    """One file that was named itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: Sequence[str] = [_readable(path.name)]
        self.vaults: Sequence[str] = ()
        self.refused: Sequence[Finding] = ()

    def open(self, name: str) -> IO[bytes]:
        """The bytes of the file."""
        if name not in self.names:
            raise FileNotFoundError(2, "There is no such file", name)
        return self.path.open("rb")

    def size(self, name: str) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size

    def close(self) -> None:
        """Nothing is held."""


def _readable(name: str) -> str:
    """A name without the bytes that are no letters of it: it may be from a system that wrote another alphabet."""
    return os.fsencode(name).decode("utf-8", "replace")


def at(path: Path) -> Place:
    """The place at a path; refuses NOT_FOUND, and INVALID for an archive that cannot be read safely."""
    from knowledge.transfer.archives import Archive

    if not path.exists():
        raise NotFound(f"There is nothing at {path}.", "path")
    if path.is_dir():
        return Folder(path)
    return Archive(path) if path.suffix.lower() == ".zip" else SingleFile(path)
