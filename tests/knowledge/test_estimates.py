from math import gamma, pi, sqrt

import numpy as np
import pytest

from knowledge import estimates
from knowledge.estimates import Caveat, Method, Sample


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 5, 0.0000, 0.4345),
        (1, 5, 0.0362, 0.6245),
        (5, 5, 0.5655, 1.0000),
        (4, 10, 0.1682, 0.6873),
        (8, 10, 0.4902, 0.9433),
        (45, 100, 0.3561, 0.5476),
        (15, 148, 0.0624, 0.1605),
        (3, 40, 0.0258, 0.1986),
        (2, 300, 0.0018, 0.0240),
        (12, 30, 0.2459, 0.5768),
        (81, 263, 0.2553, 0.3662),
        (1, 1, 0.2065, 1.0000),
        (6, 7, 0.4869, 0.9743),
    ],
)
def test_shares_have_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    found = estimates.share(hits, n)

    assert (found.value, found.method) == (hits / n, Method.WILSON)
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize("n", [1, 2, 7, 100, 10**6])
def test_interval_holds_its_share_and_stays_between_0_and_1(n: int) -> None:
    for hits in {0, 1, n // 2, n}:
        low, high = estimates.wilson(hits, n)
        assert 0 <= low <= hits / n <= high <= 1


def test_of_nobody_there_is_no_share() -> None:
    found = estimates.share(0, 0)

    assert (found.n, found.value, found.low, found.high) == (0, None, None, None)


@pytest.mark.parametrize(
    ("before", "after", "change", "low", "high"),
    [
        (Sample(80, 48 / 80), Sample(70, 56 / 70), 0.2000, 0.0524, 0.3339),
        (Sample(100, 0.6), Sample(10, 0.9), 0.3000, -0.0174, 0.4279),
    ],
)
def test_changes_of_shares_have_newcombes_interval(
    before: Sample, after: Sample, change: float, low: float, high: float
) -> None:
    found = estimates.change_of_shares(before, after)

    assert found.n == before.n + after.n
    assert [found.value, found.low, found.high] == pytest.approx([change, low, high], abs=5e-5)


@pytest.mark.parametrize(("freedom", "quantile"), [(1, 12.7062), (2, 4.3027), (9, 2.2622), (30, 2.0423), (1e6, 1.9600)])
def test_students_quantile_is_that_of_the_tables(freedom: float, quantile: float) -> None:
    assert estimates.student(freedom) == pytest.approx(quantile, abs=5e-5)


@pytest.mark.parametrize("freedom", [1.5, 4.5, 33.4])
def test_students_quantile_holds_95_percent_whatever_the_degrees_of_freedom(freedom: float) -> None:
    scale = gamma((freedom + 1) / 2) / (sqrt(freedom * pi) * gamma(freedom / 2))
    places = np.linspace(-estimates.student(freedom), estimates.student(freedom), 200_001)

    held = np.trapezoid(scale * (1 + places**2 / freedom) ** (-(freedom + 1) / 2), places)

    assert held == pytest.approx(0.95, abs=1e-8)


def test_changes_of_means_have_welchs_interval() -> None:
    found = estimates.change_of_means(Sample(25, 10.0, 2.0), Sample(16, 12.0, 2.0))

    freedom = 0.41**2 / (0.16**2 / 24 + 0.25**2 / 15)
    half = estimates.student(freedom) * 0.41**0.5
    assert (found.n, found.value, found.method) == (41, 2.0, Method.WELCH)
    assert [found.low, found.high] == pytest.approx([2 - half, 2 + half])


def test_deviations_too_small_to_square_twice_have_an_interval_too() -> None:
    found = estimates.change_of_means(Sample(10, 1.0, 1e-100), Sample(10, 2.0, 1e-100))

    assert (found.low, found.value, found.high) == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("before", "after", "caveat"),
    [
        (None, Sample(5, 1.0, 1.0), Caveat.NO_BASELINE),
        (Sample(5, 1.0, 1.0), None, Caveat.TOO_FEW),
        (Sample(5, 1.0), Sample(5, 2.0, 1.0), Caveat.NO_DEVIATION),
        (Sample(1, 1.0, 0.0), Sample(5, 2.0, 1.0), Caveat.TOO_FEW),
    ],
)
def test_what_cannot_be_concluded_has_no_interval_and_says_why(
    before: Sample | None, after: Sample | None, caveat: Caveat
) -> None:
    found = estimates.change_of_means(before, after)

    assert found.warnings == (caveat,)
    assert (found.low, found.high, found.method) == (None, None, None)
    assert (found.value is None) == (before is None or after is None)


def test_what_does_not_vary_has_an_interval_of_its_own_width() -> None:
    found = estimates.change_of_means(Sample(3, 1.0, 0.0), Sample(3, 2.5, 0.0))

    assert (found.value, found.low, found.high) == (1.5, 1.5, 1.5)


def test_a_median_of_waits_counts_those_that_have_not_ended_as_longer() -> None:
    whole = estimates.median([5, 1, 3, 2, 4, 6], 6)
    assert (whole.value, whole.low, whole.high) == (3.5, 1, 6)
    assert estimates.median([7, 1, 3], 4).value == 5
    begun = estimates.median([2, 4], 9)  # 9 observations: from the 2nd to the 8th
    assert (begun.value, begun.low, begun.high, begun.n) == (None, 4, None, 9)
    assert estimates.median([1, 2, 3], 5).warnings == (Caveat.TOO_FEW,)
    assert estimates.median([], 0).value is None
    many = estimates.median(range(100), 100)  # the table of the sign test: from the 40th to the 61st
    assert (many.low, many.high) == (39, 60)
