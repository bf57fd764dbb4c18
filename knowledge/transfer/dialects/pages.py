"""What a dialect is: how it knows a file for its own, what it calls it, and how it says the same in our words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from knowledge.transfer.dialects.catalogue import Catalogue
from knowledge.transfer.front_matter import Document

SURE = 1.0
HINT = 0.3


@dataclass(frozen=True)
class Page:
    """A Markdown file: its name within the whole, and what stands in it."""

    name: str
    document: Document

    @property
    def folder(self) -> str:
        """The folder it lies in, with its slash; empty at the top."""
        return self.name[: self.name.rfind("/") + 1]

    @property
    def stem(self) -> str:
        """Its name without folder and ending."""
        return self.name[len(self.folder) :].rpartition(".")[0]


@dataclass(frozen=True)
class Note:
    """Something about a page that is kept: a field of its front matter or a line of its text, and what became of it."""

    field: str
    message: str
    line: int = 0


@dataclass(frozen=True)
class Attached:
    """A file that a page shows or offers: what it is called in the text, where it lies, and the line that names it."""

    name: str
    file: str
    line: int


@dataclass
class Translation:
    """A page in our words: fields as a file of ours has them, what was noted, the files it refers to, and how its links fared."""

    values: dict[str, Any]
    notes: list[Note] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    links: int = 0
    broken: int = 0
    unclear: int = 0


class Dialect(Protocol):
    """Another tool's way with Markdown; each is a module with these names."""

    NAME: str
    """What `--from` calls it."""

    TITLE: str
    """What a report calls it."""

    ENOUGH: float
    """How much the pages of a folder look like it on average for all of them to be read so."""

    @property
    def likeness(self) -> Callable[[Page, Catalogue], float]:
        """How much a page looks like it: `SURE` of a page by itself, less where only a folder of such pages tells."""
        ...

    @property
    def path(self) -> Callable[[Page], str]:
        """The name that its slug is made of, without an ending."""
        ...

    @property
    def names(self) -> Callable[[Page], Iterable[str]]:
        """What else links to it may call it."""
        ...

    @property
    def former(self) -> Callable[[Page], Iterable[tuple[str, int]]]:
        """Addresses that it had before, each with its line."""
        ...

    @property
    def translated(self) -> Callable[[Page, Catalogue], Translation]:
        """The page in our words."""
        ...


def nothing(_: Page) -> Sequence[Any]:
    """For a dialect in which pages have no other names, or had no other addresses."""
    return ()


def flat(value: Any) -> list[str]:
    """The texts of a value of front matter: a list, or one text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return [each.strip() for each in value if isinstance(each, str) and each.strip()]
    return []
