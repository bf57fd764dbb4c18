"""Boxes with a title: other tools quote them or fence them in, and ours stand indented below three exclamation marks."""

import re
from collections.abc import Sequence

from knowledge.transfer.dialects import prose

KINDS = {
    "note": "note", "info": "note", "todo": "note", "abstract": "note", "summary": "note", "tldr": "note",
    "tip": "tip", "hint": "hint", "success": "tip", "check": "tip", "done": "tip", "important": "important",
    "question": "hint", "help": "hint", "faq": "hint", "warning": "warning", "attention": "warning", "caution": "caution",
    "failure": "warning", "fail": "warning", "missing": "warning", "danger": "danger", "error": "danger", "bug": "danger",
    "example": "example", "quote": "quote", "cite": "quote",
}  # fmt: skip

_CALLOUT = re.compile(r">[ ]?\[!([\w-]+)(?:\|[^\]]*)?\][+-]?[ \t]*(.*)")
_FENCED = re.compile(r":::[ ]?(\w+)[ \t]*")
_STYLED = re.compile(r"\{\.is-(\w+)\}[ \t]*")
_STYLE = re.compile(r"\{[.#][\w .#-]+\}[ \t]*")


def boxed(text: str) -> str:
    """Quoted callouts (`> [!note] Title`) as boxes of ours, also one within the other."""
    if "[!" not in text:
        return text
    return "\n".join(_boxed(text.split("\n")))


def _boxed(lines: Sequence[str]) -> list[str]:
    done: list[str] = []
    place, is_code = 0, _code(lines)
    while place < len(lines):
        found = None if is_code[place] else _CALLOUT.fullmatch(lines[place])
        if found is None:
            done.append(lines[place])
            place += 1
            continue
        end = place + 1
        while end < len(lines) and lines[end].startswith(">"):
            end += 1
        inside = [line[1:].removeprefix(" ") for line in lines[place + 1 : end]]
        _put(done, found[1], found[2], _boxed(inside), lines[end : end + 1])
        place = end
    return done


def _code(lines: Sequence[str]) -> Sequence[bool]:
    """Which lines are code, and show what a box is written like."""
    return [is_code for _, is_code in prose.lines("\n".join(lines))]


def _put(done: list[str], kind: str, title: str, inside: Sequence[str], after: Sequence[str]) -> None:
    """A box, with empty lines around it where there are others."""
    kind = KINDS.get(kind.lower(), "note")
    quoted = title.strip().replace('"', "”")
    if done and done[-1].strip():
        done.append("")
    done.append(f'!!! {kind} "{quoted}"' if quoted else f"!!! {kind}")
    done += (f"    {line}" if line.strip() else "" for line in inside)
    if after and after[0].strip():
        done.append("")


def fenced(text: str) -> str:
    """Boxes between lines of three colons."""
    if ":::" not in text:
        return text
    return "\n".join(_unfenced(text.split("\n")))


def _unfenced(lines: Sequence[str]) -> list[str]:
    done: list[str] = []
    place, is_code = 0, _code(lines)
    closing = [number for number, line in enumerate(lines) if line.rstrip() == ":::" and not is_code[number]]
    while place < len(lines):
        found = None if is_code[place] else _FENCED.fullmatch(lines[place])
        while closing and closing[0] <= place:
            closing.pop(0)
        if found is None or not closing:
            done.append(lines[place])
            place += 1
            continue
        end = closing[0]
        _put(done, found[1], "", lines[place + 1 : end], lines[end + 1 : end + 2])
        place = end + 1
    return done


def styled(text: str) -> str:
    """Quotes with a line of style below them (`{.is-info}`) as boxes; other lines of style go."""
    if "{" not in text:
        return text
    done: list[str] = []
    lines = text.split("\n")
    is_code = _code(lines)
    for place, line in enumerate(lines):
        found = None if is_code[place] else _STYLED.fullmatch(line)
        start = len(done)
        while start and done[start - 1].startswith(">"):
            start -= 1
        if found and start < len(done):
            inside = [quoted[1:].removeprefix(" ") for quoted in done[start:]]
            del done[start:]
            _put(done, found[1], "", inside, lines[place + 1 : place + 2])
        elif is_code[place] or not _STYLE.fullmatch(line):
            done.append(line)
    return "\n".join(done)
