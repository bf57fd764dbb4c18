"""Other ways to write what a query says: two words as one, a compound as its parts, and a word as the end of a compound.

Words that entries within reach have are asked for as they are; only those that none of them has are taken apart, so that nothing is
lost and hardly any time.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from knowledge.search import analysis, fields
from knowledge.search.segments import REMEMBERED, Seen

COMPOUNDING = ("da", "de", "fi", "hu", "nl", "no", "sv")
LINKS = ("", "s", "n", "en", "e", "es", "er")
"""Letters between the parts of a compound."""
SHORTEST = 4  # letters of a part
LONGEST = 40  # letters of a word that is taken apart: at every place, in every language
MOST = 32  # compounds that end so


class Wording(NamedTuple):
    """What else to look for: terms of a field, any of which will do, the word that they are of, and the word of the query beside
    which they count as one: whoever says both is not to be counted twice.
    """

    terms: tuple[str, ...]
    word: str
    field: str = fields.TEXT
    beside: str = ""


class Known(NamedTuple):
    """What is known of one word of a query: whether any entry within reach has it, and its other wordings."""

    is_said: bool
    others: tuple[Wording, ...]


def others(seen: Seen, typed: Iterable[Sequence[str]]) -> Iterator[Wording]:
    """The other wordings of a query: of each of its pieces, what stands between two spaces, the words (no grams) in their order."""
    before, was_said = "", True
    for piece in typed:
        if len(piece) > 1:
            for first, second in pairwise(piece):
                yield from _whole(seen, first, second)
        for word in piece:
            known = _looked_up(seen, word)
            yield from known.others
            if before and len(piece) == 1 and not (known.is_said and was_said):
                yield from _whole(seen, before, word)
            before, was_said = word, known.is_said


def _looked_up(seen: Seen, word: str) -> Known:
    known: Known | None = seen.wordings.get(word)
    if known is None:
        is_said = any(_is_said(seen, word, language) for language in seen.languages)
        unknown = () if is_said else _unknown(seen, word)
        known = Known(is_said, (*_loose(seen, word), *unknown))
        if len(seen.wordings) > REMEMBERED // 2:
            seen.wordings.clear()
        seen.wordings[word] = known
    return known


def _loose(seen: Seen, word: str) -> Iterator[Wording]:
    for language in seen.languages:
        start = "" if analysis.is_stopped(word, language) else analysis.beginning(word, language)
        if start and seen.has(fields.TEXT, start):
            yield Wording((start,), analysis.fold(word))


def _whole(seen: Seen, first: str, second: str) -> Iterator[Wording]:
    word = first + second
    terms = tuple(dict.fromkeys(term for each in seen.languages for term in _known(seen, word, each)))
    if terms:
        is_said = any(_known(seen, second, each) for each in seen.languages)
        yield Wording(terms, analysis.fold(word), beside=second if is_said else first)


def _unknown(seen: Seen, word: str) -> Iterator[Wording]:
    folded = analysis.fold(word)
    if len(folded) < SHORTEST or not folded.isalpha():
        return
    if seen.has(fields.RAW, folded):  # written with a hyphen
        yield Wording((folded,), folded, fields.RAW)
    if len(folded) > LONGEST:
        return
    for language in seen.languages:
        if language in COMPOUNDING:
            yield from _parts(seen, word, language)
            yield from _ending(seen, word, language)


def _parts(seen: Seen, word: str, language: str) -> Iterator[Wording]:
    """The two parts of a compound, or the one that is known; the end is what a compound is, so the longest end goes first."""
    if language in ("de", "nl") and word.startswith("ge") and (terms := _known(seen, word[2:], language)):
        yield Wording(terms, word[2:])  # a participle
        return
    best: list[Wording] = []
    for place in range(SHORTEST, len(word) - SHORTEST + 1):
        first, last = _first(seen, word[:place], language), _known(seen, word[place:], language)
        found = [
            Wording(terms, analysis.fold(part))
            for terms, part in ((first, word[:place]), (last, word[place:]))
            if terms
        ]
        if len(found) > len(best):
            best = found
    yield from best


def _first(seen: Seen, part: str, language: str) -> tuple[str, ...]:
    """The terms of a first part, which may be a stem, with letters behind it that only link it to the next."""
    for link in LINKS:
        bare = part.removesuffix(link)
        if part.endswith(link) and len(bare) >= SHORTEST:
            if terms := _known(seen, bare, language):
                return terms
            stem = f"{language}:{analysis.fold(bare)}"
            if seen.has(fields.TEXT, stem):
                return (stem,)
    return ()


def _ending(seen: Seen, word: str, language: str) -> Iterator[Wording]:
    """The compounds that end with a word."""
    for term in analysis.terms(word, language):
        tag, _, stem = term.rpartition(":")
        if len(stem) > SHORTEST and (found := seen.ending(fields.TEXT, f"{tag}:", stem, MOST)):
            yield Wording(tuple(sorted(found)), analysis.fold(word))


def _is_said(seen: Seen, word: str, language: str) -> bool:
    return analysis.is_stopped(word, language) or bool(_known(seen, word, language))


def _known(seen: Seen, word: str, language: str) -> tuple[str, ...]:
    """The terms of a word that says something, as far as entries have them."""
    if analysis.is_stopped(word, language):
        return ()
    return tuple(term for term in analysis.terms(word, language) if seen.has(fields.TEXT, term))
