"""Measures the search beside SQLite's FTS5 and, where it is installed, tantivy, and prints tables in Markdown.

    python -m tests.bench.search [ENTRIES]

The engines take turns, a query at a time, in one process. Times are CPU, because other programs share the machine. Then the same
entries are put into an installation of their own, which is indexed, served over HTTP, and followed while others read.
"""

import gc
import os
import pickle
import platform
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

from knowledge.search import signals
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Facet, Filters, Label, Reach
from knowledge.words import Audience, Freshness, GroupKind, Kind, Stage
from tests.bench import material, served
from tests.bench.engines import rivals
from tests.bench.processes import apart, memory, say

ASKED = 300
SLOWLY = 40
"""Queries of a class from 50,000 entries on, where FTS5 takes its time."""
UPDATES = 1_000
REACH = Reach(frozenset({Audience.PUBLIC, Audience.CUSTOMERS, Audience.EMPLOYEES}), frozenset({3}), 7)
NARROWED = Filters(kinds=frozenset({Kind.BEST_PRACTICE}), stages=frozenset({Stage.CLIENT, Stage.REPEAT}))

Query = Callable[[str], object]


def main(entries: int = 10_000) -> None:
    """Print every figure."""
    if find_spec("tantivy") is None:
        print("tantivy is left out. To have it beside: pip install tantivy\n")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        apart(write, path / "documents", entries)
        say(cells("what", f"{entries:,} entries"))
        say(cells("---", "---"))
        for processes in (1, 2):
            for line in apart(filled, path, entries, processes):
                say(cells(*line))
        for line in apart(opened, path):
            say(cells(*line))
        for row in apart(compared, path, SLOWLY if entries >= 50_000 else ASKED):
            print(row, flush=True)  # noqa: T201
        say(cells("what", f"{entries:,} entries"))
        say(cells("---", "---"))
        for line in apart(updated, path):
            say(cells(*line))
        shutil.rmtree(path / "index")
        for line in installed(path):
            say(cells(*line))
    print(f"\nPython {platform.python_version()}.")  # noqa: T201


def installed(path: Path) -> Iterator[tuple[str, str]]:
    """The figures of a whole installation."""
    headers = apart(served.founded, path)
    for processes in (1, 2):
        count, spent, wall = apart(served.rebuilt, path, processes)
        named = f"index from the rows, {processes} process{'es' * (processes > 1)}"
        yield named, f"{spent:.1f} s of CPU ({wall:.1f} on the wall), {count / spent:,.0f} entries per second of CPU"
    sizes = served.size(path / "data" / "index"), served.size(path / "data")
    yield "size of the index, of the whole data folder", "{:,.0f}, {:,.0f} MB".format(*sizes)
    for workers in (1, 2):
        yield from served.over_http(path, headers, workers)
    yield from apart(served.late, path)


def cells(name: str, figure: str) -> str:
    """A line of a table."""
    return f"| {name} | {figure} |"


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
    wall, spent = time.perf_counter(), cpu()
    index.replace(documents(path), "all")
    wall, spent = time.perf_counter() - wall, cpu() - spent
    index.close()
    size = sum(each.stat().st_size for each in (path / "index").rglob("*") if each.is_file())
    rates = f"{entries / spent:,.0f} ({entries / wall:,.0f} a second on the wall)"
    lines = [(f"indexed per second of CPU, {processes} process{'es' * (processes > 1)}", rates)]
    if processes == 1:
        lines += [
            ("memory at most while indexing", f"{memory()[1]:,.0f} MB"),
            ("size of the index", f"{size / 1e6:,.1f} MB"),
        ]
    return lines


def cpu() -> float:
    """Seconds of this process and of those it began and has seen end."""
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


def compared(path: Path, most: int) -> list[str]:
    """One line of a table for each class, of at most so many queries."""
    index = EmbeddedIndex(path / "index", signals=signals.ALL)
    others = rivals()
    for other in others:
        other.fill(path, documents(path))

    def counted(query: str) -> object:
        hits = index.search(query, REACH, count=10, words_alike={})
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
            lambda query: index.search(query, REACH, NARROWED, count=10, words_alike={}),
            "narrowed",
        ),
        ("prefix", asked["prefix"], plain, "search"),
        ("phrase", [f'"{query}"' for query in asked["two words"]], plain, ""),
        ("no words: the newest", [""] * ASKED, plain, ""),
        ("suggestion", asked["typed"], lambda query: index.suggest(query, REACH), "suggested"),
        (
            "did you mean",
            [word[:3] + word[4:] for word in asked["one word"]],
            lambda q: index.did_you_mean(q, REACH),
            "",
        ),
    ]
    shares = "".join(f" {other.name} / here |" for other in others)
    lines = ["", "| CPU ms, p50 / p99 | here | " + " | ".join(other.name for other in others) + f" |{shares}"]
    lines.append("| --- |" + " --- |" * (1 + 2 * len(others)))
    for name, every, ours, theirs in classes:
        engines = [ours, *(getattr(other, theirs) for other in others if hasattr(other, theirs))]
        times = _timed(engines, every[:most])
        missing = [""] * (1 + len(others) - len(engines))
        ratios = [f"{median(each) / median(times[0]):.1f}" for each in times[1:]]
        lines.append("| " + " | ".join([name, *map(_figures, times), *missing, *ratios, *missing]) + " |")
    return [*lines, ""]


def _plain(index: EmbeddedIndex, query: str) -> object:
    return index.search(query, REACH, count=10, words_alike={})


def _figures(times: list[float]) -> str:
    return f"{median(times):.2f} / {quantiles(times, n=100)[98]:.2f}"


def _timed(engines: list[Query], every: list[str]) -> list[list[float]]:
    times: list[list[float]] = [[] for _ in engines]
    for turn in range(2):
        for query in every:
            for engine, spent in zip(engines, times, strict=True):
                began = time.process_time_ns()
                engine(query)
                if turn:
                    spent.append((time.process_time_ns() - began) / 1e6)
    return times


def updated(path: Path) -> list[tuple[str, str]]:
    """Change entries one at a time, each searched for after it."""
    index = EmbeddedIndex(path / "index")
    gc.freeze()  # as the server does
    spent, wall, after = list[float](), list[float](), list[float]()
    for document in islice(documents(path), UPDATES):
        began, cpu_before = time.perf_counter(), time.process_time()
        index.apply([replace(document, title="Changed " + document.title, revision=2)], (), "later")
        wall.append(1000 * (time.perf_counter() - began))
        spent.append(1000 * (time.process_time() - cpu_before))
        cpu_before = time.process_time()
        index.search("changed customer", REACH)
        after.append(1000 * (time.process_time() - cpu_before))
    rows = {"one update, ms of CPU": spent, "on the wall": wall, "the first search after it, ms of CPU": after}
    return [(name, f"{_figures(times)}, most {max(times):.1f}") for name, times in rows.items()]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
