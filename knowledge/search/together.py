"""Scores words of a query together with those that mean the same: what counts is the better of the two, never both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from knowledge.search import fields
from knowledge.search.phrases import phrase
from knowledge.search.postings import Numbers
from knowledge.search.scoring import Scores, emphasis, rarity
from knowledge.search.segments import Snapshot

if TYPE_CHECKING:
    from knowledge.search.matching import Matching, Wanted

FACTOR = 0.7
"""What a word counts that stands for another, beside that one: less, because no two words mean quite the same.

Measured (docs/relevance.md, "Words that mean the same"): where they do, most of what can be won is won here, and where the list is
wrong little is lost.
"""
MOST_SAID = 255

Key = tuple[str, tuple[str, ...]]
"""What the plan of a query knows a word by."""
Found = tuple[Numbers, Scores]
"""Documents in order, and what a word adds to each."""


@dataclass(frozen=True, slots=True)
class Other:
    """What stands for words of a query: its terms in each language present, one after the other."""

    word: str
    sequences: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """A word of a query, or a few that follow one another, and all that means the same."""

    word: str
    keys: tuple[Key, ...]
    others: tuple[Other, ...]

    def scored(self, matching: "Matching") -> Found:
        """The documents with any of it, and the most that any of it adds."""
        best = np.zeros(matching.snapshot.size)
        for documents, scores in self.own(matching):
            best[documents] += scores
        for _, (documents, scores) in self.instead(matching):
            best[documents] = np.maximum(best[documents], scores)
        documents = np.flatnonzero(best)
        return documents, best[documents]

    def own(self, matching: "Matching") -> Iterator[Found]:
        """What each word of the query adds itself."""
        return (matching.scored(wanted) for wanted in self._wanted(matching))

    def instead(self, matching: "Matching") -> Iterator[tuple[str, Found]]:
        """What each of the others adds in their stead: as if it were no rarer than they are, times `FACTOR`."""
        most = sum(matching.worth(wanted) for wanted in self._wanted(matching))
        times = max(emphasis(wanted.times) for wanted in self._wanted(matching))
        for other in self.others:
            documents, scores = _single(matching, other) if _is_single(other) else _phrase(matching.snapshot, other)
            rare = rarity(matching.snapshot.weighting.documents, len(documents))
            yield other.word, (documents, scores * (FACTOR * min(most, times * rare)))

    def _wanted(self, matching: "Matching") -> "list[Wanted]":
        return [matching.plan.scored[key] for key in self.keys]


def _is_single(other: Other) -> bool:
    return all(len(sequence) == 1 for sequence in other.sequences)


def _single(matching: "Matching", other: Other) -> Found:
    terms = dict.fromkeys(term for sequence in other.sequences for term in sequence[0])
    return matching.said(fields.TEXT, list(terms), 1.0)


def _phrase(snapshot: Snapshot, other: Other) -> Found:
    """As if the phrase were one word: how often it is said, and how long the document is."""
    places = [phrase(snapshot, fields.TEXT, sequence) for sequence in other.sequences]
    documents, times = np.unique(np.concatenate(places), return_counts=True)
    lengths = _lengths(snapshot, [term for sequence in other.sequences for term in sequence[0]])
    weights = np.minimum(times, MOST_SAID) << 8 | lengths[documents]
    return documents, snapshot.weighting.scores(fields.TEXT, weights)


def _lengths(snapshot: Snapshot, terms: Sequence[str]) -> Numbers:
    """The codes of the lengths of documents that have any of the terms."""
    lengths = np.zeros(snapshot.size, np.int64)
    for term in terms:
        documents, weights = snapshot.postings(fields.TEXT, term)
        lengths[documents] = weights & 255
    return lengths
