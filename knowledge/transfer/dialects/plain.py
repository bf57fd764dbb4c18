"""Plain Markdown, with our own front matter or none: the fields are ours, and links to other files become links to entries."""

from collections.abc import Iterable

from knowledge.transfer.dialects import linking
from knowledge.transfer.dialects.boxes import boxed
from knowledge.transfer.dialects.catalogue import Catalogue, bare
from knowledge.transfer.dialects.linking import Links
from knowledge.transfer.dialects.pages import Page, Translation, nothing
from knowledge.transfer.dialects.prose import Prose
from knowledge.transfer.dialects.titles import titled

NAME, TITLE = "plain", "plain Markdown"
ENOUGH = 1.0

names = nothing


def likeness(_page: Page, _catalogue: Catalogue) -> float:
    """What nobody else claims is plain."""
    return 0.0


def path(page: Page) -> str:
    """The path itself."""
    return bare(page.name)


def former(_page: Page) -> Iterable[tuple[str, int]]:
    """None: files of ours have lines for them."""
    return ()


def translated(page: Page, catalogue: Catalogue) -> Translation:
    """The fields as they are; a file that names itself in no field has its title from its heading or its name."""
    values = dict(page.document.fields)
    body, line = page.document.body, page.document.body_line
    if values.get("title") is None:
        values["title"], body, gone = titled(body, page.stem)
        line += gone
    values = {"body": body, **values}
    values.setdefault("kind", "guide")
    values.setdefault("status", "published")
    values.pop("encoding", None)
    made = Translation(values)
    if values["body"] is not body or not isinstance(body, str):
        return made
    links = Links(page, catalogue, Prose(body, line))
    linking.rewrite(links, linking.relative)
    made.values["body"] = boxed(links.told(made))
    return made
