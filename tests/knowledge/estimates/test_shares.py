from math import comb, isfinite, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from knowledge import estimates
from knowledge.estimates import Caveat, Grade, Method, Sample, Z
from knowledge.words import Basis

KNOWN = [  # hits, n, Wilson's interval and Wald's, which is wrong
    (0, 5, (0.0000, 0.4345), (0, 0)),
    (1, 5, (0.0362, 0.6245), (-0.1506, 0.5506)),
    (5, 5, (0.5655, 1.0000), (1, 1)),
    (4, 10, (0.1682, 0.6873), (0.0964, 0.7036)),
    (8, 10, (0.4902, 0.9433), (0.5521, 1.0479)),
    (12, 30, (0.2459, 0.5768), (0.2247, 0.5753)),
    (45, 100, (0.3561, 0.5476), (0.3525, 0.5475)),
    (81, 263, (0.2553, 0.3662), (0.2522, 0.3638)),
    (15, 148, (0.0624, 0.1605), (0.0527, 0.1500)),
]
ALSO = [  # prevalences, conversions of the ladder, satisfaction, what came of practices
    (3, 40, (0.0258, 0.1986)),
    (6, 40, (0.0706, 0.2907)),
    (12, 40, (0.1807, 0.4543)),
    (3, 8, (0.1368, 0.6943)),
    (8, 200, (0.0204, 0.0769)),
    (2, 300, (0.0018, 0.0240)),
    (45, 50, (0.7864, 0.9565)),
    (1, 1, (0.2065, 1.0000)),
    (6, 7, (0.4869, 0.9743)),
    (18, 60, (0.1990, 0.4251)),
    (9, 40, (0.1232, 0.3750)),
    (4, 25, (0.0640, 0.3465)),
]


def wald(hits: int, n: int) -> tuple[float, float]:
    half = Z * sqrt(hits / n * (1 - hits / n) / n)
    return hits / n - half, hits / n + half


@pytest.mark.parametrize(("hits", "n", "interval"), [each[:3] for each in KNOWN] + ALSO)
def test_shares_have_wilsons_interval(hits: int, n: int, interval: tuple[float, float]) -> None:
    found = estimates.share(hits, n)

    assert (found.value, found.method, found.grade) == (hits / n, Method.WILSON, Grade.C)
    assert (found.low, found.high) == pytest.approx(interval, abs=5.1e-5)
    theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_the_interval_that_everybody_knows_leaves_the_scale_and_holds_too_seldom() -> None:
    def coverage(n: int, interval: object, share: float = 0.05) -> float:
        assert callable(interval)
        held = [hits for hits in range(n + 1) if interval(hits, n)[0] <= share <= interval(hits, n)[1]]
        return sum(comb(n, hits) * share**hits * (1 - share) ** (n - hits) for hits in held)

    for hits, n, _, interval in KNOWN:
        assert wald(hits, n) == pytest.approx(interval, abs=5e-5)
    assert [coverage(10, wald), coverage(30, wald)] == pytest.approx([0.4002, 0.7821], abs=5e-5)
    assert [coverage(each, estimates.wilson) for each in (10, 30)] == pytest.approx([0.9139, 0.9392], abs=5e-5)
    assert stats.beta.ppf([0.025, 0.975], 4.5, 6.5) == pytest.approx([0.1531, 0.6963], abs=5e-5)


@given(some.integers(1, 10**6), some.data(), some.integers(2, 50))
def test_the_interval_holds_its_share_stays_between_0_and_1_and_narrows(
    n: int, data: some.DataObject, times: int
) -> None:
    hits = data.draw(some.integers(0, n))

    low, high = estimates.wilson(hits, n)
    nearer, narrower = estimates.wilson(hits * times, n * times)

    assert all(map(isfinite, (low, high)))
    assert 0 <= low <= hits / n <= high <= 1
    assert narrower - nearer < high - low


def test_of_nobody_there_is_no_share() -> None:
    found = estimates.share(0, 0)

    assert (found.n, found.value, found.low, found.high, found.grade) == (0, None, None, None, None)


def test_a_share_is_graded_by_its_width_and_an_inbox_is_never_more_than_indicative() -> None:
    def grades(n: int) -> list[Grade | None]:
        return [estimates.share(n // 2, n, basis=basis).grade for basis in Basis]

    assert grades(400) == [Grade.A, Grade.A, Grade.C]
    assert grades(100) == [Grade.B, Grade.B, Grade.C]
    assert grades(80) == [Grade.C, Grade.C, Grade.C]


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
    found = estimates.change_of_shares(before, after, basis=Basis.RANDOM)

    assert (found.n, found.method, found.grade) == (before.n + after.n, Method.NEWCOMBE, Grade.C)
    assert [found.value, found.low, found.high] == pytest.approx([change, low, high], abs=5e-5)


@given(some.integers(1, 300), some.integers(1, 300), some.data())
def test_newcombes_interval_is_made_of_an_independent_wilsons(n: int, m: int, data: some.DataObject) -> None:
    x, y = data.draw(some.integers(0, n)), data.draw(some.integers(0, m))

    low, high = estimates.newcombe(Sample(n, x / n), Sample(m, y / m))

    first = stats.binomtest(x, n).proportion_ci(method="wilson")
    second = stats.binomtest(y, m).proportion_ci(method="wilson")
    change = y / m - x / n
    assert low == pytest.approx(change - sqrt((y / m - second.low) ** 2 + (first.high - x / n) ** 2), abs=1e-9)
    assert high == pytest.approx(change + sqrt((second.high - y / m) ** 2 + (x / n - first.low) ** 2), abs=1e-9)
    assert -1 <= low <= change <= high <= 1


def test_a_change_is_told_in_words_that_claim_no_more_than_its_interval() -> None:
    def said(*sides: Sample | None) -> str:
        return estimates.change_words(estimates.change_of_shares(*sides))

    assert said(Sample(80, 0.6), Sample(70, 0.8)) == "changed: up"
    assert said(Sample(70, 0.8), Sample(80, 0.6)) == "changed: down"
    assert said(Sample(100, 0.6), Sample(10, 0.9)) == "no evidence of change"
    assert said(None, Sample(10, 0.9)) == said(Sample(0, 0.0), Sample(10, 0.9)) == "nothing to compare with"
    assert estimates.change_words(estimates.change_of_means(Sample(9, 1.0), Sample(9, 2.0))).startswith("too little")
    assert estimates.change_words(estimates.SUPPRESSED) == "hidden: too few answers"


def test_what_the_silent_may_say_bounds_the_share_of_all() -> None:
    assert estimates.bounds_without(45, 60, 200) == (0.225, 0.925)
    assert estimates.response_rate(60, 200).warnings == (Caveat.LOW_RESPONSE,)
    assert estimates.response_rate(100, 200).warnings == ()
    assert estimates.response_rate(0, 0).value is None
