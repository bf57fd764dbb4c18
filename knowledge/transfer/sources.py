"""Where imported rows come from: Markdown files, the lines of JSONL files and of tables, read one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import orjson

from knowledge.errors import Invalid
from knowledge.transfer import front_matter, places, registry, tables
from knowledge.transfer.decoding import decoded
from knowledge.transfer.dialects import outline, wikijs
from knowledge.transfer.dialects.catalogue import MARKDOWN, Catalogue
from knowledge.transfer.dialects.pages import Attached, Page
from knowledge.transfer.dialects.recognising import DIALECTS, surveyed
from knowledge.transfer.report import Finding, Tally

JSONL = (".jsonl", ".ndjson")
TYPES = frozenset({"entry", "evidence", "draft", *(lines.type for lines in (*registry.LINED, *registry.RESTORED))})
FILES = "attachments"
"""The folder beside an export's lines that has the bytes of attachments."""
LINES = "data.jsonl"
LARGEST = 32 * 1024 * 1024
"""How many bytes a file of Markdown or a line has: all texts of an entry, with every letter of them written out as a number.
What is longer is refused unread."""
HELD = 8 * 1024**2
"""Characters of pages in memory while others are listed."""


@dataclass(frozen=True)
class Row:
    """One thing to import, where it stands, and the line and the name that each of its fields has there."""

    file: str
    line: int
    type: str
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[Finding] = ()
    attached: Sequence[Attached] = ()
    place: places.Place | None = None

    def finding(self, name: str, message: str) -> Finding:
        """Something about a field of this row."""
        first = name.partition(".")[0]
        return Finding(self.file, self.lines.get(first, self.line), self.names.get(first, name), message)


class _Unreadable(Exception):
    """Why a file or a line is no row."""

    def __init__(self, message: str, line: int = 1) -> None:
        self.message, self.line = message, line


@dataclass(frozen=True)
class Wishes:
    """What whoever imports says of the files: the tool that Markdown is from, what tables have, and the system those are from."""

    dialect: str = ""
    table: str = ""
    source: str = ""


