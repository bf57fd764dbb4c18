"""Completes what is being typed, from titles and tags that the viewer may see."""

import heapq
from collections.abc import Iterator

import numpy as np

from knowledge.search import analysis, fields
from knowledge.search.arrays import HEAD, beginning
from knowledge.search.index import Reach, Suggestion, SuggestionKind
from knowledge.search.matching import query_tokens
from knowledge.search.postings import Numbers
from knowledge.search.query import LONGEST
from knowledge.search.ranking import Key, best
from knowledge.search.segments import Mask, Snapshot

MOST_TITLES = 200
"""So many are read, the best ones first: some look the same."""


def suggestions(snapshot: Snapshot, prefix: str, reach: Reach, count: int) -> tuple[Suggestion, ...]:
    """Titles with all words of the prefix, the last one as a beginning; then tags, which have a third of the places at least."""
    words = query_tokens(prefix[:LONGEST])
    if not words or not snapshot.parts:
        return ()
    reachable = snapshot.seen(reach).mask
    start = analysis.fold(prefix.strip())
    tags = _tags(snapshot, reachable, start, count)
    titles = _titles(snapshot, reachable & _beginning(snapshot, words), start, count)
    titles = titles[: max(count - len(tags), count - count // 3)]
    return tuple((titles + tags)[:count])


def _titles(snapshot: Snapshot, mask: Mask, start: str, count: int) -> list[Suggestion]:
    """Those that begin so, then practices, then short ones."""
    found: dict[str, Suggestion] = {}
    numbers = np.flatnonzero(mask)
    keys = (
        _starting(snapshot, numbers, start.encode()),
        lambda at: snapshot.is_practice[at],
        lambda at: -snapshot.title_lengths[at],
        lambda at: snapshot.updated[at],
        lambda at: ~snapshot.uppers[at],
        lambda at: ~snapshot.lowers[at],
    )
    for number in best(keys, numbers, max(count, MOST_TITLES)).tolist():
        title = snapshot.heading(number)
        found.setdefault(analysis.fold(title), Suggestion(title, SuggestionKind.ENTRY, str(snapshot.uid(number))))
        if len(found) == count:
            break
    return list(found.values())


def _starting(snapshot: Snapshot, numbers: Numbers, start: bytes) -> Key:
    """Which of some documents have a title that begins so."""
    least, largest = beginning(start)
    if len(start) <= HEAD:
        return lambda at: (snapshot.heads[at] >= least) & (snapshot.heads[at] <= largest)
    likely = numbers[snapshot.heads[numbers] == least]
    found = [number for number in likely.tolist() if snapshot.text(fields.FOLDED, number).startswith(start)]
    return lambda at: np.isin(at, found)


def _beginning(snapshot: Snapshot, words: list[analysis.Token]) -> Mask:
    *whole, last = (analysis.fold(word.text) for word in words)
    masks = [snapshot.mask(fields.STARTS, [word]) for word in whole]
    found: Mask = np.logical_and.reduce([*masks, snapshot.beginning(fields.STARTS, last)])
    return found


def _tags(snapshot: Snapshot, reachable: Mask, start: str, count: int) -> list[Suggestion]:
    counts: dict[tuple[str, str], int] = {}
    for slug, name, number in _labels(snapshot, reachable, start):
        counts[slug, name] = counts.get((slug, name), 0) + number
    most = heapq.nsmallest(count, counts, key=lambda each: (-counts[each], each))
    return [Suggestion(name, SuggestionKind.TAG, slug) for slug, name in most]


def _labels(snapshot: Snapshot, reachable: Mask, start: str) -> Iterator[tuple[str, str, int]]:
    for line, number in snapshot.completions(fields.LABELS, start, reachable).items():
        _, slug, name, *_ = line.split("\t")
        yield slug, name, number
