"""Measures how well the search answers a collection of judged questions: nDCG@10 and recall@100, through import, rows and index.

    python -m tests.bench.relevance FOLDER [--semantic] [--language de]

reads corpus.jsonl {id, title, text}, queries.jsonl {id, text} and qrels.tsv (query, document, grade; a line of headings or none). With
`--semantic` the same is measured with the extra, and vectors are kept in the temporary folder for the next time.
"""

import argparse
import contextlib
import hashlib
import json
import math
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import log2
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import select

from knowledge.database import Database, table_of
from knowledge.entries.entry import Entry
from knowledge.meaning.encoder import Encoder
from knowledge.meaning.understanding import Meaning
from knowledge.people import OPERATOR
from knowledge.search import analysis, signals
from knowledge.search import documents as search_documents
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Reach
from knowledge.transfer import import_path
from server import installation
from server.settings import Settings

Judgements: TypeAlias = Mapping[str, Mapping[str, int]]

EVERYTHING = Reach(everything=True)
MOST_TITLES = 500
LONGEST_TITLE = 200  # as an entry's may be
LONGEST_TEXT = 120_000
WORDS = 200  # of a line

_SIGN = re.compile(r"[!-/:-@\[-`{-~]")


@dataclass(frozen=True)
class Paper:
    """A document of a collection, and its line."""

    place: int
    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Collection:
    """A folder with documents, questions and judgements."""

    path: Path
    language: str = "en"

    def corpus(self) -> Iterator[Paper]:
        """The documents, each id once."""
        seen = set()
        for place, row in enumerate(lines(self.path / "corpus.jsonl")):
            if (id := _id(row)) not in seen:
                seen.add(id)
                yield Paper(place, id, _text(row, "title"), _text(row, "text"))

    def judgements(self) -> Judgements:
        """As `judgements`; only of documents that are there, and only of questions with any of those."""
        there = {paper.id for paper in self.corpus()}
        judged = judgements(self.path / "qrels.tsv").items()
        found = {query: {id: grade for id, grade in grades.items() if id in there} for query, grades in judged}
        return {query: grades for query, grades in found.items() if grades}

    def queries(self) -> dict[str, str]:
        """The questions by id."""
        return {_id(row): _text(row, "text") for row in lines(self.path / "queries.jsonl")}


def main(path: Path, *, is_semantic: bool, language: str = "en") -> None:
    """Print the figures of one collection: by words, and then with meaning where that is asked for."""
    collection = Collection(path, language)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(imported(collection, Path(folder))) as database:
        index = EmbeddedIndex(Path(folder) / "index", signals=signals.ALL)
        began = time.perf_counter()
        index.replace(documents(database), "all")
        say(f"  indexed in {time.perf_counter() - began:.1f} s")
        measure(index, collection, "words")
        index.close()
        if is_semantic:
            meaning = Meaning(vectors_of(path / "corpus.jsonl"), Encoder())
            index = EmbeddedIndex(Path(folder) / "index", meaning=meaning, signals=signals.ALL)
            understand(index, meaning, database)
            measure(index, collection, "with meaning")
            index.close()


def imported(collection: Collection, folder: Path) -> Database:
    """A new installation that holds the documents as published entries, taken in as everybody's are."""
    source = folder / "entries.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for paper in collection.corpus():
            file.write(json.dumps(_row(paper, collection.language)) + "\n")
    database = installation.found(Settings(data=folder / "data"))
    began = time.perf_counter()
    report = import_path(database, OPERATOR, source, progress=_progress if sys.stderr.isatty() else None)
    took = time.perf_counter() - began
    say(f"{collection.path.name}: {report.created} documents imported in {took:.1f} s, {report.refused} refused")
    for problem in report.problems[:5]:
        say(f"  line {problem.line}: {problem.message}")
    return database


def _progress(done: int, total: int) -> None:
    print(f"\r  {done} of {total} imported", end="\n" if done == total else "", file=sys.stderr)  # noqa: T201


def _row(paper: Paper, language: str) -> dict[str, str]:
    # An entry must have a title, and a short one; a dot says nothing. The texts are plain, and Markdown would read signs into them.
    title, rest = paper.title[:LONGEST_TITLE], paper.title[LONGEST_TITLE:]
    words = f"{rest} {paper.text}"[:LONGEST_TEXT].split()
    body = "\n".join(" ".join(words[place : place + WORDS]) for place in range(0, len(words), WORDS))
    return {
        "type": "entry",
        "kind": "guide",
        "slug": f"document-{paper.place}",
        "status": "published",
        "language": language,
        "title": title or "\N{MIDDLE DOT}",
        "body": _SIGN.sub(r"\\\g<0>", body),
    }


