"""One field of a segment: its terms in order, the documents that have each, and in fields of words how often and where."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from whoosh.util.numeric import byte_to_length

from knowledge.search.arrays import HEAD, Array, beginning, heads, narrow, numbers

Numbers: TypeAlias = NDArray[np.int64]

LENGTHS = np.array([byte_to_length(code) for code in range(256)])
"""The lengths of a field that are told apart; what lies between two counts as the longer one, as in Whoosh."""

UTF8 = 3
"""Bytes that a letter has more than one in most scripts: exchanging it changes as many."""

LAST = b"\xff"
"""Sorts behind whatever UTF-8 has."""


class Postings:
    """A field as it is read from the arrays of a segment; terms are bytes, documents are numbers within the segment."""

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._arrays = arrays
        self._name = name
        self._blob = numbers(arrays[f"{name}.blob"])
        self._ends = numbers(arrays[f"{name}.ends"])
        self._hashes = numbers(arrays[f"{name}.hashes"])
        self._by_hash = numbers(arrays[f"{name}.byhash"])
        self._starts = numbers(arrays[f"{name}.starts"])
        self.starts = arrays[f"{name}.starts"]
        self.documents = arrays[f"{name}.documents"]
        self.count = len(self._ends)

    def __len__(self) -> int:
        return self.count

    def term(self, place: int) -> bytes:
        """The term at a place in the order of terms."""
        return self._blob[self._ends[place - 1] if place else 0 : self._ends[place]].tobytes()

    def lengths(self, first: int, last: int) -> Numbers:
        """The bytes that each of these terms has."""
        ends: Numbers = self._arrays[f"{self._name}.ends"][first:last].astype(np.int64)
        return np.diff(ends, prepend=self._ends[first - 1] if first else 0)

    def terms(self) -> Iterator[bytes]:
        """Every term in order."""
        whole, start = self._blob.tobytes(), 0
        for end in self._ends:
            yield whole[start:end]
            start = end

    def find(self, term: bytes) -> int:
        """The place of a term; -1 when there is none."""
        hash = crc32(term)
        at = bisect_left(self._hashes, hash)
        while at < self.count and self._hashes[at] == hash:
            place: int = self._by_hash[at]
            if self.term(place) == term:
                return place
            at += 1
        return -1

    def range(self, term: bytes) -> tuple[int, int]:
        """Where the postings of a term begin and end; the same number twice when there are none."""
        place = self.find(term)
        return (self._starts[place], self._starts[place + 1]) if place >= 0 else (0, 0)

    def beginning(self, start: bytes) -> tuple[int, int]:
        """The places of the first term that begins so, and of the first behind them."""
        least, largest = beginning(start)
        first = int(self._heads.searchsorted(np.uint64(least)))
        last = int(self._heads.searchsorted(np.uint64(largest), "right"))
        if len(start) > HEAD:
            first = bisect_left(range(self.count), start, lo=first, hi=last, key=self.term)
            last = bisect_left(range(self.count), start + LAST, lo=first, hi=last, key=self.term)
        return first, last

    def ending(self, first: int, last: int, end: bytes) -> list[int]:
        """The places between two of the terms that end so."""
        ends, blob = self._arrays[f"{self._name}.ends"], self._arrays[f"{self._name}.blob"]
        places = first + np.flatnonzero(self.lengths(first, last) >= len(end))
        for back, letter in enumerate(reversed(end), 1):
            places = places[blob[ends[places].astype(np.int64) - back] == letter]
        found: list[int] = places.tolist()
        return found

    def having(self, term: bytes) -> Array:
        """The documents with a term, in order."""
        first, last = self.range(term)
        return self.documents[first:last]

    @cached_property
    def _heads(self) -> NDArray[np.uint64]:
        return heads(self._arrays[f"{self._name}.blob"], self._arrays[f"{self._name}.ends"])

    @cached_property
    def _letters(self) -> Array:
        """Of each term which bytes it has, a bit for each, and thirty-two of them for all."""
        bits = np.left_shift(np.uint32(1), self._arrays[f"{self._name}.blob"] & np.uint8(31), dtype=np.uint32)
        return np.bitwise_or.reduceat(bits, self._begins) if self.count else bits

    @cached_property
    def _begins(self) -> Numbers:
        return np.append(0, self._arrays[f"{self._name}.ends"][:-1].astype(np.int64))

    @cached_property
    def _sizes(self) -> Array:
        return self.lengths(0, self.count).clip(max=255).astype(np.uint8)

    def resembling(self, term: bytes, most: int) -> Numbers:
        """The places of terms that may be so many edits away: in nearly the same letters, and nearly as long. ASCII finds ASCII only.

        Which bytes each term has is found out once, some 5 bytes of memory for each term; then it takes a few instructions each.
        """
        wide = most if term.isascii() else UTF8 * most
        letters = int(np.bitwise_or.reduce(np.left_shift(1, np.frombuffer(term, np.uint8) & 31, dtype=np.uint32)))
        other = np.bitwise_count(self._letters ^ np.uint32(letters)) <= 2 * wide
        size = len(term)
        other &= (self._sizes >= max(size - wide, 0)) & (self._sizes <= min(size + wide, 255))
        return np.flatnonzero(other)

    @cached_property
    def weights(self) -> Array:
        """Of each posting how often the word is said times 256, and the code of the document's length."""
        return self._arrays[f"{self._name}.weights"]

    @cached_property
    def places(self) -> Array:
        """The positions of all postings, one after the other."""
        return self._arrays[f"{self._name}.places"]

    @cached_property
    def _place_starts(self) -> Array:
        return self._arrays[f"{self._name}.placestarts"]

    def said(self, term: bytes) -> tuple[Numbers, Numbers]:
        """The document of each occurrence of a term, and its position there."""
        place = self.find(term)
        if place < 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        first, last = self._starts[place], self._starts[place + 1]
        documents = self.documents[first:last].astype(np.int64)
        where = self.places[int(self._place_starts[place]) : int(self._place_starts[place + 1])]
        return np.repeat(documents, self.weights[first:last] >> 8), where.astype(np.int64)

    def pairs(self) -> tuple[Numbers, Numbers]:
        """The place of the term and the document of every posting."""
        counts = self.starts[1:].astype(np.int64) - self.starts[:-1].astype(np.int64)
        return np.repeat(np.arange(self.count), counts), self.documents.astype(np.int64)

    def occurrences(self) -> tuple[Numbers, Numbers, Numbers]:
        """The place of the term, the document and the position of every occurrence."""
        times = self.weights >> 8
        terms, documents = self.pairs()
        return np.repeat(terms, times), np.repeat(documents, times), self.places.astype(np.int64)


