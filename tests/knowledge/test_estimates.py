import pytest

from knowledge.estimates import wilson

# Scores intervals of 95 %, as published tables and other programs compute them.
TABLE = [
    (0, 5, 0.0000, 0.4345),
    (1, 5, 0.0362, 0.6245),
    (5, 5, 0.5655, 1.0000),
    (4, 10, 0.1682, 0.6873),
    (8, 10, 0.4902, 0.9433),
    (12, 30, 0.2459, 0.5768),
    (45, 100, 0.3561, 0.5476),
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (3, 40, 0.0258, 0.1986),
    (2, 300, 0.0018, 0.0240),
    (1, 1, 0.2065, 1.0000),
    (6, 7, 0.4869, 0.9743),
]


@pytest.mark.parametrize(("hits", "n", "low", "high"), TABLE)
def test_wilson_agrees_with_the_table_to_four_decimals(hits: int, n: int, low: float, high: float) -> None:
    share = wilson(hits, n)

    assert share is not None
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)
    assert (share.n, share.value) == (n, hits / n)


def test_share_of_nothing_is_not_a_share_of_zero() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize("n", [1, 2, 7, 100, 10**6])
def test_interval_holds_its_share_and_stays_between_0_and_1(n: int) -> None:
    for hits in {0, 1, n // 2, n}:
        share = wilson(hits, n)
        assert share is not None
        assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_more_hits_than_tries_are_a_mistake(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="of"):
        wilson(hits, n)
