"""Files that this product exported: nothing in them is rewritten, so that they come back as they went."""

import re

from knowledge.transfer.dialects.catalogue import Catalogue
from knowledge.transfer.dialects.pages import Page, Translation, nothing
from knowledge.transfer.dialects.plain import former, path
from knowledge.words import Kind

NAME, TITLE = "loyalty", "our own export"
ENOUGH = 1.0

__all__ = ["ENOUGH", "NAME", "TITLE", "former", "likeness", "names", "path", "slug_in", "translated"]

names = nothing
HEAD = 1_000
"""Bytes of a file that tell whether it is one."""

_KINDS = frozenset(kind.lower() for kind in Kind)
_MATTER = re.compile(rb"---\n(?:encoding: utf-8\n)?kind: ([a-z_]+)\nslug: ['\"]?([a-z0-9-]+)['\"]?\n")


def slug_in(name: str, head: bytes) -> str | None:
    """The slug of a file that we wrote, which its folder, its name and its first lines agree on; else None."""
    matter = _MATTER.match(head)
    if matter is None:
        return None
    kind, slug = matter[1].decode(), matter[2].decode()
    folder, _, last = name.rpartition("/")
    stands = last == f"{slug}.md" and folder.rpartition("/")[2] in (kind, "")
    return slug if stands and kind in _KINDS else None


def likeness(_page: Page, _catalogue: Catalogue) -> float:
    """It is told by `slug_in`, without being read whole."""
    return 0.0


def translated(page: Page, _catalogue: Catalogue) -> Translation:
    """The fields and the body as they are."""
    values = {"body": page.document.body, **page.document.fields}
    values.setdefault("kind", "guide")
    values.setdefault("status", "published")
    values.pop("encoding", None)
    return Translation(values)
