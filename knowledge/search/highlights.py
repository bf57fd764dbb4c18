"""Shows why an entry was found: its best passages with the words of the query marked."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice
from sys import intern
from typing import NamedTuple

from knowledge.search import analysis
from knowledge.search.lately import Lately

LENGTH = 200  # characters of a passage
LONGEST = 200_000  # characters of a text that are looked at
MOST_MARKS = 2_000
REMEMBERED = 1 << 13
"""Words of texts that one query remembers, so that reading page after page does not fill the memory."""
FORMS = 1 << 16
"""Words of texts of which it is remembered which terms they have."""

BLOCKS = re.compile(r"(?<![.!?:;,…\s])\s*\n\s*")

Mark = tuple[int, int, str]  # start, end, the word of the query


@dataclass(frozen=True, slots=True)
class Highlight:
    """One passage, as safe HTML with `<mark>` and as plain text."""

    field: str
    html: str
    text: str


def highlights(words: Iterable[str], language: str, texts: Mapping[str, str]) -> tuple[Highlight, ...]:
    """The best passage of each text that has any of the words, the one with most of them first.

    `words` are those of `Hits`, `language` is the entry's, and `texts` are plain, by field name, in the order of equals.
    """
    wanted = _wanted(tuple(words), analysis.stem_language(language))
    found = []
    for field, whole in texts.items():
        text = whole[:LONGEST].strip()
        if marks := wanted.marks(text):
            start, end = _passage(text, marks)
            inside = [mark for mark in marks if start <= mark[0] and mark[1] <= end]
            found.append((len({word for _, _, word in inside}), Highlight(field, *_marked(text, start, end, inside))))
    return tuple(highlight for _, highlight in sorted(found, key=lambda each: -each[0]))


def places(words: Iterable[str], language: str, texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """In which of the texts each word is, as `highlights` finds them; words that are in none are left out."""
    wanted = _Wanted(words, analysis.stem_language(language))
    found: dict[str, tuple[str, ...]] = {}
    for field, text in texts.items():
        for word in dict.fromkeys(word for _, _, word in wanted.marks(text[:LONGEST])):
            found[word] = (*found.get(word, ()), field)
    return found


class _Wanted:
    """The query's words as the terms of one language; a word of several is marked where they follow one another."""

    def __init__(self, words: Iterable[str], language: str) -> None:
        self._language = language
        self._starts: tuple[str, ...] = ()
        self._terms: dict[str, str] = {}
        self._phrases: list[tuple[str, list[frozenset[str]]]] = []
        self._known: dict[str, str | None] = {}
        for word in words:
            if word.endswith("*"):
                self._starts += (word[:-1],)
                continue
            tokens = list(analysis.tokens(word))
            if len(tokens) > 1 and not any(token.is_gram for token in tokens):
                telling = [token.text for token in tokens if not analysis.is_stopped(token.text, language)]
                self._phrases.append((word, [frozenset(analysis.kept(text, language)) for text in telling]))
                continue
            for token in tokens:
                for term in (token.text,) if token.is_gram else analysis.kept(token.text, language):
                    self._terms.setdefault(term, word)

    def marks(self, text: str) -> list[Mark]:
        """Where in a text the words are, in order; pairs of characters that overlap are one mark."""
        if not self._phrases and (said := _said(text)) is not None:
            return self._marks_of_words(said)
        marks: list[Mark] = []
        before: list[analysis.Token] = []
        for token in analysis.tokens(text):
            if self._phrases and (phrase := self._phrase(before, token)):
                marks = [mark for mark in marks if mark[1] <= phrase[0]] + [phrase]
                continue
            if (word := self._word(token)) is None:
                continue
            if token.is_gram and marks and token.start < marks[-1][1]:
                marks[-1] = (marks[-1][0], max(marks[-1][1], token.end), marks[-1][2])
            else:
                marks.append((token.start, token.end, word))
            if len(marks) == MOST_MARKS:
                break
        return marks

    def _phrase(self, before: list[analysis.Token], token: analysis.Token) -> Mark | None:
        """The phrase that ends with a word, if one does; `before` are the telling words up to it, and get this one."""
        if token.is_gram or analysis.is_stopped(token.text, self._language):
            return None
        before.append(token)
        for word, forms in self._phrases:
            last = before[-len(forms) :]
            if forms and len(last) == len(forms) and all(map(self._is_any, last, forms)):
                return last[0].start, token.end, word
        return None

    def _is_any(self, token: analysis.Token, forms: frozenset[str]) -> bool:
        return not forms.isdisjoint(analysis.terms(token.text, self._language))

    def _marks_of_words(self, said: "_Said") -> list[Mark]:
        """The same, by looking only at those words of the text that can be meant: marking ten hits was half of what a search took."""
        meant = {written: word for written in self._likely(said) if (word := self._meant(written)) is not None}
        if not meant:
            return []
        marks = (
            (start, start + len(written), meant[written])
            for written, start in zip(said.words, said.starts, strict=True)
            if written in meant
        )
        return list(islice(marks, MOST_MARKS))

    def _likely(self, said: "_Said") -> set[str]:
        """The words of a text that have any of the terms; all of them where the beginning of a word is asked for."""
        return set(said.words) if self._starts else _forms(self._language).having(self._terms, said.words)

    def _meant(self, written: str) -> str | None:
        if written not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[written] = self._word(analysis.Token(analysis.lower(written), 0, 0))
        return self._known[written]

    def _word(self, token: analysis.Token) -> str | None:
        if token.is_gram:
            return self._terms.get(token.text)
        for term in analysis.kept(token.text, self._language):
            if term in self._terms:
                return self._terms[term]
        folded = analysis.fold(token.text)
        return next((start + "*" for start in self._starts if folded.startswith(start)), None)


