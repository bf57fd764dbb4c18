"""The other words for tags, as the index has them: read once for a segment, and joined once for a commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from knowledge.search.postings import Postings
from knowledge.search.spoken import spoken, stemmed

Labelled: TypeAlias = tuple[str, str, str]
"""The slug of a tag, its name, and a synonym of it, folded."""


@dataclass(frozen=True, slots=True)
class TagWords:
    """Of each tag that has synonyms, by slug, its names and its synonyms; and the slugs by the stem of each such word."""

    words: Mapping[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    slugs: Mapping[str, frozenset[str]] = field(default_factory=dict)


def labelled(labels: Postings) -> tuple[Labelled, ...]:
    """The synonyms in one segment: lines as `fields.label_lines` writes them, where a whole synonym ends in a tab."""
    lines = (term.decode().split("\t") for term in labels.terms() if term.endswith(b"\t"))
    return tuple((slug, name, synonym) for synonym, slug, name, _ in lines)


def line(slug: str, name: str, synonym: str) -> str:
    """The line of a synonym in the index."""
    return f"{synonym}\t{slug}\t{name}\t"


def joined(segments: Iterable[tuple[Labelled, ...]]) -> TagWords:
    """Those of several segments; a tag that has just been renamed has its former name in those that are older."""
    words: dict[str, tuple[set[str], set[str]]] = {}
    slugs: dict[str, set[str]] = {}
    for slug, name, synonym in {each for segment in segments for each in segment}:
        names, synonyms = words.setdefault(slug, (set(), set()))
        names.add(name)
        synonyms.add(synonym)
        for word in (name, synonym):
            slugs.setdefault(stemmed(spoken(word)), set()).add(slug)
    return TagWords(
        {slug: (frozenset(names), frozenset(synonyms)) for slug, (names, synonyms) in words.items()},
        {word: frozenset(each) for word, each in slugs.items()},
    )
