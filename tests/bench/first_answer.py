"""Measures how long a stranger waits: from a fresh clone to the first answer of a search, with nothing kept by pip and with all of it.

    make first-answer

It needs git, the package index that pip uses, and a few minutes. Nothing but plain Python is imported.
"""

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, build_opener

ROOT = Path(__file__).parents[2]
SEARCH = "angry customer wants refund"
WANTED = "replace first"


def main() -> None:
    """Print a table in Markdown: seconds on the wall, and of CPU in brackets."""
    with tempfile.TemporaryDirectory() as name:
        kept = Path(name) / "pip"
        runs = [journey(Path(name) / run, kept) for run in ("cold", "warm")]
    print("| what | nothing kept | packages kept |\n| --- | --- | --- |")  # noqa: T201
    for step in runs[0]:
        print(f"| {step} | {runs[0][step]} | {runs[1][step]} |")  # noqa: T201


def journey(folder: Path, kept: Path) -> dict[str, str]:
    """Each step with its seconds."""
    said = {name: value for name, value in os.environ.items() if not name.startswith(("LOYALTY_", "PYTHON"))}
    said |= {"PIP_CACHE_DIR": str(kept), "PYTHON": sys.executable}
    told: dict[str, str] = {}

    def make(*targets: str) -> Callable[[], None]:
        return lambda: done(["make", *targets], folder, said)

    begun = time.monotonic()
    timed(told, "clone", lambda: done(["git", "clone", "--quiet", str(ROOT), str(folder)], ROOT, said))
    timed(told, "an environment", make(".venv/bin/python"))
    timed(told, "packages and the program", make(".venv/runtime"))
    demo = ["make", "--silent", "demo", "PORT=0"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        demo, cwd=folder, env=said, stdout=subprocess.PIPE, stderr=quiet, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        try:
            timed(told, "the demonstration answers", lambda: lines.append(process.stdout.readline().strip()))  # type: ignore[union-attr]
            timed(told, "sign in, search, and read", lambda: searched(lines[0]))
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    told["from nothing to the answer"] = f"{time.monotonic() - begun:.0f} s"
    return told


def timed(told: dict[str, str], step: str, work: Callable[[], object]) -> None:
    """Do a step, and note how long it took and how much of that was CPU of processes that ended."""
    wall, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told[step] = f"{time.monotonic() - wall:.1f} s" + (f" ({cpu:.1f})" if cpu >= 0.05 else "")


def done(command: list[str], where: Path, environment: dict[str, str]) -> None:
    """Run to the end; a failure ends the measurement."""
    subprocess.run(command, cwd=where, env=environment, check=True, stdout=subprocess.DEVNULL)


def searched(address: str) -> None:
    """As a browser would: sign in as the first of the five, and ask."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{address}/login") as page:
        someone = re.findall(r'name="person" value="([^"]+)"', page.read().decode())[0]
    browser.open(f"{address}/login/demo", urlencode({"person": someone, "next": "/"}).encode()).close()
    with browser.open(f"{address}/search?q={quote(SEARCH)}") as page:
        if WANTED not in page.read().decode():
            sys.exit("The search did not find what it should.")


if __name__ == "__main__":
    main()
