import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge import estimates
from knowledge.estimates import Tally3, Z
from knowledge.estimates.scores import adjusted_wald


def test_so_many_answers_are_needed_for_a_margin() -> None:
    assert [estimates.sample_size(each) for each in (0.03, 0.05, 0.10, 0.15, 0.20)] == [1068, 385, 97, 43, 25]
    assert [estimates.sample_size(0.1, population=each) for each in (50, 100, 200, 1000)] == [34, 50, 66, 88]


def test_so_many_answers_bring_a_score_within_so_many_points() -> None:
    points = (10, 15, 20, 25, 30)

    def first_tens(margin: int) -> int:
        ten = Tally3(5, 3, 2)
        enough = (
            n
            for n in range(10, 1000, 10)
            if Z * adjusted_wald(Tally3(*(n // 10 * each for each in (ten.promoters, ten.passives, ten.detractors))))[1]
            <= margin
        )
        return next(enough)

    assert [estimates.recommendation_size(each) for each in points] == [232, 102, 56, 35, 24]
    assert [estimates.recommendation_size(each, variance=1) for each in points] == [382, 168, 94, 59, 40]
    assert [first_tens(each) for each in points] == [240, 110, 60, 40, 30]
    assert [estimates.detecting(each) for each in (10, 20)] == [955, 237]


def test_silence_excludes_what_wilsons_upper_end_excludes() -> None:
    assert [estimates.silence_needed(each) for each in (0.02, 0.05, 0.10, 0.20)] == [189, 73, 35, 16]
    assert estimates.silence(0) is None
    assert estimates.silence_words(0) == "nobody has answered yet"
    assert estimates.silence_words(73) == "0 of 73: fewer than 5 in 100 at 95 %"
    assert estimates.silence_words(72) == "0 of 72: fewer than 5.1 in 100 at 95 %"


@given(some.integers(1, 10**5))
def test_silence_and_its_need_are_each_others_inverse(n: int) -> None:
    excluded = estimates.silence(n)

    assert excluded == pytest.approx(estimates.wilson(0, n)[1])
    assert excluded is not None
    assert estimates.silence_needed(excluded + 1e-12) <= n
