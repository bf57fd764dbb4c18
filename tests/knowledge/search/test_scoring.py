from math import log

import pytest

from knowledge.search.scoring import emphasis, rarity


def test_rarity_is_lucenes() -> None:
    assert rarity(10, 2) == pytest.approx(log(1 + 8.5 / 2.5))


def test_rarity_is_never_negative() -> None:
    assert rarity(10, 10) > 0


def test_a_repeated_word_counts_more_but_not_without_bound() -> None:
    assert emphasis(1) == 1
    assert emphasis(2) == pytest.approx(1.8)
    assert emphasis(1_000_000) < 9
