"""Finds what is like a document in one commit: by the rare tags, the telling words and the rungs that both have."""

from collections import Counter
from collections.abc import Mapping
from math import log

import numpy as np

from knowledge.search import analysis, fields
from knowledge.search.index import Alike, Document, Facet, Reach
from knowledge.search.ranking import best, order
from knowledge.search.scoring import Scores, rarity
from knowledge.search.segments import Mask, Snapshot

TAGS, WORDS, STAGES = 0.9, 0.8, 0.1
"""What tags, words and rungs weigh against one another."""

TELLING = 12
CANDIDATES = 60
COMMONEST = 500
"""The words that are asked for: the most telling of so many candidates, none that more entries have than this."""

READ = 20_000
"""Characters of a text whose words are counted."""


def found(snapshot: Snapshot, document: Document, reach: Reach, count: int) -> tuple[Alike, ...]:
    """As `Index.alike`; entries that have nothing but a rung in common are not alike."""
    seen = snapshot.seen(reach).mask.copy()
    seen[snapshot.documents(fields.UID, document.uid.bytes)] = False
    worth = _worth(snapshot, document, seen)
    telling = _telling(snapshot, document)
    words = _words(snapshot, telling)
    score = _score(snapshot, document, worth, words)
    score = np.where(seen, score, 0).round(6)
    keys = order(snapshot, score)
    return tuple(
        Alike(
            uid=snapshot.uid(number),
            score=float(score[number]),
            tags=tuple(label.slug for label in document.tags if _has(snapshot, Facet.TAG, label.slug, number)),
            words=float(words[number].round(6)),
            stages=tuple(sorted(stage for stage in document.stages if _has(snapshot, Facet.STAGE, stage, number))),
        )
        for number in best(keys, np.flatnonzero(score > 0), count).tolist()
    )


def _worth(snapshot: Snapshot, document: Document, seen: Mask) -> Mapping[str, float]:
    """How rare each of the document's tags is among what the viewer sees; nobody learns how often others use it."""
    everything = int(seen.sum())
    used = {label.slug: int(seen[snapshot.documents(Facet.TAG, label.slug)].sum()) for label in document.tags}
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


def _words(snapshot: Snapshot, telling: Mapping[str, float]) -> Scores:
    """How much of the telling words each document has, 0 to 1."""
    words, said = np.zeros(snapshot.size), np.zeros(snapshot.size, np.int64)
    for term, rare in telling.items():
        documents = snapshot.documents(fields.TEXT, term)
        words[documents] += rare
        said[documents] += 1
    words[said < min(2, len(telling))] = 0  # one word in common is chance
    return words / (sum(telling.values()) or 1)


def _score(snapshot: Snapshot, document: Document, worth: Mapping[str, float], words: Scores) -> Scores:
    tags, stages = np.zeros(snapshot.size), np.zeros(snapshot.size)
    for slug, rare in worth.items():
        tags[snapshot.documents(Facet.TAG, slug)] += rare
    for stage in document.stages:
        stages[snapshot.documents(Facet.STAGE, stage)] += 1
    score = TAGS * tags / (sum(worth.values()) or 1) + WORDS * words
    score += np.where(score > 0, STAGES * stages / (len(document.stages) or 1), 0)
    return score


def _has(snapshot: Snapshot, facet: Facet, value: str, number: int) -> bool:
    return bool((snapshot.documents(facet, value) == number).any())
