"""Measures the search beside SQLite's FTS5 and, where it is installed, tantivy, and prints tables in Markdown.

    python -m tests.bench.search [ENTRIES]

The engines take turns, a query at a time, in one process. Times are CPU, because other programs share the machine.
"""

import os
import pickle
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Facet, Filters, Label, Reach
from knowledge.words import Audience, Freshness, GroupKind, Kind, Stage
from tests.bench import material
from tests.bench.measure import apart, say
from tests.bench.processes import memory
from tests.bench.rivals import rivals

ASKED = 300
UPDATES = 100
REACH = Reach(frozenset({Audience.PUBLIC, Audience.CUSTOMERS, Audience.EMPLOYEES}), frozenset({3}), 7)
NARROWED = Filters(kinds=frozenset({Kind.BEST_PRACTICE}), stages=frozenset({Stage.CLIENT, Stage.REPEAT}))

Query = Callable[[str], object]


def main(entries: int = 10_000) -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        apart(write, path / "documents", entries)
        say(("what", f"{entries:,} entries"))
        say(("---", "---"))
        for processes in (1, 2):
            for line in apart(filled, path, entries, processes):
                say(line)
        for line in apart(opened, path):
            say(line)
        for row in apart(compared, path):
            print(row, flush=True)  # noqa: T201
        for line in apart(updated, path):
            say(line)
    print(f"\nPython {platform.python_version()}.")  # noqa: T201


def write(path: Path, count: int) -> None:
    """Entries of some 1.3 kB in a file."""
    words, chance = material.Words(1), random.Random(1)
    tags = [Label(word, word.capitalize()) for word in words.telling[:200]]
    with path.open("wb") as file:
        for number in range(count):
            pickle.dump(_document(words, chance, tags, number), file)


def _document(words: material.Words, chance: random.Random, tags: list[Label], number: int) -> Document:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(1_000_000))
    return Document(
        uid=UUID(int=chance.getrandbits(128)),
        revision=1,
        kind=Kind.BEST_PRACTICE if number % 10 < 6 else Kind.STORY,
        title=" ".join(words.some(chance.randint(3, 8))).capitalize(),
        summary=words.sentence(6, 14),
        body="\n\n".join(words.paragraph() for _ in range(chance.randint(2, 6))),
        tags=tuple(chance.sample(tags, 4)),
        audience=chance.choice(list(Audience)),
        groups=frozenset({chance.randrange(40)}),
        people=frozenset({number % 500}),
        authors=(f"Person {number % 500}",),
        functions=frozenset(chance.sample(list(GroupKind), 2)),
        stages=frozenset({chance.choice(list(Stage))}),
        freshness=chance.choice(list(Freshness)),
        updated_at=moment,
        published_at=moment,
    )


def documents(path: Path) -> Iterator[Document]:
    """What was written."""
    with (path / "documents").open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def filled(path: Path, entries: int, processes: int) -> list[tuple[str, str]]:
    """Build the index anew."""
    index = EmbeddedIndex(path / "index", processes=processes)
    wall, cpu = time.perf_counter(), _cpu()
    index.replace(documents(path), "all")
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    index.close()
    size = sum(each.stat().st_size for each in (path / "index").rglob("*") if each.is_file())
    rates = f"{entries / cpu:,.0f} ({entries / wall:,.0f} a second on the wall)"
    lines = [(f"indexed per second of CPU, {processes} process{'es' * (processes > 1)}", rates)]
    if processes == 1:
        lines += [
            ("memory at most while indexing", f"{memory()[1]:,.0f} MB"),
            ("size of the index", f"{size / 1e6:,.1f} MB"),
        ]
    return lines


def _cpu() -> float:
    return sum(os.times()[:4])


def opened(path: Path) -> list[tuple[str, str]]:
    """Open the index in a process that has just begun."""
    before = memory()[0]
    wall, cpu = time.perf_counter(), time.process_time()
    index = EmbeddedIndex(path / "index")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    first = time.perf_counter()
    index.search("customer", REACH)
    first = time.perf_counter() - first
    for query in queries()["a question"]:
        index.search(query, REACH)
    own = _private() if sys.platform == "linux" else 0
    return [
        ("open, seconds", f"{wall:.3f} ({cpu:.3f} of CPU), first search {1000 * first:.1f} ms"),
        ("memory before, after 300 questions", f"{before:,.0f}, {memory()[0]:,.0f} MB, of which not shared {own:,.0f}"),
    ]


