from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge.estimates import Caveat, Grade, Voices
from knowledge.words import PatternVerdict

FEW, RARE = Caveat.FEW_VOICES, Caveat.LOW_PREVALENCE
LOUD, ONE = Caveat.CONCENTRATED, Caveat.DOMINATED


@pytest.mark.parametrize(
    ("counts", "items", "customers", "top", "effective"),
    [
        ([1] * 10, 10, 10, 0.10, 10.0000),
        ([20], 20, 1, 1.00, 1.0000),
        ([5, 5], 10, 2, 0.50, 2.0000),
        ([9, 1], 10, 2, 0.90, 1.2195),
        ([18, 1, 1], 20, 3, 0.90, 1.2270),
        ([10, 1, 1, 1, 1], 14, 5, 0.7143, 1.8846),
        ([4, 3, 2, 1], 10, 4, 0.40, 3.3333),
        ([12, 3, 2, 1, 1, 1], 20, 6, 0.60, 2.5000),
        ([71, *[1] * 29], 100, 30, 0.71, 1.9724),
    ],
)
def test_voices_say_how_many_customers_and_how_loud(
    counts: list[int], items: int, customers: int, top: float, effective: float
) -> None:
    found = Voices(counts, 100)

    assert (found.items, found.customers) == (items, customers)
    assert found.top_share == pytest.approx(top, abs=5e-5)
    assert found.effective == pytest.approx(effective, abs=5e-5)
    assert found == Voices.of(customers, items, max(counts), sum(each**2 for each in counts), 100)


@pytest.mark.parametrize(
    ("counts", "heard", "warnings"),
    [
        ([18, 1, 1], 40, (FEW, RARE, LOUD, ONE)),
        ([2] * 10, 40, ()),
        ([12, 3, 2, 1, 1, 1], 40, (LOUD, ONE)),
        ([1, 1, 1], 8, (FEW,)),
        ([9, *[1] * 7], 200, (RARE, LOUD, ONE)),
        ([71, *[1] * 29], 300, (LOUD, ONE)),
        ([1] * 12, 40, ()),
    ],
)
def test_the_verdict_is_by_customers_and_the_volume_stands_beside_it(
    counts: list[int], heard: int, warnings: tuple[Caveat, ...]
) -> None:
    found = Voices(counts, heard)

    assert found.prevalence.warnings == warnings
    assert found.is_pattern == (not {FEW, RARE} & set(warnings))
    assert (found.verdict is PatternVerdict.PATTERN) == found.is_pattern


def test_the_loud_hotel_falls_and_the_quiet_valve_rises() -> None:
    hotel, valve = Voices([29, 1, 1, 1], 180), Voices([1] * 23, 180)

    assert hotel.items > valve.items
    assert hotel.customers < valve.customers
    assert (hotel.is_pattern, valve.is_pattern) == (False, True)
    assert valve.prevalence.value == pytest.approx(23 / 180)
    assert valve.prevalence.grade is Grade.C


@given(some.lists(some.integers(1, 50), max_size=30), some.integers(0, 300), some.data())
def test_voices_are_the_same_however_often_a_customer_repeats_it(
    counts: list[int], silent: int, data: some.DataObject
) -> None:
    often = [each + data.draw(some.integers(0, 200)) for each in counts]

    once, repeated = Voices(counts, len(counts) + silent), Voices(often, len(counts) + silent)

    for one, other in ((once, repeated), (repeated, once)):
        assert (one.customers, one.is_pattern, one.verdict) == (other.customers, other.is_pattern, other.verdict)
        assert (one.prevalence.value, one.prevalence.low, one.prevalence.high) == (
            other.prevalence.value,
            other.prevalence.low,
            other.prevalence.high,
        )
        assert one.effective is None or (isfinite(one.effective) and 1 <= one.effective <= one.customers + 1e-9)


def test_where_nobody_was_heard_there_is_nothing_to_say() -> None:
    nobody, silence = Voices([], 0), Voices([0, 0], 12)

    assert (nobody.prevalence.value, nobody.effective, nobody.top_share, nobody.is_pattern) == (None, None, None, False)
    assert (silence.prevalence.value, silence.prevalence.n, silence.is_pattern) == (0.0, 12, False)
    assert Voices([1, 1], 1).heard == 2
