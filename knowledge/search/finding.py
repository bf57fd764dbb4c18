"""A search as people make it: what the index finds, read back from the rows that the viewer may see."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from uuid import UUID

from sqlmodel import Session

from knowledge import entries
from knowledge.entries import EntryRow, tags
from knowledge.errors import Invalid
from knowledge.listening import past
from knowledge.people import Viewer
from knowledge.search import wordbook
from knowledge.search.addresses import address
from knowledge.search.documents import reach_of, texts_of
from knowledge.search.highlights import Highlight, highlights
from knowledge.search.index import Facet, Filters, Hits, Index, Reach, Sort, SuggestionKind, Why
from knowledge.search.query import loosened
from knowledge.search.reasons import Explanation, explained
from knowledge.search.synonyms import Synonyms

FEW = 3
LONGEST = 500


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry that was found, with its place in the list."""

    entry: EntryRow
    score: float
    cursor: str
    words: tuple[str, ...]
    why: Callable[[UUID], Why | None] = lambda _: None

    def highlights(self) -> Sequence[Highlight]:
        """Why it was found: its best passages, the one with most of the words first."""
        texts = texts_of(self.entry)
        return highlights(self.words, self.entry.language, {name: text for name, text in texts.items() if text.strip()})

    def explanation(self) -> Explanation | None:
        """What its score is made of; worked out here, and nowhere before."""
        why = self.why(self.entry.uid)
        return explained(self.entry, why) if why else None


@dataclass(frozen=True)
class Found:
    """A page of what was found; total and facets count all of it."""

    entries: Sequence[FoundEntry]
    total: int
    facets: Mapping[Facet, tuple[tuple[str, int], ...]]
    generation: str
    has_next: bool
    has_previous: bool
    has_moved: bool
    end_cursor: str | None  # of the last hit of the page, whether or not it may still be seen
    asked: tuple[Index, str, Reach]
    filters: Filters | None = None
    searched_for: str | None = None  # what was answered, where nothing has the words of what was asked
    is_little: bool = False  # only little words were asked for, so that only titles were looked through
    words_alike: Synonyms = field(default_factory=dict)

    @cached_property
    def did_you_mean(self) -> str | None:
        """The query with words that find more, where few were found."""
        index, query, reach = self.asked
        if self.total >= FEW or self.searched_for is not None:
            return None
        better = index.did_you_mean(query, reach)
        if better is None:
            return None
        found = index.search(better, reach, self.filters or Filters(), count=1, words_alike=self.words_alike).total
        return better if found > self.total else None

    @cached_property
    def looser(self) -> str | None:
        """The query with any of its words, where all of them together are nowhere."""
        index, query, reach = self.asked
        looser = None if self.total else loosened(query)
        if looser is None:
            return None
        found = index.search(looser, reach, self.filters or Filters(), count=1, words_alike=self.words_alike)
        return looser if found.by_words else None


def find(
    session: Session,
    index: Index,
    viewer: Viewer,
    query: str,
    *,
    filters: Filters | None = None,
    sort: Sort = Sort.RELEVANCE,
    first: int = 20,
    after: str | None = None,
) -> Found:
    """A page of entries that fit a query, the best first. Refuses INVALID for a cursor of another list, a page or a query out of
    bounds. A hit that has just been withdrawn is left out.
    """
    check(query, first)
    before, start = place_of(after)
    reach = reach_of(viewer)
    narrowed = _narrowed(session, filters)
    alike = wordbook.current(session)
    page = partial(index.search, reach=reach, filters=narrowed, sort=sort, start=start, count=first, words_alike=alike)
    hits, answered = _answered(page, index, query, reach, narrowed, alike)
    rows = {row.uid: row for row in entries.by_uids(session, viewer, [hit.uid for hit in hits.hits])}
    return Found(
        entries=_placed(hits, rows, start),
        total=hits.total,
        facets=hits.facets,
        generation=hits.generation,
        has_next=start + len(hits.hits) < hits.total,
        has_previous=start > 0,
        has_moved=before not in ("", hits.generation),
        end_cursor=cursor_at(hits.generation, start + len(hits.hits)) if hits.hits else None,
        asked=(index, query, reach),
        filters=narrowed,
        searched_for=answered,
        is_little=hits.is_little,
        words_alike=alike,
    )


