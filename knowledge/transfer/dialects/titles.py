"""A page's title where no front matter says it: its first heading, else its file's name."""

import re

from knowledge.transfer.parts import canonical

LONGEST = 200

_ATX = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_PROSE = re.compile(r" {0,3}[^\s#>*+\-|`~=\d].*")
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_MARKS = re.compile(r"<[^>]*>|\*\*|__|`|\\(?=[^\w\s])")


def titled(body: str, stem: str) -> tuple[str, str, int]:
    """A title from the first heading that has words, which the body then begins without; else from the file's name.

    The third is how many lines of the body went.
    """
    lines = body.split("\n")
    for number, line in enumerate(lines[:200]):
        found = _ATX.fullmatch(line)
        underlined = bool(not found and number + 1 < len(lines) and _is_underlined(line, lines[number + 1]))
        title = plain(found[1] if found else line) if found or underlined else ""
        if title:
            after = number + 2 if underlined else number + 1
            if "".join(lines[:number]).strip():
                return short(title), body, 0
            below = "\n".join(lines[after:])
            return short(title), canonical(below), after + len(below) - len(below.lstrip("\n"))
    return short(plain(stem.replace("_", " ").replace("-", " ")) or stem), body, 0


def heading(body: str) -> str:
    """The words of the heading that a body begins with, or nothing."""
    lines = body.lstrip("\n").split("\n", 2)
    found = _ATX.fullmatch(lines[0])
    if found or (len(lines) > 1 and _is_underlined(lines[0], lines[1])):
        return plain(found[1] if found else lines[0])
    return ""


def _is_underlined(line: str, below: str) -> bool:
    return bool(_PROSE.fullmatch(line) and len(below.strip()) > 1 and _UNDERLINE.fullmatch(below))


def plain(heading: str) -> str:
    """The words of a heading without its marks."""
    text = _LINK.sub(r"\1", _IMAGE.sub("", heading))
    return " ".join(_MARKS.sub("", text).split())


def short(title: str) -> str:
    """A title within its bound."""
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