class _Forms:
    """How terms of one language are written in the texts that were looked at so far."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._terms: dict[str, set[str]] = {}
        self._written: set[str] = set()

    def having(self, terms: Iterable[str], said: tuple[str, ...]) -> set[str]:
        """The words of a text that have any of some terms."""
        if not self._written.issuperset(said):
            for written in set(said) - self._written:
                self._learn(written)
        found = set[str]()
        for term in terms:
            found |= self._terms.get(term, NONE)
        return found.intersection(said)

    def _learn(self, written: str) -> None:
        for term in analysis.kept(analysis.lower(written), self._language):
            self._terms.setdefault(term, set()).add(written)
        self._written.add(written)  # last: whoever finds it here finds its terms

    def is_full(self) -> bool:
        """Whether it is time to begin again."""
        return len(self._written) > FORMS


NONE: frozenset[str] = frozenset()
_known_forms: dict[str, _Forms] = {}


def _forms(language: str) -> _Forms:
    found = _known_forms.get(language)
    if found is None or found.is_full():
        found = _known_forms[language] = _Forms(language)
    return found


class _Said(NamedTuple):
    """The words of a text as they are written, in order, and where each begins."""

    words: tuple[str, ...]
    starts: Sequence[int]


def _read(text: str) -> _Said | None:
    """None for a text that has grams."""
    if analysis.has_grams(text):
        return None
    words, starts, end = tuple(map(intern, analysis.words(text))), array("I"), 0
    for word in words:
        start = text.find(word, end)  # between two words there is nothing that a word could begin with
        starts.append(start)
        end = start + len(word)
    return _Said(words, starts)


_said = Lately(_read)


@lru_cache(16)
def _wanted(words: tuple[str, ...], language: str) -> _Wanted:
    """The same for all hits of a page."""
    return _Wanted(words, language)


def _passage(text: str, marks: list[Mark]) -> tuple[int, int]:
    """The part of a text that begins shortly before the mark from which on most different words are close by."""
    if len(text) <= LENGTH:
        return 0, len(text)
    starts = [mark[0] for mark in marks]

    def worth(place: int) -> tuple[int, int, int]:
        close = marks[place : bisect_left(starts, starts[place] + LENGTH * 3 // 4)]
        return len({word for _, _, word in close}), len(close), -place

    best = max(range(len(marks)), key=worth)
    start = _word_start(text, max(0, min(starts[best] - LENGTH // 4, len(text) - LENGTH)), marks[best][0])
    end = min(len(text), max(start + LENGTH, marks[best][1]))
    return start, _word_end(text, end, marks[best][1])


def _word_start(text: str, start: int, latest: int) -> int:
    if start == 0:
        return 0
    for place in range(start, min(start + LENGTH // 8, latest)):
        if text[place - 1].isspace():
            return place
    return start


def _word_end(text: str, end: int, earliest: int) -> int:
    if end == len(text):
        return end
    for place in range(end, max(end - LENGTH // 8, earliest), -1):
        if text[place].isspace():
            return place
    return end


def _told(text: str) -> str:
    """A piece of a text in one line; where a block ends without a full stop, as headings do, a dot keeps it from the next."""
    return BLOCKS.sub(" · ", text).replace("\n", " ")


def _marked(text: str, start: int, end: int, marks: list[Mark]) -> tuple[str, str]:
    before, after = "… " if start else "", " …" if end < len(text) else ""
    pieces, last = [], start
    for first, behind, _ in marks:
        pieces += [escape(_told(text[last:first])), "<mark>", escape(_told(text[first:behind])), "</mark>"]
        last = behind
    pieces.append(escape(_told(text[last:end])))
    return before + "".join(pieces) + after, before + _told(text[start:end]) + after
