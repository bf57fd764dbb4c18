"""Outline's export in Markdown: no front matter, a title as heading, and a folder for the documents below a document."""

import re
from collections.abc import Iterable
from posixpath import join

from knowledge.entries.tags import slug_of
from knowledge.transfer.dialects import linking
from knowledge.transfer.dialects.boxes import boxed, fenced
from knowledge.transfer.dialects.catalogue import Catalogue, bare
from knowledge.transfer.dialects.front import Front
from knowledge.transfer.dialects.linking import MISSING, Found, Links
from knowledge.transfer.dialects.pages import HINT, SURE, Page, Translation
from knowledge.transfer.dialects.plain import former
from knowledge.transfer.dialects.prose import Prose, without
from knowledge.transfer.dialects.titles import heading, titled

NAME, TITLE = "outline", "Outline"
ENOUGH = 0.25

__all__ = ["ENOUGH", "NAME", "TITLE", "former", "likeness", "names", "path", "translated"]

_DOCUMENT = re.compile(r"/doc/([\w%-]*?)-?([A-Za-z0-9]{10})\Z")
_MARK = re.compile(r"\]\((?:/doc/[\w%-]*-?[A-Za-z0-9]{10}[)#\s]|(?:\./|\.\./)*(?:uploads|attachments)/[\w-]{20,}/)")
_SIZE = re.compile(r"\]\([^()\s]+(?P<mark>[ \t]+\"[^\"\n]*=\d*x\d*[^\"\n]*\")\)")
_EMPTY = re.compile(r"^(?P<mark>\\[ \t]*)$", re.MULTILINE)
_BYTES = re.compile(r"(?<!!)\[[^\[\]\n]+?(?P<mark> \d+)\]\((?:\./|\.\./)*(?:uploads|attachments)/")


def likeness(page: Page, catalogue: Catalogue) -> float:
    """Sure by its addresses of documents and uploads; a heading for a title above documents of its own is a hint."""
    body = page.document.body
    if ("/doc/" in body or "uploads/" in body or "attachments/" in body) and _MARK.search(body):
        return SURE
    if page.document.has_front_matter or not heading(body):
        return 0.0
    return HINT / 2 if catalogue.has_folder(bare(page.name)) else 0.0


def path(page: Page) -> str:
    """The path itself: it names the documents above."""
    return bare(page.name)


def names(page: Page) -> Iterable[str]:
    """The title as an address of Outline has it."""
    return [f"/doc/{slug_of(titled(page.document.body, page.stem)[0])}"]


def translated(page: Page, catalogue: Catalogue) -> Translation:
    """The document under its heading, with its boxes, without the marks that only Outline's editor makes."""
    front = Front(page)
    title, body, gone = titled(page.document.body, page.stem)
    front.title(title)
    body = without(body, _SIZE, _EMPTY, _BYTES)
    links = Links(page, catalogue, Prose(body, page.document.body_line + gone))
    linking.rewrite(links, _resolve)
    return front.finished(boxed(fenced(links.told(front.made))))


def _resolve(address: str, page: Page, catalogue: Catalogue) -> Found | None:
    if found := _DOCUMENT.fullmatch(address):
        several = catalogue.called_also(f"/doc/{slug_of(found[1])}")
        return Found(several[0], tuple(several[1:])) if several else MISSING
    if address.startswith(("uploads/", "attachments/")):  # from the collection, wherever the document lies
        folder = page.folder
        while True:
            if known := catalogue.at(join(folder, address)):
                return Found(known)
            if not folder:
                break
            folder = folder.rstrip("/").rpartition("/")[0]
    return linking.relative(address, page, catalogue)