class Material:
    """A folder, a file or an archive to import. After `survey` it knows which rows are where, and `total` counts them."""

    def __init__(self, path: Path, wishes: Wishes | None = None) -> None:
        self.wishes = wishes or Wishes()
        if self.wishes.dialect not in {"", *DIALECTS}:
            raise Invalid(f"Files are read as one of {', '.join(DIALECTS)}.", "from")
        self.place = places.at(path)
        self.names = _read_by_themselves(self.place.names)
        self.markdown = [name for name in self.names if name.lower().endswith(MARKDOWN)]
        self.lined = [name for name in self.names if name.lower().endswith(JSONL)]
        self.tables: dict[str, tables.Table] = {}
        self.types: dict[str, set[str]] = {}
        self.catalogue = Catalogue()
        self._held: dict[str, tuple[Page, str]] = {}
        self._room = HELD
        self.total = 0
        self.is_alone = isinstance(self.place, places.SingleFile)
        if self.is_alone and not (self.markdown or self.lined or tables.is_one(path.name)):
            self.close()
            raise Invalid(
                "Import a folder, a zip archive (.zip), a Markdown file (.md), JSON lines (.jsonl) or a table (.csv).",
                "path",
            )

    def close(self) -> None:
        """Let go of what is held open."""
        self.place.close()

    def survey(self, tally: Tally) -> None:
        """Read everything once without keeping it: note what is no row, which types there are, and what pages are called."""
        for finding in self.place.refused:
            tally.refuse([finding])
        for name in filter(tables.is_one, self.names):
            if (table := self._table(name, tally)) is not None:
                self.tables[name] = table
                self.total += table.rows
        for name in self.lined:
            self.types[name] = set()
            for row in self._lines(name, tally):
                self.types[name].add(row.type)
                self.total += 1
        if self.markdown:
            self.catalogue = surveyed(self.place, self.markdown, self._page_if_readable, self.wishes.dialect)
            for dialect in self.catalogue.dialects():
                tally.read_as[DIALECTS[dialect].TITLE] += 1
            self._note_unread(tally)
            self.total += (
                len(self.markdown) + sum(1 for _ in self._derived("redirect")) + sum(1 for _ in self._derived("link"))
            )

    def _note_unread(self, tally: Tally) -> None:
        """A wiki stores some pages as HTML, which nobody should miss without knowing."""
        if tally.read_as[wikijs.TITLE]:
            for name in self.place.names:
                if name.lower().endswith(".html"):
                    tally.warn(
                        Finding(name, 1, "", "This page is HTML, which is not read; convert it to Markdown first.")
                    )

    def rows(self, type: str, tally: Tally) -> Iterator[Row]:
        """All rows of one type in the order of files and lines; Markdown files that cannot be read are noted."""
        for name in self.place.names:
            if name in self.types:
                if type in self.types[name]:
                    yield from (row for row in self._lines(name, Tally()) if row.type == type)
            elif name in self.tables:
                if self.tables[name].type == type:
                    yield from self._table_rows(self.tables[name], tally)
            elif type == "entry" and name in self.catalogue.pages:
                try:
                    yield self._markdown(name, tally)
                except _Unreadable as reason:
                    tally.refuse([Finding(name, reason.line, "", reason.message)])
        yield from self._derived(type)

    def _derived(self, type: str) -> Iterator[Row]:
        """What pages say by their names and places: the addresses they had before, and the documents that they lie below."""
        if type == "redirect":
            for name, line, former, slug in self.catalogue.former:
                yield Row(name, line, type, {"from": former, "to": slug})
        if type == "link":
            for name, listed in self.catalogue.pages.items():
                above = self.catalogue.at(name.rpartition("/")[0]) if listed.dialect == outline.NAME else None
                if above in self.catalogue.pages and above != name and "/" in name:
                    slug = self.catalogue.slug(above)
                    yield Row(name, 1, type, {"from": listed.slug, "to": slug, "kind": "related"})

    def _page(self, name: str) -> tuple[Page, str]:
        """A page and what had to be done to its bytes. The first megabytes are held, for pages are read more than once."""
        if name in self._held:
            return self._held[name]
        text, note = _text(self.place, name)
        try:
            page = Page(name, front_matter.read(text))
        except front_matter.Malformed as malformed:
            raise _Unreadable(malformed.message, malformed.line) from None
        if len(text) <= self._room:
            self._room -= len(text)
            self._held[name] = page, note
        return page, note

    def _page_if_readable(self, name: str) -> Page | None:
        try:
            return self._page(name)[0]
        except _Unreadable:
            return None

    def _markdown(self, name: str, tally: Tally) -> Row:
        page, note = self._page(name)
        listed = self.catalogue.pages[name]
        made = DIALECTS[listed.dialect].translated(page, self.catalogue)
        if made.values.get("slug") is None:
            made.values["slug"] = listed.slug
        tally.links.update(rewritten=made.links, missing=made.broken, ambiguous=made.unclear)
        lines = {"body": page.document.body_line, **page.document.lines}
        notes = [Finding(name, each.line or lines.get(each.field, 1), each.field, each.message) for each in made.notes]
        tally.attachments["found"] += len(made.attached)
        return Row(name, 1, "entry", made.values, lines, note, {}, notes, made.attached, self.place)

    def _lines(self, name: str, tally: Tally) -> Iterator[Row]:
        number = 0
        try:
            with self.place.open(name) as stream:
                for number, line in enumerate(_bounded(stream), 1):
                    try:
                        if row := _parsed(name, number, line):
                            yield replace(row, place=self.place) if row.type == "attachment" else row
                    except _Unreadable as reason:
                        tally.refuse([Finding(name, number, "", reason.message)])
        except OSError as error:
            tally.refuse([Finding(name, number + 1, "", f"This file cannot be read: {error.strerror}.")])

    def _table(self, name: str, tally: Tally) -> tables.Table | None:
        """What a table has; one among other files that is no list of ours is left alone."""
        try:
            table = tables.opened(self.place, name, self.wishes.table, self.wishes.source)
        except Invalid as reason:
            if self.is_alone:
                raise
            if reason.problems[0].field != "type":
                tally.warn(Finding(name, 1, "", reason.problems[0].message))
            return None
        except OSError as error:
            tally.refuse([Finding(name, 1, "", f"This file cannot be read: {error.strerror}.")])
            return None
        if table.note:
            tally.warn(Finding(name, 1, "", table.note))
        for header in table.left_out:
            tally.warn(Finding(name, table.first_line, header, "This column is not known and was left out."))
        tally.read_as[f"a table of {'feedback' if table.type == 'feedback' else f'{table.type}s'}"] += 1
        return table

    def _table_rows(self, table: tables.Table, tally: Tally) -> Iterator[Row]:
        for each in tables.rows(self.place, table):
            if each.problems:
                tally.refuse([Finding(table.file, line, column, message) for line, column, message in each.problems])
            else:
                yield Row(table.file, each.line, table.type, each.values, each.lines, each.note, each.names)


def _read_by_themselves(names: Sequence[str]) -> Sequence[str]:
    """All files but the attachments that an export wrote, which may be tables and texts themselves."""
    exports = [name.removesuffix(LINES) for name in names if name.rpartition("/")[2] == LINES]
    beside = tuple(f"{folder}{FILES}/" for folder in exports)
    return [name for name in names if not name.startswith(beside)] if beside else names


def _text(place: places.Place, name: str) -> tuple[str, str]:
    try:
        with place.open(name) as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise _Unreadable(f"This file cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise _Unreadable("This file is longer than 32 MB.")
    exact = data.startswith(b"---") and b"\nencoding: utf-8\n" in data[: data.find(b"\n---", 3) + 1]
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
        raise _Unreadable("This line is longer than 32 MB.")
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
