"""Measures how well the search answers a collection of judged queries: nDCG@10 and recall@100 through the index itself.

    python -m tests.bench.relevance FOLDER

reads corpus.jsonl {id, title, text}, queries.jsonl {id, text} and qrels.tsv (query, document, grade; one line of headings).
"""

import csv
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import Any
from uuid import UUID

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Reach
from knowledge.words import Audience, Kind

Judgements = Mapping[str, Mapping[str, int]]


def main(path: Path) -> None:
    """Print the figures of one collection."""
    judged = judgements(path / "qrels.tsv")
    with tempfile.TemporaryDirectory() as folder:
        index = EmbeddedIndex(Path(folder))
        began = time.perf_counter()
        names = [row["id"] for row in lines(path / "corpus.jsonl")]
        index.replace(documents(path / "corpus.jsonl"), "all")
        indexed = time.perf_counter() - began
        began = time.perf_counter()
        found = {
            row["id"]: [names[hit.uid.int] for hit in index.search(row["text"], Reach(everything=True), count=100).hits]
            for row in lines(path / "queries.jsonl")
            if row["id"] in judged
        }
        searched = time.perf_counter() - began
        index.close()
    gain = mean([ndcg(ranked, judged[query], 10) for query, ranked in found.items()])
    share = mean([recall(ranked, judged[query], 100) for query, ranked in found.items()])
    print(f"{path.name}: nDCG@10 {gain:.3f}, recall@100 {share:.3f}, {len(found)} queries")  # noqa: T201
    print(f"  {len(names) / indexed:.0f} entries indexed a second, {1000 * searched / len(found):.1f} ms a query")  # noqa: T201


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
    main(Path(sys.argv[1]))
