"""The weights of words: BM25 over one field, with Lucene's idf, and words counted as often as the query says them."""

from collections.abc import Mapping
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from knowledge.search.arrays import Array
from knowledge.search.postings import LENGTHS

Scores: TypeAlias = NDArray[np.float64]

K1 = 1.2
B = 0.75
K3 = 8.0

TABLED = 1 << 16
"""Weights below this are looked up: words said up to 255 times in one document."""


def rarity(documents: int, found: int) -> float:
    """Lucene's idf of a word that `found` of all documents have; never negative."""
    return log(1 + (documents - found + 0.5) / (found + 0.5))


def emphasis(times: int) -> float:
    """What a word counts that the query says so many times: 1 for once, at most K3 + 1 (Robertson and Walker, TREC-3)."""
    return times * (K3 + 1) / (times + K3)


class Weighting:
    """BM25 with the number of documents and the average lengths of fields of the whole index."""

    def __init__(self, documents: int, averages: Mapping[str, float]) -> None:
        self.documents = documents
        self._averages = averages
        self._tables: dict[str, Scores] = {}

    def scores(self, field: str, weights: Array) -> Scores:
        """What postings of a word score, short of its rarity; weights are those of `Postings`."""
        if weights.dtype.itemsize > 2:
            return self._scores(field, weights)
        if field not in self._tables:
            self._tables[field] = self._scores(field, np.arange(TABLED))
        return self._tables[field].take(weights.astype(np.intp))  # a fifth of the time of narrow ones

    def _scores(self, field: str, weights: Array) -> Scores:
        times = (weights >> 8).astype(np.float64)
        lengths = LENGTHS[weights & 255]
        found: Scores = times * (K1 + 1) / (times + K1 * (1 - B + B * lengths / self._averages[field]))
        return found
