"""What a whole installation does with so many entries: the index built from its rows, searches over HTTP, memory, start and lag."""

import json
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median, quantiles

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Reach
from server import installation
from server.settings import Settings
from server.worker import Worker
from tests.bench import rows, search, stages
from tests.bench.processes import Served, product
from tests.factories import an_entry

CLIENTS = 4
READERS = 4
REQUESTS = 120
PUBLISHED = 100

FOUND = "edges { node { ... on Entry { slug title } } highlights { html } }"
FACETS = "facets { field values { value count } }"
ONLY = "filter: {kinds: [BEST_PRACTICE], stages: [CLIENT, REPEAT]}, "


def asked(classes: dict[str, list[str]]) -> dict[str, list[bytes]]:
    """Bodies of requests, by class."""

    def search_for(queries: list[str], more: str = "", only: str = "") -> list[bytes]:
        source = f"query ($q: String!) {{ search(query: $q, {only}first: 10) {{ {FOUND} {more} }} }}"
        return [json.dumps({"query": source, "variables": {"q": query}}).encode() for query in queries]

    suggest = "query ($q: String!) { suggest(prefix: $q) { text } }"
    return {
        "one word": search_for(classes["one word"]),
        "two words": search_for(classes["two words"]),
        "a question": search_for(classes["a question"]),
        "two words, total, three facets": search_for(classes["two words"], f"totalCount {FACETS}"),
        "two words, filtered": search_for(classes["two words"], only=ONLY),
        "prefix": search_for(classes["prefix"]),
        "suggestion": [
            json.dumps({"query": suggest, "variables": {"q": typed}}).encode() for typed in classes["typed"]
        ],
    }


def founded(path: Path) -> dict[str, str]:
    """An installation with the documents as its entries; the headers of a program."""
    headers = stages.found(path / "data")
    database = Database(Settings(data=path / "data").address)
    rows.fill(database, search.documents(path))
    database.close()
    return {"authorization": headers["authorization"]}


def rebuilt(path: Path, processes: int) -> tuple[int, float, float]:
    """Build the index from the rows: how many entries, seconds of CPU with those of its processes, and on the wall."""
    home = installation.open(Settings(data=path / "data", index_processes=processes))
    wall, cpu = time.perf_counter(), search.cpu()
    count = following.reindex(home.database, home.index)
    wall, cpu = time.perf_counter() - wall, search.cpu() - cpu
    home.close()
    return count, cpu, wall


def over_http(path: Path, headers: dict[str, str], workers: int) -> Iterator[tuple[str, str]]:
    """The start, searches one after the other and by four at once, and memory."""
    with product(path / "data", "--workers", str(workers), headers=headers) as server:
        yield f"start, {_of(workers)}", f"{server.cpu_at_start:.2f} s of CPU ({server.seconds:.2f} on the wall)"
        bodies = asked(search.queries())
        if workers == 1:
            for name, every in bodies.items():
                yield f"over HTTP: {name}", f"{_spent(server, every):.1f} ms of CPU"
        yield f"over HTTP: {CLIENTS} clients, two words, {_of(workers)}", _crowd(server, bodies["two words"])
        for pid in server.pids():
            yield (
                f"memory of each, {_of(workers)}",
                "resident {:.0f} MB, its share of it {:.0f} MB".format(*_held(pid)),
            )


def _of(workers: int) -> str:
    return "one process" if workers == 1 else f"{workers} processes"


def _spent(server: Served, bodies: list[bytes]) -> float:
    connection = server.connect()
    for body in bodies[:10]:
        _good(server.ask(connection, "/graphql", body))
    began = server.cpu()
    for body in bodies[:REQUESTS]:
        server.ask(connection, "/graphql", body)
    spent = server.cpu() - began
    connection.close()
    return 1000 * spent / min(REQUESTS, len(bodies))


def _good(answer: bytes) -> None:
    if b'"errors"' in answer:
        raise RuntimeError(answer[:500].decode())


def _crowd(server: Served, bodies: list[bytes]) -> str:
    def ask(number: int) -> None:
        connection = server.connect()
        for body in bodies[number * 50 : number * 50 + REQUESTS]:
            server.ask(connection, "/graphql", body)
        connection.close()

    began, spent = time.perf_counter(), server.cpu()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask, range(CLIENTS)))
    wall, spent = time.perf_counter() - began, server.cpu() - spent
    count = sum(len(bodies[number * 50 : number * 50 + REQUESTS]) for number in range(CLIENTS))
    return f"{count / wall:.0f} a second on the wall, {1000 * spent / count:.1f} ms of CPU each"


def _held(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    found = {name: value for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(found["Rss"].split()[0]) / 1024, int(found["Pss"].split()[0]) / 1024


def late(path: Path) -> list[tuple[str, str]]:
    """How long after its commit an entry is found by another, while four processes search without pause."""
    home = installation.open(Settings(data=path / "data"))
    worker = Worker(home.database, home.index, path / "data")
    other = EmbeddedIndex(path / "data" / "index")
    waits = []
    with _reading(path / "data" / "index"):
        worker.start()
        worker.caught_up().result()
        for number in range(PUBLISHED):
            word = f"unheard{number}of"
            home.database.write(lambda session, word=word: an_entry(session, OPERATOR, title=f"Title {word}"))  # type: ignore[misc]
            began = time.perf_counter()
            while not other.search(word, Reach(everything=True)).total:
                time.sleep(0.002)
            waits.append(1000 * (time.perf_counter() - began))
        worker.stop()
    home.close()
    figures = f"p50 {median(waits):.0f}, p99 {quantiles(waits, n=100)[98]:.0f}, most {max(waits):.0f} ms on the wall"
    return [(f"commit to found, while {READERS} processes search without pause", figures)]


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    spawned = multiprocessing.get_context("spawn")
    begun, ended = [spawned.Event() for _ in range(READERS)], spawned.Event()
    readers = [spawned.Process(target=read_until, args=(folder, each, ended), daemon=True) for each in begun]
    for reader in readers:
        reader.start()
    for each in begun:
        each.wait()
    yield
    ended.set()
    for reader in readers:
        reader.join()


def read_until(folder: Path, begun: Event, ended: Event) -> None:
    """Search without pause."""
    index = EmbeddedIndex(folder)
    begun.set()
    for query in cycle(search.queries()["two words"]):
        index.search(query, search.REACH)
        if ended.is_set():
            return


def size(folder: Path) -> float:
    """MB of all files in a folder."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6
