"""Finds words that follow one another, by their positions."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from knowledge.search.postings import Numbers, Postings
from knowledge.search.segments import Snapshot

WIDE = 32
"""Bits of a position; a document's number stands above them."""


def phrase(snapshot: Snapshot, field: str, sequence: Sequence[tuple[str, ...]]) -> Numbers:
    """The documents in which these words follow one another, each in any of its forms."""
    found = [np.empty(0, np.int64)]
    for part in snapshot.parts:
        places = part.segment.field(field)
        if all(any(len(places.having(term.encode())) for term in forms) for forms in sequence):
            found.append(_following(places, sequence) + part.base)
    return np.concatenate(found)


def _following(field: Postings, sequence: Sequence[tuple[str, ...]]) -> Numbers:
    """The documents of a segment; the rarest word is looked for first."""
    begins = [_begins(field, forms, place) for place, forms in enumerate(sequence)]
    begins.sort(key=len)
    return reduce(_both, begins) >> WIDE


def _begins(field: Postings, forms: tuple[str, ...], place: int) -> Numbers:
    """Where a phrase must begin for a word to stand at its place, in order."""
    found = [documents << WIDE | where for documents, where in (field.said(form.encode()) for form in forms)]
    every = found[0] if len(found) == 1 else np.sort(np.concatenate(found))
    return every[(every & (1 << WIDE) - 1) >= place] - place


def _both(few: Numbers, many: Numbers) -> Numbers:
    at = np.searchsorted(many, few)
    at[at == len(many)] = 0
    return few[many[at] == few] if len(many) else many
