"""Builds the wheel and the source distribution, and tries them as a stranger would: an empty environment, an empty folder.

    python -m tests.bench.package        (or: make package)

It needs the package index that pip uses, and about three minutes. What fails ends it.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
INSIDE = "loyalty_commons_app"
NEEDED = (
    f"{INSIDE}/frontend/static/vendor/htmx.min.js",
    f"{INSIDE}/frontend/practices/practices.html",
    f"{INSIDE}/knowledge/library/vision_steps.toml",
    f"{INSIDE}/schema/schema.graphql",
    f"{INSIDE}/docs/operators.md",
    f"{INSIDE}/docs/operations/loyalty.service",
)
BARE = {name: value for name, value in os.environ.items() if not name.startswith(("LOYALTY_", "PYTHON"))}


def main() -> None:
    """Build, compare, install, and use."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        builder = environment(
            folder / "builder", *tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
        )
        wheel, source = built(builder, ROOT, ROOT / "dist")
        same(wheel, again(builder, source, folder))
        complete(wheel)
        tried(environment(folder / "empty", str(wheel)), folder / "elsewhere")
    say(f"{wheel.name}: {wheel.stat().st_size:,} bytes, {source.name}: {source.stat().st_size:,} bytes. Both are good.")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


def run(command: Sequence[str | Path], where: Path, says: str = "", expects: int = 0, **variables: str) -> str:
    """What a command prints; another exit than the one that is expected ends the trial."""
    begun = time.monotonic()
    environment = {**BARE, **variables}
    ended = subprocess.run(
        list(map(str, command)), cwd=where, input=says, capture_output=True, text=True, check=False, env=environment
    )
    if ended.returncode != expects:
        sys.exit(f"{' '.join(map(str, command))} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    say(f"{time.monotonic() - begun:6.1f} s  {' '.join(str(each).rpartition('/')[2] for each in command[:6])}")
    return ended.stdout + ended.stderr


def environment(folder: Path, *packages: str) -> Path:
    """The folder of programs of a new environment with these packages and what they need."""
    run([sys.executable, "-m", "venv", folder], ROOT)
    run([folder / "bin" / "python", "-m", "pip", "--quiet", "install", *packages], folder)
    return folder / "bin"


def built(builder: Path, tree: Path, out: Path) -> tuple[Path, Path]:
    """Wheel and source distribution of a tree."""
    for former in out.glob("loyalty_commons-*"):
        former.unlink()
    run([builder / "python", "-m", "hatchling", "build", "-d", out], tree)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def again(builder: Path, source: Path, folder: Path) -> Path:
    """The wheel that the source distribution makes, where there is no repository."""
    with tarfile.open(source) as archive:
        archive.extractall(folder / "source", filter="data")
    return built(builder, next((folder / "source").iterdir()), folder / "again")[0]


def same(one: Path, other: Path) -> None:
    """Both wheels hold the same files, byte for byte."""
    with ZipFile(one) as first, ZipFile(other) as second:
        differ = {each.filename for each in first.infolist()} ^ {each.filename for each in second.infolist()}
        differ |= {each for each in first.namelist() if each not in differ and first.read(each) != second.read(each)}
    if differ:
        sys.exit(f"The source distribution makes another wheel: {sorted(differ)[:10]}")


def complete(wheel: Path) -> None:
    """Every committed file that is not code is in the wheel, and nothing lies at the top that could meet another package's."""
    with ZipFile(wheel) as zip:
        names = set(zip.namelist())
    folders = ["server", "schema", "knowledge", "frontend", "docs"]
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    missing = {f"{INSIDE}/{each}" for each in listed.stdout.split()} | set(NEEDED)
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    if missing - names or tops != {"loyalty_commons.py", INSIDE}:
        sys.exit(f"The wheel lacks {sorted(missing - names)[:10]}, and has at its top {sorted(tops)}.")


def tried(programs: Path, empty: Path) -> None:
    """From an empty folder to an answer, a backup and back."""
    empty.mkdir()
    loyalty = programs / "loyalty"
    run([loyalty, "version"], empty)
    run([loyalty, "doctor"], empty, expects=4)
    run([loyalty, "init"], empty)
    run([loyalty, "person", "add", "margit@example.com", "--name", "Margit", "--role", "admin"], empty, PASSWORD)
    run([loyalty, "doctor"], empty)
    found = run(
        [loyalty, "query", "-"], empty, '{ search(query: "angry customer wants refund") { nodes { __typename } } }'
    )
    assert "BestPractice" in found, found
    run([loyalty, "backup", "commons.zip"], empty)
    run([loyalty, "--data", "elsewhere", "restore", "commons.zip"], empty)
    lacking = run([loyalty, "doctor"], empty, expects=4, LOYALTY_DATABASE_URL="postgresql://127.0.0.1/commons")
    assert "loyalty-commons[postgres]" in lacking, lacking
    answers(loyalty, empty, "serve")
    answers(loyalty, empty, "demo", "--data", "demo")


def answers(loyalty: Path, where: Path, *arguments: str) -> None:
    """The server says its address, and answers there."""
    begun = time.monotonic()
    with subprocess.Popen(
        [loyalty, *arguments, "--port", "0"],
        cwd=where,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=BARE,
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            say(f"{time.monotonic() - begun:6.1f} s  loyalty {arguments[0]}, until it answers")
            with urllib.request.urlopen(f"{address}/readyz") as answer:
                assert json.load(answer)["status"] == "ready"
            with urllib.request.urlopen(f"{address}/login") as answer:
                style = re.findall(r'href="(/static/[^"]+)"', answer.read().decode())[0]
            urllib.request.urlopen(f"{address}{style}").close()
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
