"""Two sides that are compared, and what may be said of the difference in words."""

from dataclasses import dataclass
from math import sqrt

from knowledge.estimates.estimate import Caveat, Estimate
from knowledge.words import Basis


@dataclass(frozen=True, slots=True)
class Sample:
    """One side of a comparison: how many, their mean or share, and the standard deviation where it is known."""

    n: int
    value: float
    deviation: float | None = None

    @classmethod
    def of(cls, n: int, total: float, squares: float) -> "Sample":
        """From the number > 0, the sum and the sum of squares, as a database adds them up."""
        value = total / n
        deviation = sqrt(max(squares - n * value * value, 0) / (n - 1)) if n > 1 else None
        return cls(n, value, deviation)


def without(before: Sample | None, after: Sample | None, basis: Basis = Basis.SELF_SELECTED) -> Estimate:
    """What stands where one of the sides is missing."""
    n = sum(side.n for side in (before, after) if side is not None)
    return Estimate(
        n, basis=basis, warnings=(Caveat.NO_BASELINE if before is None or not before.n else Caveat.TOO_FEW,)
    )


def change_words(change: Estimate) -> str:
    """What an interval of a difference lets one say; the interval itself stands beside it.

    An interval that reaches 0 is no evidence of a change, and never evidence that nothing changed.
    """
    if change.suppressed:
        return "hidden: too few answers"
    if change.value is None:
        return "nothing to compare with"
    if change.low is None or change.high is None:
        return "too little is known to say whether it changed"
    if change.low > 0:
        return "changed: up"
    return "changed: down" if change.high < 0 else "no evidence of change"
