"""Where the marks of a chart stand, and how its figures are written: what the macros of parts/charts.html draw from.

Places along the width are parts of a hundred, so that a chart is as wide as its column and its letters keep their size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ENDS = {"POINTS": (-100.0, 100.0), "SHARE": (0.0, 1.0), "CHANCE": (0.0, 1.0)}
STEPS = {"CES_1_7": (1.0, 7.0), "DEGREE_1_7": (1.0, 7.0), "IMPORTANCE_1_5": (1.0, 5.0)}
FEW = 30
"""A figure of fewer is drawn hollow."""

LEFT, RIGHT = 15.0, 93.0
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """A point with its interval: its place along and its heights in pixels from the top."""

    x: float
    y: float
    low: float
    high: float
    few: bool
    at: str
    joined: bool = False  # whether the point before it is drawn, so that a line leads here


def ends(unit: str, metric: str = "") -> tuple[float, float]:
    """Between which ends a chart of this unit runs: always the whole scale, so that no change looks larger than it is."""
    return ENDS.get(unit) or STEPS.get(metric, (0.0, 1.0))


def scored(value: float | None, unit: str, signed: bool = False) -> str:
    """A figure as people write it: points whole, a share in percent, a mean with one decimal; a change with its sign."""
    if value is None:
        return "–"
    number = f"{value * 100:.0f}" if unit == "SHARE" else f"{value:.1f}" if unit == "MEAN" else f"{value:.0f}"
    if float(number) == 0:
        number = number.lstrip("-")
    sign = "+" if signed and float(number) > 0 else ""
    after = (" points" if signed else " %") if unit == "SHARE" else ""
    return f"{sign}{number}{after}".replace("-", "−")


def span(told: Told, unit: str, signed: bool = False) -> str:
    """Its interval: "7 to 49"."""
    if told["low"] is None or told["high"] is None:
        return ""
    low, high = (scored(told[end], unit, signed) for end in ("low", "high"))
    return f"{low.removesuffix(' %').removesuffix(' points')} to {high}"


def month(moment: str) -> str:
    """When, short enough for an axis."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{MONTHS[at.month - 1]} {at.year}"


def is_drawn(told: Told | None) -> bool:
    """Whether there is anything to draw: a figure that is neither hidden nor missing."""
    return told is not None and not told["suppressed"] and told["value"] is not None


def marks(trend: Sequence[Told], unit: str, metric: str, height: int) -> list[Mark]:
    """The points of a trend that are told, each where its wave was opened in time."""
    times = [datetime.fromisoformat(each["wave"]["opensAt"]).timestamp() for each in trend]
    first, last = (times[0], times[-1]) if times else (0.0, 0.0)
    found, joined = [], False
    for each, at in zip(trend, times, strict=True):
        told = each["score"]
        if not is_drawn(told):
            joined = False
            continue
        part = (at - first) / (last - first) if last > first else 0.5
        x = LEFT + part * (RIGHT - LEFT)
        y, low, high = (
            along(told[end] if told[end] is not None else told["value"], unit, metric, height)
            for end in ("value", "low", "high")
        )
        found.append(Mark(round(x, 2), y, low, high, told["n"] < FEW, month(each["wave"]["opensAt"]), joined))
        joined = True
    return found


def along(value: float, unit: str, metric: str, height: int) -> float:
    """How far below the top a value stands."""
    low, high = ends(unit, metric)
    part = (min(max(value, low), high) - low) / (high - low)
    return round(height * (1 - part), 1)


def across(value: float, unit: str, metric: str = "") -> float:
    """How far to the right a value stands, of a hundred."""
    low, high = ends(unit, metric)
    return round(2 + 96 * (min(max(value, low), high) - low) / (high - low), 2)


FILTERS = {"scored": scored, "span": span, "month": month, "marks": marks, "across": across, "along_axis": along, "ends": ends}
TESTS = {"drawn": is_drawn}
