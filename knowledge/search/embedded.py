"""The index inside the process: Whoosh in a folder, read by many threads and processes, written by one at a time."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from whoosh.index import EmptyIndexError

from knowledge.search import alike, fields, folder, spelling, suggesting
from knowledge.search.index import Alike, Document, Facet, Filters, Hit, Hits, Reach, Sort, Suggestion
from knowledge.search.matching import Matching, Scores
from knowledge.search.query import read
from knowledge.search.segments import Facts, Mask, Part, Snapshot, opened

BATCH = 5_000


class EmbeddedIndex:
    """An `Index` in a folder, made when it is not there.

    A torn folder gives way to an empty index with an empty cursor and a reason in `trouble`: whoever follows the change log
    refills it from the rows.
    """

    def __init__(self, path: Path) -> None:
        self._root = folder.Root(path)
        self.trouble = self._root.started()
        self._facts: dict[str, Facts] = {}
        self._opening = threading.Lock()
        self._snapshot = self._open()

    def apply(self, documents: Iterable[Document], gone: Iterable[UUID], cursor: str) -> None:
        """As `Index.apply`. Without documents only the cursor moves, and the generation stays."""
        fresh = {document.uid: document for document in documents}
        with self._root.writing():
            with self._reading() as snapshot:
                replaced = list(_numbers(snapshot, {*fresh, *gone}))
            if fresh or replaced:
                write(self._root.current(), fresh.values(), replaced, cursor)
            else:
                self._root.move(cursor)

    def replace(self, documents: Iterable[Document], cursor: str) -> None:
        """As `Index.replace`; a few thousand documents at a time, so that memory stays bounded."""

        def fill(path: Path) -> None:
            rest = iter(documents)
            while batch := {document.uid: document for document in islice(rest, BATCH)}:
                write(path, batch.values(), [], cursor)

        self._root.rebuilt(fill, cursor)

    def cursor(self) -> str:
        """As `Index.cursor`."""
        return str(self._root.stamp()["cursor"])

    def known(self) -> Mapping[UUID, int]:
        """As `Index.known`."""
        with self._reading() as snapshot:
            return {
                part.facts.uids[place]: int(part.facts.revisions[place])
                for part in snapshot.parts
                for place in np.flatnonzero(part.live)
            }

    def search(
        self,
        query: str,
        reach: Reach,
        filters: Filters = Filters(),  # noqa: B008 - a frozen value
        sort: Sort = Sort.RELEVANCE,
        start: int = 0,
        count: int = 20,
    ) -> Hits:
        """As `Index.search`; among equals practices come first, then what was updated last."""
        with self._reading() as snapshot:
            matching = Matching(snapshot, read(query))
            scores: dict[Part, Scores] = {}
            masks: dict[Part, Mask] = {}
            for part in snapshot.parts:
                scores[part], found = matching.scores(part)
                masks[part] = found & part.reachable(reach) & part.filtered(filters)
            facets = {facet: _most_frequent(snapshot.count(masks.__getitem__, facet)) for facet in Facet}
            total = sum(int(mask.sum()) for mask in masks.values())
            hits = islice(_ordered(scores, masks, sort), start, start + count)
            return Hits(tuple(hits), total, facets, snapshot.generation, tuple(matching.plan.words))

    def suggest(self, prefix: str, reach: Reach, count: int = 10) -> tuple[Suggestion, ...]:
        """As `Index.suggest`."""
        with self._reading() as snapshot:
            return suggesting.suggestions(snapshot, prefix, reach, count)

    def alike(self, document: Document, reach: Reach, count: int = 20) -> tuple[Alike, ...]:
        """As `Index.alike`."""
        with self._reading() as snapshot:
            return alike.found(snapshot, document, reach, count)

    def did_you_mean(self, query: str, reach: Reach) -> str | None:
        """As `Index.did_you_mean`."""
        with self._reading() as snapshot:
            return spelling.corrected(snapshot, query, reach)

    def refresh(self) -> str:
        """As `Index.refresh`; every other call does it as well."""
        with self._reading() as snapshot:
            return snapshot.generation

    def close(self) -> None:
        """As `Index.close`."""
        self._snapshot.close()

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        while True:
            snapshot = self._newest()
            with snapshot.lock:
                if not snapshot.is_closed:
                    yield snapshot
                    return

    def _newest(self) -> Snapshot:
        with self._opening:
            former = self._snapshot
            try:
                if former.generation != self._root.newest():
                    self._snapshot = self._open()
            except (OSError, folder.TornError):  # someone took the folder away from under us
                self.trouble = self._root.started()
                self._snapshot = self._open()
            if former is not self._snapshot:
                former.close()
            return self._snapshot

    def _open(self) -> Snapshot:
        # Between reading which commit is the newest and opening its files, the next one may have removed them.
        for _ in range(folder.TRIES):
            try:
                snapshot = opened(self._root.current(), self._facts)
            except (OSError, EmptyIndexError) as gone:
                moved = gone
            else:
                self._facts = {part.name: part.facts for part in snapshot.parts}
                return snapshot
        raise folder.TornError(f"The index cannot be read any more: {moved}")


def write(path: Path, documents: Iterable[Document], replaced: Iterable[tuple[str, int]], cursor: str) -> None:
    """One commit: drop what is replaced, given by segment and number, and add the documents."""
    writer: Any = folder.Writer(path, cursor)
    try:
        segments = {segment.segment_id(): segment for segment in writer.segments}
        for segment, number in replaced:
            segments[segment].delete_document(number)
        for document in documents:
            writer.add_document(**fields.laid_out(document))
    except BaseException:
        writer.cancel()
        raise
    writer.commit(mergetype=folder.merge)


def _numbers(snapshot: Snapshot, uids: Iterable[UUID]) -> Iterator[tuple[str, int]]:
    for uid in uids:
        for part in snapshot.parts:
            number = part.facts.numbers.get(uid)
            if number is not None and part.live[number]:
                yield part.segment, number


def _ordered(scores: Mapping[Part, Scores], masks: Mapping[Part, Mask], sort: Sort) -> Iterator[Hit]:
    found = [(part.facts, scores[part], np.flatnonzero(mask)) for part, mask in masks.items()]
    if not found:
        return
    score = np.concatenate([each[numbers] for _, each, numbers in found])
    updated = np.concatenate([facts.updated[numbers] for facts, _, numbers in found])
    practice = np.concatenate([facts.is_practice[numbers] for facts, _, numbers in found])
    uid = np.concatenate([facts.hexes[numbers] for facts, _, numbers in found])
    keys = {
        Sort.RELEVANCE: (uid, -updated, ~practice, -score.round(6)),
        Sort.NEWEST: (uid, -updated),
        Sort.OLDEST: (uid, updated),
    }
    for place in np.lexsort(keys[sort]):
        yield Hit(UUID(uid[place].decode()), float(score[place]))


def _most_frequent(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
