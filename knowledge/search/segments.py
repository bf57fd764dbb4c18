"""One commit of the index as it is searched: its segments, and the columns of their documents joined."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge.search import analysis, facets, fields, folder, signals, tagwords
from knowledge.search.arrays import Array, Mapped, heads
from knowledge.search.index import Facet, Filters, Reach
from knowledge.search.postings import Numbers, Postings
from knowledge.search.scoring import Scores, Weighting
from knowledge.words import Kind, Signal

Mask: TypeAlias = NDArray[np.bool_]
Slices: TypeAlias = list[tuple["Part", int, int]]

FILTERED = {
    Facet.KIND: "kinds",
    Facet.TAG: "tags",
    Facet.FUNCTION: "functions",
    Facet.STAGE: "stages",
    Facet.FRESHNESS: "freshness",
    Facet.LANGUAGE: "languages",
    Facet.AUDIENCE: "audiences",
}
REMEMBERED = 1_000
"""Answers of one kind that a commit keeps for those who ask the same."""
PEEKED = 64
"""Documents with a word that are looked at before all of them are."""


class Segment:
    """Documents that were written together. It never changes, so it serves many commits."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays
        self._fields: dict[str, Postings] = {}
        self._columns: dict[str, Array] = {}
        self._values: dict[Facet, facets.Values] = {}
        self.size = len(self.column("updated"))

    def field(self, name: str) -> Postings:
        """The postings of a field."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = Postings(self.arrays, name)
        return found

    def column(self, name: str) -> Array:
        """A value for each document."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self.arrays[name]
        return found

    def values(self, facet: Facet) -> facets.Values:
        """What each document has of a facet."""
        found = self._values.get(facet)
        if found is None:
            found = self._values[facet] = facets.values(self.field(facet), self.size)
        return found

    @cached_property
    def labelled(self) -> tuple[tagwords.Labelled, ...]:
        """The synonyms of tags."""
        return tagwords.labelled(self.field(fields.LABELS))

    @cached_property
    def heads(self) -> NDArray[np.uint64]:
        """The folded titles of all documents, as `arrays.heads`."""
        return heads(self.column(f"{fields.FOLDED}.blob"), self.column(f"{fields.FOLDED}.ends"))

    @cached_property
    def title_lengths(self) -> Array:
        """The bytes of each folded title."""
        return np.diff(self.column(f"{fields.FOLDED}.ends").astype(np.int64), prepend=0).astype(np.int32)

    def text(self, name: str, number: int) -> bytes:
        """The text of a document in a column of texts."""
        ends = self.column(f"{name}.ends")
        return self.column(f"{name}.blob")[int(ends[number - 1]) if number else 0 : int(ends[number])].tobytes()

    def number(self, uid: UUID) -> int | None:
        """The number of an entry's document."""
        found = self.field(fields.UID).having(uid.bytes)
        return int(found[0]) if len(found) else None


class Part:
    """One segment in one commit: which of its documents are still alive, and where they stand among those of all segments."""

    def __init__(self, name: str, id: str, segment: Segment, deleted: Iterable[int], base: int) -> None:
        self.name = name  # of the folder and the segment
        self.id = id
        self.segment = segment
        self.size = segment.size
        self.base = base
        self.end = base + segment.size
        self.live: Mask = np.ones(self.size, np.bool_)
        self.live[list(deleted)] = False


