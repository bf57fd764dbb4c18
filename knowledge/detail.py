"""What a kind of entry has beyond a title and a body: a table keyed by revision, described once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.database import Row, Table
from knowledge.errors import Problem


def _nothing_wrong(_: Mapping[str, Any]) -> Iterable[Problem]:
    return ()


def _nothing_follows(_: Mapping[str, Any], __: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Detail:
    """The part of a revision that only one kind has.

    `name` is the nested input's name; `fields` maps each column to its empty value; `markdown` columns are rendered into a
    column of the same name with `_html`; `faults` are wrong even in a draft, `gaps` only once it is to be published. `along` is what
    changes along with a change: of what was before and what somebody changes, the fields that follow from it.
    """

    name: str
    table: type[Table]
    row_class: type[Row]
    fields: Mapping[str, Any]
    markdown: tuple[str, ...] = ()
    faults: Callable[[Mapping[str, Any]], Iterable[Problem]] = _nothing_wrong
    gaps: Callable[[Mapping[str, Any]], Iterable[Problem]] = _nothing_wrong
    along: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] = _nothing_follows


def too_long(values: Mapping[str, Any], name: str, bounds: Mapping[str, int]) -> Iterable[Problem]:
    """A problem for every text of a detail that is over its bound."""
    for field, most in bounds.items():
        if len(values.get(field) or "") > most:
            yield Problem(f"{name}.{field}", f"This has at most {most} characters.")
