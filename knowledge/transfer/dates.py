"""Dates as people and spreadsheets write them, told apart by all that a column says; what can be read two ways is not guessed."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(.*)", re.DOTALL)
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})(.*)", re.DOTALL)
_DAY_MONTH = re.compile(r"(\d{1,2})[. -]*([A-Za-z]{3})[a-z]*[.,]?[ -](\d{4})(.*)", re.DOTALL)
_MONTH_DAY = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(.*)", re.DOTALL)
_TIME = re.compile(r"[T, ]*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)? ?([AaPp][Mm])? ?(Z|[+-]\d{2}:?\d{2})?")


class Order(Enum):
    """Which of two numbers is the day."""

    DAY_FIRST = auto()
    MONTH_FIRST = auto()
    UNKNOWN = auto()


@dataclass
class Evidence:
    """What the cells of one column say about their order."""

    day_first: bool = False
    month_first: bool = False

    def see(self, cell: str) -> None:
        """Take a cell into account."""
        found = _NUMBERS.fullmatch(cell.strip())
        if found and found[2] != ".":
            self.day_first |= int(found[1]) > 12
            self.month_first |= int(found[3]) > 12

    @property
    def order(self) -> Order:
        """What they say altogether; nothing where they contradict one another."""
        if self.day_first == self.month_first:
            return Order.UNKNOWN
        return Order.DAY_FIRST if self.day_first else Order.MONTH_FIRST


def written(cell: str, order: Order) -> str:
    """A date by ISO 8601 with its time if it has one; anything else as it is. Raises ValueError for what can be read two ways."""
    cell = cell.strip()
    if found := _NUMBERS.fullmatch(cell):
        first, second = int(found[1]), int(found[3])
        if found[2] == "." or first > 12:
            order = Order.DAY_FIRST
        elif second > 12:
            order = Order.MONTH_FIRST
        if order is Order.UNKNOWN and first != second:
            raise ValueError(
                f"{cell} can be read two ways; write {found[4]}-{second:02}-{first:02} or {found[4]}-{first:02}-{second:02}."
            )
        day, month = (second, first) if order is Order.MONTH_FIRST else (first, second)
        return _joined(cell, int(found[4]), month, day, found[5])
    if found := _YEAR_FIRST.fullmatch(cell):
        return _joined(cell, int(found[1]), int(found[2]), int(found[3]), found[4])
    if (found := _DAY_MONTH.fullmatch(cell)) and found[2].lower() in MONTHS:
        return _joined(cell, int(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]), found[4])
    if (found := _MONTH_DAY.fullmatch(cell)) and found[1].lower() in MONTHS:
        return _joined(cell, int(found[3]), MONTHS.index(found[1].lower()) + 1, int(found[2]), found[4])
    return cell


def _joined(cell: str, year: int, month: int, day: int, rest: str) -> str:
    try:
        date = datetime(year, month, day).date().isoformat()  # noqa: DTZ001
    except ValueError:
        raise ValueError(f"{cell} is no day there is.") from None
    if not rest.strip():
        return date
    found = _TIME.fullmatch(rest.strip())
    if found is None:
        raise ValueError(f"{cell} has a time that is not read, such as 09:30 or 9:30 PM.")
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    return f"{date}T{hour:02}:{found[2]}:{found[3] or '00'}{found[5] or ''}"
