from math import isfinite
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from knowledge import estimates
from knowledge.estimates import Caveat, Grade, Method, Sample
from knowledge.words import Basis

EASE = [7, 6, 6, 5, 7, 4, 6, 7, 3, 6]
"""How easy ten customers found it, from 1 to 7."""


def of(answers: list[int], **how: object) -> estimates.Estimate:
    return estimates.mean(len(answers), sum(answers), sum(each * each for each in answers), **how)  # type: ignore[arg-type]


def ends(found: estimates.Estimate) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def test_means_have_students_interval_and_those_who_found_it_easy_are_counted() -> None:
    found = of(EASE)

    assert [found.value, found.low, found.high] == pytest.approx([5.7, 4.743, 6.657], abs=5e-4)
    assert Sample.of(10, 57, 341).deviation == pytest.approx(1.3375, abs=5e-5)
    assert estimates.share(sum(each >= 5 for each in EASE), len(EASE)).value == 0.8
    assert (found.method, found.grade) == (Method.STUDENT, Grade.C)
    assert [found.low, found.high] == pytest.approx(stats.t.interval(0.95, 9, loc=5.7, scale=stats.sem(EASE)))


def test_the_width_of_a_mean_is_graded_by_the_scale_it_was_asked_on() -> None:
    def grade(times: int, **how: object) -> Grade | None:
        return of([5, 6] * times, basis=Basis.RANDOM, **how).grade

    assert [grade(each, scale=(1, 7)) for each in (4, 5, 12)] == [Grade.C, Grade.B, Grade.A]
    assert grade(500) is Grade.C
    assert of([5, 6] * 500, scale=(1, 7)).grade is Grade.C
    assert of([6] * 50, basis=Basis.CENSUS, scale=(1, 7)).grade is Grade.C


@given(some.lists(some.integers(1, 7), min_size=2, max_size=60), some.integers(2, 5))
def test_the_interval_of_a_mean_holds_it_and_narrows_with_more_of_the_same(answers: list[int], times: int) -> None:
    once, often = of(answers), of(answers * times)

    (low, high), (nearer, narrower) = ends(once), ends(often)
    assert once.value is not None
    assert low <= once.value <= high
    assert all(map(isfinite, (low, once.value, high)))
    assert narrower - nearer <= high - low + 1e-9
    assert once.value == pytest.approx(mean(answers))
    assert Sample.of(len(answers), sum(answers), sum(each**2 for each in answers)).deviation == pytest.approx(
        stdev(answers), abs=1e-6
    )


@pytest.mark.parametrize(("freedom", "quantile"), [(1, 12.7062), (2, 4.3027), (9, 2.2622), (30, 2.0423), (1e6, 1.9600)])
def test_students_quantile_is_that_of_the_tables(freedom: float, quantile: float) -> None:
    assert estimates.student(freedom) == pytest.approx(quantile, abs=5e-5)


@pytest.mark.parametrize("freedom", [1, 1.5, 4.5, 33.4, 250, 1e5])
def test_students_quantile_is_that_of_an_independent_implementation(freedom: float) -> None:
    assert estimates.student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-9)


@given(
    some.lists(some.integers(0, 10), min_size=2, max_size=30).filter(lambda each: len(set(each)) > 1),
    some.lists(some.integers(0, 10), min_size=2, max_size=30).filter(lambda each: len(set(each)) > 1),
)
def test_changes_of_means_have_welchs_interval(before: list[int], after: list[int]) -> None:
    sides = [Sample(len(each), mean(each), stdev(each)) for each in (before, after)]

    found = estimates.change_of_means(*sides)

    theirs = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert (found.n, found.method) == (len(before) + len(after), Method.WELCH)
    assert [found.low, found.high] == pytest.approx([theirs.low, theirs.high], rel=1e-6, abs=1e-9)


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
