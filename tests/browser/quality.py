"""The table of docs/quality.md: what every page costs, as the walk through all of them found it. `make quality` writes it anew."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.browser.walking import Cost, Seen

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"
BEGINS = "| address | read by | statements | HTML, packed | requests | axe |\n|---|---|---|---|---|---|\n"
ROW = re.compile(r"^\| `(?P<address>[^`]+)` \| (?P<person>\w+) \| (?P<statements>\d+) \| (?P<size>[\d.]+) kB \| (?P<requests>\d+) \| (?P<faults>.+) \|$", re.MULTILINE)  # fmt: skip  # noqa: E501


def is_asked_for() -> bool:
    """Whether this run is there to write the table."""
    return bool(os.environ.get("LOYALTY_TEST_QUALITY"))


def written() -> Mapping[tuple[str, str], Cost]:
    """What the page says, by who reads which address."""
    rows = ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return {
        (row["person"], row["address"]): Cost(
            int(row["statements"]), round(float(row["size"]) * 1_000), int(row["requests"])
        )
        for row in rows
    }


def write(walks: Mapping[str, Iterable[Seen]]) -> None:
    """Put what was seen in the place of the former table."""
    before, _, after = PAGE.read_text(encoding="utf-8").partition(BEGINS)
    rest = re.sub(r"\A(?:\|.*\n)*", "", after)
    rows = (_row(person or "stranger", seen) for person, all in walks.items() for seen in all)
    PAGE.write_text(before + BEGINS + "".join(rows) + rest, encoding="utf-8")


def _row(person: str, seen: Seen) -> str:
    cost = seen.cost
    faults = f"{len(seen.faults)} grave" if seen.faults else "nothing grave"
    size = f"{cost.size / 1_000:.1f} kB"
    return f"| `{seen.address}` | {person} | {cost.statements} | {size} | {cost.requests} | {faults} |\n"
