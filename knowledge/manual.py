"""The manual: the documents of docs/, read where the product lies, rendered once, and searched by section."""

import os.path
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.markup import Files, Heading, Rendered, render
from knowledge.people import Act, Viewer

FOLDER = Path(__file__).parent.parent / "docs"
CONTENTS = "README.md"
ADDRESS = "/help"
LINK = re.compile(r"(!?)\[([^\[\]]+)\]\(([^()\s]+)\)")
LINE = re.compile(r"- \[([^\[\]]+)\]\(([^()\s]+)\): (.+)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MOST = 20
"""Sections that a search answers with."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the table of contents: the name in the address, the title, and what it is good for."""

    name: str
    title: str
    line: str


@dataclass(frozen=True, slots=True)
class Part:
    """The documents for one kind of reader."""

    title: str
    pages: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class ManualPage:
    """A document as it is shown."""

    name: str
    title: str
    html: str
    outline: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section that has all the words which were looked for."""

    page: Listed
    anchor: str
    title: str
    excerpt: str


def contents(viewer: Viewer) -> tuple[Part, ...]:
    """The table of contents, by reader; nothing for whoever may read nothing here."""
    return _contents() if viewer.may(Act.ENTRIES_READ) else ()


@cache
def _contents() -> tuple[Part, ...]:
    """As docs/README.md has it."""
    parts: list[tuple[str, list[Listed]]] = []
    for line in (FOLDER / CONTENTS).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            parts.append((line[3:], []))
        elif found := LINE.fullmatch(line):
            parts[-1][1].append(Listed(Path(found[2]).stem, found[1], found[3]))
    return tuple(Part(title, tuple(pages)) for title, pages in parts)


def listed(viewer: Viewer) -> Iterator[Listed]:
    """Every document, in the order of the contents."""
    for part in contents(viewer):
        yield from part.pages


@cache
def _files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(FOLDER.rglob("*.md")) if path.name != CONTENTS}


def named(viewer: Viewer, name: str) -> ManualPage | None:
    """A document by the name of its file, if the contents have it."""
    return _shown(name) if any(each.name == name for each in listed(viewer)) else None


def _shown(name: str) -> ManualPage:
    title, rendered = _rendered(name)
    return ManualPage(name, title, rendered.html, rendered.outline)


@cache
def _rendered(name: str) -> tuple[str, Rendered]:
    """A document's title, and the rest of it."""
    path = _files()[name]
    title, _, source = path.read_text(encoding="utf-8").partition("\n")
    return title.lstrip("# "), render(led(source, path.parent), field="help", files=_pictures())


def led(source: str, folder: Path) -> str:
    """The text with links between files as links between pages; what is no page of ours stays as words."""

    def place(found: re.Match[str]) -> str:
        mark, text, target = found.groups()
        to = address(target, folder, picture=bool(mark))
        return f"{mark}[{text}]({to})" if to else text

    code = [block.span() for block in FENCE.finditer(source)]
    return LINK.sub(
        lambda found: found[0] if any(start <= found.start() < end for start, end in code) else place(found), source
    )


def address(target: str, folder: Path, *, picture: bool) -> str:
    """Where a link of a document leads in the product, or nothing where it leads out of it."""
    if "://" in target or target.startswith(("#", "/", "mailto:")):
        return target
    file, _, anchor = target.partition("#")
    path = Path(os.path.normpath(folder / file))  # not resolved: what is installed may lie behind a link
    if picture:
        return f"attachment:{path.name}" if path.parent == FOLDER / "pictures" else ""
    if path.is_relative_to(FOLDER) and path.suffix == ".md" and path.name != CONTENTS:
        return f"{ADDRESS}/{path.stem}" + (f"#help-{anchor}" if anchor else "")
    if path in (FOLDER, FOLDER / CONTENTS, FOLDER / "decisions"):
        return ADDRESS
    return "/api/schema" if path.name == "schema.graphql" else ""


@cache
def _pictures() -> Files:
    """Where the pictures are, and how large: a PNG says so in its first 24 bytes."""
    sizes = {}
    for path in (FOLDER / "pictures").glob("*.png"):
        with path.open("rb") as file:
            sizes[path.name] = struct.unpack(">16xII", file.read(24))
    return Files(f"{ADDRESS}/pictures/", sizes)


def search(viewer: Viewer, words: str) -> tuple[Section, ...]:
    """The sections that have every word or its beginning, those with the words in their heading first, then those that say them most."""
    wanted = re.findall(r"\w+", words.lower())[:10]
    if not wanted:
        return ()
    beginnings = [re.compile(rf"\b{re.escape(word)}", re.IGNORECASE) for word in wanted]
    found = []
    for page in listed(viewer):
        for anchor, title, text in _sections(page.name):
            if all(word.search(text) or word.search(title) or word.search(page.title) for word in beginnings):
                inside = sum(bool(word.search(title)) for word in beginnings)
                often = sum(len(word.findall(text)) for word in beginnings)
                found.append((inside, often, Section(page, anchor, title, _around(text, beginnings[0]))))
    return tuple(section for *_, section in sorted(found, key=lambda each: each[:2], reverse=True)[:MOST])


@cache
def _sections(name: str) -> tuple[tuple[str, str, str], ...]:
    """The sections of a document: anchor, heading, and words without markup."""
    title, rendered = _rendered(name)
    ahead = list(rendered.outline)
    pieces: list[tuple[str, str, list[str]]] = [("", title, [])]
    for line in rendered.text.splitlines():
        if ahead and line == ahead[0].text:
            pieces.append((ahead.pop(0).anchor, line, []))
        else:
            pieces[-1][2].append(line)
    return tuple((anchor, title, " ".join(lines)) for anchor, title, lines in pieces)


def _around(text: str, word: re.Pattern[str]) -> str:
    """Some 160 characters of the text, from a little before the word on."""
    found = word.search(text)
    start = max(0, text.rfind(" ", 0, max(0, found.start() - 40))) if found else 0
    end = text.find(" ", start + 160)
    return f"{'… ' if start else ''}{text[start : end if end > 0 else None].strip()}{' …' if end > 0 else ''}"
