from itertools import product
from math import erfc, factorial, hypot, isfinite, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge import estimates
from knowledge.estimates import Estimate, Grade, Method, Tally3, Z
from knowledge.estimates.scores import adjusted_wald
from knowledge.words import Basis

KNOWN = [  # promoters, passives, detractors, score, AW(3) and Wald's interval
    ((1, 0, 0), 100, (-48.50, 98.50), (100, 100)),
    ((5, 0, 0), 100, (17.49, 100), (100, 100)),
    ((3, 1, 1), 40, (-29.78, 79.78), (-30.12, 110.12)),
    ((5, 3, 2), 30, (-19.05, 65.20), (-18.41, 78.41)),
    ((7, 5, 3), 26.67, (-13.25, 57.69), (-12.39, 65.72)),
    ((10, 6, 4), 30, (-5.72, 57.90), (-4.23, 64.23)),
    ((25, 15, 10), 30, (7.30, 49.30), (8.35, 51.65)),
    ((50, 30, 20), 30, (14.05, 44.20), (14.69, 45.31)),
    ((100, 60, 40), 30, (18.82, 40.30), (19.18, 40.82)),
    ((200, 120, 80), 30, (22.15, 37.40), (22.35, 37.65)),
]
tallies = some.builds(Tally3, some.integers(0, 400), some.integers(0, 400), some.integers(0, 400)).filter(
    lambda tally: tally.n > 0
)


def score(*tally: int, basis: Basis = Basis.RANDOM) -> Estimate:
    return estimates.recommendation(*tally, basis=basis)


def ends(found: Estimate) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def wald(promoters: float, passives: float, detractors: float) -> tuple[float, float]:
    """The score's mean and error by the weighted variance of answers worth 1, 0 and -1."""
    weights, worth = np.array([promoters, passives, detractors]), np.array([100.0, 0.0, -100.0])
    mean = np.average(worth, weights=weights)
    return float(mean), float(sqrt(np.average((worth - mean) ** 2, weights=weights) / weights.sum()))


@pytest.mark.parametrize(("tally", "value", "adjusted", "plain"), KNOWN)
def test_scores_have_the_interval_that_adds_three_answers(
    tally: tuple[int, int, int], value: float, adjusted: tuple[float, float], plain: tuple[float, float]
) -> None:
    found = score(*tally)

    assert (found.n, found.distinct_voices, found.method) == (sum(tally), sum(tally), Method.ADJUSTED_WALD)
    assert found.value == pytest.approx(value, abs=5e-3)
    assert (found.low, found.high) == pytest.approx(adjusted, abs=5e-3)
    mean, error = wald(*tally)
    assert (mean - Z * error, mean + Z * error) == pytest.approx(plain, abs=5e-3)


@given(tallies)
def test_the_adjusted_interval_is_the_weighted_one_of_three_answers_more(tally: Tally3) -> None:
    theirs = wald(tally.promoters + 0.75, tally.passives + 1.5, tally.detractors + 0.75)

    assert adjusted_wald(tally) == pytest.approx(theirs, abs=1e-9)


@given(tallies, some.integers(2, 9))
def test_the_interval_of_a_score_holds_it_from_two_answers_up_and_narrows(tally: Tally3, times: int) -> None:
    centre, error = adjusted_wald(tally)
    found = score(tally.promoters, tally.passives, tally.detractors)

    assert (abs(tally.score - centre) <= Z * error) == (tally.n > 1 or tally.score == 0)
    assert adjusted_wald(Tally3(tally.promoters * times, tally.passives * times, tally.detractors * times))[1] < error
    low, high = ends(found)
    assert -100 <= low < high <= 100
    assert all(map(isfinite, (low, high)))
    if tally.n < 10:
        assert found.grade is Grade.C


def test_the_coverage_of_the_interval_is_safe_from_ten_answers_up() -> None:
    def coverage(shares: tuple[float, float, float], n: int, interval: object) -> float:
        assert callable(interval)
        truth, held = 100 * (shares[0] - shares[2]), 0.0
        for promoters, detractors in product(range(n + 1), repeat=2):
            passives = n - promoters - detractors
            if passives >= 0:
                centre, error = interval(promoters, passives, detractors)
                ways = factorial(n) // (factorial(promoters) * factorial(passives) * factorial(detractors))
                chance = ways * shares[0] ** promoters * shares[1] ** passives * shares[2] ** detractors
                held += chance * (abs(truth - centre) <= Z * error)
        return held

    def adjusted(*tally: int) -> tuple[float, float]:
        return adjusted_wald(Tally3(*tally))

    # Exact, where the figures that were first published with it had been drawn by chance.
    many, most = (0.2, 0.3, 0.5), (0.05, 0.2, 0.75)
    assert [coverage(many, 10, each) for each in (wald, adjusted)] == pytest.approx([0.896, 0.962], abs=2e-3)
    assert [coverage(many, 30, each) for each in (wald, adjusted)] == pytest.approx([0.936, 0.947], abs=2e-3)
    assert [coverage(most, 5, each) for each in (wald, adjusted)] == pytest.approx([0.746, 0.896], abs=2e-3)
    assert [coverage(most, 10, each) for each in (wald, adjusted)] == pytest.approx([0.777, 0.942], abs=2e-3)
    assert [coverage(most, 20, each) for each in (wald, adjusted)] == pytest.approx([0.921, 0.950], abs=2e-3)


