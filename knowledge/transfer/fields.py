"""Reads the fields of one imported row into the domain's values, and gathers everything that is wrong with them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from knowledge.errors import Problem, refuse

W = TypeVar("W", bound=StrEnum)
V = TypeVar("V")

LISTED = 100
"""How many values a list may have before it is refused unread."""

_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the system that a row comes from calls it."""

    source: str
    external_id: str


class _Wrong(Exception):
    """Why one value is not what is asked for."""


@dataclass
class Fields:
    """The fields of a row. Each reader answers None for what is omitted or null, and where it notes a problem.

    A field that nobody asked for is unknown: it is reported with its value, so that nothing is lost unseen.
    """

    values: Mapping[str, Any]
    prefix: str = ""
    asked: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[Problem] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        self.asked.add(name)
        return name in self.values

    def _read(self, name: str, reader: Callable[[Any], V]) -> V | None:
        self.asked.add(name)
        value = self.values.get(name)
        if value is None:
            return None
        try:
            return reader(value)
        except _Wrong as wrong:
            self.problems.append(Problem(self.prefix + name, str(wrong)))
            return None

    def wrong(self, name: str, message: str) -> None:
        """Note a problem with a field that could be read."""
        self.problems.append(Problem(self.prefix + name, message))

    def needed(self, name: str, value: V | None, otherwise: V) -> V:
        """A value that must be there; notes a problem unless one is noted already."""
        if value is None and not any(problem.field == self.prefix + name for problem in self.problems):
            self.problems.append(Problem(self.prefix + name, "This is needed."))
        return otherwise if value is None else value

    def text(self, name: str) -> str | None:
        """Words, as they are; a number is taken as it is written."""
        return self._read(name, _text)

    def number(self, name: str) -> int | None:
        """A whole number."""
        return self._read(name, _number)

    def decimal(self, name: str) -> float | None:
        """A number."""
        return self._read(name, _decimal)

    def flag(self, name: str) -> bool | None:
        """True or false."""
        return self._read(name, _flag)

    def word(self, name: str, vocabulary: type[W]) -> W | None:
        """One word of a vocabulary, in lower or upper case."""
        return self._read(name, lambda value: _word(value, vocabulary))

    def words(self, name: str, vocabulary: type[W]) -> list[W] | None:
        """Several such words, or one."""
        return self._read(name, lambda value: [_word(each, vocabulary) for each in _several(value)])

    def texts(self, name: str) -> list[str] | None:
        """Several texts, or one with commas."""
        return self._read(name, lambda value: [_text(each) for each in _several(value)])

    def tags(self, name: str) -> list[str] | None:
        """Several tags, or one text with commas; a comma separates tags within a list as well."""
        return self._read(name, lambda value: [part for each in _several(value) for part in _several(_text(each))])

    def numbers(self, name: str) -> list[int] | None:
        """Several whole numbers, or one."""
        return self._read(name, lambda value: [_number(each) for each in _several(value)])

    def moment(self, name: str) -> datetime | None:
        """A point in time by ISO 8601; without a zone it is UTC, without a time the day's beginning."""
        return self._read(name, _moment)

    def day(self, name: str) -> date | None:
        """A day by ISO 8601."""
        return self._read(name, lambda value: _moment(value).date())

    def uid(self, name: str) -> UUID | None:
        """A row's own identifier."""
        return self._read(name, _uid)

    def identity(self, name: str) -> Identity | None:
        """A nested source and external_id."""
        return self._read(name, _identity)

    def own_identity(self) -> Identity:
        """The row's own source and external_id, both of which it needs."""
        source, external_id = self.text("source"), self.text("external_id")
        return Identity(self.needed("source", source, ""), self.needed("external_id", external_id, ""))

    def email(self, name: str) -> str | None:
        """An address, in lower case."""
        value = self.text(name)
        return value.strip().lower() if value is not None else None

    def nested(self, name: str) -> "Fields | None":
        """The fields under a key; their problems and unknown names are this row's too."""
        value = self._read(name, _mapping)
        return None if value is None else Fields(value, f"{self.prefix}{name}.", set(), self.problems, self.unknown)

    def note_unknown(self) -> None:
        """Note every field that was never asked for."""
        for name in self.values:
            if name not in self.asked:
                shown = _shown(self.values[name])
                self.unknown.append(
                    Problem(self.prefix + str(name), f"This field is not known and was left out: {shown}")
                )

    def finish(self) -> None:
        """Note what is unknown, then refuse with all the problems if there are any."""
        self.note_unknown()
        refuse(self.problems)


def _shown(value: Any) -> str:
    if isinstance(value, str | int | float | bool) or value is None:
        words = str(value)
        return words if len(words) <= 200 else words[:199] + "…"
    return "a list" if isinstance(value, list) else "several fields"


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Wrong("This is a text.")
    text = str(value)
    if "\0" in text:
        raise _Wrong("This contains a null character.")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _Wrong("This contains half a character.")
    return text


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31:
        return value
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value.strip()) < 10:
        return int(value)
    raise _Wrong("This is a whole number.")


def _decimal(value: Any) -> float:
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):  # front matter is words only
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("This is a number.")
    return float(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "false", "no"):
        return value.lower() in ("true", "yes")
    raise _Wrong("This is true or false.")


def _word(value: Any, vocabulary: type[W]) -> W:
    spelt = _text(value).strip().upper().replace("-", "_").replace(" ", "_")
    try:
        return vocabulary(spelt)
    except ValueError:
        known = ", ".join(word.value.lower() for word in vocabulary)
        raise _Wrong(f"This is one of {known}.") from None


def _several(value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    elif isinstance(value, int):
        value = [value]
    if not isinstance(value, list):
        raise _Wrong("This is a list.")
    if len(value) > LISTED:
        raise _Wrong(f"This has at most {LISTED} values.")
    return value


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(_text(value).strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Wrong("This is a date or a time by ISO 8601, such as 2026-01-10 or 2026-01-10T09:30:00Z.") from None


def _uid(value: Any) -> UUID:
    try:
        return UUID(_text(value))
    except ValueError:
        raise _Wrong("This is the identifier of a row, such as 01890a5d-ac96-774b-bcce-b302099a8057.") from None


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("This has fields of its own.")
    return value


def _identity(value: Any) -> Identity:
    fields = _mapping(value)
    if set(fields) != {"source", "external_id"} or None in fields.values():
        raise _Wrong("This names a source and an external_id.")
    return Identity(_text(fields["source"]), _text(fields["external_id"]))
