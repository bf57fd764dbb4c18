"""Fills an empty index with many documents, in one commit, with one process or several of them."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from itertools import chain, islice
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
NICENESS = 5
MOST_BY_DEFAULT = 4


def fill(path: Path, documents: Iterable[Document], cursor: str, processes: int) -> None:
    """One commit of all documents, of which no more are in memory than the processes work at."""
    batches = _batches(documents)
    first = list(islice(batches, min(processes, 2)))
    if len(first) > 1:
        made = _built_apart(path, chain(first, batches), processes)
    else:
        made = [built(path, batch) for batch in chain(first, batches)]
    if made:
        folder.record(folder.Storage(path, cursor), made, folder.generation(path) + 1)


def built(path: Path, documents: list[Document]) -> Any:
    """A segment of these, written to its file; no table of contents names it yet."""
    whole = Segment(gathered(documents).arrays())
    return writing.written(path, [(whole, np.ones(whole.size, np.bool_))])


def sensible() -> int:
    """As many processes as cores are ours, up to four: then the disk and whoever reads the rows are what one waits for."""
    with suppress(AttributeError):  # not everywhere
        return min(len(os.sched_getaffinity(0)), MOST_BY_DEFAULT)
    return min(os.cpu_count() or 1, MOST_BY_DEFAULT)


def _built_apart(path: Path, batches: Iterator[list[Document]], processes: int) -> list[Any]:
    # Spawned: the caller has threads and connections, which a fork would copy in the middle of what they do.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawned, initializer=_begun) as pool:
        running: deque[Future[Any]] = deque()
        made = []
        try:
            for batch in batches:
                if len(running) > processes:
                    made.append(running.popleft().result())
                running.append(pool.submit(built, path, batch))
            return made + [each.result() for each in running]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begun() -> None:
    """Whoever asks meanwhile comes first; and nothing is built for a process that was killed."""
    with suppress(OSError):
        os.nice(NICENESS)
    threading.Thread(target=_ended_with_its_parent, daemon=True).start()


def _ended_with_its_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


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
