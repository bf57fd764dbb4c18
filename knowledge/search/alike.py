"""Finds what is like a document in one commit: by the rare tags, the telling words and the rungs that both have."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge.search import analysis, fields
from knowledge.search.index import Alike, Document, Facet, Reach
from knowledge.search.scoring import rarity
from knowledge.search.segments import Mask, Part, Snapshot, documents

TAGS, WORDS, STAGES = 0.9, 0.8, 0.1
"""What tags, words and rungs weigh against one another."""

TELLING = 12
CANDIDATES = 60
COMMONEST = 500
"""The words that are asked for: the most telling of so many candidates, none that more entries have than this."""

READ = 20_000
"""Characters of a text whose words are counted."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment with what each of its documents scores."""

    part: Part
    words: Scores
    score: Scores


def found(snapshot: Snapshot, document: Document, reach: Reach, count: int) -> tuple[Alike, ...]:
    """As `Index.alike`; entries that have nothing but a rung in common are not alike."""
    seen = {part: _others(part, document.uid, reach) for part in snapshot.parts}
    worth = _worth(snapshot, document, seen)
    telling = _telling(snapshot, document)
    scored = [_scored(part, document, worth, telling, mask) for part, mask in seen.items()]
    ranked = sorted((each for one in scored for each in _ranked(one, count)), key=lambda each: each[:4])
    return tuple(_described(one, number, document) for *_, number, one in ranked[:count])


def _others(part: Part, uid: UUID, reach: Reach) -> Mask:
    mask = part.reachable(reach).copy()
    if (own := part.facts.numbers.get(uid)) is not None:
        mask[own] = False
    return mask


def _worth(snapshot: Snapshot, document: Document, seen: Mapping[Part, Mask]) -> Mapping[str, float]:
    """How rare each of the document's tags is among what the viewer sees; nobody learns how often others use it."""
    everything = sum(int(mask.sum()) for mask in seen.values())
    used = Counter[str]()
    for part in snapshot.parts:
        for label in document.tags:
            numbers = part.facts.values[Facet.TAG].found.get(label.slug)
            used[label.slug] += int(seen[part][numbers].sum()) if numbers is not None else 0
    return {slug: rarity(everything, number) for slug, number in used.items()}


def _telling(snapshot: Snapshot, document: Document) -> Mapping[str, float]:
    """The terms that say most about a document, with how rare each is: said often here, and by few others but by some."""
    language = analysis.stem_language(document.language)
    texts = (document.title, document.title, document.problem, document.summary, document.body[:READ])
    said = Counter(term for term, _ in fields.placed((analysis.tokens(text) for text in texts), language))
    size = snapshot.weighting.documents
    weighed = []
    for term, times in sorted(said.items(), key=lambda each: (-each[1], each[0]))[:CANDIDATES]:
        frequency = snapshot.frequency(fields.TEXT, term)
        if 2 <= frequency <= min(COMMONEST, max(2, size // 2)):
            weighed.append((-log(1 + times) * rarity(size, frequency), term, rarity(size, frequency)))
    return {term: rare for _, term, rare in sorted(weighed)[:TELLING]}


def _scored(
    part: Part,
    document: Document,
    worth: Mapping[str, float],
    telling: Mapping[str, float],
    seen: Mask,
) -> _Part:
    tags, words, said, stages = (np.zeros(part.size) for _ in range(4))
    for slug, rare in worth.items():
        if (numbers := part.facts.values[Facet.TAG].found.get(slug)) is not None:
            tags[numbers] += rare
    for term, rare in telling.items():
        numbers = documents(part.reader, fields.TEXT, term)
        words[numbers] += rare
        said[numbers] += 1
    for stage in document.stages:
        if (numbers := part.facts.values[Facet.STAGE].found.get(stage)) is not None:
            stages[numbers] += 1
    words[said < min(2, len(telling))] = 0  # one word in common is chance
    words /= sum(telling.values()) or 1
    score = TAGS * tags / (sum(worth.values()) or 1) + WORDS * words
    score += np.where(score > 0, STAGES * stages / (len(document.stages) or 1), 0)
    return _Part(part, words, np.where(seen, score, 0).round(6))


def _ranked(scored: _Part, count: int) -> Iterator[tuple[float, bool, int, str, int, _Part]]:
    score, facts = scored.score, scored.part.facts
    numbers = np.flatnonzero(score > 0)
    keys = (facts.hexes[numbers], -facts.updated[numbers], ~facts.is_practice[numbers], -score[numbers])
    for place in np.lexsort(keys)[:count]:
        number = int(numbers[place])
        practice = bool(facts.is_practice[number])
        yield -float(score[number]), not practice, -int(facts.updated[number]), facts.uids[number].hex, number, scored


def _described(scored: _Part, number: int, document: Document) -> Alike:
    part = scored.part
    return Alike(
        uid=part.facts.uids[number],
        score=float(scored.score[number]),
        tags=tuple(label.slug for label in document.tags if _has(part, Facet.TAG, label.slug, number)),
        words=float(scored.words[number].round(6)),
        stages=tuple(sorted(stage for stage in document.stages if _has(part, Facet.STAGE, stage, number))),
    )


def _has(part: Part, facet: Facet, value: str, number: int) -> bool:
    numbers = part.facts.values[facet].found.get(value)
    return numbers is not None and bool((numbers == number).any())
