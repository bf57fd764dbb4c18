"""Corrects what was mistyped, with words of entries that the viewer may see."""

from collections.abc import Iterable, Iterator

import numpy as np

from knowledge.search import analysis, fields
from knowledge.search.edits import is_near
from knowledge.search.index import Reach
from knowledge.search.matching import Matching
from knowledge.search.query import LONGEST, Clause, Field, Role, read
from knowledge.search.segments import Snapshot

SHORTEST = 4  # letters; of shorter words nearly everything is near
FAR_FROM = 8  # letters from which two edits are still the same word, if it begins alike
PIECE = 3  # letters that either half of two words run together has, unless it is a little word
MORE = 20  # times as frequent a word must be to replace one that is there
READ = 5  # titles that are looked at for how a word is written


def corrected(snapshot: Snapshot, query: str, reach: Reach) -> str | None:
    """The query with each word that few entries in reach have replaced by a near and much more frequent one; or None.

    Near is a word of one edit, two words run together or one word torn in two, and, for a long one, a word of two edits.
    """
    query = query[:LONGEST]
    return _Correction(snapshot, reach, query).text()


class _Correction:
    """One query, as it is corrected with what one reach covers."""

    def __init__(self, snapshot: Snapshot, reach: Reach, query: str) -> None:
        clauses = [each for each in read(query) if each.field in (Field.TEXT, Field.TITLE) and _is_wanted(each)]
        self._query = query
        self._snapshot = snapshot
        self._seen = snapshot.seen(reach)
        self._reachable = self._seen.mask
        self._matching = Matching(self._seen, clauses)
        self._typed = {token.text for each in clauses for token in analysis.tokens(each.text)}

    def text(self) -> str | None:
        """The corrected query, or None where nothing is better."""
        pieces, last = [], 0
        for start, end, better in self._changes(list(analysis.tokens(self._query))):
            pieces += [self._query[last:start], better]
            last = end
        return "".join([*pieces, self._query[last:]]) if pieces else None

    def _changes(self, tokens: list[analysis.Token]) -> Iterator[tuple[int, int, str]]:
        joined = -1
        for place, token in enumerate(tokens):
            if token.start < joined or token.is_gram or token.text not in self._typed:
                continue
            follower = tokens[place + 1] if place + 1 < len(tokens) else None
            if follower is not None and (whole := self._whole(token, follower)):
                joined = follower.end
                yield token.start, joined, self._written(whole)
            elif better := self._better(token):
                # A beginning of a word gives way to a whole one.
                is_start = self._query.startswith("*", token.end)
                yield token.start, token.end + is_start, " ".join(map(self._written, better))

    def _whole(self, token: analysis.Token, follower: analysis.Token) -> str | None:
        """The word that two pieces make which stand beside each other, one of them at least being nearly unknown."""
        between = self._query[token.end : follower.start]
        word = analysis.fold(token.text + follower.text)
        if between.strip() or follower.is_gram or follower.text not in self._typed or not _is_word(word):
            return None
        return word if self._having(word) > MORE * min(self._found(token), self._found(follower)) else None

    def _better(self, token: analysis.Token) -> tuple[str, ...]:
        """The words that are to stand in the place of one; none where it stays."""
        word = analysis.fold(token.text)
        if not _is_word(word) or self._matching.stops(token):
            return ()
        least = MORE * self._found(token)
        if least >= self._seen.size:
            return ()
        if best := self._likely(word, _near(self._snapshot, word, 1), least):
            return (best,)
        if least:  # of words that are known only the slightest slip is a slip
            return ()
        if halves := self._halves(word):
            return halves
        far = _near(self._snapshot, word, 2) if len(word) >= FAR_FROM else ()
        return (best,) if (best := self._likely(word, far, least)) else ()

    def _likely(self, word: str, others: Iterable[str], least: int) -> str | None:
        """The most frequent of some words, of those that begin alike before others."""
        counts = {other: self._having(other) for other in others}
        likely = [other for other, count in counts.items() if count > least]
        return min(likely, key=lambda other: (other[0] != word[0], -counts[other], other), default=None)

    def _halves(self, word: str) -> tuple[str, ...]:
        """The two words that were run together, of several the two that are most frequent; none for what is no such thing."""
        found = []
        for place in range(2, len(word) - 1):
            halves = word[:place], word[place:]
            little = [analysis.is_stopped(half, self._matching.language) for half in halves]
            if all(little) or any(
                len(half) < PIECE and not is_little for half, is_little in zip(halves, little, strict=True)
            ):
                continue
            if (rarest := min(map(self._having, halves))) > 0:
                found.append((rarest, halves))
        return max(found)[1] if found else ()

    def _found(self, token: analysis.Token) -> int:
        """How many entries in reach have a word in any of its forms; of a little word, or a beginning, as it is written."""
        word = analysis.fold(token.text)
        if self._query.startswith("*", token.end):
            mask = self._snapshot.beginning(fields.RAW, word)
        elif terms := () if self._matching.stops(token) else self._matching.terms(token):
            mask = self._snapshot.mask(fields.TEXT, terms)
        else:
            return self._having(word)
        return int(np.count_nonzero(mask & self._reachable))

    def _having(self, word: str) -> int:
        """How many entries in reach have a word as it is written."""
        return self._seen.count(fields.RAW, word)

    def _written(self, word: str) -> str:
        """A word with its accents, as a title or a tag in reach has it; without them where none has it."""
        for text in self._texts(word):
            for token in analysis.tokens(text):
                if analysis.fold(token.text) == word:
                    return token.text
        return word

    def _texts(self, word: str) -> Iterator[str]:
        numbers = self._snapshot.documents(fields.STARTS, word)
        yield from map(self._snapshot.heading, numbers[self._reachable[numbers]][:READ].tolist())
        for line in self._snapshot.completions(fields.LABELS, word, self._reachable):
            yield line.split("\t")[2]


def _is_wanted(clause: Clause) -> bool:
    return clause.role is not Role.NONE


def _is_word(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


def _near(snapshot: Snapshot, word: str, most: int) -> list[str]:
    """The words that are at most so many edits from one; of two edits only those that begin alike."""
    found: set[str] = set()
    for part in snapshot.parts:
        postings = part.segment.field(fields.RAW)
        found.update(postings.term(place).decode() for place in postings.resembling(word.encode(), most).tolist())
    alike = (other for other in found if (most == 1 or other[0] == word[0]) and other != word)
    return [other for other in alike if other.isalpha() and is_near(word, other, most)]
