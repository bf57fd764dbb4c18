"""From what was typed to GraphQL variables and back: a form is a description, and no field loses its words on the way."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum, auto
from math import isfinite
from unicodedata import category

from starlette.datastructures import FormData

from frontend.asking import dig


class Shape(Enum):
    """What a control's text becomes."""

    TEXT = auto()
    CHOICE = auto()
    TAGS = auto()
    MANY = auto()
    NUMBER = auto()
    NUMBERS = auto()
    DAY = auto()
    MOMENT = auto()
    YES = auto()
    WHEN = auto()
    ENTRY = auto()
    DECIMAL = auto()


@dataclass(frozen=True)
class Field:
    """One control; its name is the dotted path in the mutation's input, so that an error finds its way back.

    What is `needed` is sent even when blank, for the API to say what is missing; a choice cannot be, and is asked for here. A name
    that ends in `.*` stands for all controls that the page has below it.
    """

    name: str
    shape: Shape = Shape.TEXT
    needed: bool = False


@dataclass(frozen=True)
class Inputs:
    """The controls of one form. Blank ones are left out of the input, unless blank means "clear it".

    `shaped` turns what was nested by the dots in the names into what the API takes, where that is something else.
    """

    fields: tuple[Field, ...]
    blank_clears: bool = False
    shaped: Callable[[dict[str, object]], dict[str, object]] = dict


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong; the field is a control's name, or empty where it is the whole."""

    field: str
    message: str


@dataclass(frozen=True)
class Typed:
    """A form as its page shows it: what was typed into it and what is wrong with that."""

    act: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    sent: bool = False
    hints: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    drawn: dict[str, str] = field(default_factory=dict)  # which controls stand on the page, filled as it is rendered

    def of(self, act: str) -> "Typed":
        """This form if it is that act's, else that act's form untouched; a page may hold several."""
        return self if self.act == act else Typed(act)

    def about(self, act: str, name: str, value: str) -> "Typed":
        """That act's form for one of many things on a page: what was typed is in it if the control `name` says that it was for this one."""
        is_this = self.act == act and self.one(name) == value
        return replace(self if is_this else Typed(act), mark=value)

    def one(self, name: str, start: object = "") -> str:
        """The text of a control; before anything was sent, what it starts from."""
        if not self.sent:
            return "" if start is None else str(start)
        return next(iter(self.values.get(name, ())), "")

    def many(self, name: str, start: Sequence[object] = ()) -> list[str]:
        """The ticked values of a group of controls."""
        return [*self.values.get(name, ())] if self.sent else [str(value) for value in start]

    def wrong(self, name: str) -> list[str]:
        """What is wrong with one control."""
        return [trouble.message for trouble in self.troubles if trouble.field == name]

    def touches(self, *names: str) -> bool:
        """Whether any of these controls was filled in or is wrong, so that it must not be folded away."""
        return any(self.wrong(name) or any(self.values.get(name, ())) for name in names)

    def guided(self, parts: Sequence[Mapping[str, str]]) -> "Typed":
        """This form with what a template asks beside its fields."""
        return replace(self, hints={part["field"]: part["text"] for part in parts if part["text"]})

    def hint(self, name: str, usual: str) -> str:
        """What is asked beside a field: by the template, and where that is silent, as ever. How a text is written stays said."""
        asked = self.hints.get(name, "")
        return f"{asked}\n{usual}" if asked and name in ("body", "summary") else asked or usual

    def id(self, name: str) -> str:
        """A control's id, unlike that of any other form on the page. Whoever asks for it draws the control."""
        told = f"{self.act.rpartition('/')[2]}-{name.replace('.', '-')}{'-' if self.mark else ''}{self.mark}"
        return self.drawn.setdefault(name, told)

    def has(self, name: str) -> bool:
        """Whether the form that was sent held such a control."""
        return name in self.values


def read(inputs: Inputs, sent: FormData) -> tuple[dict[str, object], tuple[Trouble, ...]]:
    """The mutation's input, nested by the dots in the names, and what could not be read at all.

    Only what the page had rendered is sent: a group of boxes of which none is ticked says so by a blank of its name.
    """
    result: dict[str, object] = {}
    troubles = []
    for control in _controls(inputs, sent):
        if control.name not in sent and not control.needed:
            continue
        try:
            value = READERS[control.shape]([_seen(str(text)) for text in sent.getlist(control.name)])
        except ValueError:
            troubles.append(Trouble(control.name, UNREADABLE[control.shape]))
            continue
        if control.needed and value is None:
            troubles.append(Trouble(control.name, UNREADABLE[control.shape]))
        elif control.needed or inputs.blank_clears or value not in (None, "", []):
            _place(result, control.name.split("."), value)
    return inputs.shaped(result), tuple(troubles)


def _controls(inputs: Inputs, sent: Iterable[str]) -> Iterator[Field]:
    names = dict.fromkeys(sent)
    for control in inputs.fields:
        if not control.name.endswith(".*"):
            yield control
            continue
        stem = control.name[:-1]
        yield from (replace(control, name=name) for name in names if name.startswith(stem) and name != stem)