def _private() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024


def queries() -> dict[str, list[str]]:
    """What is asked, by class."""
    words = material.Words(5)
    one = [word for _ in range(ASKED) for word in words.wanted(2)[1:]]
    return {
        "one word": one,
        "two words": list(islice(material.pairs(), ASKED)),
        "a question": list(islice(material.questions(), ASKED)),
        "prefix": [word[:4] + "*" for word in one],
        "typed": [word[: 2 + place % 4] for place, word in enumerate(one)],
    }


def compared(path: Path) -> list[str]:
    """One line of a table for each class of queries."""
    index = EmbeddedIndex(path / "index")
    others = rivals()
    for other in others:
        other.fill(path, documents(path))

    def counted(query: str) -> object:
        hits = index.search(query, REACH, count=10)
        return hits.total, [hits.facets[facet] for facet in (Facet.KIND, Facet.STAGE, Facet.TAG)]

    plain: Query = partial(_plain, index)
    asked = queries()
    classes: list[tuple[str, list[str], Query, str]] = [
        ("one word", asked["one word"], plain, "search"),
        ("two words", asked["two words"], plain, "search"),
        ("a question", asked["a question"], plain, "search"),
        ("two words, total, three facets", asked["two words"], counted, "counted"),
        ("a question, total, three facets", asked["a question"], counted, "counted"),
        (
            "two words, filtered",
            asked["two words"],
            lambda query: index.search(query, REACH, NARROWED, count=10),
            "narrowed",
        ),
        ("prefix", asked["prefix"], plain, "search"),
        ("phrase", [f'"{query}"' for query in asked["two words"]], plain, ""),
        ("no words: the newest", [""] * ASKED, plain, ""),
        ("suggestion", asked["typed"], lambda query: index.suggest(query, REACH), ""),
        (
            "did you mean",
            [word[:3] + word[4:] for word in asked["one word"]],
            lambda q: index.did_you_mean(q, REACH),
            "",
        ),
    ]
    lines = ["", "| CPU ms, p50 / p99 | here | " + " | ".join(other.name for other in others) + " |"]
    lines.append("| --- |" + " --- |" * (1 + len(others)))
    for name, every, ours, theirs in classes:
        engines = [ours, *(getattr(other, theirs) for other in others if hasattr(other, theirs))]
        lines.append(
            f"| {name} | " + " | ".join(_timed(engines, every)) + " |" + " |" * (1 + len(others) - len(engines))
        )
    return [*lines, ""]


def _plain(index: EmbeddedIndex, query: str) -> object:
    return index.search(query, REACH, count=10)


def _timed(engines: list[Query], every: list[str]) -> list[str]:
    times: list[list[float]] = [[] for _ in engines]
    for turn in range(2):
        for query in every:
            for engine, spent in zip(engines, times, strict=True):
                began = time.process_time_ns()
                engine(query)
                if turn:
                    spent.append((time.process_time_ns() - began) / 1e6)
    return [f"{median(spent):.2f} / {quantiles(spent, n=100)[98]:.2f}" for spent in times]


def updated(path: Path) -> list[tuple[str, str]]:
    """Change entries one at a time, each searched for after it."""
    index = EmbeddedIndex(path / "index")
    cpu, wall, after = [], [], []
    for document in islice(documents(path), UPDATES):
        began, spent = time.perf_counter(), time.process_time()
        index.apply([replace(document, title="Changed " + document.title, revision=2)], (), "later")
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - spent))
        spent = time.process_time()
        index.search("changed customer", REACH)
        after.append(1000 * (time.process_time() - spent))
    figures = f"p50 {median(cpu):.1f}, most {max(cpu):.1f} ms of CPU; on the wall {median(wall):.1f}, {max(wall):.1f}"
    return [
        ("one update", figures),
        ("the first search after it", f"p50 {median(after):.2f}, most {max(after):.2f} ms of CPU"),
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
