"""Intervals of shares, means, medians and their differences: pure functions of plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, lgamma, log, log1p, sqrt

from knowledge.estimates.estimate import LEVEL, Caveat, Estimate, Method, Z
from knowledge.words import Basis


@dataclass(frozen=True, slots=True)
class Sample:
    """One side of a comparison: how many, their mean or share, and the standard deviation where it is known."""

    n: int
    value: float
    deviation: float | None = None


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


def share(hits: int, n: int, *, voices: int | None = None, basis: Basis = Basis.SELF_SELECTED) -> Estimate:
    """A proportion with Wilson's interval; of nobody there is none."""
    if n == 0:
        return Estimate(0, voices, basis)
    low, high = wilson(hits, n)
    return Estimate(n, voices, basis, hits / n, low, high, Method.WILSON)


def count(n: int, *, voices: int | None = None, basis: Basis = Basis.SELF_SELECTED) -> Estimate:
    """How many there are, and nothing concluded from it."""
    return Estimate(n, n if voices is None else voices, basis)


def mean(n: int, total: float, squares: float, *, voices: int | None = None) -> Estimate:
    """A mean with Student's interval, from the number, the sum and the sum of squares; below two observations there is none."""
    if n == 0:
        return Estimate(0, 0 if voices is None else voices)
    value, heard = total / n, n if voices is None else voices
    if n == 1:
        return Estimate(1, heard, value=value, warnings=(Caveat.TOO_FEW,))
    half = student(n - 1) * sqrt(max(squares - n * value * value, 0) / (n - 1) / n)
    return Estimate(n, heard, value=value, low=value - half, high=value + half, method=Method.STUDENT)


def median(values: Sequence[float], n: int, *, voices: int | None = None) -> Estimate:
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
        return Estimate(0, heard)
    lower, upper = at((n + 1) // 2), at(n // 2 + 1)
    value = (lower + upper) / 2 if lower is not None and upper is not None else None
    rank = _rank(n)
    if rank == 0:
        return Estimate(n, heard, value=value, warnings=(Caveat.TOO_FEW,))
    return Estimate(n, heard, value=value, low=at(rank), high=at(n + 1 - rank), method=Method.ORDER)


def _rank(n: int) -> int:
    """The largest r with 2·P(Binomial(n, 1/2) < r) <= 0.05; the terms by logarithms, so that no n is too large."""
    below, rank = 0.0, 0
    while rank <= n:
        below += exp(lgamma(n + 1) - lgamma(rank + 1) - lgamma(n - rank + 1) - n * log(2))
        if 2 * below > 1 - LEVEL:
            return rank
        rank += 1
    return rank


def newcombe(before: Sample, after: Sample) -> tuple[float, float]:
    """The interval of the difference of two independent proportions: Newcombe's hybrid of Wilson's (1998, method 10)."""
    low1, high1 = wilson(after.value * after.n, after.n)
    low2, high2 = wilson(before.value * before.n, before.n)
    change = after.value - before.value
    low = change - sqrt((after.value - low1) ** 2 + (high2 - before.value) ** 2)
    high = change + sqrt((high1 - after.value) ** 2 + (before.value - low2) ** 2)
    return low, high


def welch(before: Sample, after: Sample) -> tuple[float, float] | None:
    """The interval of the difference of two means whose deviations may differ; None below two observations on a side."""
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


def change_of_shares(before: Sample | None, after: Sample | None) -> Estimate:
    """After minus before, of two proportions."""
    if before is None or after is None:
        return _without(before, after)
    low, high = newcombe(before, after)
    return Estimate(
        before.n + after.n, None, Basis.SELF_SELECTED, after.value - before.value, low, high, Method.NEWCOMBE
    )


def change_of_means(before: Sample | None, after: Sample | None) -> Estimate:
    """After minus before, of two means; without a deviation on both sides there is no interval."""
    if before is None or after is None:
        return _without(before, after)
    n, value, interval = before.n + after.n, after.value - before.value, welch(before, after)
    if interval is None or not all(map(isfinite, interval)):
        lacks = before.deviation is None or after.deviation is None
        return Estimate(n, value=value, warnings=(Caveat.NO_DEVIATION if lacks else Caveat.TOO_FEW,))
    return Estimate(n, None, Basis.SELF_SELECTED, value, *interval, Method.WELCH)


def _without(before: Sample | None, after: Sample | None) -> Estimate:
    n = sum(side.n for side in (before, after) if side is not None)
    return Estimate(n, warnings=(Caveat.NO_BASELINE,) if before is None else (Caveat.TOO_FEW,))
