"""Where the marks of a chart stand: what the macros of parts/charts.html draw from.

Places along the width are parts of a hundred, so that a chart is as wide as its column and its letters keep their size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from frontend import figures

ENDS = {"POINTS": (-100.0, 100.0), "SHARE": (0.0, 1.0)}
STEPS = {"CES_1_7": (1.0, 7.0), "DEGREE_1_7": (1.0, 7.0), "IMPORTANCE_1_5": (1.0, 5.0)}
FEW = 30
"""A figure of fewer is drawn hollow."""

FLOOR = 3
"""Of fewer nothing is drawn, wherever they were asked."""

LEFT, RIGHT = 15.0, 94.0
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

Told = Mapping[str, Any]
Span = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A point with its interval: its place along, its heights in pixels from the top, and the point before it that a line comes from."""

    x: float
    y: float
    low: float
    high: float
    few: bool
    at: str
    joined: bool = False
    from_x: float = 0
    from_y: float = 0


def ends(unit: str, metric: str = "") -> Span:
    """Between which ends a chart of this unit runs: always the whole scale, so that no change looks larger than it is."""
    return ENDS.get(unit) or STEPS.get(metric, (0.0, 1.0))


def kind(unit: str) -> str:
    """What the unit of a score is to `figures`: its mean is always one on a scale."""
    return "DEGREE" if unit == "MEAN" else unit


def step(value: float, unit: str) -> str:
    """The same on an axis, where a scale has whole steps."""
    return f"{value:.0f}" if unit == "MEAN" else figures.figure(value, kind(unit))


def month(moment: str) -> str:
    """When, short enough for an axis."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{MONTHS[at.month - 1]} {at.year}"


def is_drawn(told: Told | None) -> bool:
    """Whether there is anything to draw: a figure that is neither hidden nor missing, and of as many as any figure needs."""
    return told is not None and not told["suppressed"] and told["value"] is not None and told["n"] >= FLOOR


def told(trend: Sequence[Told], unit: str) -> str:
    """A trend in words, for whoever does not see it."""
    drawn = [each for each in trend if is_drawn(each["score"])]
    return " ".join(
        f"{month(each['wave']['opensAt'])}: {figures.figure(each['score']['value'], kind(unit))}"
        f" ({figures.interval(each['score'], kind(unit))}) of {each['score']['n']}."
        for each in drawn
    )


def between(trend: Sequence[Told]) -> Span:
    """From when to when the waves of one or more trends go."""
    times = [_at(each) for each in trend]
    return (min(times), max(times)) if times else (0.0, 0.0)


def marks(trend: Sequence[Told], unit: str, metric: str, height: int, within: Span | None = None) -> list[Mark]:
    """The points of a trend that are told, each where its wave was opened in time."""
    first, last = within or between(trend)
    found: list[Mark] = []
    before: Mark | None = None
    for each in trend:
        if not is_drawn(each["score"]):
            before = None
            continue
        part = (_at(each) - first) / (last - first) if last > first else 0.5
        before = _mark(each, unit, metric, height, LEFT + part * (RIGHT - LEFT), before)
        found.append(before)
    return found


def _at(each: Told) -> float:
    return datetime.fromisoformat(each["wave"]["opensAt"]).timestamp()


def _mark(each: Told, unit: str, metric: str, height: int, x: float, before: Mark | None) -> Mark:
    score = each["score"]
    y, low, high = (
        along(score["value"] if score[end] is None else score[end], unit, metric, height)
        for end in ("value", "low", "high")
    )
    here = Mark(round(x, 2), y, low, high, score["n"] < FEW, month(each["wave"]["opensAt"]))
    if before is None:
        return here
    return Mark(**{**vars(here), "joined": True, "from_x": before.x, "from_y": before.y})


def along(value: float, unit: str, metric: str, height: int) -> float:
    """How far below the top a value stands."""
    low, high = ends(unit, metric)
    part = (min(max(value, low), high) - low) / (high - low)
    return round(height * (1 - part), 1)


def across(value: float, unit: str, metric: str = "") -> float:
    """How far to the right a value stands, of a hundred."""
    low, high = ends(unit, metric)
    return round(2 + 96 * (min(max(value, low), high) - low) / (high - low), 2)


def cell(value: object) -> str:
    """A field of a table for programs: quoted where it must be, and never one that a spreadsheet would reckon with."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        text = f"'{text}"
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(each in text for each in ',"\n\r;') else text


FILTERS = {
    "kind": kind,
    "step": step,
    "month": month,
    "told": told,
    "between": between,
    "marks": marks,
    "across": across,
    "along_axis": along,
    "ends": ends,
    "cell": cell,
}
TESTS = {"drawn": is_drawn}
