"""Measures how well the search answers a collection of judged queries: nDCG@10 and recall@100 through the index itself.

    python -m tests.bench.relevance FOLDER [--semantic]

reads corpus.jsonl {id, title, text}, queries.jsonl {id, text} and qrels.tsv (query, document, grade; one line of headings). With
`--semantic` the same is measured with the extra, and vectors are kept in the temporary folder for the next time.
"""

import argparse
import csv
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from math import log2
from pathlib import Path
from typing import Any
from uuid import UUID

from knowledge.meaning.encoder import Encoder
from knowledge.meaning.understanding import Meaning
from knowledge.search import analysis
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Reach
from knowledge.words import Audience, Kind

Judgements = Mapping[str, Mapping[str, int]]

EVERYTHING = Reach(everything=True)
MOST_TITLES = 500


def main(path: Path, *, is_semantic: bool) -> None:
    """Print the figures of one collection: by words, and then with meaning where that is asked for."""
    corpus = path / "corpus.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        index = EmbeddedIndex(Path(folder))
        began = time.perf_counter()
        index.replace(documents(corpus), "all")
        say(f"{path.name}: {len(index.known()) / (time.perf_counter() - began):.0f} entries indexed a second")
        measure(index, path, "words")
        index.close()
        if is_semantic:
            meaning = Meaning(vectors_of(corpus), Encoder())
            index = EmbeddedIndex(Path(folder), meaning=meaning)
            understand(index, meaning, corpus)
            measure(index, path, "with meaning")
            index.close()


def measure(index: EmbeddedIndex, path: Path, how: str) -> None:
    """Print the figures of an index that holds a collection."""
    names = [row["id"] for row in lines(path / "corpus.jsonl")]
    judged = judgements(path / "qrels.tsv")
    queries = {row["id"]: row["text"] for row in lines(path / "queries.jsonl") if row["id"] in judged}
    began = time.perf_counter()
    found = {
        id: [names[hit.uid.int] for hit in index.search(text, EVERYTHING, count=100).hits]
        for id, text in queries.items()
    }
    took = 1000 * (time.perf_counter() - began) / len(found)
    gain = mean([ndcg(ranked, judged[query], 10) for query, ranked in found.items()])
    share = mean([recall(ranked, judged[query], 100) for query, ranked in found.items()])
    items = known_items(path / "corpus.jsonl")
    again = [uid in [hit.uid for hit in index.search(query, EVERYTHING, count=10).hits] for query, uid in items]
    say(f"  {how}: nDCG@10 {gain:.3f}, recall@100 {share:.3f}, {len(found)} queries, {took:.1f} ms a query")
    if items:
        say(f"    three words of a title find it among ten: {mean(again):.3f} of {len(items)}")


def known_items(path: Path) -> list[tuple[str, UUID]]:
    """Three telling words of titles, in their order, chosen by chance but every time the same, and the entries that are meant."""
    chance = random.Random(7)
    items = []
    for place, row in enumerate(lines(path)):
        telling = [word for word in analysis.words(row["title"]) if not analysis.is_stopped(word.lower(), "en")]
        if len(telling) >= 3:
            chosen = sorted(chance.sample(range(len(telling)), 3))
            items.append((" ".join(telling[each] for each in chosen), UUID(int=place)))
    return chance.sample(items, min(len(items), MOST_TITLES))


def vectors_of(corpus: Path) -> Path:
    """Where the vectors of a corpus are kept between runs."""
    digest = hashlib.sha256(corpus.read_bytes()).hexdigest()
    return Path(tempfile.gettempdir()) / "loyalty-relevance" / digest[:16]


def understand(index: EmbeddedIndex, meaning: Meaning, corpus: Path) -> None:
    """Compute the vectors that are not there yet; stopped and begun again it goes on where it was."""
    lacking, total = meaning.lacking(index.snapshot())
    wanted = set(lacking)
    rest = (document for document in documents(corpus) if document.uid in wanted)
    began, done = time.process_time(), 0
    while batch := list(islice(rest, 100)):
        meaning.learn(batch)
        done += len(batch)
        rate = done / (time.process_time() - began)
        print(f"  {total - len(wanted) + done} of {total} vectors, {rate:.0f} a second of CPU", file=sys.stderr)  # noqa: T201
    meaning.tidy(index.snapshot())


def say(line: str) -> None:
    """Print it."""
    print(line, flush=True)  # noqa: T201


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file with one in each line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def documents(path: Path) -> Iterator[Document]:
    """The corpus as entries; a document's uid is its line."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for place, row in enumerate(lines(path)):
        yield Document(
            uid=UUID(int=place),
            revision=1,
            kind=Kind.GUIDE,
            title=row["title"],
            body=row["text"],
            audience=Audience.PUBLIC,
            updated_at=moment,
            published_at=moment,
        )


def judgements(path: Path) -> Judgements:
    """The grades of the documents judged relevant to each query."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for query, document, grade in list(csv.reader(file, delimiter="\t"))[1:]:
            if int(grade) > 0:
                found[query][document] = int(grade)
    return found


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Normalised discounted cumulative gain with linear gains (Järvelin and Kekäläinen 2002), as trec_eval computes it."""
    gains = [grades.get(document, 0) for document in ranked[:depth]]
    ideal = sorted(grades.values(), reverse=True)[:depth]
    return _discounted(gains) / _discounted(ideal)


def recall(ranked: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """The share of the relevant documents among the first ones."""
    return len(grades.keys() & set(ranked[:depth])) / len(grades)


def mean(figures: Sequence[float]) -> float:
    """The average."""
    return sum(figures) / len(figures)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains))


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--semantic", action="store_true")
    chosen = given.parse_args()
    main(chosen.folder, is_semantic=chosen.semantic)
