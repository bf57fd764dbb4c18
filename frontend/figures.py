"""How a figure and its interval are written: one way for every page, table and drawing."""

from collections.abc import Mapping

Estimated = Mapping[str, object]
"""An Estimate as the API answers it."""


def figure(value: float | None, kind: str, signed: bool = False) -> str:
    """A figure, or with a sign a change of it.

    `kind` is PROPORTION or SHARE, SCORE or POINTS, DEGREE (a mean on a scale), HOURS, or anything else that has no unit. What there
    is none of is a dash.
    """
    if value is None:
        return "–"
    number, unit = _written(value, kind, signed)
    return f"{number}{unit}"


def worth(value: float) -> str:
    """What something is worth beside others, no finer than anybody can tell: in whole, and below ten in two figures that count."""
    return f"{value:,.0f}".replace(",", "\u202f") if value >= 9.95 else f"{value:.2g}"


def interval(found: Estimated, kind: str, signed: bool = False) -> str:
    """From where to where it may lie, the unit once; an end that is not known yet is left open."""
    low, high = found["low"], found["high"]
    first = _written(low, kind, signed) if isinstance(low, int | float) else None
    last = _written(high, kind, signed) if isinstance(high, int | float) else None
    if first is None or last is None:
        return f"{''.join(first)} and more" if first else f"up to {''.join(last)}" if last else ""
    return f"{first[0] if first[1] == last[1] else ''.join(first)} to {''.join(last)}"


def hits(found: Estimated) -> int:
    """How many it was of the n of a share, as a whole number."""
    value, n = found["value"], found["n"]
    return round(value * n) if isinstance(value, int | float) and isinstance(n, int) else 0


def _written(value: float, kind: str, signed: bool) -> tuple[str, str]:
    number, unit = _plain(value, kind, signed)
    number = number.lstrip("-") if not number.strip("-0.") else number  # −0 is 0
    sign = "+" if signed and number.strip("0.") and not number.startswith("-") else ""
    return f"{sign}{number}".replace("-", "−"), unit


def _plain(value: float, kind: str, signed: bool) -> tuple[str, str]:
    if kind in ("PROPORTION", "SHARE"):
        return f"{value * 100:.0f}", _counted(value * 100, "point") if signed else "\u00a0%"
    if kind in ("SCORE", "POINTS"):
        return f"{value:.0f}", _counted(value, "point") if signed else ""
    if kind == "DEGREE":
        return f"{value:.1f}", ""
    if kind == "HOURS":
        number, noun = (value, "hour") if abs(value) < 72 else (value / 24, "day")
        return f"{number:.0f}", _counted(number, noun)
    return f"{value:,.4g}".replace(",", "\u202f"), ""


def _counted(number: float, noun: str) -> str:
    return f"\u00a0{noun}{'' if abs(round(number)) == 1 else 's'}"
