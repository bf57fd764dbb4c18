"""Shares: how many of those observed, with Wilson's interval, and how two shares differ."""

from math import sqrt

from knowledge.estimates.changes import Sample, without
from knowledge.estimates.estimate import Caveat, Estimate, Method, Z
from knowledge.estimates.grades import grade
from knowledge.words import Basis


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The interval of a proportion of n > 0: Wilson's score.

    centre = (p + z²/2n) / (1 + z²/n), half = z·√(p(1-p)/n + z²/4n²) / (1 + z²/n). Source: Brown, Cai and DasGupta,
    Interval Estimation for a Binomial Proportion, Statistical Science 16(2), 2001, pages 101-133, who recommend it for small n.
    """
    share, square = hits / n, Z * Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # At both ends the formula gives exactly 0 and 1, and rounding does not.
    return (centre - half if hits else 0.0), (centre + half if hits < n else 1.0)


def share(
    hits: int,
    n: int,
    *,
    voices: int | None = None,
    effective: float | None = None,
    basis: Basis = Basis.SELF_SELECTED,
    population: int | None = None,
    warnings: tuple[Caveat, ...] = (),
) -> Estimate:
    """A proportion with Wilson's interval and its grade; of nobody there is none."""
    if n == 0:
        return Estimate(0, voices, basis, population=population, warnings=warnings)
    low, high = wilson(hits, n)
    worth = grade(low, high, basis=basis)
    return Estimate(
        n,
        voices,
        basis,
        hits / n,
        low,
        high,
        Method.WILSON,
        warnings=warnings,
        effective_voices=effective,
        population=population,
        grade=worth,
    )


def share_of(sample: Sample) -> Estimate:
    """The same for a share that somebody measured and wrote down, who may have rounded it."""
    if sample.n == 0 or not 0 <= sample.value <= 1:
        return Estimate(sample.n, value=sample.value if sample.n else None, warnings=(Caveat.TOO_FEW,))
    low, high = wilson(sample.value * sample.n, sample.n)
    worth = grade(low, high, basis=Basis.SELF_SELECTED)
    return Estimate(sample.n, None, Basis.SELF_SELECTED, sample.value, low, high, Method.WILSON, grade=worth)


def count(n: int, *, voices: int | None = None, basis: Basis = Basis.SELF_SELECTED) -> Estimate:
    """How many there are, and nothing concluded from it."""
    return Estimate(n, n if voices is None else voices, basis)


def newcombe(before: Sample, after: Sample) -> tuple[float, float]:
    """The interval of the difference of two independent proportions: Newcombe's hybrid of Wilson's.

    Source: R. G. Newcombe, Interval Estimation for the Difference Between Independent Proportions, Statistics in Medicine 17, 1998,
    pages 873-890, method 10.
    """
    low1, high1 = wilson(after.value * after.n, after.n)
    low2, high2 = wilson(before.value * before.n, before.n)
    change = after.value - before.value
    low = change - sqrt((after.value - low1) ** 2 + (high2 - before.value) ** 2)
    high = change + sqrt((high1 - after.value) ** 2 + (before.value - low2) ** 2)
    return low, high


def change_of_shares(before: Sample | None, after: Sample | None, *, basis: Basis = Basis.SELF_SELECTED) -> Estimate:
    """After minus before, of two proportions of different people; of the same people it is wider than it need be."""
    if before is None or after is None or not before.n or not after.n:
        return without(before, after, basis)
    low, high = newcombe(before, after)
    worth = grade(low, high, basis=basis)
    change = after.value - before.value
    return Estimate(before.n + after.n, None, basis, change, low, high, Method.NEWCOMBE, grade=worth)


def bounds_without(hits: int, n: int, population: int) -> tuple[float, float]:
    """Between which ends the share of all `population` lies whatever those would have said who did not answer.

    Nothing is assumed: at the low end none of them is counted, at the high end all of them. Source: C. F. Manski, Partial
    Identification of Probability Distributions, 2003, chapter 1.
    """
    return hits / population, (hits + population - n) / population
