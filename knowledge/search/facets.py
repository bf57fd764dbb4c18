"""The values of one facet by document, as numbers that are counted all at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.search.arrays import Array, narrow
from knowledge.search.postings import Numbers, Postings

FEW = 8
"""Of fewer than one in so many documents the values are looked up, instead of passing over those of all."""


SPARE = 4
"""How many times as many places as codes the table of a facet may have."""


class Values:
    """What each document has of a facet: codes, of which those of one document stand together, and the names that they stand for."""

    def __init__(self, names: Sequence[str], counts: Array, codes: Array) -> None:
        self.names = names
        self.counts = counts
        self.codes = codes
        self.is_single = len(codes) == len(counts) and bool((counts == 1).all())
        self._starts: Numbers = np.cumsum(counts, dtype=np.int64) - counts
        self._table = _table(counts, codes, len(names))
        self._by_name = np.argsort(np.array(names, np.str_), kind="stable")

    def counted(self, mask: NDArray[np.bool_], numbers: Numbers) -> tuple[tuple[str, int], ...]:
        """How many documents of the mask have each value, the most frequent value first; `numbers` are the same documents."""
        if self._table is not None:
            codes = self._table.take(numbers, axis=0).ravel()
        elif len(numbers) * FEW < len(mask):
            codes = self._of(numbers)
        else:
            codes = self.codes[mask if self.is_single else np.repeat(mask, self.counts)]
        found = np.bincount(codes, minlength=len(self.names))[: len(self.names)][self._by_name]
        places = np.argsort(-found, kind="stable")[: np.count_nonzero(found)]
        return tuple(
            (self.names[name], count)
            for name, count in zip(self._by_name[places].tolist(), found[places].tolist(), strict=True)
        )

    def _of(self, numbers: Numbers) -> Array:
        if self.is_single:
            return self.codes[numbers]
        counts = self.counts[numbers].astype(np.int64)
        behind = np.cumsum(counts)
        shifts = np.repeat(self._starts[numbers] - behind + counts, counts)
        return self.codes[shifts + np.arange(len(shifts))]


def _table(counts: Array, codes: Array, nothing: int) -> Array | None:
    """The codes of each document in a row of its own, filled up with one that stands for nothing; None where that wastes space."""
    widest = int(counts.max()) if len(counts) else 0
    if widest * len(counts) > SPARE * len(codes) + len(counts):
        return None
    table = np.full((len(counts), widest), nothing, np.min_scalar_type(nothing))
    table[np.arange(widest) < counts[:, None]] = codes
    return table


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
