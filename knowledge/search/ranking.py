"""Takes the best of what was found, without sorting the rest."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from knowledge.search.arrays import Array
from knowledge.search.index import Sort
from knowledge.search.postings import Numbers
from knowledge.search.scoring import Scores
from knowledge.search.segments import Mask, Snapshot

Key: TypeAlias = Callable[[Numbers], Array]
"""What documents are compared by; the larger the better."""

BLOCK = 256
FEW = 32
"""What fewer than one in so many documents are, is looked at one by one."""

SAME = 1e-6
"""Scores that differ by less are equal."""


def order(snapshot: Snapshot, scores: Scores | None, sort: Sort = Sort.RELEVANCE) -> tuple[Key, ...]:
    """By score, then practices first, then what was updated last; or by date alone. In the end by uid, so that no two are alike."""
    by_uid: tuple[Key, ...] = (lambda at: ~snapshot.uppers[at], lambda at: ~snapshot.lowers[at])
    if sort is Sort.OLDEST:
        return lambda at: -snapshot.updated[at], *by_uid
    newest: tuple[Key, ...] = (lambda at: snapshot.updated[at], *by_uid)
    if sort is Sort.NEWEST:
        return newest
    among_equals: tuple[Key, ...] = (lambda at: snapshot.is_practice[at], *newest)
    return among_equals if scores is None else (lambda at: scores[at].round(6), *among_equals)


def best(keys: Sequence[Callable[[Numbers], Array]], found: Numbers, count: int) -> Numbers:
    """The first `count` of the documents found, in order: by the largest first key, then by the largest second one, and so on.

    No two documents are alike in all keys.
    """
    kept, rest, wanted = [], found, count
    for key in keys:
        if len(rest) <= wanted or wanted <= 0:
            break
        values = key(rest)
        limit = np.partition(values, len(values) - wanted)[len(values) - wanted]
        above = values > limit
        kept.append(rest[above])
        wanted -= len(kept[-1])
        rest = rest[values == limit]
    chosen = np.concatenate([*kept, rest[: max(wanted, 0)]])
    return chosen[np.lexsort([key(chosen) for key in reversed(keys)])[::-1]]


def ranked(
    snapshot: Snapshot, scores: Scores | None, found: Mask, sort: Sort, count: int, few: Numbers | None = None
) -> Numbers:
    """The first `count` of the documents found, in order; without scores all are alike. `few` are those of the mask, if few are."""
    if sort is not Sort.RELEVANCE or scores is None:
        return best(order(snapshot, None, sort), np.flatnonzero(found) if few is None else few, count)
    return best(order(snapshot, scores), promising(scores, found, count) if few is None else few, count)


def promising(scores: Scores, found: Mask, count: int) -> Numbers:
    """Documents found that have the best `count` among them, and few others: of so many blocks the best one is at least as good
    as the worst of those; a tenth of the time of looking at each. Scores of other documents become 0.
    """
    scores *= found
    blocks = np.arange(0, len(scores), BLOCK)
    if count >= len(blocks) // 2:
        return np.flatnonzero(found)
    limit = np.partition(np.maximum.reduceat(scores, blocks), len(blocks) - count)[len(blocks) - count]
    return np.flatnonzero(scores >= limit - SAME) if limit > SAME else np.flatnonzero(found)