def typed(act: str, sent: FormData, troubles: Sequence[Trouble]) -> Typed:
    """The form to show again, word for word."""
    return Typed(act, {name: [str(text) for text in sent.getlist(name)] for name in sent}, tuple(troubles), sent=True)


def refusals(inputs: Inputs, payload: object) -> tuple[Trouble, ...]:
    """The payload's `errors`, each at its control; those of no control of this form belong to the whole."""
    errors = dig(payload, "errors")
    known = [control.name for control in inputs.fields]
    return tuple(
        Trouble(_control(str(dig(error, "field") or ""), known), str(dig(error, "message")))
        for error in (errors if isinstance(errors, list) else [])
    )


def misfits(inputs: Inputs, errors: Sequence[Mapping[str, object]]) -> tuple[Trouble, ...]:
    """What the API could not read, each at its control: a word that it does not know, a number out of its range."""
    return tuple(_misfit({control.name: control for control in inputs.fields}, error) for error in errors)


def _misfit(controls: Mapping[str, Field], error: Mapping[str, object]) -> Trouble:
    message = str(error.get("message", ""))
    told = dig(error, "extensions.field")
    found = PLACE.search(message)
    name = _control(str(told or (found[1] if found else "")), list(controls))
    if told:
        return Trouble(name, message)
    return Trouble(name, UNREADABLE.get(controls[name].shape, UNFIT) if name in controls else UNFIT)


def _control(path: str, known: Sequence[str]) -> str:
    path = path.removeprefix("input.")
    if any(name.endswith(".*") and path.startswith(name[:-1]) for name in known):
        return path
    found = (name for name in known if path == name or path.startswith((f"{name}.", f"{name}[")))
    inside = (
        name for name in known if path and name.startswith(f"{path}.")
    )  # such as the slug by which an entry is named
    return next(found, "") or next(inside, "")


def _place(result: dict[str, object], path: list[str], value: object) -> None:
    for step in path[:-1]:
        inner = result.setdefault(step, {})
        assert isinstance(inner, dict)
        result = inner
    result[path[-1]] = value


def _seen(text: str) -> str:
    """A text without the blanks around it; one of which nothing can be seen is none."""
    bare = text.strip()
    return bare if any(category(letter) not in ("Cf", "Cc", "Zs") for letter in bare) else ""


def _text(texts: list[str]) -> str:
    return texts[0].replace("\r\n", "\n") if texts else ""


def _day(texts: list[str]) -> str | None:
    return date.fromisoformat(_text(texts)).isoformat() if _text(texts) else None


def _moment(texts: list[str]) -> str | None:
    day = _day(texts)
    return f"{day}T00:00:00+00:00" if day else None


def _when(texts: list[str]) -> str | None:
    """A day with a time, which is meant in UTC where it names no zone."""
    if not _text(texts):
        return None
    at = datetime.fromisoformat(_text(texts))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def slug_of(text: str) -> str:
    """The slug at the end of an entry's address, or the slug itself."""
    return text.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2].removesuffix(".md")


def _decimal(texts: list[str]) -> float | None:
    """A number with a point or a comma; a percentage is the share that it means."""
    number, percent, _ = _text(texts).replace("\u202f", "").replace(" ", "").replace(",", ".").partition("%")
    if not number:
        return None
    value = float(number)
    if not isfinite(value):
        raise ValueError
    return value / 100 if percent else value


READERS: dict[Shape, Callable[[list[str]], object]] = {
    Shape.TEXT: _text,
    Shape.CHOICE: lambda texts: _text(texts) or None,
    Shape.TAGS: lambda texts: [tag for text in texts for part in text.split(",") if (tag := part.strip())],
    Shape.MANY: lambda texts: [text for text in texts if text],
    Shape.NUMBER: lambda texts: int(_text(texts).removesuffix("%").strip()) if _text(texts) else None,
    Shape.NUMBERS: lambda texts: [int(text) for text in texts if text],
    Shape.DAY: _day,
    Shape.MOMENT: _moment,
    Shape.YES: any,  # a box is sent after the blank that says it was there
    Shape.WHEN: _when,
    Shape.ENTRY: lambda texts: slug_of(_text(texts)),
    Shape.DECIMAL: _decimal,
}
PLACE = re.compile(r"^Variable '\$input' has invalid value at \.([\w.\[\]]+)")
UNFIT = "Something in it could not be read. Look through what you typed."
UNREADABLE = {
    Shape.CHOICE: "Choose one of these.",
    Shape.MANY: "Choose from the list.",
    Shape.NUMBER: "Write a whole number, such as 40.",
    Shape.NUMBERS: "Choose from the list.",
    Shape.DECIMAL: "Write a number, such as 4.5 or 40 %.",
    Shape.DAY: "Write a day as year-month-day, such as 2026-03-12.",
    Shape.MOMENT: "Write a day as year-month-day, such as 2026-03-12.",
    Shape.WHEN: "Write a day and a time, such as 2026-03-12T09:00.",
}
