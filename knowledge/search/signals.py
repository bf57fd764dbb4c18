"""Ranking signals: what is known of an entry beside its text moves it a little, up or down, and never far enough to bury what fits."""

from collections.abc import Collection, Mapping
from functools import cache

import numpy as np

from knowledge.search.arrays import Array
from knowledge.search.index import Document
from knowledge.search.scoring import Scores
from knowledge.words import Freshness, Signal

FACTORS: Mapping[Signal, float] = {
    Signal.VERIFIED: 1.02,
    Signal.PROVEN: 1.02,
    Signal.EXPIRED: 0.98,
    Signal.CONTESTED: 0.95,
    Signal.OBSOLETE: 0.85,
}
"""What each multiplies the score by.

The best that an entry can have is 1.02 · 1.02 and the worst .95 · .85, since freshness is one of its three: a third more. So of
words that weigh the same an entry that has all of them stands before one that has half, whatever else is known of the two.
Wider ones were measured and cost relevance where they say nothing of it (docs/relevance.md, "Signals").
"""
BEST = FACTORS[Signal.VERIFIED] * FACTORS[Signal.PROVEN]
"""That of an entry whose title is what was asked, word for word: nothing passes it that its text does not pass."""

ALL = frozenset(Signal)
NONE = "none"

_BITS = {signal: 1 << place for place, signal in enumerate(Signal)}
_STATES = {
    Freshness.VERIFIED: Signal.VERIFIED,
    Freshness.DUE: Signal.VERIFIED,  # the word of whoever verified it still holds
    Freshness.EXPIRED: Signal.EXPIRED,
    Freshness.CONTESTED: Signal.CONTESTED,
}


def listed(text: str) -> frozenset[Signal]:
    """The signals of a list with commas, in any case; "none" is none of them. Raises ValueError naming what is no signal."""
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    if names == [NONE.upper()]:
        return frozenset()
    if unknown := [name.lower() for name in names if name not in Signal.__members__]:
        known = ", ".join(signal.lower() for signal in Signal)
        raise ValueError(f"there is no signal {', '.join(unknown)}; there are {known}, or {NONE} of them")
    return frozenset(Signal[name] for name in names)


def code(document: Document) -> int:
    """All signals of a document in one number."""
    found = _BITS.get(_STATES.get(document.freshness), 0)  # type: ignore[arg-type]
    found |= _BITS[Signal.PROVEN] * document.is_proven
    return found | _BITS[Signal.OBSOLETE] * document.is_obsolete


def of(code: int) -> list[Signal]:
    """The signals that a number stands for."""
    return [signal for signal, bit in _BITS.items() if code & bit]


def factors(codes: Array, wanted: Collection[Signal]) -> Scores:
    """What the signals that are wanted come to for each document, by its number."""
    return _table(frozenset(wanted))[codes]


def is_any(code: int, signal: Signal) -> bool:
    """Whether a number has a signal."""
    return bool(code & _BITS[signal])


@cache
def _table(wanted: frozenset[Signal]) -> Scores:
    products = [np.prod([FACTORS[each] for each in of(code) if each in wanted]) for code in range(1 << len(Signal))]
    return np.array(products, np.float64)
