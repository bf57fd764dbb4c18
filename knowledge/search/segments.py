"""One commit of the index as it is searched: its segments, and the facts of their documents as arrays."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader

from knowledge.search import fields, folder
from knowledge.search.index import Facet, Filters, Reach
from knowledge.search.scoring import Weighting
from knowledge.words import Kind

Mask: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.int64]

FILTERED = {
    Facet.KIND: "kinds",
    Facet.TAG: "tags",
    Facet.FUNCTION: "functions",
    Facet.STAGE: "stages",
    Facet.FRESHNESS: "freshness",
    Facet.LANGUAGE: "languages",
    Facet.AUDIENCE: "audiences",
}


class Values:
    """Which documents of a segment have which value of one field."""

    def __init__(self, found: dict[str, Numbers]) -> None:
        self.names = tuple(found)
        self.found = found
        self.documents: Numbers = np.concatenate([*found.values(), np.empty(0, np.int64)])
        self._codes = np.repeat(np.arange(len(found)), [len(each) for each in found.values()])

    def mask(self, size: int, wanted: Iterable[str]) -> Mask:
        """The documents that have any of the wanted values."""
        mask = np.zeros(size, np.bool_)
        for name in wanted:
            if (documents := self.found.get(name)) is not None:
                mask[documents] = True
        return mask

    def counted(self, mask: Mask) -> Iterator[tuple[str, int]]:
        """How many of the documents in the mask have each value; values of none are left out."""
        counts = np.bincount(self._codes[mask[self.documents]], minlength=len(self.names))
        for code in np.flatnonzero(counts):
            yield self.names[code], int(counts[code])


class Facts:
    """What is known of the documents of one segment. A segment never changes, so these serve many commits."""

    def __init__(self, reader: Any) -> None:
        self.size: int = reader.doc_count_all()
        self.uids = [UUID(bytes=bytes(each)) for each in reader.column_reader("uid", translate=False).load()]
        self.revisions: Numbers = np.array(list(reader.column_reader("revision", translate=False)), np.int64)
        self.updated: Numbers = np.array(list(reader.column_reader("updated", translate=False)), np.int64)
        self.values = {name: Values(_by_value(reader, name)) for name in fields.FACTS}
        self.is_practice = self.values[Facet.KIND].mask(self.size, [Kind.BEST_PRACTICE])

    @cached_property
    def numbers(self) -> dict[UUID, int]:
        """The number of each entry's document."""
        return {uid: number for number, uid in enumerate(self.uids)}

    @cached_property
    def hexes(self) -> NDArray[np.bytes_]:
        """Uids in a form that arrays sort."""
        return np.array([uid.hex.encode() for uid in self.uids], "S32")


def _by_value(reader: Any, field: str) -> dict[str, Numbers]:
    return {each.decode(): documents(reader, field, each) for each in reader.lexicon(field)}


def documents(reader: Any, field: str, term: str | bytes) -> Numbers:
    """The numbers of a segment's documents with a term."""
    if (field, _bytes(term)) not in reader:
        return np.empty(0, np.int64)
    return np.fromiter(reader.postings(field, term).all_ids(), np.int64)


def _bytes(term: str | bytes) -> bytes:
    return term.encode() if isinstance(term, str) else term


class Part:
    """One segment in one commit: the documents still alive, and the way to the terms."""

    def __init__(self, name: str, reader: Any, facts: Facts) -> None:
        self.name = name  # of the folder and the segment
        self.segment = str(reader.segment().segment_id())
        self.reader = reader
        self.facts = facts
        self.size = facts.size
        self.live: Mask = np.ones(self.size, np.bool_)
        self.live[list(reader.deleted_docs_set)] = False

    def reachable(self, reach: Reach) -> Mask:
        """The living documents that a viewer may see."""
        if reach.everything:
            return self.live
        return self.live & self.facts.values[fields.REACH].mask(self.size, fields.reached(reach))

    def filtered(self, filters: Filters) -> Mask:
        """The documents that every filter lets through."""
        mask = np.ones(self.size, np.bool_)
        for facet, name in FILTERED.items():
            wanted: Collection[str] = getattr(filters, name)
            if wanted:
                mask &= self.facts.values[facet].mask(self.size, wanted)
        if filters.updated_after is not None:
            mask &= self.facts.updated >= fields.microseconds(filters.updated_after)
        if filters.updated_before is not None:
            mask &= self.facts.updated < fields.microseconds(filters.updated_before)
        return mask

    def headings(self, numbers: Iterable[int]) -> list[str]:
        """The titles of documents, as they are written."""
        column = self.reader.column_reader("heading", translate=False)
        return [bytes(column[int(number)]).decode() for number in numbers]

    def beginning(self, field: str, start: str, most: int = 200) -> Iterator[str]:
        """The terms of a field that begin so, in order, at most so many."""
        for term, _ in zip(self.reader.expand_prefix(field, start), range(most), strict=False):
            yield term.decode()


class Snapshot:
    """One commit. Whoosh's files have a position of their own, so `lock` is held while its readers are used."""

    def __init__(self, generation: str, parts: tuple[Part, ...]) -> None:
        self.generation = generation
        self.parts = parts
        self.lock = threading.Lock()
        self.is_closed = False

    @cached_property
    def weighting(self) -> Weighting:
        """BM25 with the statistics of the whole index; like Whoosh's own they count deleted documents until these are merged away."""
        size = sum(part.size for part in self.parts)
        lengths = {
            field: sum(part.reader.field_length(field) for part in self.parts) / size if size else 1.0
            for field in (fields.TEXT, fields.TITLE)
        }
        return Weighting(size, {field: length or 1.0 for field, length in lengths.items()})

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that entries are written in, as tags, the most frequent first."""
        counts: dict[str, int] = {}
        for part in self.parts:
            for language, count in part.facts.values[Facet.LANGUAGE].counted(part.live):
                counts[language] = counts.get(language, 0) + count
        return tuple(sorted(counts, key=lambda language: (-counts[language], language)))

    def count(self, masks: Callable[[Part], Mask], facet: Facet) -> dict[str, int]:
        """How many documents of the masks have each value of a facet."""
        counts: dict[str, int] = {}
        for part in self.parts:
            for value, count in part.facts.values[facet].counted(masks(part)):
                counts[value] = counts.get(value, 0) + count
        return counts

    def frequency(self, field: str, term: str) -> int:
        """The number of documents with a term."""
        return sum(part.reader.doc_frequency(field, term) for part in self.parts)

    def close(self) -> None:
        """Close the files, once nobody reads them any more."""
        with self.lock:
            self.is_closed = True
            for part in self.parts:
                part.reader.close()


def opened(path: Path, known: Mapping[str, Facts]) -> Snapshot:
    """The newest commit in a folder, with readers of its own: Whoosh's refreshed ones miss deletions in the segments they reuse.

    `known` are the facts of segments by name, so that they are not gathered again.
    """
    index = folder.opened(path)
    contents = index._read_toc()  # type: ignore[no-untyped-call]
    parts: list[Part] = []
    try:
        for segment in contents.segments:
            reader = SegmentReader(index.storage, contents.schema, segment)
            name = f"{path.name}.{segment.segment_id()}"
            parts.append(Part(name, reader, known.get(name) or Facts(reader)))
    except OSError:
        for part in parts:
            part.reader.close()
        raise
    return Snapshot(f"{path.name}.{contents.generation}", tuple(parts))
