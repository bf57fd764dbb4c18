"""Obsidian's notes: links by name, pictures within the text, tags in it, callouts, comments and the names of blocks."""

import re
from collections.abc import Iterable
from posixpath import join

from markdown.extensions.toc import slugify_unicode

from knowledge.entries.tags import slug_of
from knowledge.transfer.dialects import linking
from knowledge.transfer.dialects.boxes import boxed
from knowledge.transfer.dialects.catalogue import Catalogue, bare, folded, slug_for
from knowledge.transfer.dialects.front import Front
from knowledge.transfer.dialects.linking import MISSING, Found, Links, to_slug
from knowledge.transfer.dialects.pages import HINT, SURE, Page, Translation, flat
from knowledge.transfer.dialects.prose import Prose
from knowledge.transfer.dialects.titles import heading
from knowledge.transfer.parts import canonical

NAME, TITLE = "obsidian", "Obsidian"
ENOUGH = 0.15

__all__ = ["ENOUGH", "NAME", "TITLE", "former", "likeness", "names", "path", "translated"]

_WIKI = re.compile(r"(!?)\[\[([^\[\]\n|#^]*)((?:[#^][^\[\]\n|]*)?)(?:\\?\|([^\[\]\n]*))?\]\]")
_TAG = re.compile(r"(?<!\S)#([^\W\d_][\w/-]*|\d[\w/-]*[^\W\d][\w/-]*)", re.UNICODE)
_COMMENT = re.compile(r"%%(?:[^%]|%(?!%))*%%")
_BLOCK = re.compile(r"(?:^|[ \t])\^[A-Za-z0-9-]+[ \t]*$", re.MULTILINE)
_QUERY = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*(dataview|dataviewjs|tasks|query|templater)\b", re.MULTILINE)
_CALLOUT = re.compile(r"> \[![a-z]")
_PICTURE = re.compile(r".*\.(?:png|jpe?g|gif|svg|webp|avif|bmp)", re.IGNORECASE)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")
_OWN_SLUG = re.compile(r"[a-z0-9-]+")


def likeness(page: Page, catalogue: Catalogue) -> float:
    """Sure where a link by name finds its note; callouts, comments, names of blocks and its own keys are hints."""
    body = page.document.body
    if "[[" in body:
        named = ((match[1], match[2].strip().rstrip("\\")) for match in Prose(body).found(_WIKI))
        if any(
            name and (is_shown or not _OWN_SLUG.fullmatch(name)) and catalogue.called(name) for is_shown, name in named
        ):
            return SURE
    keys = "cssclasses" in page.document.fields or any(not name.startswith("/") for name in names(page))
    marks = (
        "%%" in body and _COMMENT.search(body),
        "> [!" in body and _CALLOUT.search(body),
        "^" in body and _BLOCK.search(body),
    )
    return HINT / 2 * (keys + sum(map(bool, marks)))


def path(page: Page) -> str:
    """The path itself."""
    return bare(page.name)


def names(page: Page) -> Iterable[str]:
    """The aliases of a note."""
    return [*flat(page.document.fields.get("aliases")), *flat(page.document.fields.get("alias"))]


def former(page: Page) -> Iterable[tuple[str, int]]:
    """Its aliases, so that whoever knows it by one still finds it."""
    return [(alias, page.document.lines.get("aliases", 1)) for alias in names(page)]


def translated(page: Page, catalogue: Catalogue) -> Translation:
    """The note: called as its file is, its links to notes as links to entries, its tags those of front matter and text."""
    front, links = Front(page), Links(page, catalogue, Prose(page.document.body, page.document.body_line))
    front.take("aliases", "alias")
    front.title(page.stem)
    front.summary("summary", "description")
    front.moments(created_at=("created", "date created", "date"), updated_at=("updated", "modified", "date modified"))
    _drop_comments(links)
    _name_queries(links)
    _wiki_links(links)
    linking.rewrite(links, _resolve)
    for match in links.prose.found(_BLOCK):
        links.prose.change(*match.span(), "")
    front.tags("tags", "tag", also=_inline_tags(links.prose))
    return front.finished(_without_heading(page, boxed(links.told(front.made))))


