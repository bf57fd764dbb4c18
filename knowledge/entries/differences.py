"""What changed between two revisions, field by field and word by word; pure functions over what they say.

Lines are aligned first, then the words within the lines that changed, so that a moved comma is a moved comma and two pages
stay readable. People take a line that occurs once for the same line wherever it stands, which is why `aligning` anchors on
those; within a line an island of a few words between larger changes is no help to a reader, so it joins them. All of it has a
bound: what two bodies of the largest size cost in all is counted, and what is left when the bound is reached is shown in
coarser pieces, lines instead of words, a field instead of lines.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from knowledge.entries.aligning import Effort, Run, aligned
from knowledge.entries.fields import FieldName, Said, written
from knowledge.words import Change, FieldShape

TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+(?:['’]\w+)*|\s+|[^\w\s]")
"""Words, spaces, and each other sign by itself; Chinese and Japanese are written without spaces, so each of their signs too."""
AROUND = 2
FOLDED = 6
"""A stretch of so many unchanged lines, beyond those that stay around a change, may be folded away."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text and what became of it; `lines` is how many there are in a stretch that may be folded away."""

    kind: Change
    text: str
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """What changed in one field: the parts that are SAME or REMOVED are the old text, those SAME or ADDED the new one."""

    field: str
    label: str
    shape: FieldShape
    parts: tuple[Part, ...]


def between(old: Said, new: Said, effort: Effort) -> tuple[FieldDifference, ...]:
    """The fields that differ, in the order in which a page shows them."""
    names = dict.fromkeys((*new, *old))  # what only the old one has is gone, such as an answer that was taken back
    pairs = ((name, _seen(name, old.get(name)), _seen(name, new.get(name))) for name in names)
    return tuple(_of_field(name, was, now, effort) for name, was, now in pairs if was != now)


def _seen(name: FieldName, value: Any) -> str:
    """As a reader sees it: an import keeps the end of the last line and a form does not, and nobody changed anything."""
    return written(name.shape, value).rstrip("\n")


def _of_field(name: FieldName, old: str, new: str, effort: Effort) -> FieldDifference:
    parts = of_values(name.shape, old, new, effort)
    return FieldDifference(name.path, name.label, name.shape, tuple(parts))


def of_values(shape: FieldShape, old: str, new: str, effort: Effort) -> Iterable[Part]:
    """The difference of two values of a field; the items of a LIST stand on lines of their own."""
    if shape is FieldShape.LIST:
        return of_lists(old.split("\n") if old else [], new.split("\n") if new else [])
    return _changed(old, new) if shape is FieldShape.CHOICE else of_texts(old, new, effort)


def of_lists(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    """Each item by itself: those that stayed or went in their old order, then those that came."""
    for item in old:
        yield Part(Change.SAME if item in new else Change.REMOVED, item)
    for item in new:
        if item not in old:
            yield Part(Change.ADDED, item)


def of_texts(old: str, new: str, effort: Effort) -> Sequence[Part]:
    """The difference of two texts; at first of their lines, then of the words in those that changed."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Part] = []
    for same, i, i_end, j, j_end in _stretches(aligned(before, after, effort), len(before), len(after)):
        if same:
            pieces.append(Part(Change.SAME, "".join(before[i:i_end])))
        else:
            pieces += _words("".join(before[i:i_end]), "".join(after[j:j_end]), effort)
    return list(_folded(_joined(pieces)))


def _words(old: str, new: str, effort: Effort) -> Iterator[Part]:
    if not old or not new or not effort.allows(len(old) + len(new)):
        yield from _changed(old, new)
        return
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    runs = _without_islands(aligned(before, after, effort), before, after)
    for same, i, i_end, j, j_end in _stretches(runs, len(before), len(after)):
        if same:
            yield Part(Change.SAME, "".join(before[i:i_end]))
        else:
            yield from _changed("".join(before[i:i_end]), "".join(after[j:j_end]))


def _without_islands(runs: Sequence[Run], old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Without what stayed the same between two changes that are both larger than it."""
    removed, added = _sizes(old), _sizes(new)
    kept: list[Run] = []
    for number, run in enumerate(runs):
        i, j = (kept[-1].old + kept[-1].length, kept[-1].new + kept[-1].length) if kept else (0, 0)
        i_end, j_end = (runs[number + 1].old, runs[number + 1].new) if number + 1 < len(runs) else (len(old), len(new))
        end, new_end = run.old + run.length, run.new + run.length
        before = removed[run.old] - removed[i], added[run.new] - added[j]
        behind = removed[i_end] - removed[end], added[j_end] - added[new_end]
        size = removed[end] - removed[run.old]
        is_edge = run.old == run.new == 0 or (end == len(old) and new_end == len(new))
        is_one_sided = before[0] == behind[0] == 0 or before[1] == behind[1] == 0
        if is_edge or size > min(max(before), max(behind)) or (size and is_one_sided):
            kept.append(run)
    return kept


def _sizes(tokens: Sequence[str]) -> list[int]:
    """How much there is to read before each token."""
    return [0, *accumulate(len(token) if token[0].isalnum() else 0 for token in tokens)]


def _changed(old: str, new: str) -> Iterator[Part]:
    if old:
        yield Part(Change.REMOVED, old)
    if new:
        yield Part(Change.ADDED, new)


def _stretches(runs: Iterable[Run], old: int, new: int) -> Iterator[tuple[bool, int, int, int, int]]:
    """What is the same and what changed, in turn: whether it is the same, and where it stands on either side."""
    i = j = 0
    for run in runs:
        if run.old > i or run.new > j:
            yield False, i, run.old, j, run.new
        i, j = run.old + run.length, run.new + run.length
        yield True, run.old, i, run.new, j
    if i < old or j < new:
        yield False, i, old, j, new


def _joined(pieces: Iterable[Part]) -> Iterator[Part]:
    """With neighbours of one kind as one; what was removed before what was added."""
    gathered = dict.fromkeys(Change, "")
    for piece in pieces:
        is_changed = bool(gathered[Change.REMOVED] or gathered[Change.ADDED])
        if gathered[Change.SAME] if piece.kind is not Change.SAME else is_changed:
            yield from _emptied(gathered)
        gathered[piece.kind] += piece.text
    yield from _emptied(gathered)


def _emptied(gathered: dict[Change, str]) -> Iterator[Part]:
    for kind in Change:
        if gathered[kind]:
            yield Part(kind, gathered[kind])
        gathered[kind] = ""


def _folded(pieces: Iterable[Part]) -> Iterator[Part]:
    """With long unchanged stretches apart from the few lines of them that stand beside a change."""
    parts = list(pieces)
    for number, part in enumerate(parts):
        lines = part.text.splitlines(keepends=True) if part.kind is Change.SAME else []
        head = 0 if number == 0 else AROUND + 1  # the first is the rest of a line that changed
        tail = len(lines) - (0 if number == len(parts) - 1 else AROUND + 1)
        if tail - head < FOLDED:
            yield part
            continue
        if head:
            yield Part(part.kind, "".join(lines[:head]))
        yield Part(part.kind, "".join(lines[head:tail]), tail - head)
        if tail < len(lines):
            yield Part(part.kind, "".join(lines[tail:]))
