"""Boxes with a title: other tools quote them or fence them in, and ours stand indented below three exclamation marks."""

import re
from collections.abc import Iterator, Sequence

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
_CODE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")


def boxed(text: str) -> str:
    """Quoted callouts (`> [!note] Title`) as boxes of ours, also one within the other."""
    if "[!" not in text:
        return text
    return "\n".join(_boxed(text.split("\n")))


def _boxed(lines: Sequence[str]) -> Iterator[str]:
    place, in_code = 0, False
    while place < len(lines):
        found = None if in_code else _CALLOUT.fullmatch(lines[place])
        if found is None:
            in_code ^= bool(_CODE.match(lines[place]))
            yield lines[place]
            place += 1
            continue
        end = place + 1
        while end < len(lines) and lines[end].startswith(">"):
            end += 1
        inside = [line[1:].removeprefix(" ") for line in lines[place + 1 : end]]
        yield from _box(found[1], found[2], list(_boxed(inside)))
        place = end


def _box(kind: str, title: str, inside: Sequence[str]) -> Iterator[str]:
    kind = KINDS.get(kind.lower(), "note")
    quoted = title.strip().replace('"', "”")
    yield f'!!! {kind} "{quoted}"' if quoted else f"!!! {kind}"
    yield from (f"    {line}" if line.strip() else "" for line in inside)
    yield ""


def fenced(text: str) -> str:
    """Boxes between lines of three colons."""
    if ":::" not in text:
        return text
    return "\n".join(_unfenced(text.split("\n")))


def _unfenced(lines: Sequence[str]) -> Iterator[str]:
    place = 0
    while place < len(lines):
        found = _FENCED.fullmatch(lines[place])
        end = next((at for at in range(place + 1, len(lines)) if lines[at].rstrip() == ":::"), -1) if found else -1
        if found is None or end < 0:
            yield lines[place]
            place += 1
            continue
        yield from _box(found[1], "", lines[place + 1 : end])
        place = end + 1


def styled(text: str) -> str:
    """Quotes with a line of style below them (`{.is-info}`) as boxes; other lines of style go."""
    if "{" not in text:
        return text
    done: list[str] = []
    for line in text.split("\n"):
        found = _STYLED.fullmatch(line)
        start = len(done)
        while start and done[start - 1].startswith(">"):
            start -= 1
        if found and start < len(done):
            inside = [quoted[1:].removeprefix(" ") for quoted in done[start:]]
            done[start:] = _box(found[1], "", inside)
        elif not _STYLE.fullmatch(line):
            done.append(line)
    return "\n".join(done)
