"""Measures that ranking signals do not hurt, and what words that mean the same are worth, on a collection of judged queries.

    python -m tests.bench.signals FOLDER

reads what `tests.bench.relevance` reads. Every document is given states of signals by chance, as if they said nothing of what it is
worth: the worst that a signal can be. Of words of the queries half the documents get another spelling, which is then listed as
meaning the same; and words are paired by chance, as a wrong list would.
"""

import contextlib
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

from knowledge.search import analysis, signals, together
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document
from knowledge.search.synonyms import indexed
from knowledge.words import Freshness, Signal
from tests.bench.relevance import EVERYTHING, Collection, documents, imported, ndcg, say

DRAWS = 8
FACTORS = (0.0, 0.3, 0.5, 0.7, 0.85, 1.0)
STATES = {Freshness.UNVERIFIED: 7, Freshness.VERIFIED: 8, Freshness.EXPIRED: 4, Freshness.CONTESTED: 1}
"""Freshness by how many of twenty entries have it."""
PROVEN, OBSOLETE = 0.2, 0.05
MOST_PAIRS = 500
WORD = re.compile(r"\w+")


def main(path: Path) -> None:
    """Print the changes that signals make, and the figures of each factor."""
    collection = Collection(path)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(imported(collection, Path(folder))) as database:
        texts = list(documents(database))
    moved(collection, texts)
    spelt_alike(collection, texts)


def moved(collection: Collection, texts: Sequence[Document]) -> None:
    """What each signal changes, and all of them together, as a mean over draws."""
    sets = {signal.lower(): frozenset({signal}) for signal in Signal} | {"all": signals.ALL}
    changes: dict[str, list[float]] = {name: [] for name in sets}
    for draw in range(DRAWS):
        chance = random.Random(draw)
        with tempfile.TemporaryDirectory() as folder:
            filled(folder, (_with_states(chance, each) for each in texts))
            before = gain(EmbeddedIndex(Path(folder)), collection)
            for name, wanted in sets.items():
                changes[name].append(gain(EmbeddedIndex(Path(folder), signals=wanted), collection) - before)
    say(f"{collection.path.name}: nDCG@10 {before:.3f}")
    for name, found in changes.items():
        say(f"  {name}: {mean(found):+.4f} ({min(found):+.4f} to {max(found):+.4f})")


def _with_states(chance: random.Random, document: Document) -> Document:
    return replace(
        document,
        freshness=chance.choices(list(STATES), list(STATES.values()))[0],
        is_proven=chance.random() < PROVEN,
        is_obsolete=chance.random() < OBSOLETE,
    )


def spelt_alike(collection: Collection, texts: Sequence[Document]) -> None:
    """The figures of each factor: with a list that is right, and with one that is wrong."""
    chance = random.Random(7)
    words = sorted({term for text in collection.queries().values() for term in _terms(text)})
    twins = {word: f"{word}qqx" for word in words}
    vocabulary = sorted({term for each in texts for term in _terms(f"{each.title} {each.body}")})
    wrong = [(word, chance.choice(vocabulary)) for word in words]
    split = [_split(chance, each, twins) for each in texts]
    for name, corpus, groups in (("right", split, list(twins.items())), ("wrong", texts, wrong)):
        with tempfile.TemporaryDirectory() as folder:
            filled(folder, iter(corpus))
            index, listed = EmbeddedIndex(Path(folder)), indexed(groups)
            figures = [f"without {gain(index, collection):.3f}"]
            for factor in FACTORS[1:]:
                together.FACTOR = factor
                figures.append(f"{factor} {gain(index, collection, listed):.3f}")
            say(f"  a list that is {name}: {', '.join(figures)}")


def _terms(text: str) -> Iterator[str]:
    for word in analysis.words(text):
        lower = word.lower()
        if lower.isalpha() and not analysis.is_stopped(lower, "en"):
            yield analysis.terms(lower, "en")[0]


def _split(chance: random.Random, document: Document, twins: Mapping[str, str]) -> Document:
    """The same with half of the words in another spelling, each throughout."""
    chosen = {word: twin for word, twin in twins.items() if chance.random() < 0.5}

    def spelt(text: str) -> str:
        return WORD.sub(lambda match: chosen.get(analysis.terms(match[0].lower(), "en")[0], match[0]), text)

    return replace(document, title=spelt(document.title), body=spelt(document.body))


def filled(folder: str, texts: Iterator[Document]) -> None:
    """An index of these in a folder."""
    index = EmbeddedIndex(Path(folder))
    index.replace(texts, "all")
    index.close()


def gain(index: EmbeddedIndex, collection: Collection, listed: Mapping[str, tuple[str, ...]] | None = None) -> float:
    """nDCG@10 over the queries that are judged."""
    names = {paper.place: paper.id for paper in collection.corpus()}
    judged, found = collection.judgements(), []
    for id, text in collection.queries().items():
        if id in judged:
            hits = index.search(text, EVERYTHING, count=10, words_alike=listed).hits
            found.append(ndcg([names[hit.uid.int] for hit in hits], judged[id], 10))
    return mean(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
