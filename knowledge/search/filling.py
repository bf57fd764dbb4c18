"""Fills an empty index with many documents, in one commit, with one process or several of them."""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from knowledge.search import folder, writing
from knowledge.search.gathering import gathered
from knowledge.search.index import Document
from knowledge.search.segments import Segment

BATCH = 10_000
LARGEST = 20_000_000
"""Entries of one segment, and characters of their bodies from which it is enough: some 250 MB while it is made."""


def fill(path: Path, documents: Iterable[Document], cursor: str, processes: int) -> None:
    """One commit of all documents, of which no more are in memory than the processes work at."""
    batches = _batches(documents)
    made = [built(path, batch) for batch in batches] if processes == 1 else _built_apart(path, batches, processes)
    if made:
        folder.record(folder.Storage(path, cursor), made, folder.generation(path) + 1)


def built(path: Path, documents: list[Document]) -> Any:
    """A segment of these, written to its file; no table of contents names it yet."""
    whole = Segment(gathered(documents).arrays())
    return writing.written(path, [(whole, np.ones(whole.size, np.bool_))])


def _built_apart(path: Path, batches: Iterator[list[Document]], processes: int) -> list[Any]:
    # Spawned: the caller has threads and connections, which a fork would copy in the middle of what they do.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        running: deque[Future[Any]] = deque()
        made = []
        for batch in batches:
            if len(running) > processes:
                made.append(running.popleft().result())
            running.append(pool.submit(built, path, batch))
        return made + [each.result() for each in running]


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: dict[UUID, Document] = {}
    length = 0
    for document in documents:
        batch[document.uid] = document
        length += len(document.body)
        if len(batch) == BATCH or length > LARGEST:
            yield list(batch.values())
            batch, length = {}, 0
    if batch:
        yield list(batch.values())