def _narrowed(session: Session, filters: Filters | None) -> Filters:
    """The filters with the tags that theirs have become."""
    if filters is None or not filters.tags:
        return filters or Filters()
    return replace(filters, tags=tags.slugs_now(session, filters.tags))


def _answered(
    page: Callable[[str], Hits], index: Index, query: str, reach: Reach, filters: Filters, alike: Synonyms
) -> tuple[Hits, str | None]:
    """What a query finds; or its correction, and which that is, where nothing has its words."""
    hits = page(query)
    if not hits.by_words and (better := _correction(index, query, reach, filters, alike)):
        corrected = page(better)
        if corrected.by_words:
            return corrected, better
    return hits, None


def _correction(index: Index, query: str, reach: Reach, filters: Filters, alike: Synonyms) -> str | None:
    """What is likely to be meant by a query of which nothing in reach has the words, rather than nothing that filters let through."""
    if not query.strip():
        return None
    if filters != Filters() and index.search(query, reach, count=1, words_alike=alike).by_words:
        return None
    return index.did_you_mean(query, reach)


def explain(
    session: Session, index: Index, viewer: Viewer, query: str, uid: UUID, *, filters: Filters | None = None
) -> Explanation | None:
    """What the score of one entry is made of, on whichever page it is, where a correction is answered by that; None where the search
    does not find it, or they may not read it. Refuses as `find` does.
    """
    check(query, 1)
    entry = entries.by_uid(session, viewer, uid)
    if entry is None:
        return None
    reach, narrowed, alike = reach_of(viewer), _narrowed(session, filters), wordbook.current(session)
    page = partial(index.search, reach=reach, filters=narrowed, count=1, words_alike=alike)
    hits, _ = _answered(page, index, query, reach, narrowed, alike)
    why = hits.why(uid)
    return explained(entry, why) if why else None


@dataclass(frozen=True, slots=True)
class Completion:
    """What somebody may be about to type, and the address of the page it leads to."""

    text: str
    kind: SuggestionKind
    url: str


def suggest(session: Session, index: Index, viewer: Viewer, prefix: str, *, count: int = 8) -> Sequence[Completion]:
    """Completions of what is being typed, among what the viewer may see; what has just been withdrawn is left out."""
    found = index.suggest(prefix[:LONGEST], reach_of(viewer), count) if prefix.strip() else ()
    titles = [UUID(each.key) for each in found if each.kind is SuggestionKind.ENTRY]
    addresses = {str(row.uid): row.url for row in entries.by_uids(session, viewer, titles)}
    addresses |= {each.key: f"/tags/{each.key}" for each in found if each.kind is SuggestionKind.TAG}
    named = [Completion(each.text, each.kind, addresses[each.key]) for each in found if each.key in addresses]
    wanted = max(count - len(named), count // 4)
    others = past.completions(session, index, reach_of(viewer), prefix[:LONGEST], wanted) if prefix.strip() else []
    searches = [Completion(text, SuggestionKind.SEARCH, address(text, {})) for text in others]
    return [*named[: count - len(searches)], *searches]


def check(query: str, first: int) -> None:
    """Refuse INVALID for a page or a query out of bounds."""
    if not 1 <= first <= 100:
        raise Invalid("first must be from 1 to 100.", "first")
    if len(query) > LONGEST:
        raise Invalid(f"A query has at most {LONGEST} characters.", "query")


def _placed(hits: Hits, rows: Mapping[UUID, EntryRow], start: int) -> list[FoundEntry]:
    return [
        FoundEntry(rows[hit.uid], hit.score, cursor_at(hits.generation, start + place), hits.words, hits.why)
        for place, hit in enumerate(hits.hits, 1)
        if hit.uid in rows
    ]


def cursor_at(generation: str, place: int) -> str:
    """The cursor of a place in a list."""
    return base64.urlsafe_b64encode(f"{place}:{generation}".encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[str, int]:
    """The generation and the place that a cursor names; refuses INVALID."""
    if cursor is None:
        return "", 0
    try:
        place, _, generation = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
        if not 0 <= int(place) <= 1_000_000:
            raise ValueError
        return generation, int(place)
    except (ValueError, binascii.Error):
        raise Invalid("This cursor does not belong to this list; start again without it.", "after") from None