def documents(database: Database) -> Iterator[Document]:
    """The entries as the index takes them; a document's uid is its line in the corpus."""
    e = table_of(Entry).c
    last = 0
    while True:
        with database.reading() as session:
            batch, end = search_documents.after(session, last, 500)
            found = session.connection().execute(select(e.uid, e.slug).where(e.id > last, e.id <= end))
            places = {row.uid: int(row.slug.rpartition("-")[2]) for row in found}
        yield from (replace(document, uid=UUID(int=places[document.uid]), revision=1) for document in batch)
        if end == last:
            return
        last = end


def measure(index: EmbeddedIndex, collection: Collection, how: str) -> None:
    """Print the figures of an index that holds a collection."""
    names = {paper.place: paper.id for paper in collection.corpus()}
    judged = collection.judgements()
    queries = {id: text for id, text in collection.queries().items() if id in judged}
    if not queries:
        sys.exit("No question of queries.jsonl has a document of corpus.jsonl that qrels.tsv judges relevant.")
    began = time.perf_counter()
    found = {
        id: [names[hit.uid.int] for hit in index.search(text, EVERYTHING, count=100, words_alike={}).hits]
        for id, text in queries.items()
    }
    took = 1000 * (time.perf_counter() - began) / len(found)
    gain = mean([ndcg(ranked, judged[query], 10) for query, ranked in found.items()])
    share = mean([recall(ranked, judged[query], 100) for query, ranked in found.items()])
    items = known_items(collection)
    again = [
        uid in [hit.uid for hit in index.search(query, EVERYTHING, count=10, words_alike={}).hits]
        for query, uid in items
    ]
    say(f"  {how}: nDCG@10 {gain:.3f}, recall@100 {share:.3f}, {len(found)} queries, {took:.1f} ms a query")
    if items:
        say(f"    three words of a title find it among ten: {mean(again):.3f} of {len(items)}")


def known_items(collection: Collection) -> list[tuple[str, UUID]]:
    """Three telling words of titles, in their order, chosen by chance but every time the same, and the entries that are meant."""
    chance = random.Random(7)
    language = analysis.stem_language(collection.language)
    items = []
    for paper in collection.corpus():
        words = [] if analysis.has_grams(paper.title) else analysis.words(paper.title[:LONGEST_TITLE])
        telling = [word for word in words if not analysis.is_stopped(analysis.lower(word), language)]
        if len(telling) >= 3:
            chosen = sorted(chance.sample(range(len(telling)), 3))
            items.append((" ".join(telling[each] for each in chosen), UUID(int=paper.place)))
    return chance.sample(items, min(len(items), MOST_TITLES))


def vectors_of(corpus: Path) -> Path:
    """Where the vectors of a corpus are kept between runs."""
    digest = hashlib.sha256(corpus.read_bytes()).hexdigest()
    return Path(tempfile.gettempdir()) / "loyalty-relevance" / digest[:16]


def understand(index: EmbeddedIndex, meaning: Meaning, database: Database) -> None:
    """Compute the vectors that are not there yet; stopped and begun again it goes on where it was."""
    lacking, total = meaning.lacking(index.snapshot())
    wanted = set(lacking)
    rest = (document for document in documents(database) if document.uid in wanted)
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
    """The objects of a file with one in each line; empty lines are none."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as wrong:
                    sys.exit(f"{path.name}, line {number}: {wrong}")


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("id", row.get("_id", ""))).strip()


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "")


def judgements(path: Path) -> Judgements:
    """The grades of the documents judged relevant to each query, from three columns, or four as TREC has them; no grade is 1."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            query, *rest = [cell.strip() for cell in line.rstrip("\r\n").split("\t" if "\t" in line else None)] or [""]
            document, grade = (rest[-2:] if len(rest) > 1 else [*rest, "1"]) if rest else ("", "0")
            if re.fullmatch(r"-?\d+(\.\d+)?", grade or "1") and float(grade or 1) > 0:
                best = max(found[query].get(document, 0), math.ceil(float(grade or 1)))
                found[query][document] = best
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
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("folder", type=Path, nargs="?")
    given.add_argument("--semantic", action="store_true")
    given.add_argument("--language", default="en")
    chosen = given.parse_args()
    NEEDED = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
    if chosen.folder is None or not all((chosen.folder / name).is_file() for name in NEEDED):
        sys.exit(f"Say which collection: make relevance COLLECTION=folder, a folder with {', '.join(NEEDED)} in it.")
    main(chosen.folder, is_semantic=chosen.semantic, language=chosen.language)