class Snapshot:
    """One commit. Its documents are numbered through all parts; whoever holds it may read it for as long as they like."""

    def __init__(self, generation: str, parts: tuple[Part, ...]) -> None:
        self.generation = generation
        self.parts = parts
        self.size = parts[-1].end if parts else 0
        self._slices: dict[tuple[str, str | bytes], Slices] = {}
        self._seen: dict[Reach, Seen] = {}
        self._values: dict[Facet, facets.Values] = {}
        self._factors: dict[frozenset[Signal], Scores] = {}

    def is_whole(self) -> bool:
        """Whether no file has been cut short under it."""
        return all(segment.is_whole() for segment in self._mapped)

    @cached_property
    def _mapped(self) -> list[Mapped]:
        return [part.segment.arrays for part in self.parts if isinstance(part.segment.arrays, Mapped)]

    @cached_property
    def live(self) -> Mask:
        """The documents that are not deleted."""
        return np.concatenate([np.empty(0, np.bool_), *(part.live for part in self.parts)])

    @cached_property
    def updated(self) -> Numbers:
        """When each was updated last, in microseconds."""
        return self._joined("updated", np.int64)

    @cached_property
    def revisions(self) -> Numbers:
        """The revision of each."""
        return self._joined("revision", np.int64)

    @cached_property
    def uppers(self) -> NDArray[np.uint64]:
        """The first halves of uids."""
        return self._joined("upper", np.uint64)

    @cached_property
    def lowers(self) -> NDArray[np.uint64]:
        """The second halves of uids."""
        return self._joined("lower", np.uint64)

    @cached_property
    def signals(self) -> NDArray[np.uint8]:
        """The signals of each, as `signals.code`."""
        return self._joined(fields.SIGNALS, np.uint8)

    @cached_property
    def called(self) -> NDArray[np.uint32]:
        """The title of each as a number, as `fields.called`."""
        return self._joined(fields.CALLED, np.uint32)

    @cached_property
    def heads(self) -> NDArray[np.uint64]:
        """The folded title of each, as `arrays.heads`."""
        return np.concatenate([np.empty(0, np.uint64), *(part.segment.heads for part in self.parts)])

    @cached_property
    def title_lengths(self) -> Array:
        """The bytes of the folded title of each."""
        return np.concatenate([np.empty(0, np.int32), *(part.segment.title_lengths for part in self.parts)])

    @cached_property
    def tag_words(self) -> tagwords.TagWords:
        """The other words for tags, whoever may see them: ask `documents` of a line who does."""
        return tagwords.joined(part.segment.labelled for part in self.parts)

    def factors(self, wanted: frozenset[Signal]) -> Scores:
        """What the signals that are wanted multiply the score of each by."""
        if wanted not in self._factors:
            self._factors[wanted] = signals.factors(self.signals, wanted)
        return self._factors[wanted]

    @cached_property
    def is_practice(self) -> Mask:
        """Which are practices."""
        return self.mask(Facet.KIND, [Kind.BEST_PRACTICE])

    @cached_property
    def weighting(self) -> Weighting:
        """BM25 with the statistics of the whole index; like Whoosh's own they count deleted documents until these are merged away."""
        lengths = {
            name: sum(len(part.segment.field(name).places) for part in self.parts) / self.size if self.size else 1.0
            for name in fields.SAID
        }
        return Weighting(self.size, {name: length or 1.0 for name, length in lengths.items()})

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that entries are written in, as tags, the most frequent first."""
        return tuple(name for name, _ in self.counted(self.live, np.flatnonzero(self.live), Facet.LANGUAGE))

    def uid(self, number: int) -> UUID:
        """The entry of a document."""
        return UUID(int=int(self.uppers[number]) << 64 | int(self.lowers[number]))

    def number(self, uid: UUID) -> int | None:
        """The living document of an entry."""
        numbers = self.documents(fields.UID, uid.bytes)
        return next((int(number) for number in numbers if self.live[number]), None)

    def heading(self, number: int) -> str:
        """The title of a document, as it is written."""
        return self.text(fields.HEADING, number).decode()

    def text(self, name: str, number: int) -> bytes:
        """The text of a document in a column of texts."""
        part = self.parts[bisect_right(self.parts, number, key=lambda part: part.end)]
        return part.segment.text(name, number - part.base)

    def slices(self, field: str, term: str | bytes) -> Slices:
        """The parts that have a term, with the bounds of its postings there."""
        found = self._slices.get((field, term))
        if found is None:
            encoded = term if isinstance(term, bytes) else term.encode()
            bounds = ((part, *part.segment.field(field).range(encoded)) for part in self.parts)
            found = [each for each in bounds if each[1] < each[2]]
            if len(self._slices) > REMEMBERED:
                self._slices.clear()
            self._slices[field, term] = found
        return found

    def frequency(self, field: str, term: str) -> int:
        """The number of documents with a term, deleted ones among them."""
        return sum(last - first for _, first, last in self.slices(field, term))

    def documents(self, field: str, term: str | bytes) -> Numbers:
        """The documents with a term, in order."""
        return _numbered(field, self.slices(field, term))

    def postings(self, field: str, term: str) -> tuple[Numbers, Array]:
        """The documents with a term, in order, and what each posting weighs, as `Postings.weights`."""
        slices = self.slices(field, term)
        weights = [part.segment.field(field).weights[first:last] for part, first, last in slices]
        return _numbered(field, slices), np.concatenate(weights) if weights else np.empty(0, np.uint16)

    def mask(self, field: str, terms: Iterable[str]) -> Mask:
        """The documents that have any of the terms."""
        mask = np.zeros(self.size, np.bool_)
        for term in terms:
            for part, first, last in self.slices(field, term):
                mask[part.base : part.end][part.segment.field(field).documents[first:last]] = True
        return mask

    def beginning(self, field: str, start: str) -> Mask:
        """The documents that have any term that begins so."""
        mask = np.zeros(self.size, np.bool_)
        for part, first, last in self._ranges(field, start):
            found = part.segment.field(field)
            mask[part.base : part.end][found.documents[found.starts[first] : found.starts[last]]] = True
        return mask

    def completions(self, field: str, start: str, among: Mask | None = None) -> dict[str, int]:
        """The terms of a field that begin so, each with the number of its documents: all of them, or those of a mask if any is."""
        found: dict[str, int] = {}
        for part, first, last in self._ranges(field, start):
            postings = part.segment.field(field)
            bounds = postings.starts[first : last + 1].astype(np.int64)
            counts = np.diff(bounds)
            if among is not None:
                within = among[part.base : part.end][postings.documents[bounds[0] : bounds[-1]].astype(np.intp)]
                counts = np.add.reduceat(within, bounds[:-1] - bounds[0], dtype=np.int64)
            for place in np.flatnonzero(counts).tolist():
                term = postings.term(first + place).decode()
                found[term] = found.get(term, 0) + int(counts[place])
        return found

    def ending(self, field: str, start: str, end: str) -> Iterator[str]:
        """The terms of a field that begin and end so, part by part."""
        for part, first, last in self._ranges(field, start):
            postings = part.segment.field(field)
            yield from (postings.term(place).decode() for place in postings.ending(first, last, end.encode()))

    def _ranges(self, field: str, start: str) -> Iterator[tuple[Part, int, int]]:
        for part in self.parts:
            first, last = part.segment.field(field).beginning(start.encode())
            if first < last:
                yield part, first, last

    def seen(self, reach: Reach) -> "Seen":
        """What a viewer may see of it."""
        found = self._seen.get(reach)
        if found is None:
            mask = self.live if reach.everything else self.live & self.mask(fields.REACH, fields.reached(reach))
            if len(self._seen) > REMEMBERED // 10:
                self._seen.clear()
            found = self._seen[reach] = Seen(self, mask)
        return found

    def filtered(self, filters: Filters) -> Mask | None:
        """The documents that every filter lets through; None when there is no filter."""
        masks = [self.mask(facet, wanted) for facet, name in FILTERED.items() if (wanted := getattr(filters, name))]
        if filters.updated_after is not None:
            masks.append(self.updated >= fields.microseconds(filters.updated_after))
        if filters.updated_before is not None:
            masks.append(self.updated < fields.microseconds(filters.updated_before))
        return np.logical_and.reduce(masks) if masks else None

    def counted(self, mask: Mask, numbers: Numbers, facet: Facet) -> tuple[tuple[str, int], ...]:
        """As `facets.Values.counted`; values of none are left out."""
        if facet not in self._values:
            self._values[facet] = facets.joined([part.segment.values(facet) for part in self.parts])
        return self._values[facet].counted(mask, numbers)

    def _joined(self, name: str, dtype: type) -> Array:
        return np.concatenate([np.empty(0, dtype), *(part.segment.column(name) for part in self.parts)])


class Seen:
    """What of a commit one reach covers: the living documents, their languages, and whether any of them has a word.

    Whatever turns on which words there are asks here, so that an entry that a viewer may not see changes nothing of what they find.
    """

    def __init__(self, snapshot: Snapshot, mask: Mask) -> None:
        self.snapshot = snapshot
        self.mask = mask  # shared: nobody writes into it
        self.wordings: dict[str, Any] = {}  # as `wordings` remembers them

    @cached_property
    def size(self) -> int:
        """How many documents there are."""
        return int(np.count_nonzero(self.mask))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The stem languages of the documents, the most frequent first."""
        found = self.snapshot.counted(self.mask, np.flatnonzero(self.mask), Facet.LANGUAGE)
        return tuple(dict.fromkeys(analysis.stem_language(name) for name, _ in found)) or ("en",)

    def has(self, field: str, term: str) -> bool:
        """Whether any document has a term; mostly one of the first ones does."""
        for part, first, last in self.snapshot.slices(field, term):
            among, documents = self.mask[part.base : part.end], part.segment.field(field).documents
            if among[documents[first : min(first + PEEKED, last)]].any() or among[documents[first:last]].any():
                return True
        return False

    def count(self, field: str, term: str) -> int:
        """How many documents have a term."""
        return int(np.count_nonzero(self.mask[self.snapshot.documents(field, term)]))

    def ending(self, field: str, start: str, end: str, most: int) -> set[str]:
        """The terms that begin and end so and some document has, or the first ones of them."""
        found = (term for term in self.snapshot.ending(field, start, end) if self.has(field, term))
        return set(islice(found, most))


def _numbered(field: str, slices: Slices) -> Numbers:
    found = [
        np.add(part.segment.field(field).documents[first:last], part.base, dtype=np.int64)
        for part, first, last in slices
    ]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def opened(path: Path, known: Mapping[str, Segment]) -> Snapshot:
    """The newest commit in a folder. `known` are segments by name, so that they are not opened again."""
    contents = folder.contents(path)
    parts: list[Part] = []
    for each in contents.segments:
        name = f"{path.name}.{each.segment_id()}"
        segment = known.get(name) or Segment(Mapped(folder.file(path, each)))
        parts.append(Part(name, each.segment_id(), segment, each.deleted_docs(), parts[-1].end if parts else 0))
    return Snapshot(f"{path.name}.{contents.generation}", tuple(parts))
