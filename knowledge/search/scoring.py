"""The weights of words: BM25 over one field, with Lucene's idf, and words counted as often as the query says them."""

from math import log
from typing import Any

from whoosh.scoring import BM25F, WeightLengthScorer, bm25

K1 = 1.2
B = 0.75
K3 = 8.0


def rarity(documents: int, found: int) -> float:
    """Lucene's idf of a word that `found` of all documents have; never negative."""
    return log(1 + (documents - found + 0.5) / (found + 0.5))


def emphasis(times: int) -> float:
    """What a word counts that the query says so many times: 1 for once, at most K3 + 1 (Robertson and Walker, TREC-3)."""
    return times * (K3 + 1) / (times + K3)


class Weighting(BM25F):
    """BM25F for readers of single segments, whose statistics come from the whole index."""

    def __init__(self, documents: int, lengths: dict[str, float]) -> None:
        super().__init__(B=B, K1=K1)
        self.documents = documents
        self.lengths = lengths

    def part(self, reader: Any, field: str, term: str, found: int) -> "PartScorer":
        """The scorer of a term in one segment; `found` counts the documents of the index that have it or an alternative of it."""
        return PartScorer(reader, field, term, rarity(self.documents, found), self.lengths[field])


class PartScorer(WeightLengthScorer):
    """BM25 of one term in one segment."""

    def __init__(self, reader: Any, field: str, term: str, rarity: float, average: float) -> None:
        self._rarity = rarity
        self._average = average
        self.setup(reader, field, term)

    def _score(self, weight: float, length: int) -> float:
        return bm25(self._rarity, weight, length, self._average, B, K1)
