"""What every index of entries offers, and the values that go into it and come out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from math import prod
from typing import Protocol
from uuid import UUID

from knowledge.words import Audience, Freshness, GroupKind, Kind, Rarity, Signal, Stage, Word


@dataclass(frozen=True, slots=True)
class Label:
    """A tag as it is searched: `slug` names it in filters and facets, name and synonyms are words of its entries."""

    slug: str
    name: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One published entry as an index takes it in; every text is plain, without markup.

    `groups` are the functional groups of an entry for GROUP; `people` may see it whatever its audience; `authors` are the names
    that `author:` finds it by; `language` is a tag such as "en" or "pt-BR"; `is_proven` says
    that what came of it speaks for it, `is_obsolete` that something took its place.
    """

    uid: UUID
    revision: int
    kind: Kind
    title: str
    problem: str = ""
    summary: str = ""
    body: str = ""
    tags: tuple[Label, ...] = ()
    language: str = "en"
    audience: Audience
    groups: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    authors: tuple[str, ...] = ()
    functions: frozenset[GroupKind] = frozenset()
    stages: frozenset[Stage] = frozenset()
    freshness: Freshness = Freshness.UNVERIFIED
    is_proven: bool = False
    is_obsolete: bool = False
    updated_at: datetime
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """What a viewer may see: entries for these audiences, for these groups, and those the person always sees."""

    audiences: frozenset[str] = frozenset()
    groups: frozenset[int] = frozenset()
    person: int | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits are narrowed to: one of the values of each list that has any, and updated in [after, before)."""

    kinds: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    freshness: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    updated_after: datetime | None = None
    updated_before: datetime | None = None


class Facet(StrEnum):
    """The fields whose values are counted over all hits."""

    KIND = auto()
    TAG = auto()
    FUNCTION = auto()
    STAGE = auto()
    FRESHNESS = auto()
    LANGUAGE = auto()
    AUDIENCE = auto()


class Sort(Word):
    """The order of hits; dates are those of the last update."""

    RELEVANCE = auto()
    NEWEST = auto()
    OLDEST = auto()


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry found; scores compare within one search only.

    Where words and meaning were put together, `by_words` is what its words alone scored, and `by_meaning` the cosine of its best
    passage and the question: 0 where it has none, or none that came near.
    """

    uid: UUID
    score: float
    by_words: float | None = None
    by_meaning: float | None = None


@dataclass(frozen=True, slots=True)
class WordShare:
    """What one word of a query adds to a score, short of signals; `alike` is what the entry says in its stead, if it does."""

    word: str
    adds: float
    rarity: Rarity
    alike: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """What a score is made of: that of the words times every factor, and what `meaning` and `place` add.

    Factors are by signal; None is that the title is what was asked, which takes the place of all others. `meaning` and `place` are
    0 where words alone answered: the latter is what stands before all that was found farther down, or by its title.
    """

    words: tuple[WordShare, ...] = ()
    factors: tuple[tuple[Signal | None, float], ...] = ()
    meaning: float = 0.0
    place: float = 0.0

    @property
    def score(self) -> float:
        """What all of it comes to."""
        return (
            sum(word.adds for word in self.words) * prod(factor for _, factor in self.factors)
            + self.meaning
            + self.place
        )


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found; total and facets count every hit, the most frequent value first: those found by meaning as well.

    `words` are the query's words without field names and stop words, a prefix ending in `*`, and those that mean the same, as
    `highlights` takes them. `by_words` is how many of the hits its words alone found; `is_little` says that all of them are stop
    words, so that only titles were looked through. `why` answers what the score of an entry that was found is made of, whatever the
    page; it costs nothing until it is called.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[Facet, tuple[tuple[str, int], ...]]
    generation: str
    words: tuple[str, ...] = field(default=())
    by_words: int = 0
    is_little: bool = False
    why: Callable[[UUID], Why | None] = field(default=lambda _: None, compare=False)


@dataclass(frozen=True, slots=True)
class Alike:
    """One entry like another: the tags and the rungs that both have, and how much of the other's words is in it, 0 to 1.

    `score` is at most 1 for each of `tags`, `words` and `stages`, weighed.
    """

    uid: UUID
    score: float
    tags: tuple[str, ...] = ()
    words: float = 0.0
    stages: tuple[str, ...] = ()


class SuggestionKind(Word):
    """What a suggestion leads to."""

    ENTRY = auto()
    TAG = auto()
    SEARCH = auto()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what is being typed; `key` is the uid of an entry or the slug of a tag."""

    text: str
    kind: SuggestionKind
    key: str


class Index(Protocol):
    """Searches entries; follows the change log. Many threads may read while one writes; other processes see each commit.

    Whatever `reach` does not cover is neither returned nor counted, suggested or used to correct a spelling.
    """

    @property
    def trouble(self) -> str:
        """Why what was kept had to be given up last for an empty index, at the start or since; empty when all was well."""

    def apply(self, documents: Iterable[Document], gone: Iterable[UUID], cursor: str, since: str | None = None) -> bool:
        """Replace these documents, drop those gone and move the cursor, in one durable commit; applying again changes nothing.

        With `since` only where the cursor is still there: a new index may have taken the old one's place, and follows less.
        Answers whether it was done.
        """

    def replace(self, documents: Iterable[Document], cursor: str, total: int = ...) -> None:
        """Build the index anew from all documents while the old one keeps answering, then swap; the iterable is read once."""

    def building(self) -> tuple[int, int] | None:
        """How many documents of how many are read for the new index that some process builds; None while none does."""

    def verify(self) -> bool:
        """Read all that is kept; whether it is what was written. Where it is not, an empty index takes its place, as at the start."""

    def cursor(self) -> str:
        """The position in the change log up to which the newest commit follows; empty when nothing was ever applied."""

    def known(self) -> Mapping[UUID, int]:
        """The revision held of each entry."""

    def search(
        self,
        query: str,
        reach: Reach,
        filters: Filters = ...,
        sort: Sort = ...,
        start: int = ...,
        count: int = ...,
        words_alike: Mapping[str, tuple[str, ...]] | None = ...,
    ) -> Hits:
        """The hits from `start` on; an empty query finds everything in reach, the newest first, and one of signs alone nothing.

        Where `words_alike` are given, as `synonyms.indexed` gives them, a word finds what means the same too, and so do the names
        and synonyms of tags; None is without.
        """

    def suggest(self, prefix: str, reach: Reach, count: int = ...) -> tuple[Suggestion, ...]:
        """Titles with a word that begins so, best first, then tags."""

    def alike(self, document: Document, reach: Reach, count: int = ...) -> tuple[Alike, ...]:
        """The entries most like one, without itself: by rare tags in common, by its most telling words, then by rungs in common.

        Among equals practices come first, then what was updated last.
        """

    def did_you_mean(self, query: str, reach: Reach) -> str | None:
        """The query with rare words replaced by near ones that find something; None when there is nothing better."""

    def refresh(self) -> str:
        """Read the newest commit of whichever process from now on; answers its generation."""

    def standing(self) -> str:
        """The generation that would answer now, asked without opening or waiting for anything; empty where that cannot be told."""

    def close(self) -> None:
        """Let go of files and memory; no other call may follow."""
