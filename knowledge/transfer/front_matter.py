"""Front matter, read as words only, so that `no`, `1.10` and dates stay what somebody typed, and written so that it reads back.

Ours is YAML; others write TOML between lines of three plus signs, or a JSON object.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

import yaml

from knowledge.transfer.parts import canonical

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"

MOST = 64 * 1024
"""How long the front matter of other tools in TOML or JSON is. In YAML it is as long as its file: an entry of ours may have all its
texts there, and reading is linear."""
MOST_VALUES = 10_000
"""How many values there are in YAML, keys among them: it is they that cost time."""
DEEPEST = 5
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_OPENING = re.compile(r"---[ \t]*\n")
_OPENING_TOML = re.compile(r"\+\+\+[ \t]*\n")
_CLOSING_TOML = re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE)
_OPENING_JSON = re.compile(r"\{[ \t]*\n?[ \t]*\"")
_CLOSING = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)
_KEY = re.compile(r"\s*(?:#.*\n\s*)*[\w\"'][\w .\"'-]*:(?:\s|\Z)")


@dataclass(frozen=True)
class Document:
    """What a file says in its front matter, the line each key stands in, and the text below. Without front matter no fields."""

    fields: Mapping[str, Value]
    lines: Mapping[str, int]
    body: str
    body_line: int = 1
    has_front_matter: bool = False
    syntax: str = ""


@dataclass
class Malformed(Exception):
    """The front matter cannot be read; `line` is where in the file."""

    message: str
    line: int = 1


@dataclass
class _Reading:
    """Builds values from the parser's events: an alias can grow without bound, and depth can end the process, so both end here."""

    events: Iterator[Any]
    lines: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def value(self, event: Any, depth: int) -> Value:
        if depth > DEEPEST:
            raise Malformed("This is nested too deeply.", event.start_mark.line + 2)
        self.count += 1
        if self.count > MOST_VALUES:
            raise Malformed(f"Front matter has at most {MOST_VALUES:,} values.", event.start_mark.line + 2)
        match event:
            case yaml.ScalarEvent():
                return None if event.implicit[0] and event.value in _NULLS else str(event.value)
            case yaml.SequenceStartEvent():
                return [self.value(each, depth + 1) for each in self.until(yaml.SequenceEndEvent)]
            case yaml.MappingStartEvent():
                return self.mapping(depth)
        raise Malformed(
            "References within the front matter are not read; write the value again.", event.start_mark.line + 2
        )

    def until(self, end: type) -> Iterator[Any]:
        while not isinstance(event := next(self.events), end):
            yield event

    def mapping(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for event in self.until(yaml.MappingEndEvent):
            line = event.start_mark.line + 2
            key = self.value(event, depth + 1)
            if not isinstance(key, str) or key in found:
                raise Malformed("A key is a word, and comes once.", line)
            found[key] = self.value(next(self.events), depth + 1)
            if depth == 1:
                self.lines[key] = line
        return found


def read(text: str) -> Document:
    """The front matter and the body of a Markdown text with Unix line ends; raises `Malformed`."""
    if text.startswith("+++") and (document := _toml(text)) is not None:
        return document
    if text.startswith("{") and (document := _json(text)) is not None:
        return document
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return _document({}, {}, text, 0, "")
    matter = text[opening.end() : closing.start()]
    if matter.strip() and not _KEY.match(matter):  # a text between two rules
        return _document({}, {}, text, 0, "")
    fields, lines = _fields(matter)
    return _document(fields, lines, text, closing.end(), "yaml")


def _document(fields: Mapping[str, Any], lines: Mapping[str, int], text: str, end: int, syntax: str) -> Document:
    start = len(text) - len(text[end:].lstrip("\n"))
    return Document(fields, lines, canonical(text[end:]), text.count("\n", 0, start) + 1, bool(syntax), syntax)


def _toml(text: str) -> Document | None:
    opening = _OPENING_TOML.match(text)
    closing = _CLOSING_TOML.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return None
    matter = text[opening.end() : closing.start()]
    if len(matter) > MOST:
        raise Malformed(f"Front matter in TOML has at most {MOST // 1024} kB.")
    try:
        found = tomllib.loads(matter)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Malformed(f"This is not TOML: {error}.") from None
    keys = re.finditer(r"^[ \t]*(?:\[+)?[\"']?([\w -]+)", text[: closing.start()], re.MULTILINE)
    return _document(_words(found, 1), _first_lines(text, keys, found), text, closing.end(), "toml")


def _json(text: str) -> Document | None:
    if not _OPENING_JSON.match(text):
        return None
    try:
        found, end = json.JSONDecoder().raw_decode(text[:MOST])
    except (json.JSONDecodeError, RecursionError):
        return None  # a text that begins with a brace
    if text[end : end + 1] not in ("", "\n"):
        return None
    keys = re.finditer(r"\"((?:[^\"\\\n]|\\.)+)\"\s*:", text[:end])
    return _document(_words(found, 1), _first_lines(text, keys, found), text, end, "json")


def _first_lines(text: str, keys: Iterator[re.Match[str]], fields: Mapping[str, Any]) -> Mapping[str, int]:
    lines: dict[str, int] = {}
    for key in keys:
        if key[1].strip() in fields:
            lines.setdefault(key[1].strip(), text.count("\n", 0, key.start(1)) + 1)
    return lines


def _words(value: Any, depth: int) -> Any:
    """The same in words only."""
    if depth > DEEPEST:
        raise Malformed("This is nested too deeply.")
    match value:
        case dict():
            return {str(name): _words(each, depth + 1) for name, each in value.items()}
        case list():
            return [_words(each, depth + 1) for each in value]
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
    return str(value)


def _fields(matter: str) -> tuple[Mapping[str, Value], Mapping[str, int]]:
    reading = _Reading(iter(yaml.parse(matter, Loader=yaml.CSafeLoader)))
    try:
        for event in reading.events:
            if isinstance(event, yaml.MappingStartEvent):
                return reading.mapping(1), reading.lines
            if isinstance(event, yaml.NodeEvent):
                raise Malformed("Front matter is keys with their values.", 2)
    except yaml.MarkedYAMLError as error:
        lines = [mark.line + 2 for mark in (error.problem_mark, error.context_mark) if mark is not None]
        raise Malformed(f"This is not YAML: {error.problem}.", (lines or [1])[0]) from None
    except yaml.YAMLError:  # a character that YAML does not allow
        raise Malformed("This is not YAML: it contains a character that may not stand there.") from None
    return {}, {}


class _Dumper(yaml.CSafeDumper):
    """Texts of several lines as blocks, lists in one line."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _list(dumper: _Dumper, values: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def written(fields: Mapping[str, Any], body: str) -> str:
    """A Markdown text with these fields, in their order, as front matter; `read` gives the same words back."""
    matter = yaml.dump(
        dict(fields), Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=2**30
    )
    text = canonical(body)
    return f"---\n{matter}---\n{text}\n" if text else f"---\n{matter}---\n"
