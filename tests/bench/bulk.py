"""Imports many customers, transactions and items of feedback, twice, and prints how long that takes and how much memory it holds.

    python -m tests.bench.bulk [FEEDBACK]

There are a tenth as many customers as items of feedback, and three transactions to a customer. Each import has a process of its
own; seconds are of CPU, because other programs share the machine.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from knowledge import migrations, people
from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.transfer import importing
from knowledge.words import Role
from tests.bench.processes import apart

KINDS = ("complaint", "suggestion", "praise", "question", "like", "dislike", "mistake_report", None)
STAFF = "eva@example.org"
Values = Mapping[str, object]


def customers(count: int) -> Iterator[Values]:
    """Customers of a system elsewhere."""
    for number in range(count):
        identity = {"source": "crm", "external_id": f"k{number}"}
        yield {"type": "customer", **identity, "name": f"Café {number}", "email": f"cafe{number}@example.org"}


def transactions(count: int, among: int) -> Iterator[Values]:
    """What they bought, on the days of a year."""
    for number in range(count):
        at = f"2026-{number % 9 + 1:02}-{number % 28 + 1:02}T10:00:00Z"
        customer = {"source": "crm", "external_id": f"k{number % among}"}
        yield {
            "type": "transaction", "source": "shop", "external_id": f"t{number}", "occurred_at": at, "customer": customer,
        }  # fmt: skip


def feedback(count: int, among: int) -> Iterator[Values]:
    """What they said: of eight one complains, and of every ten one speaks of how it is to be mended."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        attributes = ["serviceability"] if number % 10 == 0 else []
        said = f"The valve of machine {number} leaks again, and nobody at the counter knew whom to ask. It is the third time."
        yield {
            "type": "feedback", "source": "helpdesk", "external_id": f"f{number}", "verbatim": said, "channel": "phone",
            "customer": {"source": "crm", "external_id": f"k{number % among}"}, "attributes": attributes,
            "received_at": f"2026-{number % 9 + 1:02}-{number % 28 + 1:02}T12:00:00Z", **({"kind": kind} if kind else {}),
        }  # fmt: skip


def write(path: Path, rows: Iterator[Values]) -> Path:
    """A file of lines."""
    with path.open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def imported(data: Path, path: Path) -> tuple[float, int, str]:
    """Import a file: the seconds of CPU, the most megabytes held, and what came of it."""
    database = Database(f"sqlite:///{data}")
    began = time.process_time()
    report = importing.import_path(database, OPERATOR, path)
    spent = time.process_time() - began
    database.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return spent, most, f"{report.created:,} new, {report.unchanged:,} known, {report.refused:,} refused"


def main(count: int = 100_000) -> None:
    """Print a table in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "loyalty.db"
        apart(_prepare, data)
        among = max(count // 10, 1)
        files = {
            "customers": (among, customers(among)),
            "transactions": (among * 3, transactions(among * 3, among)),
            "items of feedback": (count, feedback(count, among)),
        }
        print("| what | CPU | a row | most memory | came of it |\n|---|---|---|---|---|")  # noqa: T201
        for what, (rows, lines) in files.items():
            path = write(Path(folder) / "rows.jsonl", lines)
            for time_ in ("the first time", "once more"):
                spent, most, came = apart(imported, data, path)
                figures = f"{spent:.1f} s | {1000 * spent / rows:.2f} ms | {most} MB"
                print(f"| {rows:,} {what}, {time_} | {figures} | {came} |", flush=True)  # noqa: T201


def _prepare(data: Path) -> None:
    database = Database(f"sqlite:///{data}")
    migrations.upgrade(database)
    database.write(lambda session: people.add(session, OPERATOR, STAFF, "Eva", Role.EMPLOYEE))
    database.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
