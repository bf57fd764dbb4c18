from typing import Any

import pytest

from frontend import drawing


def at(day: str, value: float | None, low: float | None, high: float | None, n: int | None) -> dict[str, Any]:
    told = {"value": value, "low": low, "high": high, "n": n, "suppressed": n is None}
    return {"wave": {"opensAt": f"{day}T00:00:00+00:00"}, "score": told}


TREND = [
    at("2026-01-01", 30, 7.3, 49.3, 50),
    at("2026-04-11", None, None, None, None),
    at("2026-07-20", 0, -40, 40, 12),
    at("2026-10-28", 100, 48, 98.5, 29),
    at("2026-12-01", 50, 10, 80, 2),
]


def test_points_stand_where_their_wave_was_in_time_and_their_value_on_the_whole_scale() -> None:
    first, second, third = drawing.marks(TREND, "POINTS", "", 100)

    assert (first.x, first.y, first.low, first.high) == (15.0, 35.0, 46.4, 25.3)
    assert (second.y, third.y) == (50.0, 0.0)
    assert first.x < second.x < third.x < 94


def test_what_is_hidden_is_not_drawn_nor_passed_over_by_a_line_and_few_are_hollow() -> None:
    first, second, third = drawing.marks(TREND, "POINTS", "", 100)

    assert (first.joined, second.joined, third.joined) == (False, False, True)
    assert (third.from_x, third.from_y) == (second.x, second.y)
    assert [each.few for each in (first, second, third)] == [False, True, True]
    assert drawing.told(TREND[:2], "POINTS") == "Jan 2026: 30 (7 to 49) of 50."


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.25, "0.25"), (None, ""), (True, "yes"), ("=1+1", "'=1+1"), ('a "b", c', '"a ""b"", c"'), ("plain", "plain")],
)
def test_a_table_for_programs_is_quoted_and_never_reckons(value: object, written: str) -> None:
    assert drawing.cell(value) == written
