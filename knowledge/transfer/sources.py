"""Where imported rows come from: Markdown files and the lines of JSONL files, read one at a time."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePath
from typing import IO, Any

import orjson

from knowledge.entries.tags import slug_of
from knowledge.errors import Invalid, NotFound
from knowledge.transfer import front_matter
from knowledge.transfer.decoding import decoded
from knowledge.transfer.parts import canonical
from knowledge.transfer.report import Finding, Tally

MARKDOWN = frozenset({".md", ".markdown"})
JSONL = frozenset({".jsonl", ".ndjson"})
TYPES = frozenset(
    {"group", "customer", "person", "entry", "feedback", "evidence", "progress", "link", "draft", "redirect"}
)
LARGEST = 1024 * 1024
"""Bytes in one Markdown file or one line; what is longer is refused unread."""

_ATX = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_PROSE = re.compile(r" {0,3}[^\s#>*+\-|`~=\d].*")
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_MARKS = re.compile(r"<[^>]*>|\*\*|__|`|\\(?=[^\w\s])")


@dataclass(frozen=True)
class Row:
    """One thing to import, where it stands, and the line of each of its fields."""

    file: str
    line: int
    type: str
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    def finding(self, name: str, message: str) -> Finding:
        """Something about a field of this row."""
        return Finding(self.file, self.lines.get(name.partition(".")[0], self.line), name, message)


class _Unreadable(Exception):
    """Why a file or a line is no row."""

    def __init__(self, message: str, line: int = 1) -> None:
        self.message, self.line = message, line


class Material:
    """A folder or a file to import. `types` says, after `survey`, which types each JSONL file has, and `total` counts rows."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise NotFound(f"There is nothing at {path}.", "path")
        if path.is_file() and path.suffix.lower() not in MARKDOWN | JSONL:
            raise Invalid("Import a folder, a Markdown file (.md) or a file of JSON lines (.jsonl).", "path")
        self.path = path
        self.types: dict[Path, set[str]] = {}
        self.total = 0

    def survey(self, tally: Tally) -> None:
        """Read everything once without keeping it: note lines that are no rows, and which types there are."""
        for file in _files(self.path):
            if file.suffix.lower() in MARKDOWN:
                self.total += 1
                continue
            self.types[file] = set()
            for row in self._lines(file, tally):
                self.types[file].add(row.type)
                self.total += 1

    def rows(self, type: str, tally: Tally) -> Iterator[Row]:
        """All rows of one type in the order of files and lines; Markdown files that cannot be read are noted."""
        for file in _files(self.path) if type == "entry" else self.types:
            if file.suffix.lower() in JSONL:
                if type in self.types[file]:
                    yield from (row for row in self._lines(file, Tally()) if row.type == type)
            else:
                try:
                    yield self._markdown(file)
                except _Unreadable as reason:
                    tally.refuse([Finding(self._name(file), reason.line, "", reason.message)])

    def _name(self, file: Path) -> str:
        return file.relative_to(self.path).as_posix() if file != self.path else file.name

    def _markdown(self, file: Path) -> Row:
        text, note = _text(file)
        try:
            document = front_matter.read(text)
        except front_matter.Malformed as malformed:
            raise _Unreadable(malformed.message, malformed.line) from None
        name = self._name(file)
        values: dict[str, Any] = {"body": document.body, **document.fields}
        if values.get("title") is None:
            values["title"], values["body"] = titled(document.body, file)
        if values.get("slug") is None:
            values["slug"] = slug_for(name)
        values.setdefault("kind", "guide")
        values.setdefault("status", "published")
        values.pop("encoding", None)
        return Row(name, 1, "entry", values, {"body": document.body_line, **document.lines}, note)

    def _lines(self, file: Path, tally: Tally) -> Iterator[Row]:
        name = self._name(file)
        with file.open("rb") as stream:
            for number, line in enumerate(_bounded(stream), 1):
                try:
                    if row := _parsed(name, number, line):
                        yield row
                except _Unreadable as reason:
                    tally.refuse([Finding(name, number, "", reason.message)])


def _files(path: Path) -> Iterator[Path]:
    """The files to import in the order of their names; neither hidden ones nor what lies behind a symbolic link."""
    if path.is_file():
        yield path
        return
    folders, files = [], []
    with os.scandir(path) as found:
        for each in found:
            if each.name.startswith("."):
                continue
            if each.is_dir(follow_symlinks=False):
                folders.append(each.name)
            elif PurePath(each.name).suffix.lower() in MARKDOWN | JSONL and each.is_file(follow_symlinks=False):
                files.append(each.name)
    kept = set(files)
    for name in sorted(folders + files):
        if name in kept:
            yield path / name
        else:
            yield from _files(path / name)


def _text(file: Path) -> tuple[str, str]:
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise _Unreadable(f"This file cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise _Unreadable("This file is longer than 1 MB.")
    exact = data.startswith(b"---") and b"\nencoding: utf-8\n" in data[: front_matter.MOST]
    found = decoded(data, mend=not exact)
    return found.text.replace("\r\n", "\n").replace("\r", "\n"), found.note


def _bounded(stream: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of a stream; None for one that is longer than it may be, which is skipped to its end."""
    while line := stream.readline(LARGEST):
        if line.endswith(b"\n") or len(line) < LARGEST:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LARGEST)
        yield None


def _parsed(name: str, number: int, line: bytes | None) -> Row | None:
    if line is None:
        raise _Unreadable("This line is longer than 1 MB.")
    found = decoded(line)
    if not found.text.strip():
        return None
    try:
        values = orjson.loads(found.text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise _Unreadable("This is not a JSON object.") from None
    if not isinstance(values, dict):
        raise _Unreadable("This is not a JSON object.")
    kind = values.pop("type", None)
    if kind not in TYPES:
        raise _Unreadable(f"The type of a row is one of {', '.join(sorted(TYPES))}.")
    return Row(name, number, kind, values, note=found.note)


def titled(body: str, file: Path) -> tuple[str, str]:
    """A title from the first heading that has words, which the body then begins without; else from the file's name."""
    lines = body.split("\n")
    for number, line in enumerate(lines[:200]):
        found = _ATX.fullmatch(line)
        underlined = bool(not found and number + 1 < len(lines) and _is_underlined(line, lines[number + 1]))
        title = _plain(found[1] if found else line) if found or underlined else ""
        if title:
            below = lines[number + 2 :] if underlined else lines[number + 1 :]
            first = not "".join(lines[:number]).strip()
            return _short(title), canonical("\n".join(below)) if first else body
    return _short(_plain(file.stem.replace("_", " ").replace("-", " ")) or file.name), body


def _is_underlined(line: str, below: str) -> bool:
    return bool(_PROSE.fullmatch(line) and len(below.strip()) > 1 and _UNDERLINE.fullmatch(below))


def _plain(heading: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub("", heading))
    return " ".join(_MARKS.sub("", text).split())


def _short(title: str) -> str:
    return title if len(title) <= 200 else title[:199].rstrip() + "…"


def slug_for(name: str) -> str:
    """A slug from a path within what is imported, the same every time; where letters are lost to its length, with a digest."""
    whole = "-".join(slug_of(part) for part in name.rpartition(".")[0].split("/"))
    slug = re.sub(r"-+", "-", whole).strip("-") or "entry"
    if len(slug) <= 120:
        return slug
    return f"{slug[-111:].strip('-')}-{sha256(name.encode()).hexdigest()[:8]}"
