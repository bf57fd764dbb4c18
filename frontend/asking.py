"""How a page asks the API: the runner that is handed in, and the documents that lie beside the templates."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request

FOLDER = Path(__file__).parent
SPREAD = re.compile(r"\.\.\.\s*(?!on\b)(\w+)")
FRAGMENT = re.compile(r"^fragment (\w+) on ", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What the API says to one operation; `errors` are the top-level ones, with `extensions.code`."""

    data: dict[str, object] | None
    errors: list[dict[str, object]]


Execute = Callable[[str, Mapping[str, object], Request], Awaitable[Answer]]


def text(name: str) -> str:
    """A file of this folder, by its path without leading slash."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def document(name: str) -> str:
    """The source of `<name>.graphql`, with the shared fragments that it spreads behind it."""
    source = text(f"{name}.graphql")
    return "\n".join([source.strip(), *_fragments_of(source, set())]) + "\n"


def names() -> list[str]:
    """Every document of the frontend, as `folder/file`; the server may know their sources beforehand."""
    found = (path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.glob("*/*.graphql"))
    return sorted(found)


def dig(data: object, path: str) -> object:
    """The value under a dotted path, or None where the path ends early."""
    for step in path.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def told(sentence: str, data: object) -> str:
    """The sentence with each `{dotted.path}` replaced by what the data holds there."""
    return re.sub(r"{([\w.]+)}", lambda match: str(dig(data, match[1]) or ""), sentence)


def placed(address: str, data: object) -> str:
    """The same for an address, with what the data holds quoted."""
    return re.sub(r"{([\w.]+)}", lambda match: quote(str(dig(data, match[1]) or ""), safe=""), address)


def codes(errors: Sequence[Mapping[str, object]]) -> set[str]:
    """The codes of the top-level errors of an answer."""
    return {str(dig(error, "extensions.code") or "") for error in errors}


@cache
def _shared() -> dict[str, str]:
    source = text("fragments.graphql")
    starts = [*FRAGMENT.finditer(source)]
    ends = [match.start() for match in starts[1:]] + [len(source)]
    return {match[1]: source[match.start() : end].strip() for match, end in zip(starts, ends, strict=True)}


def _fragments_of(source: str, seen: set[str]) -> Iterator[str]:
    for name in SPREAD.findall(source):
        if name in _shared() and name not in seen:
            seen.add(name)
            yield _shared()[name]
            yield from _fragments_of(_shared()[name], seen)
