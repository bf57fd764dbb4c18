"""Means and medians with their intervals, and how two means differ."""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, isfinite, lgamma, log, log1p, sqrt

from knowledge.estimates.changes import Sample, without
from knowledge.estimates.estimate import LEVEL, Caveat, Estimate, Grade, Method
from knowledge.estimates.grades import grade, of_scale
from knowledge.words import Basis

ENOUGH = 10
"""Below as many observations a mean is indicative however narrow its interval: answers on a few steps are not bell-shaped."""


def mean(
    n: int,
    total: float,
    squares: float,
    *,
    voices: int | None = None,
    basis: Basis = Basis.SELF_SELECTED,
    scale: tuple[float, float] | None = None,
    population: int | None = None,
) -> Estimate:
    """A mean with Student's interval, from the number, the sum and the sum of squares; below two observations there is none.

    half = t(n-1)·s/√n. The interval is not cut at the ends of the scale, which are there to grade its width. Source: Student, The
    Probable Error of a Mean, Biometrika 6(1), 1908, pages 1-25.
    """
    heard = n if voices is None else voices
    if n == 0:
        return Estimate(0, heard, basis, population=population)
    value = total / n
    if n == 1:
        return Estimate(1, heard, basis, value, warnings=(Caveat.TOO_FEW,), population=population)
    half = student(n - 1) * sqrt(max(squares - n * value * value, 0) / (n - 1) / n)
    low, high = value - half, value + half
    worth = _worth(low, high, n, basis, scale)
    return Estimate(n, heard, basis, value, low, high, Method.STUDENT, population=population, grade=worth)


def mean_of(sample: Sample) -> Estimate:
    """The same for a mean that somebody measured and wrote down; without its deviation there is no interval."""
    if sample.n < 2 or sample.deviation is None:
        lacks = Caveat.TOO_FEW if sample.n < 2 else Caveat.NO_DEVIATION
        return Estimate(sample.n, value=sample.value if sample.n else None, warnings=(lacks,))
    half = student(sample.n - 1) * sample.deviation / sqrt(sample.n)
    low, high = sample.value - half, sample.value + half
    return Estimate(sample.n, value=sample.value, low=low, high=high, method=Method.STUDENT, grade=Grade.C)


def _worth(low: float, high: float, n: int, basis: Basis, scale: tuple[float, float] | None) -> Grade:
    """Answers that are all the same have an interval without width, which says that too little varied to know."""
    if n < ENOUGH or not high > low:
        return Grade.C
    return grade(low, high, basis=basis, widths=of_scale(scale))


def median(
    values: Sequence[float], n: int, *, voices: int | None = None, basis: Basis = Basis.SELF_SELECTED
) -> Estimate:
    """The median of n observations of which `values` have ended and all others last longer, such as the wait for an answer.

    The interval is that of the order statistics: from the r-th to the (n + 1 - r)-th, r being the largest with
    2·P(Binomial(n, 1/2) < r) <= 0.05. Source: David and Nagaraja, Order Statistics, 3rd edition 2003, section 7.1. Where the middle or an
    end of it has not ended yet, it is None; below six observations there is no interval.
    """
    heard = n if voices is None else voices
    ended = sorted(values)

    def at(place: int) -> float | None:
        return ended[place - 1] if 1 <= place <= len(ended) else None

    if n == 0:
        return Estimate(0, heard, basis)
    lower, upper = at((n + 1) // 2), at(n // 2 + 1)
    value = (lower + upper) / 2 if lower is not None and upper is not None else None
    rank = _rank(n)
    if rank == 0:
        return Estimate(n, heard, basis, value, warnings=(Caveat.TOO_FEW,))
    low, high = at(rank), at(n + 1 - rank)
    worth = None if low is None or high is None else Grade.C  # no scale says how narrow a wait must be
    return Estimate(n, heard, basis, value, low, high, Method.ORDER, grade=worth)


def _rank(n: int) -> int:
    """The largest r with 2·P(Binomial(n, 1/2) < r) <= 0.05; the terms by logarithms, so that no n is too large."""
    below, rank = 0.0, 0
    while rank <= n:
        below += exp(lgamma(n + 1) - lgamma(rank + 1) - lgamma(n - rank + 1) - n * log(2))
        if 2 * below > 1 - LEVEL:
            return rank
        rank += 1
    return rank


def welch(before: Sample, after: Sample) -> tuple[float, float] | None:
    """The interval of the difference of two means whose deviations may differ; None below two observations on a side.

    Source: B. L. Welch, The Generalization of Student's Problem when Several Different Population Variances are Involved, Biometrika
    34, 1947, pages 28-35, with Satterthwaite's degrees of freedom.
    """
    if before.deviation is None or after.deviation is None or min(before.n, after.n) < 2:
        return None
    first, second = before.deviation**2 / before.n, after.deviation**2 / after.n
    change, spread = after.value - before.value, first + second
    if spread == 0:
        return change, change
    part, rest = first / spread, second / spread  # not spread², which is 0 where the deviations are very small
    freedom = 1 / (part**2 / (before.n - 1) + rest**2 / (after.n - 1))
    half = student(freedom) * sqrt(spread)
    return change - half, change + half


@lru_cache(maxsize=4096)
def student(freedom: float) -> float:
    """The two-sided 95 % quantile of Student's t, by halving; the degrees of freedom need not be whole."""
    low, high = 0.0, 700.0
    for _ in range(80):
        middle = (low + high) / 2
        outside = _beta(freedom / (freedom + middle * middle), freedom / 2, 0.5)
        low, high = (middle, high) if outside > 1 - LEVEL else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(1 - x, b, a) / b
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, 400):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d, tiny)
            c = _away(1 + term / c, tiny)
            result *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return result


def _away(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny


def change_of_means(
    before: Sample | None,
    after: Sample | None,
    *,
    basis: Basis = Basis.SELF_SELECTED,
    scale: tuple[float, float] | None = None,
) -> Estimate:
    """After minus before, of two means; without a deviation on both sides there is no interval."""
    if before is None or after is None or not before.n or not after.n:
        return without(before, after, basis)
    n, value, interval = before.n + after.n, after.value - before.value, welch(before, after)
    if interval is None or not all(map(isfinite, interval)):
        lacks = before.deviation is None or after.deviation is None
        return Estimate(n, basis=basis, value=value, warnings=(Caveat.NO_DEVIATION if lacks else Caveat.TOO_FEW,))
    worth = _worth(*interval, min(before.n, after.n), basis, scale)
    return Estimate(n, None, basis, value, *interval, Method.WELCH, grade=worth)
