"""A search among something else than entries, and what a search hides by its own filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

from sqlmodel import Session

from knowledge.database import Row
from knowledge.people import Viewer
from knowledge.search import finding, strips
from knowledge.search.documents import reach_of
from knowledge.search.finding import Found
from knowledge.search.highlights import Highlight
from knowledge.search.index import Filters, Index
from knowledge.search.strips import Scope, StripHit


@dataclass(frozen=True, slots=True)
class FoundThing:
    """Something that was found, with its place in the list; it is read like an entry that was found."""

    entry: Row
    score: float
    cursor: str
    hit: StripHit

    def highlights(self) -> Sequence[Highlight]:
        """Why it was found."""
        return [self.hit.passage()]

    def explanation(self) -> None:
        """They have no score that is made of anything."""


@dataclass(frozen=True, slots=True)
class Things:
    """A page of them, read like a page of entries; they have neither facets nor an index whose state could have moved."""

    entries: Sequence[FoundThing]
    total: int
    has_next: bool
    has_previous: bool
    end_cursor: str | None
    facets: Mapping[Any, Any] = field(default_factory=dict)
    generation: str = ""
    has_moved: bool = False
    did_you_mean: str | None = None
    looser: str | None = None
    searched_for: str | None = None


def find(
    session: Session,
    index: Index,
    viewer: Viewer,
    query: str,
    scope: Scope,
    *,
    first: int = 20,
    after: str | None = None,
) -> Things:
    """A page of one sort of things that fit a query, or its correction where none does. Refuses as a search among entries does."""
    finding.check(query, first)
    _, start = finding.place_of(after)
    page = partial(strips.page, session, viewer, scope, start=start, count=first)
    (hits, total), answered = page(query), None
    if not total and (better := index.did_you_mean(query, reach_of(viewer))):
        hits, total = page(better)
        answered = better if total else None
    rows = strips.rows_of(session, viewer, scope, hits) if hits else {}
    placed = [(finding.cursor_at("", start + place), hit) for place, hit in enumerate(hits, 1)]
    return Things(
        entries=[FoundThing(rows[hit.id], 0.0, cursor, hit) for cursor, hit in placed if hit.id in rows],
        total=total,
        has_next=start + len(hits) < total,
        has_previous=start > 0,
        end_cursor=placed[-1][0] if placed else None,
        searched_for=answered,
    )


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many hits one filter hides, or all of them together where `filter` is empty."""

    filter: str
    count: int


def hidden(found: Found | Things) -> list[Hidden]:
    """Where the filters of a search left nothing, what there is without each of them; what would not help is left out.

    One search of the index, and none of the database, for each filter.
    """
    if not isinstance(found, Found) or found.total or found.filters in (None, Filters()):
        return []
    assert found.filters is not None
    names = [each.name for each in fields(Filters) if getattr(found.filters, each.name)]
    looser = {name: replace(found.filters, **{name: getattr(Filters(), name)}) for name in names}
    if len(names) > 1:
        looser[""] = Filters()
    counts = {name: _count(found, filters) for name, filters in looser.items()}
    return [Hidden(name, count) for name, count in counts.items() if count]


def _count(found: Found, filters: Filters) -> int:
    index, query, reach = found.asked
    return index.search(query, reach, filters, start=0, count=1, words_alike=found.words_alike).total
