"""Contenders take turns, a round at a time, and what each spent becomes a table."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench import asking
from tests.bench.processes import spent

CLIENTS = 8


@dataclass
class Contender:
    """Somebody who answers, with the processes that work for it.

    `alone` and `crowded` are seconds of CPU a request, with one client and with eight; `rates` are requests a second on the
    wall, with eight.
    """

    name: str
    address: str
    pids: Sequence[int]
    requests: Sequence[bytes]
    alone: list[float] = field(default_factory=list)
    crowded: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def turn(self, seconds: float) -> None:
        """Its turn in one round."""
        cpu, _ = self._asked(1, seconds)
        self.alone.append(cpu)
        cpu, rate = self._asked(CLIENTS, seconds)
        self.crowded.append(cpu)
        self.rates.append(rate)

    def _asked(self, clients: int, seconds: float) -> tuple[float, float]:
        began, cpu = time.perf_counter(), self._cpu()
        count = asking.many(self.address, self.requests, clients, seconds)
        return (self._cpu() - cpu) / count, count / (time.perf_counter() - began)

    def _cpu(self) -> float:
        return sum(map(spent, self.pids))


def run(contenders: Sequence[Contender], rounds: int, seconds: float) -> None:
    """Everybody's turn in every round, after a while to get warm."""
    for each in contenders:
        asking.many(each.address, each.requests, CLIENTS, seconds)
    for _ in range(rounds):
        for each in contenders:
            each.turn(seconds)


def table(title: str, contenders: Sequence[Contender], beside: Mapping[str, str]) -> str:
    """Markdown; `beside` heads the columns of shares, each with whom it compares per second of CPU."""
    by_name = {each.name: each for each in contenders}
    shares = {head: by_name[name] for head, name in beside.items() if name in by_name}
    heads = [title, "CPU ms", "CPU ms, 8 clients", "a second on the wall, 8 clients", *shares]
    lines = [heads, ["---"] * len(heads)]
    for each in contenders:
        times = [spread([1000 * cpu for cpu in of], ".2f") for of in (each.alone, each.crowded)]
        lines.append([each.name, *times, spread(each.rates), *(_share(each, other) for other in shares.values())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _share(each: Contender, other: Contender) -> str:
    if each is other:
        return ""
    return spread([theirs / its for its, theirs in zip(each.alone, other.alone, strict=True)], ".3g")


def spread(figures: Sequence[float], form: str = ",.0f") -> str:
    """The median, with the range behind it."""
    return f"{median(figures):{form}} ({min(figures):{form}}-{max(figures):{form}})"
