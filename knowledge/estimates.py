"""Statistics as pure functions of plain values: what is counted, and how sure one can be of it."""

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""The quantile of the normal distribution for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `n` with the interval it lies in."""

    n: int
    value: float
    low: float
    high: float


def wilson(hits: int, n: int, *, z: float = Z95) -> Share | None:
    """The share of `hits` among `n` with Wilson's interval; None where nothing was counted, for no share is not a share of 0.

    centre = (p + z²/2n) / (1 + z²/n), half = z·√(p(1-p)/n + z²/4n²) / (1 + z²/n). Source: Brown, Cai and DasGupta,
    Interval Estimation for a Binomial Proportion, Statistical Science 16(2), 2001, pages 101-133, who recommend it for small n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n}")
    if n == 0:
        return None
    p, around = hits / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / around
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / around
    # At both ends the formula gives exactly 0 and 1, and rounding does not.
    return Share(n, p, centre - half if hits else 0.0, centre + half if hits < n else 1.0)
