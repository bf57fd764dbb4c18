"""Measures the product over ten thousand entries and prints a table in Markdown; docs/performance.md holds one.

    python -m tests.bench.measure [ENTRIES] [ROUNDS]

Each stage has a process of its own. What is compared runs in interleaved rounds; a figure is the median of its rounds, with
the range behind it. Rates are per second of CPU, because other programs share the machine.
"""

import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import ParamSpec, TypeVar

from tests.bench import material, stages
from tests.bench.processes import Served, bare, memory, product

P = ParamSpec("P")
T = TypeVar("T")
Line = tuple[str, str]

REQUESTS = 200
BARE_REQUESTS = 2_000
CLIENTS = 8


def main(entries: int = 10_000, rounds: int = 5) -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        data, source = Path(folder) / "data", Path(folder) / "entries.jsonl"
        material.write(source, entries)
        headers = stages.found(data)
        say(("what", f"{entries:,} entries"))
        say(("---", "---"))
        for lines in (
            filled(data, source, entries),
            looked_up(data, rounds),
            served(data, headers, rounds),
            kept(data, headers),
            started(data, rounds),
        ):
            for line in lines:
                say(line)
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} CPUs, {rounds} rounds.")  # noqa: T201


def say(line: Line) -> None:
    """Print a line of the table."""
    print(f"| {line[0]} | {line[1]} |", flush=True)  # noqa: T201


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` answers in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def spread(figures: Sequence[float], form: str = ",.0f") -> str:
    """The median, with the range behind it."""
    return f"{median(figures):{form}} ({min(figures):{form}} to {max(figures):{form}})"


def rates(count: int, cpu: float, seconds: float) -> str:
    """How many per second of CPU, and how many on the wall."""
    return f"{count / cpu:,.0f} ({count / seconds:,.0f} a second on the wall)"


def filled(data: Path, source: Path, entries: int) -> Iterator[Line]:
    """Import and index, with memory and size."""
    done = apart(stages.imported, data, source)
    yield "import, entries per second of CPU", rates(entries, done.cpu, done.seconds)
    yield "import, memory before, at most, after", f"{done.before:.0f}, {done.peak:.0f}, {done.after:.0f} MB"
    done = apart(stages.indexed, data)
    yield "index, entries per second of CPU", rates(entries, done.cpu, done.seconds)
    yield "index, memory before, at most, after", f"{done.before:.0f}, {done.peak:.0f}, {done.after:.0f} MB"
    rows = (data / "loyalty.db").stat().st_size
    index = sum(file.stat().st_size for file in (data / "index").rglob("*") if file.is_file())
    yield (
        "size of source, rows, index",
        f"{source.stat().st_size / 2**20:.1f}, {rows / 2**20:.1f}, {index / 2**20:.1f} MB",
    )


def looked_up(data: Path, rounds: int) -> Iterator[Line]:
    """Searches and statements, in one process without a server."""
    for kind, times in apart(stages.searched, data, min(rounds, 2)).items():
        (middle, end), (cpu, most) = times.wall, times.cpu
        yield (
            f"search for {kind}, {times.hits:,.0f} hits on average, ms of CPU",
            f"p50 {cpu:.1f}, p99 {most:.1f} (on the wall {middle:.1f}, {end:.1f})",
        )
    for name, count in apart(stages.statements, data).items():
        yield f"statements: {name}", str(count)


def served(data: Path, headers: dict[str, str], rounds: int) -> Iterator[Line]:
    """The list and a page over HTTP, beside a bare route that answers the same bytes."""
    asked = json.dumps({"query": stages.LIST}).encode()
    page, list_file, page_file = "/entries/entry-5", data / "list", data / "page"
    with product(data, **headers) as server:
        connection = server.connect()
        list_file.write_bytes(server.ask(connection, "/graphql", asked))
        page_file.write_bytes(server.ask(connection, page))
        connection.close()
        with bare(list_file) as bare_list, bare(page_file) as bare_page:
            figures = [
                (
                    server.rate("/graphql", asked, requests=REQUESTS),
                    bare_list.rate("/", asked, requests=BARE_REQUESTS),
                    server.rate(page, requests=REQUESTS),
                    bare_page.rate("/", requests=BARE_REQUESTS),
                )
                for _ in range(rounds)
            ]
        lists, bare_lists, pages, bare_pages = (list(each) for each in zip(*figures, strict=True))
        yield f"list of 50 entries, {list_file.stat().st_size:,} bytes, requests per second of CPU", spread(lists)
        yield "the same bytes from a bare Starlette route", spread(bare_lists)
        yield (
            "the list, share of the bare route",
            spread([a / b for a, b in zip(lists, bare_lists, strict=True)], ".3f"),
        )
        yield f"page of an entry, {page_file.stat().st_size:,} bytes, requests per second of CPU", spread(pages)
        yield (
            "the page, share of the bare route",
            spread([a / b for a, b in zip(pages, bare_pages, strict=True)], ".3f"),
        )
        now, peak = memory(server.process.pid)
        yield "server after these requests, memory now, at most", f"{now:.0f}, {peak:.0f} MB"
    list_file.unlink()
    page_file.unlink()


def kept(data: Path, headers: dict[str, str]) -> Iterator[Line]:
    """Durable writes by eight clients: straight to the rows, then over HTTP."""
    done = apart(stages.written, data, 100)
    yield "durable writes by 8 threads, per second of CPU", rates(done.count, done.cpu, done.seconds)
    with product(data, **headers) as server:
        began, cpu = time.perf_counter(), server.cpu()
        with ThreadPoolExecutor(CLIENTS) as pool:
            count = sum(pool.map(lambda number: _recorded(server, number), range(CLIENTS)))
        seconds, spent = time.perf_counter() - began, server.cpu() - cpu
    yield "durable writes by 8 clients over HTTP, per second of CPU", rates(count, spent, seconds)


def _recorded(server: Served, number: int, each: int = 50) -> int:
    connection = server.connect()
    for turn in range(each):
        said = {"verbatim": f"Said to {number} as number {turn}", "channel": "PHONE"}
        body = json.dumps({"query": stages.FEEDBACK, "variables": {"input": said}}).encode()
        if json.loads(server.ask(connection, "/graphql", body))["data"]["createFeedback"]["errors"]:
            raise RuntimeError("Feedback was refused.")
    connection.close()
    return each


def started(data: Path, rounds: int) -> Iterator[Line]:
    """How long a server takes until it answers."""
    seconds, cpu = [], []
    for _ in range(rounds):
        with product(data) as server:
            seconds.append(server.seconds)
            cpu.append(server.cpu_at_start)
    yield "start to first answer, seconds", spread(seconds, ".2f")
    yield "start to first answer, seconds of CPU", spread(cpu, ".2f")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
