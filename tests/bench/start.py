"""What it costs to begin: CPU from nothing to the first answer, beside that of importing the four packages, and memory after it."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

FOUR = "import strawberry, sqlmodel, starlette, numpy"
LOADED = "import sys, server.app; print(len(sys.modules))"
ROUNDS = 5
REQUESTS = 100
QUESTION = "/graphql?query=%7B__typename%7D"


def rows() -> Iterator[tuple[str, str]]:
    """What was measured, and its figure: the best of five rounds, all in turn."""
    with tempfile.TemporaryDirectory() as folder:
        run = [sys.executable, "-c", "import loyalty_commons; loyalty_commons.main()"]
        environment = {**os.environ, "LOYALTY_DATA": f"{folder}/data", "LOYALTY_ANONYMOUS": "true"}
        subprocess.run([*run, "init"], env=environment, check=True, capture_output=True)
        version, four, first = [], [], []
        for _ in range(ROUNDS):
            version.append(spent([*run, "version"], environment))
            four.append(spent([sys.executable, "-c", FOUR], environment))
            first.append(answered([*run, "serve", "--port", "0"], environment))
    best = min(each[0] for each in first)
    yield "`loyalty version`, CPU", f"{min(version):.2f} s"
    yield "importing the four packages, CPU", f"{min(four):.2f} s"
    yield "start to the first answer, CPU", f"{best:.2f} s, {best / min(four):.1f} times the four packages"
    yield "memory after the first answer", first[-1][1]
    yield f"memory after {REQUESTS} more", first[-1][2]
    said = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    yield "modules with the application", said.strip()


def spent(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of CPU of a process that ends."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def answered(command: list[str], environment: dict[str, str]) -> tuple[float, str, str]:
    """Seconds of CPU of a server until it answered a query, and its memory then and after more of them."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=quiet, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            ask(address)
            # Fields 14 and 15 of the line, counted after the name in brackets.
            ticks = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
            before = memory(process.pid)
            for _ in range(REQUESTS):
                ask(address)
            return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), before, memory(process.pid)
        finally:
            process.send_signal(signal.SIGINT)


def ask(address: str) -> None:
    """One query; what is not 200 ends the measurement."""
    with urlopen(address + QUESTION) as answer:
        answer.read()


def memory(pid: int) -> str:
    """What the process holds, and its share of it."""
    told = dict(line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return ", ".join(f"{name} {int(told[name].split()[0]) // 1024} MB" for name in ("Rss", "Pss"))


if __name__ == "__main__":
    for what, figure in rows():
        print(f"| {what} | {figure} |")  # noqa: T201
