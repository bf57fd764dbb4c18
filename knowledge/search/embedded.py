"""The index inside the process: segments in a folder, read by many threads and processes, written by one at a time."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, wraps
from pathlib import Path
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import numpy as np
from whoosh.index import EmptyIndexError

from knowledge.meaning.understanding import Meaning
from knowledge.search import alike, folder, spelling, suggesting
from knowledge.search.expanding import expand
from knowledge.search.explaining import Explaining
from knowledge.search.filling import fill
from knowledge.search.index import Alike, Document, Facet, Filters, Hit, Hits, Reach, Sort, Suggestion
from knowledge.search.matching import Matching
from knowledge.search.postings import Numbers
from knowledge.search.query import read
from knowledge.search.ranking import FEW, ranked
from knowledge.search.segments import Mask, Segment, Snapshot, opened
from knowledge.search.weighing import weigh
from knowledge.search.writing import write
from knowledge.words import Signal

ROOM = 24 << 20
"""Bytes that are asked for once and given back: from then on glibc keeps as much for the arrays of the next search, instead of
giving it back after each, which took a third of the time of a search in 100,000 entries."""

LOOKING = 1.0
"""Seconds after which a reader lists the folder again, instead of asking for the next commit by name."""

TOLD_EVERY = 1_000

P = ParamSpec("P")
T = TypeVar("T")


def surely(read: "Callable[Concatenate[EmbeddedIndex, P], T]") -> "Callable[Concatenate[EmbeddedIndex, P], T]":
    """Reads once more where it failed because of a torn folder, from whatever has taken its place."""

    @wraps(read)
    def tried(index: "EmbeddedIndex", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(index, *args, **kwargs)
        except folder.HARM:
            if not index.given_up():
                raise
            return read(index, *args, **kwargs)

    return tried


class EmbeddedIndex:
    """An `Index` in a folder, made when it is not there.

    A torn folder gives way to an empty index with an empty cursor and a reason in `trouble`, at the start and whenever it is
    noticed: whoever follows the change log refills it from the rows.
    """

    def __init__(
        self,
        path: Path,
        processes: int = 1,
        meaning: Meaning | None = None,
        signals: frozenset[Signal] = frozenset(),
    ) -> None:
        """`processes` build a new index; one writes updates, whatever the number. Without `meaning` words alone answer, and without
        `signals` nothing but the text moves a hit.
        """
        np.empty(ROOM >> 3)
        self._processes = processes
        self._meaning = meaning
        self._signals = signals
        self._root = folder.Root(path)
        self.trouble = self._root.started()
        self._segments: dict[str, Segment] = {}
        self._opening = threading.Lock()
        self._listed = -LOOKING
        self._snapshot = self._open()

    def apply(self, documents: Iterable[Document], gone: Iterable[UUID], cursor: str, since: str | None = None) -> bool:
        """As `Index.apply`. Without documents only the cursor moves, and the generation stays."""
        fresh = {document.uid: document for document in documents}
        touched = {*fresh, *gone}
        try:
            with self._root.writing():
                if since is not None and self._root.stamp()["cursor"] != since:
                    return False
                self._listed = -LOOKING
                replaced = _numbers(self._current(), touched)
                if fresh or replaced:
                    write(self._root.current(), fresh.values(), replaced, cursor)
                else:
                    self._root.move(cursor)
                return True
        except folder.HARM:
            if not self.given_up():
                raise
            return False

    def replace(self, documents: Iterable[Document], cursor: str, total: int = 0) -> None:
        """As `Index.replace`; ten thousand documents at a time, so that memory stays bounded."""
        self._root.rebuilt(lambda path: fill(path, self._counted(documents, total), cursor, self._processes), cursor)

    def building(self) -> tuple[int, int] | None:
        """As `Index.building`."""
        return self._root.building()

    def verify(self) -> bool:
        """As `Index.verify`."""
        return not self.given_up()

    def given_up(self) -> bool:
        """Whether the folder is torn, so that an empty one took its place, here or in another process."""
        trouble = self._root.started()
        self.trouble = trouble or self.trouble
        return bool(trouble) or self._root.mark() != self._mark

    @surely
    def cursor(self) -> str:
        """As `Index.cursor`."""
        return str(self._root.stamp()["cursor"])

    @surely
    def known(self) -> Mapping[UUID, int]:
        """As `Index.known`."""
        snapshot = self._newest()
        revisions = snapshot.revisions
        return {snapshot.uid(number): int(revisions[number]) for number in np.flatnonzero(snapshot.live).tolist()}

    @surely
    def search(
        self,
        query: str,
        reach: Reach,
        filters: Filters = Filters(),  # noqa: B008 - a frozen value
        sort: Sort = Sort.RELEVANCE,
        start: int = 0,
        count: int = 20,
        words_alike: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Hits:
        """As `Index.search`; among equals practices come first, then what was updated last. Facets are counted when they are read."""
        snapshot = self._newest()
        seen = snapshot.seen(reach)
        matching = Matching(seen, read(query))
        if words_alike is not None:
            expand(matching, words_alike)
        scores, found = matching.scores()
        if not matching.clauses and query.strip():
            found[:] = False
        narrowed = snapshot.filtered(filters)
        allowed = seen.mask if narrowed is None else seen.mask & narrowed
        found &= allowed
        generation, together = snapshot.generation, None
        by_words = int(np.count_nonzero(found))
        few = np.flatnonzero(found) if by_words * FEW < len(found) else None
        weighed = weigh(matching, scores, found, self._signals, few) if sort is Sort.RELEVANCE else None
        if self._meaning is not None and sort is Sort.RELEVANCE:
            together = self._meaning.joined(matching, scores, found, allowed, weighed)
        if together is not None:
            scores, found, few = together.scores, together.found, None
            generation += f".{together.version}"
        total = int(np.count_nonzero(found)) if together is not None else by_words
        numbers = ranked(snapshot, scores if matching.plan.scored else None, found, sort, start + count, few)[start:]
        hits = tuple(
            Hit(snapshot.uid(number), float(scores[number]), *(together.parts(number) if together else ()))
            for number in numbers.tolist()
        )
        why = Explaining(matching, found, weighed, together)
        words, is_little = tuple(matching.plan.words), matching.says_nothing and bool(matching.plan.scored)
        return Hits(hits, total, Facets(snapshot, found), generation, words, by_words, is_little, why)

    @surely
    def suggest(self, prefix: str, reach: Reach, count: int = 10) -> tuple[Suggestion, ...]:
        """As `Index.suggest`."""
        return suggesting.suggestions(self._newest(), prefix, reach, count)

    @surely
    def alike(self, document: Document, reach: Reach, count: int = 20) -> tuple[Alike, ...]:
        """As `Index.alike`."""
        return alike.found(self._newest(), document, reach, count)

    @surely
    def did_you_mean(self, query: str, reach: Reach) -> str | None:
        """As `Index.did_you_mean`."""
        return spelling.corrected(self._newest(), query, reach)

    @surely
    def refresh(self) -> str:
        """As `Index.refresh`; every other call does it as well."""
        return self._newest().generation

    @surely
    def snapshot(self) -> Snapshot:
        """The newest commit, for whoever keeps something beside the index."""
        return self._newest()

    def standing(self) -> str:
        """As `Index.standing`; by meaning more than the generation decides."""
        if self._meaning is not None or not self._opening.acquire(blocking=False):
            return ""
        try:
            return self._snapshot.generation if self._is_newest() else ""
        except folder.HARM:  # the next search meets it too, and does something about it
            return ""
        finally:
            self._opening.release()

    def close(self) -> None:
        """As `Index.close`; files stay open until the last answer from them is let go of."""
        self._segments.clear()
        self._snapshot = Snapshot("", ())

    def _counted(self, documents: Iterable[Document], total: int) -> Iterator[Document]:
        for done, document in enumerate(documents):
            if not done % TOLD_EVERY:
                self._root.told(done, total)
            yield document

    def _newest(self) -> Snapshot:
        try:
            return self._current()
        except folder.HARM:  # someone took the folder away from under us
            self.given_up()
            return self._current()

    def _current(self) -> Snapshot:
        with self._opening:
            if not self._is_newest():
                self._snapshot = self._open()
            if not self._snapshot.is_whole():
                raise folder.TornError("A file is shorter than it was.")
            return self._snapshot

    def _is_newest(self) -> bool:
        if monotonic() < self._listed + LOOKING:
            return self._root.is_at(self._snapshot.generation, self._mark)
        self._listed = monotonic()
        if not folder.looks_whole(self._root.current()):
            raise folder.TornError("A file is lost or shorter than it was.")  # or another commit came between
        return self._snapshot.generation == self._root.newest()

    def _open(self) -> Snapshot:
        # Between reading which commit is the newest and opening its files, the next one may have removed them.
        for _ in range(folder.TRIES):
            try:
                mark = self._root.mark()
                snapshot = opened(self._root.current(), self._segments)
            except (OSError, EmptyIndexError) as gone:
                moved = gone
            else:
                self._mark = mark
                self._segments = {part.name: part.segment for part in snapshot.parts}
                return snapshot
        raise folder.TornError(f"The index cannot be read any more: {moved}")


class Facets(Mapping[Facet, tuple[tuple[str, int], ...]]):
    """The counts of every facet, each made when it is asked for."""

    def __init__(self, snapshot: Snapshot, found: Mask) -> None:
        self._snapshot = snapshot
        self._found = found
        self._counts: dict[Facet, tuple[tuple[str, int], ...]] = {}

    @cached_property
    def _numbers(self) -> Numbers:
        return np.flatnonzero(self._found)

    def __getitem__(self, facet: Facet) -> tuple[tuple[str, int], ...]:
        if facet not in self._counts:
            self._counts[facet] = self._snapshot.counted(self._found, self._numbers, facet)
        return self._counts[facet]

    def __iter__(self) -> Iterator[Facet]:
        return iter(Facet)

    def __len__(self) -> int:
        return len(Facet)


def _numbers(snapshot: Snapshot, uids: Iterable[UUID]) -> Mapping[str, list[int]]:
    """The living documents of entries, by segment."""
    found: dict[str, list[int]] = {}
    for uid in uids:
        for part in snapshot.parts:
            number = part.segment.number(uid)
            if number is not None and part.live[number]:
                found.setdefault(part.id, []).append(number)
    return found
