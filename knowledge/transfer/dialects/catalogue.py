"""Every file of an import by its name, and the slug of every page: known before the first link is read."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from posixpath import normpath

from knowledge.entries.rules import RESERVED
from knowledge.entries.tags import slug_of

MARKDOWN = (".md", ".markdown")
LONGEST = 120
FRONT_PAGES = ("readme", "index", "_index")
"""What a link to a folder leads to."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a page before it is read: its slug, and whose dialect it is in."""

    slug: str
    dialect: str


class Catalogue:
    """Names to pages and files. Only names are held, never what stands in the files, and nothing that no link asks for."""

    def __init__(self, files: Sequence[str] = ()) -> None:
        self.files = files
        self.pages: dict[str, Listed] = {}
        self.former: list[tuple[str, int, str, str]] = []  # file, line, former slug, slug
        self._also: dict[str, list[str]] = {}
        self._waiting: list[tuple[str, str, str]] = []

    @cached_property
    def _paths(self) -> dict[str, str]:
        """By path; of a page and a file that differ in the ending only, the page."""
        found: dict[str, str] = {}
        for name in self.files:
            path = folded(bare(name))
            if path not in found or not self.is_page(found[path]):
                found[path] = name
        return found

    @cached_property
    def _last(self) -> Mapping[str, list[str]]:
        """By the last part of the path."""
        found: dict[str, list[str]] = {}
        for name in self.files:
            found.setdefault(folded(bare(name).rpartition("/")[2]), []).append(name)
        return found

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(folded(name.rpartition("/")[0]) for name in self.files)

    def add(self, name: str, dialect: str, slug: str | None, path: str, also: Iterable[str] = ()) -> None:
        """Take a page in: with the slug that it gives itself, or one from its path once all that give one are there."""
        if slug is not None:
            self.pages[name] = Listed(slug, dialect)
        else:
            self._waiting.append((name, dialect, path))
        for other in also:
            if name not in (known := self._also.setdefault(folded(other), [])):
                known.append(name)

    def settle(self) -> None:
        """Give every page its slug; of two whose names make the same one the second has a digest of its name in it."""
        taken = {listed.slug for listed in self.pages.values()}
        for name, dialect, path in self._waiting:
            slug = slug_for(path)
            if slug in taken or slug in RESERVED:
                slug = f"{slug[: LONGEST - 9].strip('-')}-{sha256(name.encode()).hexdigest()[:8]}"
            taken.add(slug)
            self.pages[name] = Listed(slug, dialect)
        self._waiting.clear()

    def slug(self, name: str) -> str:
        """The slug of a page."""
        return self.pages[name].slug

    def at(self, path: str) -> str | None:
        """The page or file at a path from the top, with or without an ending; of a folder its front page."""
        wanted = folded(bare(normpath(path.strip("/")) if path.strip("/") else ""))
        if wanted.startswith(".."):
            return None
        found = self._paths.get(wanted)
        if found is not None:
            return found
        folder = "" if wanted in ("", ".") else wanted + "/"
        return next((each for front in FRONT_PAGES if (each := self._paths.get(folder + front))), None)

    def called(self, name: str) -> list[str]:
        """Pages and files whose path ends so, the nearest to the top first; else the pages that are also called so."""
        wanted = folded(bare(name.strip("/")))
        found = self._last.get(wanted.rpartition("/")[2], [])
        if "/" in wanted:
            found = [each for each in found if f"/{folded(bare(each))}".endswith(f"/{wanted}")]
        return sorted(found, key=lambda each: (each.count("/"), each)) or self.called_also(name)

    def called_also(self, name: str) -> list[str]:
        """The pages that say themselves that they are called so, too."""
        return self._also.get(folded(name), [])

    def has_folder(self, path: str) -> bool:
        """Whether files lie in a folder."""
        return folded(path) in self._folders

    def is_page(self, name: str) -> bool:
        """Whether a file is a page."""
        return name.lower().endswith(MARKDOWN)

    def dialects(self) -> Iterator[str]:
        """The dialect of each page."""
        return (listed.dialect for listed in self.pages.values())


def folded(name: str) -> str:
    """A name as two that look alike have it: some systems take letters apart, and most do not tell capitals."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def bare(name: str) -> str:
    """A Markdown file's name without its ending; any other as it is."""
    return name.rpartition(".")[0] if name.lower().endswith(MARKDOWN) else name


def slug_for(path: str) -> str:
    """A slug from a path without its ending, the same every time; where letters are lost to its length, with a digest."""
    whole = "-".join(slug_of(part) for part in path.split("/"))
    slug = re.sub(r"-+", "-", whole).strip("-") or "entry"
    if len(slug) <= LONGEST:
        return slug
    return f"{slug[-(LONGEST - 9) :].strip('-')}-{sha256(path.encode()).hexdigest()[:8]}"
