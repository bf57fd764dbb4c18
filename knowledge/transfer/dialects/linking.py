"""Links between files become links between entries, and what a page shows becomes its attachment."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from posixpath import join
from typing import TypeAlias
from urllib.parse import unquote

from knowledge.entries.tags import slug_of
from knowledge.transfer.dialects.catalogue import Catalogue
from knowledge.transfer.dialects.pages import Attached, Note, Page, Translation
from knowledge.transfer.dialects.prose import Prose

LABEL = 2_000
"""How far back a link's label may begin."""

_TARGET = re.compile(
    r"\]\([ \t]*(?:<(?P<pointed>[^<>\n]*)>|(?P<bare>(?:[^()<>\n\"\\\s]|\\.|\([^()\n]*\)|[ \t]+(?![\"'(\s)]))*))"
    r"(?P<title>[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\)"
)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)[^\[\]\n]+\]:[ \t]*(?:<(?P<pointed>[^<>\n]*)>|(?P<bare>[^\s<>]+))", re.MULTILINE
)
_PICTURE = re.compile(r"<img\s(?P<rest>[^<>]{0,2000})>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]{0,2000}?\bhref\s*=\s*(?:\"(?P<pointed>[^\"<>]*)\"|'(?P<bare>[^'<>]*)')", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_BARRED = re.compile(r"\[\[[^\[\]\n]*\]\]")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//|#|\?|$|[{<$]")


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to: a page or a file of the import by its name, or nothing that ought to be there."""

    name: str = ""
    others: tuple[str, ...] = ()
    missing: bool = False


MISSING = Found(missing=True)
Resolve: TypeAlias = Callable[[str, Page, Catalogue], Found | None]
"""What an address without its anchor leads to; None for what is nobody's business here."""


@dataclass
class Links:
    """The links of one page: rewritten in its text, with what they attach and what was wrong with which."""

    page: Page
    catalogue: Catalogue
    prose: Prose
    notes: list[Note] = field(default_factory=list)
    attached: dict[str, Attached] = field(default_factory=dict)
    links: int = 0
    broken: int = 0
    unclear: int = 0

    def note(self, place: int, message: str) -> None:
        """Note something about a place in the text."""
        self.notes.append(Note("body", message, self.prose.line(place)))

    def settled(self, found: Found, address: str, place: int) -> bool:
        """Whether an address leads somewhere; what is missing or could mean several is noted."""
        if found.missing:
            self.broken += 1
            self.note(place, f"{_shown(address)} leads nowhere in what was imported.")
            return False
        if found.others:
            self.unclear += 1
            others = ", ".join(found.others[:3])
            self.note(place, f"{_shown(address)} could be several; {found.name} was taken, not {others}.")
        self.links += 1
        return True

    def attachment(self, file: str, place: int) -> str:
        """What the text calls a file; two of one name within a page are told apart."""
        for name, known in self.attached.items():
            if known.file == file:
                return name
        name = attachment_name(file)
        if name in self.attached:
            stem, _, ending = name.rpartition(".")
            name = f"{stem}-{sha256(file.encode()).hexdigest()[:8]}.{ending}"
        self.attached[name] = Attached(name, file, self.prose.line(place))
        return name

    def told(self, made: Translation) -> str:
        """The text with its changes; a translation hears how the links fared."""
        made.notes += self.notes
        made.attached += self.attached.values()
        made.links, made.broken, made.unclear = self.links, self.broken, self.unclear
        return self.prose.changed()

    def to_entry(self, name: str, label: str, place: int) -> str:
        """A link to a page in our words."""
        return to_slug(self.catalogue.slug(name), label, in_row=self.in_row(place))

    def in_row(self, place: int) -> bool:
        """Whether there are bars in a place's line other than those of links, as in a table."""
        return "|" in _BARRED.sub("", self.prose.row(place))


def to_slug(slug: str, label: str, *, in_row: bool = False) -> str:
    """`[[slug]]`, with a label where it says something else; between the bars of a table its own is escaped."""
    label = " ".join(label.split())
    if not label or label == slug.replace("-", " "):
        return f"[[{slug}]]"
    if "[" in label or "]" in label:
        return f"[{label}](/entries/{slug})"
    return f"[[{slug}\\|{label}]]" if in_row else f"[[{slug}|{label}]]"


def attachment_name(file: str) -> str:
    """A file's name as a text can hold it: plain letters, and the same every time."""
    stem, dot, ending = file.rpartition("/")[2].rpartition(".")
    name = slug_of(stem or ending) or "file"
    return f"{name}.{slug_of(ending)}" if dot and stem and slug_of(ending) else name


def relative(address: str, page: Page, catalogue: Catalogue) -> Found | None:
    """A path from the page's folder; one that begins with a slash is an address of some site, unless it has a page's ending."""
    if address.startswith("/"):
        found = catalogue.at(address)
        return Found(found) if found else None
    found = catalogue.at(join(page.folder, address))
    if found is None and not set("./") & set(address):  # a word in brackets after others is hardly a path
        return None
    return Found(found) if found else MISSING


def rewrite(links: Links, resolve: Resolve) -> None:
    """Have every link, picture, definition and HTML tag lead where `resolve` says."""
    for place in _inline(links.prose):
        _rewrite_inline(links, place, resolve)
    for pattern in (_DEFINITION, _ANCHOR):
        for match in links.prose.found(pattern):
            name = "pointed" if match["pointed"] is not None else "bare"
            if address := _led(links, links.prose.text[slice(*match.span(name))], match.start(), resolve):
                links.prose.change(*match.span(name), address)
    for match in links.prose.found(_PICTURE):
        _rewrite_picture(links, match, resolve)


@dataclass(frozen=True, slots=True)
class _Inline:
    start: int
    label: str
    target: str
    target_span: tuple[int, int]
    end: int
    is_picture: bool


def _inline(prose: Prose) -> Iterator[_Inline]:
    for match in prose.found(_TARGET):
        start = _opening(prose.masked, match.start())
        if start < 0:
            continue
        span = match.span("pointed" if match["pointed"] is not None else "bare")
        is_picture = prose.text[start - 1 : start] == "!" if start else False
        yield _Inline(
            start, prose.text[start + 1 : match.start()], prose.text[slice(*span)], span, match.end(), is_picture
        )


def _opening(text: str, close: int) -> int:
    """Where the bracket opens that closes here."""
    depth = 0
    for place in range(close, max(-1, close - LABEL), -1):
        letter = text[place]
        if letter in "[]" and text[place - 1 : place] != "\\":
            depth += 1 if letter == "]" else -1
            if depth == 0:
                return place
        elif letter == "\n" and text[place - 1 : place] == "\n":
            return -1
    return -1


def _rewrite_inline(links: Links, inline: _Inline, resolve: Resolve) -> None:
    found = _resolved(links, inline.target, inline.start, resolve)
    if found is None:
        return
    start, end = inline.target_span
    if links.catalogue.is_page(found):
        simple = not inline.is_picture and not set("[]!") & set(inline.label) and inline.label.strip()
        if simple:
            links.prose.change(inline.start, inline.end, links.to_entry(found, inline.label, inline.start))
        else:
            links.prose.change(start, end, f"/entries/{links.catalogue.slug(found)}")
    else:
        links.prose.change(start, end, f"attachment:{links.attachment(found, inline.start)}")


def _rewrite_picture(links: Links, match: re.Match[str], resolve: Resolve) -> None:
    """An HTML picture of a file that is here becomes one in Markdown."""
    rest = links.prose.text[slice(*match.span("rest"))]
    values = {name.lower(): unescape(one or other) for name, one, other in _ATTRIBUTE.findall(rest)}
    found = _resolved(links, values.get("src", ""), match.start(), resolve)
    if found is not None and not links.catalogue.is_page(found):
        alt = re.sub(r"[\[\]\n]", " ", values.get("alt", ""))
        links.prose.change(*match.span(), f"![{alt}](attachment:{links.attachment(found, match.start())})")


def _led(links: Links, target: str, place: int, resolve: Resolve) -> str | None:
    """The new address behind a definition or a tag."""
    found = _resolved(links, target, place, resolve)
    if found is None:
        return None
    if links.catalogue.is_page(found):
        return f"/entries/{links.catalogue.slug(found)}"
    return f"attachment:{links.attachment(found, place)}"


def _resolved(links: Links, target: str, place: int, resolve: Resolve) -> str | None:
    if _SCHEME.match(target):
        return None
    address = unquote(re.sub(r"\\(.)", r"\1", target).partition("#")[0].partition("?")[0]).strip()
    if not address or "\0" in address:
        return None
    found = resolve(address, links.page, links.catalogue)
    if found is None or not links.settled(found, address, place):
        return None
    return found.name


def _shown(address: str) -> str:
    return address if len(address) <= 120 else address[:119] + "…"
