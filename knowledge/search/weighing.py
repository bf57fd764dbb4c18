"""Moves the scores of one search by the signals of its entries, and lets those stay that are called what was asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from knowledge.search import fields, signals
from knowledge.search.matching import Matching
from knowledge.search.postings import Numbers
from knowledge.search.query import Field, Role
from knowledge.search.scoring import Scores
from knowledge.search.segments import Mask, Snapshot
from knowledge.words import Signal


@dataclass(frozen=True, slots=True)
class Weighed:
    """What scores were multiplied by: the factors of signals, and for the entries with the title that was asked the best there is."""

    snapshot: Snapshot
    wanted: frozenset[Signal]
    titles: Numbers

    def factors(self) -> Scores:
        """Those of every document."""
        found = self.snapshot.factors(self.wanted).copy()
        found[self.titles] = signals.BEST
        return found

    def of(self, number: int) -> Iterator[tuple[Signal | None, float]]:
        """The signals of one document with the factor of each; None is its title, instead of all others."""
        if number in self.titles:
            yield None, signals.BEST
            return
        for signal in signals.of(int(self.snapshot.signals[number])):
            if signal in self.wanted:
                yield signal, signals.FACTORS[signal]


def weigh(
    matching: Matching, scores: Scores, found: Mask, wanted: frozenset[Signal], few: Numbers | None = None
) -> Weighed | None:
    """Multiply the scores of what was found by what the signals come to, in place; None where there is nothing to weigh. `few` are
    the documents of the mask, where they are so few that it is worth while.

    An entry whose title is what was asked has the best factor there is, unless something took its place and is called the same.
    """
    snapshot = matching.snapshot
    if not wanted or not matching.plan.scored or not snapshot.size:
        return None
    factors = snapshot.factors(wanted)
    if few is None:
        scores *= factors
    else:
        scores[few] *= factors[few]
    titles = _titles(matching, found, wanted)
    scores[titles] *= signals.BEST / factors[titles]
    return Weighed(snapshot, wanted, titles)


def _titles(matching: Matching, found: Mask, wanted: frozenset[Signal]) -> Numbers:
    snapshot = matching.snapshot
    texts = [clause for clause in matching.clauses if clause.role is not Role.NONE]
    text = " ".join(clause.text for clause in texts if clause.field in (Field.TEXT, Field.TITLE))
    numbers = np.flatnonzero(snapshot.called == fields.called(text))
    numbers = numbers[found[numbers]]
    if len(numbers) < 2 or Signal.OBSOLETE not in wanted:
        return numbers
    current = numbers[[not signals.is_any(int(snapshot.signals[number]), Signal.OBSOLETE) for number in numbers]]
    return current if len(current) else numbers