def _resolve(address: str, page: Page, catalogue: Catalogue) -> Found | None:
    """Links in Markdown: a path from the note or from the vault, else a name."""
    found = linking.relative(address, page, catalogue)
    if found is None or not found.missing:
        return found
    return _named(address, page, catalogue)


def _named(name: str, page: Page, catalogue: Catalogue) -> Found:
    """What a name leads to: a path, or the only file called so; of several the one in the note's folder or nearest to the top."""
    if "/" in name:
        exact = catalogue.at(join(page.folder, name) if name.startswith(".") else name)
        if exact is not None:
            return Found(exact)
    several = catalogue.called(name)
    if not several:
        return MISSING
    beside = [each for each in several if each.rpartition("/")[0] == page.folder.rstrip("/")]
    chosen = (beside or several)[0]
    return Found(chosen, () if beside else tuple(each for each in several if each != chosen))


def _wiki_links(links: Links) -> None:
    for match in links.prose.found(_WIKI):
        name, anchor = match[2].strip().rstrip("\\"), match[3].rstrip("\\")
        label = links.prose.text[slice(*match.span(4))] if match[4] is not None else ""
        if name and (text := _wiki(links, name, anchor, label, match)) is not None:
            links.prose.change(*match.span(), text)
        elif not name and anchor.startswith("#") and not anchor.startswith("#^"):
            words = anchor.rpartition("#")[2].strip()
            links.prose.change(*match.span(), f"[{label or words}](#{slugify_unicode(words, '-')})")


def _wiki(links: Links, name: str, anchor: str, label: str, match: re.Match[str]) -> str | None:
    found = _named(name, links.page, links.catalogue)
    is_embedded = bool(match[1])
    if not links.settled(found, name, match.start()):
        slug = slug_for(bare(name))  # an entry may be written for it yet
        is_file = is_embedded or _ENDING.search(name) or slug_of(name) == ""
        return None if is_file else to_slug(slug, label or name, in_row=links.in_row(match.start()))
    if not links.catalogue.is_page(found.name):
        called = links.attachment(found.name, match.start())
        shown = "" if re.fullmatch(r"\d+(?:x\d+)?", label) else label
        last, is_picture = name.rpartition("/")[2], bool(_PICTURE.fullmatch(found.name))
        words = (shown or (last.rpartition(".")[0] if is_picture else last)).replace("[", "(").replace("]", ")")
        return f"{'!' if is_embedded and is_picture else ''}[{words}](attachment:{called})"
    heading = anchor.rpartition("#")[2].strip() if anchor.startswith("#") and "^" not in anchor else ""
    last = bare(name).rpartition("/")[2]
    words = label or (f"{last} › {heading}" if heading else last)
    return links.to_entry(found.name, words, match.start())


def _drop_comments(links: Links) -> None:
    for match in links.prose.found(_COMMENT):
        links.note(
            match.start(),
            f"A comment was left out: {' '.join(links.prose.text[slice(*match.span())][2:-2].split())[:200]}",
        )
        links.prose.change(*match.span(), "")
        links.prose.veil(*match.span())


def _name_queries(links: Links) -> None:
    for match in _QUERY.finditer(links.prose.text):
        links.note(match.start(1), f"A block of {match[1]} is kept as it is written; what it would show is not.")


def _inline_tags(prose: Prose) -> list[str]:
    """The tags within the text. One that begins a line would be a heading to us, so it is escaped."""
    found = []
    for match in prose.found(_TAG):
        found.append(match[1].strip("/-"))
        if match.start() == 0 or prose.text[match.start() - 1] == "\n":
            prose.change(match.start(), match.start(), "\\")
    return found


def _without_heading(page: Page, body: str) -> str:
    """A note that begins with its own name as a heading says it once."""
    title = page.document.fields.get("title")
    if folded(heading(body)) not in {folded(each) for each in (page.stem, title) if isinstance(each, str)}:
        return canonical(body)
    lines = canonical(body).split("\n")
    return canonical("\n".join(lines[1:] if lines[0].lstrip().startswith("#") else lines[2:]))
