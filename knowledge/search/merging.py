"""Makes one segment of several, without those of their documents that are gone: postings are moved, nothing is analysed again."""

from collections.abc import Callable, Sequence

import numpy as np

from knowledge.search import fields, postings
from knowledge.search.arrays import Array
from knowledge.search.gathering import Arrays, Ids, columns
from knowledge.search.postings import Numbers
from knowledge.search.segments import Mask, Segment


class Source:
    """A segment on its way into another one: which documents come along, and the numbers that they get; -1 for the others."""

    def __init__(self, segment: Segment, kept: Mask, first: int) -> None:
        self.segment = segment
        self.kept = kept
        self.size = int(kept.sum())
        self.numbers: Numbers = np.where(kept, np.cumsum(kept) + (first - 1), -1)

    def texts(self, name: str) -> list[bytes]:
        """The values of a column of texts."""
        return [self.segment.text(name, number) for number in np.flatnonzero(self.kept).tolist()]


def merged(segments: Sequence[tuple[Segment, Mask]]) -> Arrays:
    """The arrays of the new segment: the masked documents of the first one, then those of the second, and so on."""
    sources: list[Source] = []
    for segment, kept in segments:
        sources.append(Source(segment, kept, sum(source.size for source in sources)))
    size = sum(source.size for source in sources)
    found: Arrays = {}
    for name in fields.SAID:
        vocabulary, (terms, documents, places) = _united(sources, name, postings.Postings.occurrences)
        found |= postings.saying(name, vocabulary, terms, documents, places, size)
    for name in fields.HAD:
        vocabulary, (terms, documents) = _united(sources, name, postings.Postings.pairs)
        found |= postings.having(name, vocabulary, terms, documents, size)
    return found | columns(
        updated=_joined(sources, "updated"),
        revision=_joined(sources, "revision"),
        signals=_joined(sources, fields.SIGNALS),
        called=_joined(sources, fields.CALLED),
        upper=_joined(sources, "upper"),
        lower=_joined(sources, "lower"),
        headings=[text for source in sources for text in source.texts(fields.HEADING)],
        folded=[text for source in sources for text in source.texts(fields.FOLDED)],
    )


def _united(
    sources: Sequence[Source], name: str, read: Callable[[postings.Postings], tuple[Numbers, ...]]
) -> tuple[list[bytes], list[Numbers]]:
    """The words of all sources, and what `read` gives of each source with the numbers of the new segment."""
    ids = Ids()
    parts = []
    for source in sources:
        field = source.segment.field(name)
        own = np.fromiter(map(ids.__getitem__, field.terms()), np.int64, len(field))
        terms, documents, *places = read(field)
        documents = source.numbers[documents]
        kept = documents >= 0
        parts.append((own[terms[kept]], documents[kept], *(each[kept] for each in places)))
    return list(ids), [np.concatenate(each) for each in zip(*parts, strict=True)]


def _joined(sources: Sequence[Source], name: str) -> Array:
    return np.concatenate([source.segment.column(name)[source.kept] for source in sources])
