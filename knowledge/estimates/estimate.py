"""Estimate: the one shape in which a statistic leaves the product, with what it rests on."""

from dataclasses import dataclass
from enum import auto

from knowledge.words import Basis, Word

Z = 1.959963984540054
LEVEL = 0.95


class Method(Word):
    """How an interval was found."""

    WILSON = auto()
    ADJUSTED_WALD = auto()
    NEWCOMBE = auto()
    WELCH = auto()
    STUDENT = auto()
    ORDER = auto()


class Grade(Word):
    """How much a figure can carry: A is precise, B is fair, C is indicative."""

    A = auto()
    B = auto()
    C = auto()


class Caveat(Word):
    """What whoever reads a figure should know."""

    NO_BASELINE = auto()
    NO_DEVIATION = auto()
    TOO_FEW = auto()
    NO_COMPARISON = auto()
    FEW_VOICES = auto()
    LOW_PREVALENCE = auto()
    CONCENTRATED = auto()
    DOMINATED = auto()
    ONE_CHANNEL = auto()
    LOW_RESPONSE = auto()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with how many observations and voices it rests on, how those were chosen, its interval, and what to mind.

    With nothing to conclude from, the value or the interval is None and a caveat says why; it is never 0. What is suppressed, because
    it would tell of single people, shows neither value nor n.
    """

    n: int | None
    distinct_voices: int | None = None
    basis: Basis = Basis.SELF_SELECTED
    value: float | None = None
    low: float | None = None
    high: float | None = None
    method: Method | None = None
    warnings: tuple[Caveat, ...] = ()
    effective_voices: float | None = None
    population: int | None = None
    level: float = LEVEL
    grade: Grade | None = None
    suppressed: bool = False


SUPPRESSED = Estimate(None, suppressed=True)
"""What stands where a figure would tell of too few."""
