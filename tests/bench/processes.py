"""Processes that are measured from outside: what they spend, what they hold, and how they are asked."""

import http.client
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, ParamSpec, TypeVar
from urllib.parse import urlsplit

P = ParamSpec("P")
T = TypeVar("T")

IDLE = 0.05
"""Seconds of CPU in a second of a server that nobody asks."""
TICK = os.sysconf("SC_CLK_TCK")
UNBOUND = {
    "LOYALTY_COST_TOKEN": "1000000000",
    "LOYALTY_COST_SIGNED_IN": "1000000000",
    "LOYALTY_REFILL": "1000000000",
    "LOYALTY_OPERATION_SECONDS": "600",
}
"""Nobody is told to wait: the bucket would be empty after a hundred lists, and a machine may be busy with others."""


def memory(pid: int | str = "self") -> tuple[float, float]:
    """MB that a process holds now, and the most that it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    found = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return int(found["VmRSS"].split()[0]) / 1024, int(found["VmHWM"].split()[0]) / 1024


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` answers in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def say(text: str) -> None:
    """Print it at once."""
    print(text, flush=True)  # noqa: T201


@dataclass
class Served:
    """A process that answers at an address."""

    process: "subprocess.Popen[str]"
    address: str
    seconds: float
    cpu_at_start: float
    headers: Mapping[str, str] = field(default_factory=dict)

    def cpu(self) -> float:
        """Seconds of CPU that it has spent, with all that it began and those that have ended."""
        return spent(self.process.pid)

    def settle(self) -> None:
        """Wait until it does nothing by itself any more, such as to index what it found when it began."""
        before = self.cpu()
        time.sleep(1)
        while (now := self.cpu()) - before > IDLE:
            before = now
            time.sleep(1)

    def pids(self) -> list[int]:
        """Of the processes that answer: its children where there are several, else itself."""
        pid = self.process.pid
        children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        named = {each: Path(f"/proc/{each}/cmdline").read_bytes() for each in children}
        return [each for each, line in named.items() if b"resource_tracker" not in line] or [pid]

    def connect(self) -> http.client.HTTPConnection:
        """A connection that stays open."""
        return http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)

    def ask(self, connection: http.client.HTTPConnection, path: str, body: bytes | None = None) -> bytes:
        """One answer, which must be a good one."""
        json = {"content-type": "application/json"} if body is not None else {}
        connection.request("GET" if body is None else "POST", path, body, {**self.headers, **json})
        answer = connection.getresponse()
        read = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {read[:500]!r}")
        return read

    def rate(self, path: str, body: bytes | None = None, *, requests: int) -> float:
        """Requests per second of CPU, one after the other over one connection."""
        connection = self.connect()
        began = self.cpu()
        for _ in range(requests):
            self.ask(connection, path, body)
        spent = self.cpu() - began
        connection.close()
        return requests / spent


def spent(pid: int) -> float:
    """Seconds of CPU that a process has spent, with all that it began and those that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        children = [(task / "children").read_text().split() for task in Path(f"/proc/{pid}/task").iterdir()]
    except FileNotFoundError:
        return 0.0  # it has ended just now, and is counted with whoever began it
    return sum(map(int, fields[11:15])) / TICK + sum(spent(int(child)) for each in children for child in each)


@contextmanager
def serving(
    *command: str, environment: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """A process that prints its address when it answers, ended at the end."""
    began = time.perf_counter()
    around = {**os.environ, **UNBOUND, **(environment or {})}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=around)
    try:
        served = Served(process, _address(process.stdout), time.perf_counter() - began, 0.0, headers or {})
        served.cpu_at_start = served.cpu()
        yield served
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _address(lines: IO[str] | None) -> str:
    for line in lines or ():
        if "http://" in line:
            return line[line.index("http://") :].split()[0]
    raise RuntimeError("The server did not start.")


def product(
    data: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> AbstractContextManager[Served]:
    """The product itself over a data folder."""
    program = "from loyalty_commons import main; main()"
    command = (sys.executable, "-c", program, "--data", str(data), "serve", "--port", "0", *options)
    return serving(*command, environment=environment, headers=headers)


def bare(answer: Path) -> AbstractContextManager[Served]:
    """A Starlette application with one route that returns the bytes of a file."""
    return serving(sys.executable, "-m", "tests.bench.bare", str(answer))
