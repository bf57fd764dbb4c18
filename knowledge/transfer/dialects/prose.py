"""Finds its way through Markdown: what is code and therefore nobody's link, which line a place is in, and changes of places."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

VEIL = "\ue000"
"""Stands for a letter within code, where no pattern finds it."""

_FENCE = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])?[ \t]*(`{3,}|~{3,})([^`\n]*)$")
_ITEM = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_TICKS = re.compile(r"`+")
_VISIBLE = re.compile(r"[^\n]")


class Prose:
    """A text whose places can be found and changed. `masked` is as long as the text and has its code veiled."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text = text
        self.first_line = first_line
        self.changes: list[tuple[int, int, str]] = []

    @cached_property
    def masked(self) -> str:
        return _masked(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line(self, place: int) -> int:
        """The line of the file that a place is in."""
        return self.first_line + bisect_right(self._starts, place) - 1

    def row(self, place: int) -> str:
        """The whole line around a place, with its code veiled."""
        number = bisect_right(self._starts, place) - 1
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.masked[self._starts[number] : end]

    def found(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Where a pattern stands outside code."""
        return pattern.finditer(self.masked)

    def change(self, start: int, end: int, text: str) -> None:
        """Have something else at a place once all is changed."""
        self.changes.append((start, end, text))

    def veil(self, start: int, end: int) -> None:
        """Have no further pattern find what stands at a place."""
        self.masked = self.masked[:start] + _VISIBLE.sub(VEIL, self.masked[start:end]) + self.masked[end:]

    def changed(self) -> str:
        """The text with all changes; of two that overlap the one that begins first counts."""
        if not self.changes:
            return self.text
        pieces, after = [], 0
        for start, end, text in sorted(self.changes):
            if start >= after:
                pieces += [self.text[after:start], text]
                after = end
        return "".join([*pieces, self.text[after:]])


def _masked(text: str) -> str:
    if "`" not in text and "~~~" not in text and "    " not in text and "\t" not in text:
        return text
    pieces: list[str] = []
    paragraph: list[str] = []
    for line, is_code in lines(text):
        if not is_code and line.strip():
            paragraph.append(line)
            continue
        if paragraph:
            pieces.append(_veiled_spans("\n".join(paragraph)))
            paragraph = []
        pieces.append(VEIL * len(line) if is_code else line)
    if paragraph:
        pieces.append(_veiled_spans("\n".join(paragraph)))
    return "\n".join(pieces)


def without(text: str, *patterns: re.Pattern[str]) -> str:
    """A text without what these patterns call its mark, which stays where it is code."""
    prose = Prose(text)
    for pattern in patterns:
        for match in prose.found(pattern):
            prose.change(*match.span("mark"), "")
    return prose.changed()


def lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is code: between fences, or set in by four spaces outside a list."""
    fence, after_blank, in_list = "", True, False
    for bare in text.split("\n"):
        found = _FENCE.match(bare) if "```" in bare or "~~~" in bare else None
        if fence:
            closes = found and found[1].startswith(fence) and not found[2].strip()
            fence = "" if closes else fence
            yield bare, True
            continue
        if found:
            fence = found[1]
            yield bare, True
            continue
        is_blank = not bare.strip()
        is_deep = bare.startswith(("    ", "\t")) and not is_blank
        if not is_blank and not is_deep:
            in_list = bool(_ITEM.match(bare)) or (in_list and not after_blank) or (in_list and bare.startswith(" "))
        yield bare, is_deep and after_blank and not in_list
        after_blank = is_blank or (is_deep and after_blank and not in_list)


def _veiled_spans(paragraph: str) -> str:
    if "`" not in paragraph:
        return paragraph
    runs = [(found.start(), found.end()) for found in _TICKS.finditer(paragraph)]
    upcoming: dict[int, list[int]] = {}
    for start, end in reversed(runs):
        upcoming.setdefault(end - start, []).append(start)
    pieces, after = [], 0
    for start, end in runs:
        ahead = upcoming[end - start]
        while ahead and ahead[-1] <= start:
            ahead.pop()
        if start < after or not ahead or paragraph[start - 1 : start] == "\\":
            continue
        pieces += [paragraph[after:end], _VISIBLE.sub(VEIL, paragraph[end : ahead[-1]])]
        after = ahead[-1]
        pieces.append(paragraph[after : after + end - start])
        after += end - start
    return "".join([*pieces, paragraph[after:]])
