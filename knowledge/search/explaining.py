"""Says what the score of an entry that was found is made of, from the very arrays that it was worked out with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from uuid import UUID

import numpy as np

from knowledge.meaning.fusion import Fused
from knowledge.search.index import Why, WordShare
from knowledge.search.matching import Matching
from knowledge.search.segments import Mask
from knowledge.search.together import Found, Together
from knowledge.search.weighing import Weighed
from knowledge.words import Rarity

COMMON, RARE = 1 / 5, 1 / 50
"""The share of the entries within reach from which a word is common, and up to which it is rare."""


@dataclass
class Explaining:
    """One search, as it explains its hits: called with an entry, it answers what its score is made of, or None where it found none.

    Nothing is worked out before the first call. How rare a word is, is said of what the viewer may see.
    """

    matching: Matching
    found: Mask
    weighed: Weighed | None
    fused: Fused | None

    def __call__(self, uid: UUID) -> Why | None:
        number = self.matching.snapshot.number(uid)
        if number is None or not self.found[number]:
            return None
        words = tuple(self._shares(number))
        factors = tuple(self.weighed.of(number)) if self.weighed else ()
        if self.fused is None:
            return Why(words, factors)
        by_words, by_meaning, place = self.fused.shares(number)
        score = sum(word.adds for word in words) * prod(factor for _, factor in factors)
        scale = by_words / score if score else 0.0
        return Why(tuple(replace(word, adds=word.adds * scale) for word in words), factors, by_meaning, place)

    def _shares(self, number: int) -> Iterator[WordShare]:
        for word, found in self._alone:
            if adds := _at(found, number):
                yield WordShare(word, adds, self._rarity(found))
        for together, own, instead in self._together:
            best = max(instead, key=lambda each: _at(each[1], number))
            if _at(best[1], number) > sum(_at(found, number) for _, found in own):
                yield WordShare(together.word, _at(best[1], number), self._rarity(best[1]), alike=best[0])
            else:
                yield from (
                    WordShare(word, _at(found, number), self._rarity(found))
                    for word, found in own
                    if _at(found, number)
                )

    @cached_property
    def _alone(self) -> list[tuple[str, Found]]:
        taken = {key for together in self.matching.plan.alike for key in together.keys}
        scored = self.matching.plan.scored
        return [(wanted.word, self.matching.scored(wanted)) for key, wanted in scored.items() if key not in taken]

    @cached_property
    def _together(self) -> list[tuple[Together, list[tuple[str, Found]], list[tuple[str, Found]]]]:
        found = []
        for together in self.matching.plan.alike:
            words = (self.matching.plan.scored[key].word for key in together.keys)
            own = list(zip(words, together.own(self.matching), strict=True))
            found.append((together, own, list(together.instead(self.matching))))
        return found

    def _rarity(self, found: Found) -> Rarity:
        seen = self.matching.seen
        having = int(np.count_nonzero(seen.mask[found[0]]))
        if having >= COMMON * seen.size and having > 1:
            return Rarity.COMMON
        return Rarity.RARE if having <= max(1, RARE * seen.size) else Rarity.USUAL


def _at(found: Found, number: int) -> float:
    """What is added to one document."""
    documents, scores = found
    place = int(np.searchsorted(documents, number))
    return float(scores[place]) if place < len(documents) and documents[place] == number else 0.0