def test_published_margins_and_variances_are_found_again() -> None:
    assert Z * wald(200, 200, 100)[1] == pytest.approx(6.56, abs=5e-3)
    assert 100 * Z * sqrt(0.4 * 0.6 / 500) == pytest.approx(4.29, abs=5e-3)
    assert (wald(3, 2, 1)[1] / 100) ** 2 * 6 == pytest.approx(5 / 9)


@pytest.mark.parametrize(
    ("before", "after", "raw", "adjusted", "half", "doubt", "words"),
    [
        ((25, 15, 10), (30, 12, 8), 14, 13.21, 29.26, 0.376, "no evidence of change"),
        ((100, 60, 40), (120, 48, 32), 14, 13.79, 14.93, 0.070, "no evidence of change"),
        ((200, 120, 80), (240, 96, 64), 14, 13.90, 10.59, 0.0101, "changed: up"),
    ],
)
def test_a_change_between_waves_is_as_certain_as_its_interval(
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    raw: float,
    adjusted: float,
    half: float,
    doubt: float,
    words: str,
) -> None:
    found = estimates.change_of_recommendation(Tally3(*before), Tally3(*after), basis=Basis.RANDOM)

    low, high = ends(found)
    middle, width = (low + high) / 2, (high - low) / 2
    assert found.value == pytest.approx(raw)
    assert [middle, width] == pytest.approx([adjusted, half], abs=5e-3)
    assert erfc(middle / (width / Z) / sqrt(2)) == pytest.approx(doubt, abs=5e-4)
    assert estimates.change_words(found) == words
    assert (found.grade is Grade.B) == (half < 20)


@given(tallies, tallies)
def test_a_change_holds_its_value_unless_few_turned_round_altogether(before: Tally3, after: Tally3) -> None:
    (first, its), (second, that) = adjusted_wald(before), adjusted_wald(after)
    found = estimates.change_of_recommendation(before, after)

    low, high = ends(found)
    assert found.value is not None
    if min(before.n, after.n) >= 5 and abs(found.value) < 180:
        assert abs(found.value - (second - first)) <= Z * hypot(its, that)
    assert -200 <= low < high <= 200
    assert ends(estimates.change_of_recommendation(after, before)) == pytest.approx((-high, -low))


def test_of_nobody_there_is_no_score_and_no_change() -> None:
    nobody = score(0, 0, 0)

    assert (nobody.n, nobody.value, nobody.low, nobody.grade) == (0, None, None, None)
    assert estimates.change_of_recommendation(Tally3(0, 0, 0), Tally3(1, 0, 0)).value is None
    assert estimates.change_of_recommendation(None, Tally3(1, 0, 0)).n == 1
    assert score(50, 30, 20, basis=Basis.SELF_SELECTED).grade is Grade.C
    assert (score(50, 30, 20).grade, score(200, 120, 80).grade) == (Grade.B, Grade.A)


def test_whoever_answers_often_has_one_voice() -> None:
    once = [9, 10, 8, 9, 7, 10, 6, 9]
    messages, customers = [0] * 12 + once, [0, *once]

    def of(answers: list[int]) -> Tally3:
        return Tally3.of({answer: answers.count(answer) for answer in set(answers)})

    assert [of(each).n for each in (messages, customers)] == [20, 9]
    assert [of(each).score for each in (messages, customers)] == pytest.approx([-40, 33.33], abs=5e-3)


def test_the_probability_of_a_score_above_zero_agrees_with_the_interval() -> None:
    drawn = np.random.default_rng(20261121)

    def bayes(*tally: int) -> list[float]:
        found = drawn.dirichlet(np.array(tally) + 0.5, 40_000)
        scores = 100 * (found[:, 0] - found[:, 2])
        low, high = np.quantile(scores, [0.025, 0.975])
        return [float(low), float(high), 100 * float((scores > 0).mean())]

    assert bayes(5, 3, 2) == pytest.approx([-20.4, 66.4, 87], abs=0.8)
    assert bayes(25, 15, 10) == pytest.approx([7.2, 49.5, 99.5], abs=0.5)
