"""Puts what words found and what meaning found into one order."""

from dataclasses import dataclass

import numpy as np

from knowledge.meaning.encoder import Vector
from knowledge.search.postings import Numbers
from knowledge.search.scoring import Scores
from knowledge.search.segments import Mask

DEPTH = 500
"""So many of the best of either list are put together; everything behind them stays in the order of its words."""
WEIGHT = 0.5
WEIGHT_OF_FEW = 0.3
FEW = 3
"""Up to so many words that say something people look for what they know, and words count more."""
FLOOR = 0.25
"""The cosine from which an entry is found that has none of the words."""


@dataclass(frozen=True, slots=True)
class Fused:
    """Scores of one order and which documents are found; what each scored by words alone, and the cosine where it came near, else 0."""

    scores: Scores
    found: Mask
    words: Scores
    cosines: Vector
    version: str
    """Of the vectors: as long as it and the commit stay, the order does."""
    by_words: Scores
    by_meaning: Scores

    def parts(self, number: int) -> tuple[float, float]:
        """What a document scored by words, and by meaning."""
        return float(self.words[number]), float(self.cosines[number])

    def shares(self, number: int) -> tuple[float, float, float]:
        """What of a document's score is due to its words, what to its meaning, and what to the place among all others that it has by
        both or by its title.
        """
        words, meaning = float(self.by_words[number]), float(self.by_meaning[number])
        return words, meaning, float(self.scores[number]) - words - meaning


def fused(
    scores: Scores,
    found: Mask,
    near: tuple[Numbers, Vector],
    *,
    weight: float,
    has_vectors: Mask,
    first: Numbers,
    version: str = "",
    factors: Scores | None = None,
) -> Fused:
    """Both lists on a scale from 0 to 1 (their least to their best), added by weight: scores keep what ranks forget, how much better
    one hit is than the next. An entry without vectors has the score of its words for both; those of `first` stand before all.
    Scores of words have their `factors` already, and those of meaning get them here.

    Scores of the documents put together are from 1 to 2, the others' below 1; those of `first` have 2 more.
    """
    numbers, cosines = near
    every = np.zeros(len(scores), np.float32)
    every[numbers] = cosines
    words = _best(scores, np.flatnonzero(found), DEPTH)
    taken = found.copy()
    taken[numbers[cosines >= FLOOR]] = True
    chosen = np.union1d(words, numbers[taken[numbers]])
    by_words = _scaled(scores, words)
    by_meaning = _scaled(every.astype(np.float64), numbers)
    if factors is not None:
        by_meaning *= factors
    due_to_words = scores / (scores.max(initial=0) + 1)
    due_to_words[chosen] = (np.where(has_vectors, 1 - weight, 1.0) * by_words)[chosen]
    due_to_meaning = np.zeros(len(scores))
    due_to_meaning[chosen] = (np.where(has_vectors, weight, 0.0) * by_meaning)[chosen]
    result = due_to_words + due_to_meaning
    result[chosen] += 1
    result[first] += 2
    return Fused(result, taken, scores, every, version, due_to_words, due_to_meaning)


def _best(scores: Scores, numbers: Numbers, count: int) -> Numbers:
    if len(numbers) <= count:
        return numbers
    return numbers[np.argpartition(-scores[numbers], count)[:count]]


def _scaled(scores: Scores, numbers: Numbers) -> Scores:
    """From 0 to 1 for these documents, 0 for all others."""
    scaled = np.zeros(len(scores))
    if len(numbers):
        least, most = scores[numbers].min(), scores[numbers].max()
        scaled[numbers] = (scores[numbers] - least) / (most - least) if most > least else 1.0
    return scaled