def having(name: str, vocabulary: Sequence[bytes], terms: Array, documents: Array, size: int) -> dict[str, Array]:
    """The arrays of a field whose terms a document has or has not, from pairs in any order, of which some may be twice.

    `terms` are places in the vocabulary, which need not be sorted; `size` is the number of documents.
    """
    names, ranks = _ranked(vocabulary, terms)
    bits = size.bit_length()
    ranks <<= bits
    ranks |= documents
    ranks.sort()
    pairs = ranks[_is_first(ranks)]
    return _posted(name, names, pairs, bits)


def saying(
    name: str, vocabulary: Sequence[bytes], terms: Array, documents: Array, places: Array, size: int
) -> dict[str, Array]:
    """The arrays of a field of words, from its occurrences in any order; as `having`."""
    names, ranks = _ranked(vocabulary, terms)
    bits, place_bits = size.bit_length(), int(places.max(initial=0)).bit_length()
    ranks <<= bits
    ranks |= documents
    pairs, places = _sorted(ranks, places, place_bits)
    first = np.flatnonzero(_is_first(pairs))
    found = pairs[first]
    times = np.diff(first, append=len(pairs))
    lengths = np.bincount(documents, minlength=size)
    codes = np.searchsorted(LENGTHS, lengths).clip(max=255)
    arrays = _posted(name, names, found, bits)
    weights = times << 8 | codes[found & (1 << bits) - 1]
    ends = np.append(first, len(pairs))
    return arrays | {
        f"{name}.weights": weights.astype(np.uint16 if weights.max(initial=0) < 1 << 16 else np.uint32),
        f"{name}.places": narrow(places),
        f"{name}.placestarts": narrow(ends[arrays[f"{name}.starts"]]),
    }


def _sorted(pairs: Numbers, places: Array, bits: int) -> tuple[Numbers, Numbers]:
    if int(pairs.max(initial=0)).bit_length() + bits > 63:  # as no segment of ours is
        order = np.lexsort((places, pairs))
        return pairs[order], places[order]
    pairs <<= bits
    pairs |= places
    pairs.sort()
    return pairs >> bits, pairs & (1 << bits) - 1


def _posted(name: str, names: Sequence[bytes], pairs: Numbers, bits: int) -> dict[str, Array]:
    hashes = np.fromiter(map(crc32, names), np.uint32, len(names))
    order = np.argsort(hashes, kind="stable")
    return {
        f"{name}.blob": np.frombuffer(b"".join(names), np.uint8),
        f"{name}.ends": narrow(np.fromiter(accumulate(map(len, names)), np.int64, len(names))),
        f"{name}.hashes": hashes[order],
        f"{name}.byhash": narrow(order),
        f"{name}.starts": narrow(np.searchsorted(pairs, np.arange(len(names) + 1) << bits)),
        f"{name}.documents": narrow(pairs & (1 << bits) - 1),
    }


def _ranked(vocabulary: Sequence[bytes], terms: Array) -> tuple[list[bytes], Numbers]:
    """The terms that occur, in order, and the place of each of `terms` among them."""
    used = np.flatnonzero(np.bincount(terms, minlength=len(vocabulary)))
    order = sorted(used.tolist(), key=vocabulary.__getitem__)
    ranks = np.zeros(len(vocabulary), np.int64)
    ranks[order] = np.arange(len(order))
    return [vocabulary[place] for place in order], ranks[terms]


def _is_first(sorted: Numbers) -> NDArray[np.bool_]:
    first = np.ones(len(sorted), np.bool_)
    np.not_equal(sorted[1:], sorted[:-1], out=first[1:])
    return first
