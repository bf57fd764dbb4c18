"""The six parts of a best practice as sections of one Markdown text, and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.markup.checking import fences
from knowledge.practices import PARTS

_HEADING = re.compile(rf"##[ \t]+({'|'.join(PARTS)})[ \t]*#*[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sections:
    """What stands before the first of the six headings, and the text below each of them that is there."""

    body: str
    parts: Mapping[str, str]


def parts_from_markdown(text: str) -> Sections:
    """Divide a text at its H2 headings Problem, When, Do, Say, Avoid and Measure; headings in fenced code divide nothing.

    Other headings stay within the part they stand in; a part that comes twice keeps both texts.
    """
    lines = text.split("\n")
    code = {number for fence in fences(lines) for number in range(fence.first, fence.last + 1)}
    places = [
        (number, found[1].lower())
        for number, line in enumerate(lines)
        if number not in code and (found := _HEADING.fullmatch(line))
    ]
    if not places:
        return Sections(canonical(text), {})
    parts: dict[str, str] = {}
    ends = [number for number, _ in places[1:]] + [len(lines)]
    for (start, name), end in zip(places, ends, strict=True):
        section = canonical("\n".join(lines[start + 1 : end]))
        parts[name] = f"{parts[name]}\n\n{section}" if parts.get(name) and section else parts.get(name) or section
    return Sections(canonical("\n".join(lines[: places[0][0]])), parts)


def markdown_from_parts(body: str, parts: Mapping[str, str]) -> str:
    """One text with a heading for each part that is not empty, in the order of the six."""
    texts = [canonical(body)]
    texts += [f"## {name.capitalize()}\n\n{text}" for name in PARTS if (text := canonical(parts.get(name, "")))]
    return "\n\n".join(text for text in texts if text)


def is_exact(body: str, parts: Mapping[str, str]) -> bool:
    """Whether the one text divides into the same parts again: not where a part has one of the six headings, or half a fence."""
    wanted = Sections(canonical(body), {name: text for name in PARTS if (text := canonical(parts.get(name, "")))})
    return parts_from_markdown(markdown_from_parts(body, parts)) == wanted


def canonical(text: str) -> str:
    """A text with Unix line ends and no empty lines around it; what a file cannot keep apart is not told apart."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
