"""What a kind of entry has beyond a title and a body: a table keyed by revision, described once."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.database import Row, Session, Table
from knowledge.errors import Problem
from knowledge.words import FieldShape


def _nothing_wrong(_: Mapping[str, Any]) -> Iterable[Problem]:
    return ()


def _nothing_follows(_: Mapping[str, Any], __: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Facet:
    """One field of a part: its path within the detail, what people call it, and how it is written."""

    path: str
    label: str
    shape: FieldShape


@dataclass(frozen=True)
class Parts:
    """What of a detail lies in rows of its own, as many as there are: each a value by its `name.key` among those of the detail.

    A value of None takes its part away. `stored` reads the values of revisions, `rows` says what is kept of them with their HTML,
    `source` what of a value is Markdown, and `mentions` which entries it points to; `told` gives what it says field by field, and
    `read` and `spelt` are how an import and an export have it.
    """

    name: str
    tables: tuple[type[Table], ...]
    stored: Callable[[Session, Collection[int]], Mapping[int, Mapping[str, Any]]]
    rows: Callable[[int, Mapping[str, Any], Mapping[str, str]], Iterable[tuple[type[Table], dict[str, Any]]]]
    source: Callable[[Any], str]
    mentions: Callable[[Any], Iterable[str]]
    told: Callable[[str, Any], Iterable[tuple[Facet, Any]]]
    read: Callable[[Any], Any]
    spelt: Callable[[Any], Any]

    def of(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parts among the values of a detail."""
        return {name: value for name, value in values.items() if name.startswith(f"{self.name}.") and value is not None}


@dataclass(frozen=True)
class Detail:
    """The part of a revision that only one kind has.

    `name` is the nested input's name; `fields` maps each column to its empty value; `markdown` columns are rendered into a
    column of the same name with `_html`; `faults` are wrong even in a draft, `gaps` only once it is to be published. `along` is what
    changes along with a change: of what was before and what somebody changes, the fields that follow from it. `inside` are the fields
    that are for colleagues alone, whoever else may read the entry.
    """

    name: str
    table: type[Table]
    row_class: type[Row]
    fields: Mapping[str, Any]
    markdown: tuple[str, ...] = ()
    faults: Callable[[Mapping[str, Any]], Iterable[Problem]] = _nothing_wrong
    gaps: Callable[[Mapping[str, Any]], Iterable[Problem]] = _nothing_wrong
    along: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] = _nothing_follows
    parts: Parts | None = None
    inside: frozenset[str] = frozenset()

    def parts_of(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What among the values lies in rows of its own."""
        return self.parts.of(values) if self.parts is not None else {}

    def rows_of(
        self, revision_id: int, values: Mapping[str, Any], html: Mapping[str, str]
    ) -> Iterable[tuple[type[Table], dict[str, Any]]]:
        """The rows of what among the values lies in rows of its own, each with its table."""
        return self.parts.rows(revision_id, self.parts.of(values), html) if self.parts is not None else ()


def too_long(values: Mapping[str, Any], name: str, bounds: Mapping[str, int]) -> Iterable[Problem]:
    """A problem for every text of a detail that is over its bound."""
    for field, most in bounds.items():
        if len(values.get(field) or "") > most:
            yield Problem(f"{name}.{field}", f"This has at most {most} characters.")
