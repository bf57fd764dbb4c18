"""Wiki.js as it stores pages: its own front matter, links from the top with the language before them, assets in the tree."""

import re

from knowledge.transfer.dialects import linking
from knowledge.transfer.dialects.boxes import boxed, styled
from knowledge.transfer.dialects.catalogue import Catalogue, bare
from knowledge.transfer.dialects.front import Front
from knowledge.transfer.dialects.linking import MISSING, Found, Links
from knowledge.transfer.dialects.pages import SURE, Page, Translation, nothing
from knowledge.transfer.dialects.plain import former
from knowledge.transfer.dialects.prose import Prose, without

NAME, TITLE = "wikijs", "Wiki.js"
ENOUGH = 0.5

__all__ = ["ENOUGH", "NAME", "TITLE", "former", "likeness", "names", "path", "translated"]

names = nothing
_SIZE = re.compile(r"!\[[^\[\]\n]*\]\([^()\s]+(?P<mark>[ \t]+=\d*x\d*)\)")
_LANGUAGE = re.compile(r"/([a-z]{2}(?:-[a-z]{2,4})?)(/.*)", re.IGNORECASE)


def likeness(page: Page, _catalogue: Catalogue) -> float:
    """Sure by the two keys that only its pages have."""
    return SURE if {"editor", "dateCreated"} <= set(page.document.fields) else 0.0


def path(page: Page) -> str:
    """The path itself; where a language is the first folder it stays, for there may be the same page in two."""
    return bare(page.name)


def translated(page: Page, catalogue: Catalogue) -> Translation:
    """Title, description, tags and dates; what is not published there is a draft here."""
    body = without(page.document.body, _SIZE)
    front, links = Front(page), Links(page, catalogue, Prose(body, page.document.body_line))
    front.take("editor")  # says how it was edited there
    front.title(page.stem)
    front.summary("description")
    front.tags("tags")
    front.draft(front.flag("published") is False)
    front.moments(created_at=("dateCreated",), updated_at=("date",), published_at=("dateCreated", "date"))
    if "published_at" in front.made.values and front.made.values["status"] == "draft":
        del front.made.values["published_at"]
    found = _LANGUAGE.fullmatch(f"/{page.name}")
    if found and catalogue.at(f"{found[1]}/home"):  # a folder of two letters may be a department, too
        front.made.values["language"] = found[1].lower()
    linking.rewrite(links, _resolve)
    return front.finished(boxed(styled(links.told(front.made))))


def _resolve(address: str, page: Page, catalogue: Catalogue) -> Found | None:
    if not address.startswith("/"):
        return linking.relative(address, page, catalogue)
    found = catalogue.at(address)
    if found is None and (language := _LANGUAGE.fullmatch(address)):
        found = catalogue.at(language[2])
    if found is None and (own := _LANGUAGE.fullmatch(f"/{page.name}")):
        found = catalogue.at(f"/{own[1]}{address}")
    if found is None and address == "/":
        found = catalogue.at("home")
    return Found(found) if found else MISSING
