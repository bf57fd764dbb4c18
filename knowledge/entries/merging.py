"""Puts together what two people made of the same revision; pure functions over what each of the three says.

Texts are merged line by line as diff3 does it (Khanna, Kunal, Pierce, "A formal investigation of diff3", 2007): where only one of
the two changed something their words are taken, where both did the same it is taken once, and where they differ the two stand
side by side for a person to choose. Words within a line are not merged: a sentence that two people
mended by halves may say what neither of them meant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.entries.aligning import Effort, Run, aligned
from knowledge.entries.fields import FieldName, Said, written
from knowledge.words import FieldShape

CLASHES = 50
"""Who would have to choose more often in one text chooses once, between the two whole ones."""


@dataclass(frozen=True, slots=True)
class Clash:
    """What was there, and the two things that became of it."""

    base: str
    yours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what the two come to; where they clash the text is yours. In a TEXT every piece but the last ends with its line."""

    text: str
    clash: Clash | None = None


@dataclass(frozen=True, slots=True)
class FieldMerge:
    """One field that one of the two changed at least; the items of a LIST stand on lines of their own."""

    name: str
    label: str
    shape: FieldShape
    base: str
    yours: str
    theirs: str
    pieces: tuple[Piece, ...]

    @property
    def merged(self) -> str:
        """What the two come to, with yours where they clash."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """Where both changed the same thing differently."""
        return tuple(piece.clash for piece in self.pieces if piece.clash is not None)


@dataclass(frozen=True, slots=True)
class Merge:
    """All fields that one of the two changed, in the order in which a page shows them."""

    fields: tuple[FieldMerge, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing clashes."""
        return not any(field.clashes for field in self.fields)


def merge(base: Said, yours: Said, theirs: Said, effort: Effort) -> Merge:
    """What two versions of a base come to; a field that a version or the base does not have is empty there."""
    triples = ((name, base.get(name), yours.get(name), theirs.get(name)) for name in {**base, **yours, **theirs})
    fields = (_of_field(name, was, mine, other, effort) for name, was, mine, other in triples)
    return Merge(tuple(field for field in fields if field.base != field.yours or field.base != field.theirs))


def _of_field(name: FieldName, base: Any, yours: Any, theirs: Any, effort: Effort) -> FieldMerge:
    was, mine, other = (written(name.shape, value) for value in (base, yours, theirs))
    mine, other = (was if each.strip() == was.strip() else each for each in (mine, other))
    if name.shape is FieldShape.LIST:
        pieces: tuple[Piece, ...] = (Piece("\n".join(of_lists(*(each.split("\n") for each in (was, mine, other))))),)
    elif other in (mine, was):
        pieces = (Piece(mine),)
    elif mine == was:
        pieces = (Piece(other),)
    elif name.shape is FieldShape.TEXT:
        pieces = of_texts(was, mine, other, effort)
    else:
        pieces = (Piece(mine, Clash(was, mine, other)),)
    return FieldMerge(name.path, name.label, name.shape, was, mine, other, pieces)


def of_lists(base: Sequence[str], yours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Lists as sets: without what either took away, with what either added, sorted."""
    gone = set(base) - (set(yours) & set(theirs))
    return sorted((set(base) | set(yours) | set(theirs)) - gone - {""})


def of_texts(base: str, yours: str, theirs: str, effort: Effort) -> tuple[Piece, ...]:
    """The pieces of two texts that were both made of a third."""
    was, mine, other = (_lines(each) for each in (base, yours, theirs))
    pieces: list[Piece] = []
    for hunk in _hunks(was, mine, other, effort):
        _add(pieces, *("".join(lines) for lines in hunk))
    if sum(piece.clash is not None for piece in pieces) > CLASHES:
        return (Piece(yours, Clash(base, yours, theirs)),)
    last = pieces.pop()
    if last.clash is None:
        return (*pieces, Piece(last.text.removesuffix("\n")))
    # Without the end of the last line two versions may turn out to be the same.
    _add(pieces, *(each.removesuffix("\n") for each in (last.clash.base, last.clash.yours, last.clash.theirs)))
    return tuple(pieces) or (Piece(""),)


def _lines(source: str) -> list[str]:
    """The lines, each with its end, also the last, so that it may come to stand before others."""
    return [line + "\n" for line in source.split("\n")]


def _add(pieces: list[Piece], base: str, yours: str, theirs: str) -> None:
    if yours != theirs and base not in (yours, theirs):
        pieces.append(Piece(yours, Clash(base, yours, theirs)))
        return
    taken = yours if yours != base else theirs
    if pieces and pieces[-1].clash is None:
        pieces[-1] = Piece(pieces[-1].text + taken)
    elif taken:
        pieces.append(Piece(taken))


def _hunks(base: list[str], yours: list[str], theirs: list[str], effort: Effort) -> Iterator[tuple[list[str], ...]]:
    """What stands in all three, and what lies between, in turn: the lines of the base, yours and theirs."""
    mine = _places(aligned(base, yours, effort))
    other = _places(aligned(base, theirs, effort))
    i = j = k = 0
    while i < len(base):
        end = i
        while end < len(base) and mine.get(end) == j + end - i and other.get(end) == k + end - i:
            end += 1
        if end > i:
            yield base[i:end], base[i:end], base[i:end]
            i, j, k = end, j + end - i, k + end - i
            continue
        while end < len(base) and not (end in mine and end in other):
            end += 1
        j_end, k_end = (mine[end], other[end]) if end < len(base) else (len(yours), len(theirs))
        yield base[i:end], yours[j:j_end], theirs[k:k_end]
        i, j, k = end, j_end, k_end
    if j < len(yours) or k < len(theirs):
        yield [], yours[j:], theirs[k:]


def _places(runs: Sequence[Run]) -> Mapping[int, int]:
    return {run.old + at: run.new + at for run in runs for at in range(run.length)}
