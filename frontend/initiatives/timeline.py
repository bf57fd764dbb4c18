"""Where the bars of the timeline stand: months along the width in parts of a hundred, so that its letters keep their size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from frontend.drawing import MONTHS

SHORTEST = 1.5
"""A bar is at least so wide, in parts of a hundred."""

USUAL = timedelta(days=90)
"""How long an initiative is drawn of which nobody has said when it ends."""


@dataclass(frozen=True)
class Bar:
    """One initiative from its beginning to its end, and whether either is only planned."""

    slug: str
    title: str
    x: float
    width: float
    words: str
    is_planned: bool
    is_open: bool


@dataclass(frozen=True)
class Timeline:
    """Bars under the months they run through, and where today is."""

    bars: Sequence[Bar]
    months: Sequence[tuple[float, str]]
    today: float | None


def timeline(initiatives: Sequence[Mapping[str, Any]], now: str) -> Timeline | None:
    """The initiatives that have a beginning, the earliest first; None where none has one."""
    spans = sorted((span for each in initiatives if (span := _span(each))), key=lambda span: span[0])
    if not spans:
        return None
    first = min(start for start, *_ in spans).replace(day=1)
    last = max(end for _, end, *_ in spans) + timedelta(days=1)
    whole = max((last - first).days, 1)

    def across(day: date) -> float:
        return round(100 * (day - first).days / whole, 2)

    bars = [_bar(each, start, end, across, is_open=is_open) for start, end, is_open, each in spans]
    today = date.fromisoformat(now)
    return Timeline(bars, _months(first, last, across), across(today) if first <= today <= last else None)


def _span(it: Mapping[str, Any]) -> tuple[date, date, bool, Mapping[str, Any]] | None:
    began = it["launchedOn"] or it["plannedLaunch"]
    ends = it["completedOn"] or it["plannedCompletion"]
    if not began:
        return None
    start = date.fromisoformat(began)
    end = date.fromisoformat(ends) if ends else start + USUAL
    return start, max(start, end), ends is None, it


def _bar(it: Mapping[str, Any], start: date, end: date, across: Any, *, is_open: bool) -> Bar:
    planned = it["launchedOn"] is None
    width = max(across(end) - across(start), SHORTEST)
    said = f"{'planned ' if planned else ''}from {start:%d %b %Y} {'on' if is_open else f'to {end:%d %b %Y}'}"
    return Bar(it["slug"], it["title"], min(across(start), 100 - width), round(width, 2), said, planned, is_open)


def _months(first: date, last: date, across: Any) -> Sequence[tuple[float, str]]:
    """The beginnings of months, as many as have room."""
    found, day = [], first
    while day < last:
        found.append((across(day), f"{MONTHS[day.month - 1]} {day:%y}"))
        day = (day + timedelta(days=32)).replace(day=1)
    step = max(1, -(-len(found) // 6))
    return [each for each in found[::step] if each[0] <= 92]


FILTERS = {"timeline": timeline}
