"""What becomes of it when there is more: reads over more and more entries, and the import of many."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench import asking, material, node, questions, rounds, stages, stores
from tests.bench.contenders import MERCURIUS, UNCACHED, VARIANTS, Plan
from tests.bench.processes import Served, apart, product
from tests.bench.rounds import Contender, spread

STEP = 10


def sizes(largest: int) -> list[int]:
    """From a thousand on, each ten times the one before."""
    found = [1_000]
    while found[-1] * STEP <= largest:
        found.append(found[-1] * STEP)
    return found


def grown(plan: Plan) -> Iterator[str]:
    """The lines of a table: the list over up to so many entries, and searches over up to a tenth of them."""
    yield "| CPU ms, one client | ours | mercurius, jit |"
    yield "| --- | --- | --- |"
    for size in sizes(plan.largest):
        yield f"| (a) {size:,} entries | {' | '.join(_listed(plan, size))} |"
    for size in sizes(plan.largest // STEP):
        for kind, figure in _searched(plan, size):
            yield f"| (d) {kind}, {size:,} entries | {figure} | |"
    yield ""


def _listed(plan: Plan, size: int) -> list[str]:
    store = stores.store(plan.folder, size, searched=False)
    asked = questions.body(questions.LIST)
    with ExitStack() as stack:
        ours = stack.enter_context(product(store.data, environment=VARIANTS[UNCACHED]))
        ours.settle()
        contenders = [_contender(UNCACHED, ours, asking.request("/graphql", asked, store.token))]
        if not plan.alone:
            packages = node.installed(plan.folder / "npm")
            rival = stack.enter_context(node.rival(packages, "mercurius", str(store.rows)))
            contenders.append(_contender(MERCURIUS, rival, asking.request("/graphql", asked)))
        rounds.run(contenders, plan.rounds, plan.seconds)
    figures = [_figure(each) for each in contenders]
    return figures if len(figures) > 1 else [*figures, ""]


def _searched(plan: Plan, size: int) -> Iterator[tuple[str, str]]:
    store = stores.store(plan.folder, size)
    with product(store.data, environment=VARIANTS[UNCACHED]) as ours:
        for kind in questions.SEARCHES:
            asked = [
                asking.request("/graphql", each, store.token) for each in questions.searches(questions.SEARCH, kind)
            ]
            contender = _contender(UNCACHED, ours, *asked)
            rounds.run([contender], plan.rounds, plan.seconds)
            yield kind, _figure(contender)


def _contender(name: str, served: Served, *requests: bytes) -> Contender:
    return Contender(name, served.address, [served.process.pid], requests)


def _figure(contender: Contender) -> str:
    return spread([1000 * cpu for cpu in contender.alone], ".2f")


def imported(folder: Path, entries: int) -> str:
    """A file of so many entries, from the first row to the last that is found."""
    path = folder / "import"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    apart(material.write, path / "entries.jsonl", entries)
    stages.found(path / "data")
    rows = apart(stages.imported, path / "data", path / "entries.jsonl")
    index = apart(stages.indexed, path / "data")
    lines = [
        f"| (g) import of {entries:,} entries | CPU s | s on the wall | entries a CPU second | MB at most |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, parts in {"their rows": [rows], "their index": [index], "until searchable": [rows, index]}.items():
        cpu, wall = sum(each.cpu for each in parts), sum(each.seconds for each in parts)
        most = max(each.peak for each in parts)
        lines.append(f"| {name} | {cpu:,.1f} | {wall:,.1f} | {entries / cpu:,.0f} | {most:,.0f} |")
    shutil.rmtree(path)
    return "\n".join(lines) + "\n"
