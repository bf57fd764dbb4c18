"""Completes what is being typed, from titles and tags that the viewer may see."""

import heapq
from collections.abc import Iterator

import numpy as np

from knowledge.search import analysis, fields
from knowledge.search.index import Reach, Suggestion, SuggestionKind
from knowledge.search.matching import query_tokens
from knowledge.search.query import LONGEST
from knowledge.search.segments import Mask, Part, Snapshot, documents

MOST_TITLES = 1_000  # read and ranked of those that begin so


def suggestions(snapshot: Snapshot, prefix: str, reach: Reach, count: int) -> tuple[Suggestion, ...]:
    """Titles with all words of the prefix, the last one as a beginning; then tags, which have a third of the places at least."""
    words = query_tokens(prefix[:LONGEST])
    if not words:
        return ()
    reachable = {part: part.reachable(reach) for part in snapshot.parts}
    tags = _tags(reachable, analysis.fold(prefix.strip()), count)
    titles = _titles(reachable, words, analysis.fold(prefix.strip()), count)
    titles = titles[: max(count - len(tags), count - count // 3)]
    return tuple((titles + tags)[:count])


def _titles(reachable: dict[Part, Mask], words: list[analysis.Token], start: str, count: int) -> list[Suggestion]:
    found: dict[str, tuple[bool, bool, int, str, Suggestion]] = {}
    for part, mask in reachable.items():
        numbers = np.flatnonzero(mask & _beginning(part, words))
        newest = numbers[np.argsort(-part.facts.updated[numbers], kind="stable")][:MOST_TITLES]
        for number, title in zip(newest, part.headings(newest), strict=True):
            folded = analysis.fold(title)
            suggestion = Suggestion(title, SuggestionKind.ENTRY, str(part.facts.uids[number]))
            is_practice = bool(part.facts.is_practice[number])
            ranked = (not folded.startswith(start), not is_practice, len(title), title, suggestion)
            found[folded] = min(ranked, found.get(folded, ranked), key=lambda each: each[:4])
    return [each[-1] for each in heapq.nsmallest(count, found.values(), key=lambda each: each[:4])]


def _beginning(part: Part, words: list[analysis.Token]) -> Mask:
    mask = np.ones(part.size, np.bool_)
    for place, word in enumerate(words):
        is_last = place == len(words) - 1
        folded = analysis.fold(word.text)
        terms = part.beginning(fields.STARTS, folded) if is_last else iter([folded])
        having = np.zeros(part.size, np.bool_)
        for term in terms:
            having[documents(part.reader, fields.STARTS, term)] = True
        mask &= having
    return mask


def _tags(reachable: dict[Part, Mask], start: str, count: int) -> list[Suggestion]:
    counts: dict[tuple[str, str], int] = {}
    for part, mask in reachable.items():
        for slug, name, number in _labels(part, mask, start):
            counts[slug, name] = counts.get((slug, name), 0) + number
    most = heapq.nsmallest(count, counts, key=lambda each: (-counts[each], each))
    return [Suggestion(name, SuggestionKind.TAG, slug) for slug, name in most]


def _labels(part: Part, mask: Mask, start: str) -> Iterator[tuple[str, str, int]]:
    for line in part.beginning(fields.LABELS, start):
        _, slug, name, *_ = line.split("\t")
        if number := int(mask[documents(part.reader, fields.LABELS, line)].sum()):
            yield slug, name, number
