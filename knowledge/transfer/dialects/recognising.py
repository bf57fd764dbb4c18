"""Finds out which tool each page comes from, and lists every page before any is read for good."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from posixpath import dirname
from typing import cast

from knowledge.entries.tags import slug_of
from knowledge.transfer.dialects import hugo, obsidian, outline, own, plain, wikijs
from knowledge.transfer.dialects.catalogue import Catalogue, slug_for
from knowledge.transfer.dialects.pages import SURE, Dialect, Page
from knowledge.transfer.places import Place

OTHERS: Sequence[Dialect] = tuple(cast("Dialect", each) for each in (wikijs, hugo, outline, obsidian))
"""In the order in which they are asked."""
DIALECTS: Mapping[str, Dialect] = {each.NAME: each for each in (*OTHERS, cast("Dialect", plain), cast("Dialect", own))}
SAMPLE = 400
"""Pages that are looked at to tell what a folder is."""

MANY = 10
"""Pages that tell of a folder that it is nothing special."""

_SITES = ("hugo.toml", "hugo.yaml", "hugo.json", "config.toml", "config.yaml", "config.yml", "config.json")

Reading = Callable[[str], Page | None]
"""Reads a page, or None if it cannot be read."""


def surveyed(place: Place, names: Sequence[str], reading: Reading, forced: str = "") -> Catalogue:
    """List all pages with their slugs and dialects. With a dialect that is forced nothing is recognised."""
    catalogue = Catalogue(place.names)
    telling = None if forced else _Telling(place, names, reading, catalogue)
    former: list[tuple[str, int, str]] = []
    for name in names:
        if telling and (slug := own.slug_in(name, _head(place, name))) is not None:
            catalogue.add(name, own.NAME, slug, "")
            continue
        page = reading(name)
        if page is None:
            catalogue.add(name, forced or plain.NAME, None, name)
            continue
        dialect = telling.dialect(page) if telling else DIALECTS[forced]
        said = page.document.fields.get("slug")
        given = said if isinstance(said, str) and dialect.NAME in (plain.NAME, own.NAME) else None
        catalogue.add(name, dialect.NAME, given, dialect.path(page), dialect.names(page))
        former += [(name, line, address) for address, line in dialect.former(page)]
    catalogue.settle()
    _list_former(catalogue, former)
    return catalogue


def _head(place: Place, name: str) -> bytes:
    try:
        with place.open(name) as stream:
            return stream.read(own.HEAD)
    except OSError:
        return b""


def _list_former(catalogue: Catalogue, former: Sequence[tuple[str, int, str]]) -> None:
    """Former addresses as slugs; where one is somebody's name already, that one keeps it."""
    taken = {listed.slug for listed in catalogue.pages.values()}
    for name, line, address in former:
        slug = slug_for(address)
        if slug not in taken and slug_of(address):
            taken.add(slug)
            catalogue.former.append((name, line, slug, catalogue.slug(name)))


class _Telling:
    """What is known of folders: by what lies in them, and by how their pages look."""

    def __init__(self, place: Place, names: Sequence[str], reading: Reading, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.folders: dict[str, Dialect] = dict.fromkeys(place.vaults, DIALECTS[obsidian.NAME])
        for name in place.names:
            folder, _, last = name.rpartition("/")
            content = f"{folder}/content" if folder else "content"
            if last in _SITES and any(each.startswith(content + "/") for each in names):
                self.folders.setdefault(content, DIALECTS[hugo.NAME])
        self.tops = _tops(names[:: max(1, len(names) // SAMPLE)], reading, catalogue)

    def dialect(self, page: Page) -> Dialect:
        """Whose a page is: by itself, by its folder, by the folder at the top, by all together."""
        sure = next((each for each in OTHERS if each.likeness(page, self.catalogue) >= SURE), None)
        if sure is not None:
            return sure
        folder = page.folder.rstrip("/")
        while self.folders:
            if folder in self.folders:
                return self.folders[folder]
            if not folder:
                break
            folder = dirname(folder)
        found = self.tops.get(page.name.partition("/")[0] if "/" in page.name else "", self.tops.get(""))
        return found or DIALECTS[plain.NAME]


def _tops(sample: Sequence[str], reading: Reading, catalogue: Catalogue) -> dict[str, Dialect | None]:
    """The dialect of each folder at the top, and with an empty name that of all, where their pages look like one.

    A folder with few pages is not among them if it looks like none: it is what all are.
    """
    likeness: dict[str, dict[str, float]] = {}
    counts: Counter[str] = Counter()
    for name in sample:
        page = reading(name)
        if page is None:
            continue
        tops = {"", page.name.partition("/")[0] if "/" in page.name else ""}
        counts.update(tops)
        for each in OTHERS:
            for top in tops:
                sums = likeness.setdefault(top, dict.fromkeys(DIALECTS, 0.0))
                sums[each.NAME] += min(SURE, each.likeness(page, catalogue))
    found: dict[str, Dialect | None] = {}
    for top, sums in likeness.items():
        name, most = max(sums.items(), key=lambda item: item[1])
        if most and most >= DIALECTS[name].ENOUGH * counts[top]:
            found[top] = DIALECTS[name]
        elif counts[top] >= MANY:
            found[top] = None
    return found
