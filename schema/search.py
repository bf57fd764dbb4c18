"""Search: a sentence finds the right practice."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import strawberry

from knowledge.entries import tags
from knowledge.listening.searches import Heard
from knowledge.people import Act
from knowledge.search import beside, finding, noticing, strips
from knowledge.search.beside import Things
from knowledge.search.finding import Found
from knowledge.search.index import Facet, Filters, Sort
from knowledge.search.strips import Scope
from schema.atomic import query
from schema.community.comments import Comment
from schema.context import Info
from schema.customers import Customer
from schema.feedback import Feedback
from schema.fields import After, First, Id, shown
from schema.initiatives import Initiative
from schema.insights import Insight
from schema.kinds import Guide, Idea, Lesson, Question, Requirements, Story
from schema.nodes import id_of, uid_of
from schema.paging import PageInfo
from schema.practices import BestPractice
from schema.principles import Principle
from schema.vision import Vision
from schema.words import (
    Audience,
    Freshness,
    GroupKind,
    Kind,
    NoteReason,
    SearchScope,
    SearchSignal,
    SearchSort,
    Stage,
    SuggestionKind,
    WordRarity,
)

SearchHit = Annotated[
    BestPractice
    | Insight
    | Vision
    | Initiative
    | Principle
    | Story
    | Idea
    | Question
    | Requirements
    | Lesson
    | Guide
    | Comment
    | Feedback
    | Customer,
    strawberry.union(
        "SearchHit",
        description="What can be found; `... on Entry` covers all of it, unless another scope was asked for.",
    ),
]


@strawberry.type(description="A passage that shows why something was found.")
class Highlight:
    """One passage."""

    field: str = shown("The part it comes from: title, problem, summary or body.")
    html: str = shown("The passage as safe HTML, with the words that fit in mark elements.")
    text: str = shown("The passage as text.")


@strawberry.type(description="A word of the query that an entry has, or what it says in its stead.")
class ExplainedWord:
    """What a word adds to a score."""

    word: str = shown("The word, or the few words, of the query; a beginning ends in an asterisk.")
    alike: str | None = shown("What the entry says instead, which means the same; null where it has the word itself.")
    where: list[str] = shown("The parts it is in, by name: title, problem, summary, body, tags and others.")
    rarity: WordRarity = shown("How many of the entries that the viewer may read have it: rare words count more.")
    adds: float = shown("What it adds, before the signals.")


@strawberry.type(description="Something known of an entry beside its text that moves it in the order.")
class ExplainedSignal:
    """What a signal multiplies a score by."""

    signal: SearchSignal | None = shown("Which; null is that its title is what was asked, in the place of all others.")
    factor: float = shown("What it multiplies by what the words add.")
    sentence: str = shown("The same as a sentence.")


@strawberry.type(
    description="What the score of a hit is made of: what the words add, times every factor, and what meaning and place add."
)
class Explanation:
    """Why an entry stands where it stands."""

    score: float = shown("The score; it is this sum.")
    words: list[ExplainedWord] = shown("The words of the query that it has, what adds most first.")
    signals: list[ExplainedSignal] = shown("What is known of it beside its text, where that moves it.")
    meaning: float = shown("What its meaning adds; 0 where words alone answer.")
    place: float = shown(
        "Where words and meaning are put together: what it has for being among the best of either, and for its title."
    )


@strawberry.type(description="Something that was found, with its place in the list.")
class SearchEdge:
    """An edge of the search connection."""

    cursor: str = shown("The place of this hit: stable within one generation of the index.")
    node: SearchHit = shown("What was found.", lambda found, _: found.entry)
    score: float = shown("How well it fits; comparable within one search only.")
    highlights: list[Highlight] = shown(
        "Why it was found, the best passage first.", lambda found, _: found.highlights()
    )
    hit: "StripHit | None" = shown(
        "In a scope beside entries: title, passage and address, as its strip has them.",
        lambda found, _: getattr(found, "hit", None),
    )
    explanation: Explanation | None = shown(
        "What its score is made of, worked out where this is asked for; null outside of the scope ENTRIES.",
        lambda found, _: found.explanation(),
    )


@strawberry.type(description="One value of a facet.")
class FacetValue:
    """A value with its count."""

    value: str = strawberry.field(description="The value, as the filter takes it.")
    count: int = strawberry.field(description="How many of all hits have it.")
    names: strawberry.Private[Callable[[], Mapping[str, str]]]

    name: str = shown(
        "What people call it: the name of a tag; of all else the value.",
        lambda row, _: row.names().get(row.value, row.value),
    )


@strawberry.type(description="How the hits are spread over the values of one field.")
class FacetCounts:
    """A facet."""

    field: str = strawberry.field(description="kind, tag, function, stage, freshness, language or audience.")
    values: list[FacetValue] = strawberry.field(description="The values, the most frequent first.")


STRIPS: Mapping[Scope, str] = {
    Scope.COMMENTS: "Comment",
    Scope.FEEDBACK: "Feedback",
    Scope.CUSTOMERS: "Customer",
    Scope.DRAFTS: "Entry",
}
"""The type of what a strip has, as its ids name it."""


@strawberry.type(description="Something that has the words of a search and is no published entry.")
class StripHit:
    """One hit of a strip."""

    id: strawberry.ID = shown("The id of what it is.", lambda hit, _: id_of(STRIPS[hit.scope], hit.uid))
    title: str | None = shown("The title of the entry that it is on, or is.", lambda hit, _: hit.title or None)
    html: str = shown("The best passage as safe HTML, the words in mark elements.", lambda hit, _: hit.passage().html)
    text: str = shown("The passage as text.", lambda hit, _: hit.passage().text)
    url: str | None = shown("The address of its page, from the root; null where it has none.", lambda hit, _: _url(hit))


@strawberry.type(
    description="What else has the words of a search, all of one sort: the first three, and how many there are."
)
class SearchStrip:
    """A strip beside the hits."""

    scope: SearchScope = shown("Of which sort; the same search with this scope gives all of it.")
    count: int = shown("How many of the newest 2,000 have the words.")
    hits: list[StripHit] = shown("The first three: those with most of the words, and then the newest.")


def _url(hit: strips.StripHit) -> str | None:
    id = id_of(STRIPS[hit.scope], hit.uid)
    return {
        Scope.COMMENTS: f"/entries/{hit.slug}/comments/{id}",
        Scope.FEEDBACK: f"/feedback/{id}",
        Scope.DRAFTS: f"/entries/{hit.slug}",
        Scope.CUSTOMERS: f"/customers/{id}",
    }.get(hit.scope)


@strawberry.type(description="How many hits one filter hides.")
class HiddenHits:
    """What there would be without a filter."""

    filter: str | None = shown(
        "The filter, by its name in SearchFilter; null stands for all of them together.",
        lambda hidden, _: _camel(hidden.filter) or None,
    )
    count: int = shown("How many hits there are without it.")


@strawberry.type(description="A part of a query that was not read as it may have been meant.")
class SearchNote:
    """A note on a query."""

    text: str = shown("The part of the query.")
    reason: NoteReason = shown("Why.")
    message: str = shown("A sentence about it for whoever typed it.")


def _notes(found: Found | Things, _: object) -> list[noticing.Note]:
    if not isinstance(found, Found):
        return []
    return noticing.notes(*found.asked, is_little=found.is_little)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _strips(found: Found | Things, info: Info) -> list[strips.Strip]:
    if not isinstance(found, Found):
        return []
    session, viewer = info.context.session, info.context.viewer
    asked = strips.beside(session, viewer, found.asked[1])  # a name that no entry has may be that of a customer
    return asked or (strips.beside(session, viewer, found.searched_for) if found.searched_for else [])


def _facets(found: Found, info: Info) -> list[FacetCounts]:
    @cache
    def called() -> Mapping[str, str]:
        return tags.names_of(info.context.session, [slug for slug, _ in found.facets[Facet.TAG]])

    names = {Facet.TAG: called}
    return [
        FacetCounts(
            field=facet.value,
            values=[FacetValue(value=value, count=count, names=names.get(facet, dict)) for value, count in values],
        )
        for facet, values in found.facets.items()
    ]


def _page_info(found: Found, _: object) -> PageInfo:
    return PageInfo(
        has_next_page=found.has_next,
        has_previous_page=found.has_previous,
        start_cursor=found.entries[0].cursor if found.entries else None,
        end_cursor=found.end_cursor,
    )


@strawberry.type(description="A page of what was found.")
class SearchConnection:
    """The search connection."""

    edges: list[SearchEdge] = shown("The hits with score and passages.", lambda found, _: found.entries)
    nodes: list[SearchHit] = shown("The hits.", lambda found, _: [each.entry for each in found.entries])
    page_info: PageInfo = shown("Whether there is more.", _page_info)
    total_count: int = shown("How many there are in all that the viewer may see.", lambda found, _: found.total)
    facets: list[FacetCounts] = shown("How all hits are spread.", _facets)
    did_you_mean: str | None = shown("Where little was found: the query, spelt so that it finds more.")
    searched_for: str | None = shown(
        "The query that was answered, where nothing that the viewer may see has the words of the one that was asked; null otherwise."
    )
    looser: str | None = shown(
        "Where nothing has all that was asked for together: the query with any of its words, if that finds something; null otherwise."
    )
    notes: list[SearchNote] = shown(
        "Which parts of the query were not read as they may have been meant, at most five; any query is answered all the same.",
        _notes,
    )
    generation: str = shown("Which state of the index answered.")
    strips: list[SearchStrip] = shown(
        "What else has the words, each sort apart: comments, one's own drafts, and for colleagues what customers said and customers.",
        _strips,
    )
    hidden: list[HiddenHits] = shown(
        "Where filters left nothing: how many hits each of them hides; those that hide none are left out.",
        lambda found, _: beside.hidden(found),
    )
    moved: bool = shown("Whether the index has moved since the cursor was given.", lambda found, _: found.has_moved)


@strawberry.type(description="What somebody may be about to type.")
class Suggestion:
    """A completion."""

    text: str = shown("The completion.")
    kind: SuggestionKind = shown("What it leads to.")
    url: str = shown("The address of the page it leads to.")


@strawberry.input(description="Which hits are wanted; what is left out does not matter.")
class SearchFilter:
    """Filter of search."""

    kinds: list[Kind] | None = strawberry.field(description="Any of these kinds.", default=None)
    tags: list[str] | None = strawberry.field(description="With any of these tags, by slug.", default=None)
    functions: list[GroupKind] | None = strawberry.field(description="Concerning any of these functions.", default=None)
    stages: list[Stage] | None = strawberry.field(description="Serving any of these rungs.", default=None)
    freshness: list[Freshness] | None = strawberry.field(
        description="In any of these states of freshness.", default=None
    )
    languages: list[str] | None = strawberry.field(description="In any of these languages.", default=None)
    audiences: list[Audience] | None = strawberry.field(description="For any of these audiences.", default=None)
    updated_after: datetime | None = strawberry.field(description="Changed after this moment.", default=None)
    updated_before: datetime | None = strawberry.field(description="Changed before this moment.", default=None)
    scope: SearchScope | None = strawberry.field(
        description="Among what to look: ENTRIES unless given; the other filters are for entries alone.", default=None
    )


def _filters(filter: SearchFilter | None) -> Filters | None:
    if filter is None:
        return None
    wanted: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in vars(filter).items()
        if value is not None and name != "scope"
    }
    return Filters(**wanted)


Text = Annotated[
    str,
    strawberry.argument(
        description="Plain words, ranked; also quotes, minus, AND, prefix*, tag:, kind:, author:, title:, before:, after:."
    ),
]
Filter = Annotated[SearchFilter | None, strawberry.argument(description="Which hits.")]
Order = Annotated[SearchSort, strawberry.argument(description="In which order.")]
Listen = Annotated[
    bool,
    strawberry.argument(
        description="Whether somebody settled on this question, so that it is counted, without their name, among what people look for. "
        "Say false while they type, and where a program asks by itself."
    ),
]
Prefix = Annotated[str, strawberry.argument(description="What has been typed so far.")]


@query(
    "What fits a query, the best first: entries, unless the filter names another scope.",
    SearchConnection,
    needs=Act.ENTRIES_READ,
)
def search(
    info: Info,
    query: Text,
    filter: Filter = None,
    sort_by: Order = Sort.RELEVANCE,
    first: First = None,
    after: After = None,
    listen: Listen = True,
) -> Any:
    context = info.context
    size = 20 if first is None else first
    if filter is not None and filter.scope not in (None, Scope.ENTRIES):
        return beside.find(context.session, context.index, context.viewer, query, filter.scope, first=size, after=after)
    filters = _filters(filter)
    found = finding.find(
        context.session, context.index, context.viewer, query, filters=filters, sort=sort_by, first=size, after=after
    )
    if listen and after is None:
        hits = 0 if found.searched_for else found.total  # what only its correction found was looked for in vain
        context.heard.append(Heard(query, hits if filters in (None, Filters()) else None))
    return found


@query(
    "What somebody may be about to type: titles, tags, and what others searched for and found.",
    list[Suggestion],
    needs=Act.ENTRIES_READ,
)
def suggest(info: Info, prefix: Prefix) -> Any:
    return finding.suggest(info.context.session, info.context.index, info.context.viewer, prefix)


@query(
    "What the score of one hit of a search is made of, or of its correction where that is what was answered; null where neither finds it.",
    Explanation | None,
    needs=Act.ENTRIES_READ,
)
def explain(info: Info, query: Text, id: Id, filter: Filter = None) -> Any:
    context, uid = info.context, uid_of(id, "Entry")
    filters = _filters(filter)
    return finding.explain(context.session, context.index, context.viewer, query, uid, filters=filters)


QUERIES = [search, suggest, explain]
TYPES = [BestPractice, Insight, Vision, Initiative, Principle, Story, Idea, Question, Requirements, Lesson, Guide]
