"""Corrects what was mistyped, with words of entries that the viewer may see."""

from collections.abc import Iterable

from knowledge.search import analysis, fields
from knowledge.search.edits import edits
from knowledge.search.index import Reach
from knowledge.search.matching import Matching
from knowledge.search.query import LONGEST, Field, Role, read
from knowledge.search.segments import Mask, Snapshot

SHORTEST = 4  # letters; of shorter words nearly everything is near
FAR_FROM = 8  # letters from which two edits are still the same word
BYTES = 2  # by which a letter may make a word longer; those of most scripts have so many
MORE = 20  # times as frequent a word must be to replace one that is there


def corrected(snapshot: Snapshot, query: str, reach: Reach) -> str | None:
    """The query with each word that few entries in reach have replaced by a near and much more frequent one; or None."""
    query = query[:LONGEST]
    clauses = [each for each in read(query) if each.field in (Field.TEXT, Field.TITLE) and each.role is not Role.NONE]
    typed = {token.text for each in clauses if not each.is_prefix for token in analysis.tokens(each.text)}
    reachable = snapshot.reachable(reach)
    matching = Matching(snapshot, clauses)
    pieces, last = [], 0
    for token in analysis.tokens(query):
        if token.text in typed and not token.is_gram and (better := _better(matching, reachable, token)):
            pieces += [query[last : token.start], better]
            last = token.end
    return "".join([*pieces, query[last:]]) if pieces else None


def _better(matching: Matching, reachable: Mask, token: analysis.Token) -> str | None:
    word = analysis.fold(token.text)
    if len(word) < SHORTEST or not word.isalpha() or matching.stops(token):
        return None
    found = _count(matching.snapshot, reachable, fields.TEXT, matching.terms(token))
    most = 1 if len(word) < FAR_FROM else 2
    size, wide = len(word.encode()), BYTES * most
    lengths = range(size - wide, size + wide + 1)
    others = sorted(filter(str.isalpha, matching.snapshot.near(fields.RAW, word[0], lengths)))
    far = {other: count for other, count in zip(others, edits(word, others).tolist(), strict=True) if 0 < count <= most}
    counts = {other: _count(matching.snapshot, reachable, fields.RAW, [other]) for other in far}
    likely = [other for other, count in counts.items() if count > found * MORE]
    return min(likely, key=lambda other: (far[other], -counts[other], other), default=None)


def _count(snapshot: Snapshot, reachable: Mask, field: str, terms: Iterable[str]) -> int:
    return int((snapshot.mask(field, terms) & reachable).sum())
