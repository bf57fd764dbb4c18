"""The values of one facet by document, as numbers that are counted all at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.search.arrays import Array, narrow
from knowledge.search.postings import Numbers, Postings

FEW = 8
"""Of fewer than one in so many documents the values are looked up, instead of passing over those of all."""


class Values:
    """What each document has of a facet: codes, of which those of one document stand together, and the names that they stand for."""

    def __init__(self, names: Sequence[str], counts: Array, codes: Array) -> None:
        self.names = names
        self.counts = counts
        self.codes = codes
        self.is_single = len(codes) == len(counts) and bool((counts == 1).all())
        self._starts: Numbers = np.cumsum(counts, dtype=np.int64) - counts

    def counted(self, mask: NDArray[np.bool_], numbers: Numbers) -> tuple[tuple[str, int], ...]:
        """How many documents of the mask have each value, the most frequent value first; `numbers` are the same documents."""
        if len(numbers) * FEW < len(mask):
            codes = self._of(numbers)
        else:
            codes = self.codes[mask if self.is_single else np.repeat(mask, self.counts)]
        found = np.bincount(codes, minlength=len(self.names))
        named = [(self.names[place], int(found[place])) for place in np.flatnonzero(found).tolist()]
        return tuple(sorted(named, key=lambda each: (-each[1], each[0])))

    def _of(self, numbers: Numbers) -> Array:
        if self.is_single:
            return self.codes[numbers]
        counts = self.counts[numbers].astype(np.int64)
        behind = np.cumsum(counts)
        shifts = np.repeat(self._starts[numbers] - behind + counts, counts)
        return self.codes[shifts + np.arange(len(shifts))]


def values(field: Postings, size: int) -> Values:
    """Those of one segment, from the documents of each value."""
    terms, documents = field.pairs()
    order = np.argsort(narrow(documents), kind="stable")
    names = [term.decode() for term in field.terms()]
    return Values(names, narrow(np.bincount(documents, minlength=size)), narrow(terms[order]))


def joined(parts: Sequence[Values]) -> Values:
    """Those of several segments, one after the other."""
    ids: dict[str, int] = {}
    codes = []
    for part in parts:
        own = np.array([ids.setdefault(name, len(ids)) for name in part.names], np.int64)
        codes.append(own[part.codes])
    if not parts:
        return Values([], np.empty(0, np.uint8), np.empty(0, np.uint8))
    return Values(list(ids), np.concatenate([part.counts for part in parts]), narrow(np.concatenate(codes)))
