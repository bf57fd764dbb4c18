"""Reads the documents as a newcomer would: their blocks of code, in order, and whether an answer is the one that is shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.commands import ROOT

BLOCK = re.compile(r"^(?:(?P<before>[^\n]+)\n\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code, with the line that stands above it."""

    language: str
    text: str
    before: str


def blocks(name: str) -> Iterator[Block]:
    """Those of a document of docs/, in order."""
    source = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for found in BLOCK.finditer(source):
        yield Block(found["language"], found["text"], found["before"] or "")


def differs(shown: Any, said: Any, at: str = "") -> list[str]:
    """Where an answer is another than the one that a document shows; `…` there stands for any text or number, or for the rest of one."""
    if isinstance(shown, dict) and isinstance(said, dict):
        names = [*shown, *(name for name in said if name not in shown)]
        return [line for name in names for line in differs(shown.get(name), said.get(name), f"{at}.{name}")]
    if isinstance(shown, list) and isinstance(said, list) and len(shown) == len(said):
        return [line for i, pair in enumerate(zip(shown, said, strict=True)) for line in differs(*pair, f"{at}[{i}]")]
    if isinstance(shown, str) and "…" in shown:
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        return [] if said is not None and re.fullmatch(pattern, str(said), re.DOTALL) else [f"{at}: {said}"]
    return [] if shown == said else [f"{at}: {shown} is shown, and {said} is said"]
