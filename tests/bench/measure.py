"""Measures the product beside others over the same entries, and prints tables in Markdown; docs/performance.md holds them.

    python -m tests.bench.measure [PART ...] [--entries N] [--rounds N] [--seconds N] [--import N] [--largest N]
                                  [--folder PATH] [--alone] [--quick]

Parts are the letters of the cases, a to g, and `growth`. Stores, npm's packages and PostgreSQL are made in the folder, and found there
again; without one in a temporary folder. With --alone nobody is asked who needs Node. Everybody who answers a case is up at the same time
and takes turns; a figure is the median of its rounds, with the range behind it. CPU is that of all processes of a server.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench import asking, growing, questions
from tests.bench.contenders import (
    BARE,
    CACHED,
    MERCURIUS,
    POSTGRAPHILE,
    POSTGRES,
    UNCACHED,
    VARIANTS,
    YOGA,
    Plan,
    Team,
    beside,
    team,
)
from tests.bench.processes import say
from tests.bench.rounds import Contender

SECONDS = len("2026-01-01T00:00:00")
PARTS = ("a", "b", "c", "d", "e", "f", "g", "growth")


def main(arguments: Sequence[str]) -> None:
    """Print every table that is asked for."""
    given = parsed(arguments)
    with ExitStack() as stack:
        kept = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loyalty-bench-")))
        kept.mkdir(parents=True, exist_ok=True)
        plan = planned(given, kept.resolve())
        if set(plan.parts) & set("abcdef"):
            with team(plan) as up:
                compared(plan, up)
        if "g" in plan.parts:
            say(growing.imported(plan.folder, plan.imported))
        if "growth" in plan.parts:
            for line in growing.grown(plan):
                say(line)
    say(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {plan.rounds} rounds of {plan.seconds} s.")


def planned(given: argparse.Namespace, folder: Path) -> Plan:
    """What is to be done; a quick look has one round over few entries, of the product as it comes."""
    parts = given.parts or PARTS
    if given.quick:
        return Plan(folder, parts, 100, 1, 0.05, 100, 1_000, alone=True, variants={UNCACHED: VARIANTS[UNCACHED]})
    sizes = (given.entries, given.rounds, given.seconds, given.imported, given.largest)
    return Plan(folder, parts, *sizes, alone=given.alone, variants=VARIANTS)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed."""
    reader = argparse.ArgumentParser(prog="python -m tests.bench.measure")
    reader.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all unless some are named")
    reader.add_argument("--entries", type=int, default=10_000)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--seconds", type=float, default=0.6)
    reader.add_argument("--import", dest="imported", type=int, default=100_000)
    reader.add_argument("--largest", type=int, default=1_000_000)
    reader.add_argument("--folder", type=Path)
    reader.add_argument("--alone", action="store_true")
    reader.add_argument("--quick", action="store_true")
    return reader.parse_args(arguments)


def compared(plan: Plan, up: Team) -> None:
    """The cases that servers answer."""
    for letter in [each for each in questions.READS if each in plan.parts]:
        reads(plan, up, letter)
    if "d" in plan.parts:
        for kind in questions.SEARCHES:
            searches(plan, up, kind)
    if "e" in plan.parts:
        for path in questions.PAGES:
            pages(plan, up, path)
    if "f" in plan.parts:
        writes(plan, up)


def reads(plan: Plan, up: Team, letter: str) -> None:
    """A read by everybody, whose data must be the same."""
    asked = questions.body(questions.READS[letter])
    contenders = [up.contender(name, asked) for name in plan.variants]
    if up.rivals:
        contenders += [up.contender(name, asked) for name in (MERCURIUS, YOGA)]
        contenders.append(up.contender(POSTGRAPHILE, questions.body(questions.POSTGRAPHILE[letter])))
    answers = {each.name: asking.one(each.address, each.requests[0]) for each in contenders}
    wanted = same(json.loads(answers[UNCACHED])["data"], loosely=False)
    for name, answer in answers.items():
        loosely = name == POSTGRAPHILE
        if same(json.loads(answer)["data"], loosely=loosely) != (same(wanted, loosely=True) if loosely else wanted):
            raise RuntimeError(f"{name} answers {letter} otherwise: {answer[:2000].decode()}")
    with beside(plan, answers[UNCACHED]) as plain:
        title = f"{questions.NAMES[letter]}: {len(answers[UNCACHED]):,} bytes"
        plan.table(title, [*contenders, plain], mercurius=MERCURIUS, bare=BARE)


def same(data: object, *, loosely: bool) -> object:
    """What is compared; loosely, without ids, cursors and parts of a second, which every server writes in its own way."""
    if isinstance(data, list):
        return [same(each, loosely=loosely) for each in data]
    if not isinstance(data, dict):
        return data
    own = ("id", "cursor", "startCursor", "endCursor") if loosely else ()
    if loosely and "updatedAt" in data:
        data = {**data, "updatedAt": data["updatedAt"][:SECONDS]}
    return {name: same(each, loosely=loosely) for name, each in data.items() if name not in own}


def searches(plan: Plan, up: Team, kind: str) -> None:
    """Ten hits with the total and facets; rivals find by any word too, but rank and stem in their own way."""
    asked = questions.searches(questions.SEARCH, kind)
    contenders = [up.contender(name, *asked) for name in (UNCACHED, CACHED) if name in up.ours]
    if up.rivals:
        contenders.append(up.contender(POSTGRAPHILE, *questions.searches(questions.POSTGRAPHILE["search"], kind)))
    for each in contenders:
        found = json.loads(asking.one(each.address, each.requests[0]))["data"]["search"]
        if not found["totalCount"] or not found["nodes"]:
            raise RuntimeError(f"{each.name} finds nothing.")
    plan.table(f"(d) search of {kind}, total, facets", contenders, PostGraphile=POSTGRAPHILE)


def pages(plan: Plan, up: Team, path: str) -> None:
    """A page as a browser asks for it."""
    asked = asking.request(path, headers=up.store.cookie)
    ours = [
        Contender(name, up.ours[name].address, [up.ours[name].process.pid], [asked])
        for name in (UNCACHED, CACHED)
        if name in up.ours
    ]
    answer = asking.one(ours[0].address, asked)
    with beside(plan, answer) as plain:
        plan.table(f"{questions.PAGES[path]}: {len(answer):,} bytes", [*ours, plain], bare=BARE)


def writes(plan: Plan, up: Team) -> None:
    """Feedback, each answered after it is on the disk."""
    asked = questions.sayings(questions.FEEDBACK)
    contenders = [up.contender(name, *asked) for name in (UNCACHED, POSTGRES) if name in up.ours]
    if up.rivals:
        theirs = questions.sayings(questions.POSTGRAPHILE["feedback"], "feedback")
        contenders.append(up.contender(POSTGRAPHILE, *theirs))
    plan.table("(f) create feedback, durably", contenders, PostGraphile=POSTGRAPHILE)


if __name__ == "__main__":
    main(sys.argv[1:])
