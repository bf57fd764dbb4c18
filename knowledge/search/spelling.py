"""Corrects what was mistyped, with words of entries that the viewer may see."""

import numpy as np
from whoosh.support.levenshtein import damerau_levenshtein

from knowledge.search import analysis, fields
from knowledge.search.index import Reach
from knowledge.search.matching import Matching
from knowledge.search.query import LONGEST, Field, Role, read
from knowledge.search.segments import Mask, Part, Snapshot, documents

SHORTEST = 4  # letters; of shorter words nearly everything is near
FAR_FROM = 8  # letters from which two edits are still the same word
MORE = 20  # times as frequent a word must be to replace one that is there


def corrected(snapshot: Snapshot, query: str, reach: Reach) -> str | None:
    """The query with each word that few entries in reach have replaced by a near and much more frequent one; or None."""
    query = query[:LONGEST]
    clauses = [each for each in read(query) if each.field in (Field.TEXT, Field.TITLE) and each.role is not Role.NONE]
    typed = {token.text for each in clauses if not each.is_prefix for token in analysis.tokens(each.text)}
    reachable = {part: part.reachable(reach) for part in snapshot.parts}
    matching = Matching(snapshot, clauses)
    pieces, last = [], 0
    for token in analysis.tokens(query):
        if token.text in typed and not token.is_gram and (better := _better(matching, reachable, token)):
            pieces += [query[last : token.start], better]
            last = token.end
    return "".join([*pieces, query[last:]]) if pieces else None


def _better(matching: Matching, reachable: dict[Part, Mask], token: analysis.Token) -> str | None:
    word = analysis.fold(token.text)
    if len(word) < SHORTEST or not word.isalpha() or matching.stops(token):
        return None
    found = sum(_count(part, mask, fields.TEXT, matching.terms(token)) for part, mask in reachable.items())
    counts: dict[str, int] = {}
    most = 1 if len(word) < FAR_FROM else 2
    for part, mask in reachable.items():
        # Two edits even for short words: Whoosh counts two letters in each other's place as two, and `_edits` as one.
        for near in part.reader.terms_within(fields.RAW, word, 2, prefix=1):
            if near.isalpha() and 0 < _edits(word, near) <= most:
                counts[near] = counts.get(near, 0) + _count(part, mask, fields.RAW, (near,))
    likely = [near for near, count in counts.items() if count > found * MORE]
    return min(likely, key=lambda near: (_edits(word, near), -counts[near], near), default=None)


def _edits(word: str, near: str) -> int:
    return int(damerau_levenshtein(word, near))  # type: ignore[no-untyped-call]


def _count(part: Part, mask: Mask, field: str, terms: tuple[str, ...]) -> int:
    having = np.zeros(part.size, np.bool_)
    for term in terms:
        having[documents(part.reader, field, term)] = True
    return int((having & mask).sum())
