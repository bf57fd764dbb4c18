"""Contenders take turns, a round at a time, and what each spent becomes a table."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench import asking
from tests.bench.processes import Served

CLIENTS = 8


@dataclass
class Contender:
    """Somebody who answers; `spent` is seconds of CPU a request with one client, `rates` requests a second on the wall with eight."""

    name: str
    served: Served
    requests: Sequence[bytes]
    also: Sequence[Served] = ()
    spent: list[float] = field(default_factory=list)
    crowded: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def turn(self, seconds: float) -> None:
        """A turn of one round."""
        for clients, spent in ((1, self.spent), (CLIENTS, self.crowded)):
            began, cpu = time.perf_counter(), self._cpu()
            count = asking.many(self.served.address, self.requests, clients, seconds)
            spent.append((self._cpu() - cpu) / count)
        self.rates.append(count / (time.perf_counter() - began))

    def _cpu(self) -> float:
        return sum(each.cpu() for each in (self.served, *self.also))


def run(contenders: Sequence[Contender], rounds: int, seconds: float) -> None:
    """Everybody's turn in every round, after a while to get warm."""
    for each in contenders:
        asking.many(each.served.address, each.requests, 1, seconds)
    for _ in range(rounds):
        for each in contenders:
            each.turn(seconds)


def table(title: str, contenders: Sequence[Contender], beside: Mapping[str, str]) -> str:
    """Markdown; `beside` names the columns of shares and whom each compares with."""
    by_name = {each.name: each for each in contenders}
    shares = {head: by_name[name] for head, name in beside.items() if name in by_name}
    heads = [title, "CPU ms a request", "with 8 clients", "requests a second, 8 clients", *shares]
    lines = [heads, ["---"] * len(heads)]
    for each in contenders:
        ratios = [spread([b / a for a, b in zip(each.spent, other.spent, strict=True)], ".2f") for other in shares.values()]
        times = [spread([1000 * spent for spent in of], ".2f") for of in (each.spent, each.crowded)]
        lines.append([each.name, *times, spread(each.rates), *ratios])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def spread(figures: Sequence[float], form: str = ",.0f") -> str:
    """The median, with the range behind it."""
    return f"{median(figures):{form}} ({min(figures):{form}}-{max(figures):{form}})"
