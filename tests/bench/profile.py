"""Prints where the CPU of a case goes, inside one process: what is left once the server, the network and sign-in are not counted.

    python -m tests.bench.profile CASE [--folder PATH] [--entries N] [--lines N]

A case is a, b, c (reads), d (a question), or e (what the page of an entry asks).
"""

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from frontend import asking
from tests.bench import questions, stages, stores
from tests.bench.processes import say

TIMES = 100
Asked = tuple[str, dict[str, Any]]


def main(arguments: Sequence[str]) -> None:
    """Print the functions that took longest."""
    reader = argparse.ArgumentParser(prog="python -m tests.bench.profile")
    reader.add_argument("case", choices="abcde")
    reader.add_argument("--folder", type=Path)
    reader.add_argument("--entries", type=int, default=10_000)
    reader.add_argument("--lines", type=int, default=40)
    given = reader.parse_args(arguments)
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stores.store(folder, given.entries)
        database, index = stack.enter_context(stages.opened(store.data))
        viewer, every = stages.admin(database), operations(given.case)

        def work() -> None:
            for source, variables in every:
                stages.run(database, index, viewer, source, **variables)

        shown(work, len(every), given.lines)


def operations(case: str) -> list[Asked]:
    """A hundred operations of a case."""
    if case in questions.READS:
        return [(questions.READS[case], {})] * TIMES
    if case == "e":
        return [(asking.document("entries/entry"), {"slug": "entry-5"})] * TIMES
    asked = map(json.loads, islice(questions.searches(questions.SEARCH, "a question"), TIMES))
    return [(each["query"], each["variables"]) for each in asked]


def shown(work: Callable[[], None], count: int, lines: int) -> None:
    """Run it to get warm, then by the clock, then once more under the profiler."""
    work()
    began = time.process_time()
    work()
    say(f"{1000 * (time.process_time() - began) / count:.2f} ms of CPU each")
    profiler = cProfile.Profile()
    profiler.runcall(work)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
