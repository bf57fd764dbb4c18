"""How much a figure can carry, by the width of its interval and by how those behind it were chosen."""

from knowledge.estimates.estimate import Grade
from knowledge.words import Basis

OF_SHARES = (0.05, 0.10)
"""Up to which half-width a share is precise, and up to which it is fair: 5 and 10 of 100."""

OF_SCORES = (10.0, 20.0)
"""The same for a recommendation score, which runs from -100 to 100."""


def grade(low: float, high: float, *, basis: Basis, widths: tuple[float, float] = OF_SHARES) -> Grade:
    """A up to the first half-width, B up to the second, else C; the widths are our own choice, no standard was found.

    What people sent of their own accord is C however many they were: no number of them makes an inbox a sample.
    """
    half = (high - low) / 2
    if basis is Basis.SELF_SELECTED or half > widths[1]:
        return Grade.C
    return Grade.A if half <= widths[0] else Grade.B


def of_scale(scale: tuple[float, float] | None) -> tuple[float, float]:
    """The half-widths for a mean of answers between two ends: the same parts of the scale as a share's of 0 to 1.

    Where the ends are not known nothing says what is narrow, so that every width is indicative.
    """
    if scale is None:
        return -1.0, -1.0
    return OF_SHARES[0] * (scale[1] - scale[0]), OF_SHARES[1] * (scale[1] - scale[0])
