"""Writes commits: new documents become a segment, small segments become one, and the table of contents names them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import W3Segment

from knowledge.search import arrays, folder
from knowledge.search.gathering import gathered
from knowledge.search.index import Document
from knowledge.search.merging import merged
from knowledge.search.segments import Mask, Segment

SMALL = 100
LARGE = 2_000
MOST_ALIKE = 10  # segments of either size before they are merged
MOST_MERGED = 4_000
"""Documents that one commit merges: 200 ms of CPU."""


def write(path: Path, documents: Iterable[Document], replaced: Mapping[str, Iterable[int]], cursor: str) -> None:
    """One commit: drop what is replaced, by the ids of segments, and add the documents. The caller keeps other writers out.

    Segments that are merged come into the new one behind the documents that are added.
    """
    contents = folder.contents(path)
    for segment in contents.segments:
        for number in replaced.get(segment.segment_id(), ()):
            segment.delete_document(number)
    gathering = gathered(documents)
    going = list(_merged(contents.segments))
    kept = [segment for segment in contents.segments if segment not in going]
    sources = [_opened(path, segment) for segment in going if segment.doc_count()]
    if gathering.size:
        fresh = Segment(gathering.arrays())
        sources.insert(0, (fresh, np.ones(fresh.size, np.bool_)))
    if sources:
        kept.append(written(path, sources))
    folder.record(folder.Storage(path, cursor), kept, contents.generation + 1)


def written(path: Path, sources: list[tuple[Segment, Mask]]) -> Any:
    """One segment of several, written to its file."""
    whole = sources[0][0].arrays if len(sources) == 1 and sources[0][1].all() else merged(sources)
    segment = W3Segment(None, folder.NAME, len(whole["updated"]))  # type: ignore[no-untyped-call]
    try:
        arrays.write(folder.file(path, segment), whole)
    except BaseException:
        folder.file(path, segment).unlink(missing_ok=True)
        raise
    return segment


def _opened(path: Path, segment: Any) -> tuple[Segment, Mask]:
    mask = np.ones(segment.doc_count_all(), np.bool_)
    mask[list(segment.deleted_docs())] = False
    return Segment(arrays.Mapped(folder.file(path, segment))), mask


def _merged(segments: list[Any]) -> Iterator[Any]:
    """The segments that come into the new one, of at most so many documents in one commit: only the writer waits for it."""
    size = 0
    for segment in _mergeable(segments):
        if size + segment.doc_count() <= MOST_MERGED:
            size += segment.doc_count()
            yield segment


def _mergeable(segments: list[Any]) -> Iterator[Any]:
    """Those of which most documents are gone, then small ones when they are many, then larger ones when they are."""
    wasted = [each for each in segments if each.doc_count() <= each.doc_count_all() // 2]
    yield from wasted
    rest = [each for each in segments if each not in wasted]
    small = [each for each in rest if each.doc_count_all() <= SMALL]
    large = [each for each in rest if SMALL < each.doc_count_all() <= LARGE]
    for alike in (small, large):
        if len(alike) > MOST_ALIKE:
            yield from alike
