"""Finds the entries of one commit whose passages mean nearly what a question means."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.meaning.chunks import Chunk, Keys, keys
from knowledge.meaning.encoder import Vector
from knowledge.search import analysis
from knowledge.search.index import Facet
from knowledge.search.postings import Numbers
from knowledge.search.segments import Mask, Segment, Snapshot

EXACT = 8_192
"""Up to so many passages every vector is compared; beyond that the signs of their numbers choose so many first."""
NOWHERE = -1


class Places:
    """Where the passages of files stand among the documents of segments. Neither ever changes, so each pair is looked at once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], NDArray[np.int32]] = {}

    def among(self, snapshot: Snapshot, chunks: Sequence[Chunk]) -> Numbers:
        """The number of each passage's document, file after file; -1 where the commit does not have that revision of its entry."""
        found: dict[tuple[str, str], NDArray[np.int32]] = {}
        documents = np.full(sum(chunk.size for chunk in chunks), NOWHERE, np.int64)
        start = 0
        for chunk in chunks:
            place = documents[start : start + chunk.size]
            start += chunk.size
            for part in snapshot.parts:
                pair = chunk.name, part.name
                known = self._found.get(pair)
                numbers = found[pair] = _numbers(chunk.keys, keys_of(part.segment)) if known is None else known
                here = numbers >= 0
                here[here] = part.live[numbers[here]]
                place[here] = numbers[here] + part.base
        self._found = found
        return documents


class Near:
    """The passages of one commit."""

    def __init__(self, snapshot: Snapshot, chunks: Sequence[Chunk], places: Places) -> None:
        self.snapshot = snapshot
        self.chunks = tuple(chunks)
        self._ends = np.cumsum([chunk.size for chunk in chunks], dtype=np.int64)
        self._documents = places.among(snapshot, chunks)
        self.is_english = english(snapshot)
        self.has_vectors: Mask = np.zeros(snapshot.size, np.bool_)
        self.has_vectors[self._documents[self._documents >= 0]] = True
        self.has_vectors &= self.is_english
        self._codes = np.concatenate([chunk.codes for chunk in chunks], axis=1) if chunks else None

    def best(self, asked: Vector, allowed: Mask, count: int) -> tuple[Numbers, Vector]:
        """The allowed entries that come nearest, and the cosine of the best passage of each, the nearest first."""
        # One place more than there are documents, so that -1 is one that is never allowed.
        wanted = np.append(allowed & self.has_vectors, np.False_)
        passages = np.flatnonzero(wanted[self._documents])
        if len(passages) > EXACT:
            passages = self._promising(asked, passages)
        cosines = self._cosines(asked, passages)
        order = np.argsort(-cosines, kind="stable")
        documents, first = np.unique(self._documents[passages[order]], return_index=True)
        best = np.argsort(first)[:count]
        return documents[best], cosines[order][first[best]]

    def _promising(self, asked: Vector, passages: Numbers) -> Numbers:
        """The passages whose signs agree with the question's most often."""
        assert self._codes is not None
        signs = np.packbits(asked > 0).view(np.uint64)
        differ = np.zeros(self._codes.shape[1], np.uint16)
        for row, sign in zip(self._codes, signs, strict=True):
            differ += np.bitwise_count(row ^ sign)
        chosen = np.argpartition(differ[passages], EXACT)[:EXACT]
        return np.sort(passages[chosen])

    def _cosines(self, asked: Vector, passages: Numbers) -> Vector:
        bounds = np.searchsorted(passages, [0, *self._ends])
        found = [np.empty(0, np.float32)]
        for place, chunk in enumerate(self.chunks):
            chosen = passages[bounds[place] : bounds[place + 1]] - (self._ends[place] - chunk.size)
            found.append(chunk.rows[chosen].astype(np.float32) @ asked * chunk.scales[chosen])
        return np.concatenate(found)


def keys_of(segment: Segment) -> Keys:
    """Entry and revision of each document of a segment."""
    return keys(*(segment.column(name) for name in ("upper", "lower", "revision")))


def english(snapshot: Snapshot) -> Mask:
    """The documents in English, which alone the model understands."""
    return snapshot.mask(Facet.LANGUAGE, [tag for tag in snapshot.languages if analysis.stem_language(tag) == "en"])


def _numbers(passages: Keys, documents: Keys) -> NDArray[np.int32]:
    order = np.argsort(documents)
    sorted = documents[order]
    places = np.minimum(np.searchsorted(sorted, passages), len(sorted) - 1)
    return np.where(sorted[places] == passages, order[places], NOWHERE).astype(np.int32)
