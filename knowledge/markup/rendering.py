"""Markdown to safe HTML: the renderer, what it adds to Markdown, and the policy on what may reach a page."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

import markdown
import nh3
import pygments
from markdown.extensions.admonition import AdmonitionExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension, slugify_unicode
from markdown.inlinepatterns import HTML_RE, HtmlInlineProcessor, InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor as Inlining
from markdown.treeprocessors import Treeprocessor
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

from knowledge.errors import TooLarge
from knowledge.filenames import safe
from knowledge.markup.checking import check, fences

RENDERER = f"3 markdown-{markdown.__version__} nh3-{nh3.__version__} pygments-{pygments.__version__}"  # type: ignore[attr-defined]
"""Stored beside the HTML; another value means that the stored HTML is rendered anew."""

COLOURED = 1_500
COLOURED_ALTOGETHER = 6_000
"""Characters of one block and of one text that are coloured; what is longer is shown plainly, for Pygments is quadratic."""
LANGUAGES = frozenset("bash css diff graphql html javascript js json py python sh sql toml xml yaml".split())
SWELLING = 12
"""How many times longer than its source, beyond 100 kB, the HTML may become."""

SLUG = r"[a-z0-9-]+"
ENTRY = re.compile(rf"/entries/({SLUG})(?:#.*)?")
EXTERNAL = re.compile(r"https?://", re.IGNORECASE)
SAME_SITE = re.compile(r"(?!//|[^/?#]*:)[^\\\x00-\x20\x7f]+")
WEB = re.compile(r"https?://[^\\\x00-\x20\x7f]+", re.IGNORECASE)
FILE = re.compile(r"attachment:[^\\\x00-\x20\x7f]+")
PICTURE = re.compile(r"(?:/entries/[a-z0-9-]+/)?files/[^\\\x00-\x20\x7f/?#]+|/attachments/[^\\\x00-\x20\x7f?#]+")
ATTACHED = re.compile(r'<(?:img|a)(?: [a-z]+="[^"]*")*? (?:src|href)="(attachment:[^"]*)"[^>]*>')
MAIL = re.compile(r"mailto:[^\\\x00-\x20\x7f]+", re.IGNORECASE)
ANCHOR = re.compile(r"[\w-]+")
NUMBER = re.compile(r"\d{1,4}")
PREPARED = threading.local()
REL = ' rel="nofollow noopener"'
LINK = re.compile(rf'<a((?: [a-z]+="[^"]*")*){REL}>')

BLOCKS = frozenset(
    "blockquote br dd div dl dt figcaption figure h2 h3 h4 h5 h6 hr li ol p pre summary table td th tr ul".split()
)
TAGS = BLOCKS | frozenset(
    "a abbr b cite code del details em i img ins kbd mark q s samp small span strong sub sup tbody tfoot thead var".split()
)
ANCHORED = frozenset({"h2", "h3", "h4", "h5", "h6", "li", "sup"})
ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    **{tag: {"id"} for tag in ANCHORED},
}
VALUES = {"td": {"align": {"left", "center", "right"}}, "th": {"align": {"left", "center", "right"}}}
KINDS_OF_BOX = {"admonition", "note", "tip", "hint", "important", "warning", "caution", "danger", "example", "quote"}
CLASSES = {
    "a": {"entry", "bare", "footnote-ref", "footnote-backref"},
    "div": {"footnote"} | KINDS_OF_BOX,
    "p": {"admonition-title"},
    "pre": {"code"},
    "code": {f"language-{language}" for language in LANGUAGES},
    "span": {name for name in STANDARD_TYPES.values() if name},
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One line of the outline; `level` is 2 to 6, `anchor` the id in the HTML."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a text becomes: safe HTML, plain text for search, its outline, and the slugs of the entries it links to."""

    html: str
    text: str
    outline: tuple[Heading, ...]
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Where `attachment:name` leads: an address before the name, and the sizes of the pictures that are known."""

    address: str = "files/"
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)


NEARBY = Files()
"""Beside the page that shows the text, for whoever does not know which entry it will be."""


def render(source: str, *, field: str = "body", files: Files = NEARBY) -> Rendered:
    """Render Markdown; anchors begin with the field's name, so that the parts of an entry can share a page.

    Refuses by `TooLarge` or `Invalid` on `field` what `check` finds too costly, and what swells or nests without bound.
    """
    check(source, field=field)
    prefix = re.sub(r"[^a-z0-9]+", "-", field.lower()).strip("-") or "text"
    try:
        html = placed(sanitised(converted(source, prefix), prefix), files)
    except RecursionError:
        raise TooLarge("The text is nested too deeply.", field) from None
    if len(html) > SWELLING * len(source) + 100_000:
        raise TooLarge("The text becomes too large a page.", field)
    reading = Reading()
    reading.feed(html)
    reading.close()
    return Rendered(html, reading.plain(), tuple(reading.outline), tuple(dict.fromkeys(reading.links)))


def converted(source: str, prefix: str) -> str:
    """HTML as the author meant it, not yet safe."""
    md = converter()
    md.anchors.prefix = prefix
    try:
        html = md.convert(source)
    except RecursionError:
        del PREPARED.md  # it stopped in the middle of something
        raise
    md.reset()
    return html


def converter() -> "Converter":
    """The thread's converter: building one costs as much as converting a short text."""
    if not hasattr(PREPARED, "md"):
        PREPARED.md = Converter()
    md: Converter = PREPARED.md
    return md


class Converter(markdown.Markdown):
    """Markdown with our extensions."""

    def __init__(self) -> None:
        extensions = [
            TableExtension(use_align_attribute=True),
            TocExtension(marker="", baselevel=2, slugify=slugify_unicode),
            FootnoteExtension(),
            AdmonitionExtension(),
            SaneListExtension(),
        ]
        super().__init__(extensions=extensions, output_format="html")
        self.anchors = Anchors("")
        # Raw HTML is left to the inline pattern, which is linear, and to the policy; the preprocessor for blocks of it is neither.
        self.preprocessors.deregister("html_block")
        self.preprocessors.register(Fences(self), "fences", 25)
        self.inlinePatterns.register(EntryLink(), "entry", 185)
        self.inlinePatterns.register(KnownTags(HTML_RE, self), "html", 90)
        self.treeprocessors.register(Inline(self), "inline", 20)
        self.treeprocessors.register(self.anchors, "anchors", 1)
        self.treeprocessors.register(FarPictures(), "far pictures", 2)


MARKED = re.compile(r"[\\`*_\[<&]|  \n")
"""What every inline pattern has at least one of."""


class Inline(Inlining):
    """Looks for sixteen patterns only where there can be one of them; most pieces of most texts are plain."""

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803 - its name there
        if MARKED.search(data) is None:
            return data
        done: str = super()._InlineProcessor__handleInline(data, patternIndex)  # type: ignore[misc]
        return done


class Fences(Preprocessor):
    """Sets fenced code aside, coloured where the language is known."""

    def run(self, lines: list[str]) -> list[str]:
        result: list[str] = []
        start, left = 0, COLOURED_ALTOGETHER
        for fence in fences(lines):
            code = "\n".join(lines[fence.first + 1 : fence.last])
            language = fence.language if fence.language in LANGUAGES else ""
            if language and len(code) <= min(COLOURED, left):
                html, left = coloured(code, language), left - len(code)
            else:
                html = escape(code)
            kind = f' class="language-{language}"' if language else ""
            block = self.md.htmlStash.store(f'<pre class="code"><code{kind}>{html}\n</code></pre>')
            result += [*lines[start : fence.first], "", block, ""]
            start = fence.last + 1
        return result + lines[start:]


def coloured(code: str, language: str) -> str:
    """Spans with Pygments' short class names."""
    html: str = pygments.highlight(code, get_lexer_by_name(language), HtmlFormatter(nowrap=True))
    return html.rstrip("\n")


class EntryLink(InlineProcessor):
    """`[[slug]]` and `[[slug|label]]`; within a table the bar is written with a backslash."""

    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self) -> None:
        super().__init__(rf"(?<!\\)\[\[({SLUG})(?:\\?\|([^\[\]\n]+))?\]\]")

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        # Whoever writes no label means the title, which is known only to those who read: see `entries.mentions`.
        link = Element("a", {"class": "entry" if m[2] else "entry bare", "href": f"/entries/{m[1]}"})
        link.text = (m[2] or m[1].replace("-", " ")).strip()
        return link, m.start(), m.end()


class KnownTags(HtmlInlineProcessor):
    """Leaves what is no tag of ours as text: whoever writes `Dear <name>` or `x<y and y>z` means just that."""

    TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)([^>]*)>")

    def handleMatch(self, m: re.Match[str], data: str) -> Any:  # type: ignore[override]  # noqa: N802
        tag = self.TAG.fullmatch(m[1])
        if tag is not None:
            name, rest = tag[1].lower(), tag[2].strip(" /")
            if name not in TAGS or (rest and name not in ATTRIBUTES):
                return None, None, None
        return super().handleMatch(m, data)


class FarPictures(Treeprocessor):
    """Makes a link of every picture from elsewhere: no page of ours fetches anything from there."""

    def run(self, root: Element) -> None:
        for element in root.iter("img"):
            source = element.get("src", "")
            if WEB.fullmatch(source):
                element.tag, element.text = "a", element.get("alt") or source
                for name in ("src", "alt"):
                    element.attrib.pop(name, None)
                element.set("href", source)


class Anchors(Treeprocessor):
    """Gives every id the prefix, so that none shadows a name of the page's scripts, and lets links within the text follow."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def run(self, root: Element) -> None:
        for element in root.iter():
            if anchor := element.get("id"):
                element.set("id", self.anchored(anchor))
            if element.get("href", "").startswith("#"):
                element.set("href", "#" + self.anchored(element.get("href", "")[1:]))

    def anchored(self, anchor: str) -> str:
        return self.prefix + "-" + re.sub(r"[^\w-]+", "-", anchor)


def sanitised(html: str, prefix: str) -> str:
    """The part of the HTML that the policy allows; only links that leave the site keep their `rel`."""
    clean = cleaner(prefix).clean(html).replace("<p></p>", "")
    return LINK.sub(lambda found: found[0] if external(found[1]) else f"<a{found[1]}>", clean)


def placed(html: str, files: Files) -> str:
    """The HTML with the address of each file in the place of its name, and room left for each picture whose size is known."""

    def address(found: re.Match[str]) -> str:
        name = safe(unquote(unescape(found[1].removeprefix("attachment:"))))
        tag = found[0].replace(found[1], files.address + quote(name))
        if tag.startswith("<img") and name in files.sizes and ' width="' not in tag:
            width, height = files.sizes[name]
            return f'{tag[:-1]} width="{width}" height="{height}">'
        return tag

    return ATTACHED.sub(address, html) if "attachment:" in html else html


def external(attributes: str) -> bool:
    return 'href="http' in attributes.lower()


@lru_cache(maxsize=64)
def cleaner(prefix: str) -> nh3.Cleaner:
    """The written policy: these tags, attributes, classes and schemes, ids under the prefix, and nothing else."""

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        match attribute:
            case "title" | "lang":  # the cleaner lets these through on any tag
                return value if attribute in ATTRIBUTES.get(tag, ()) else None
            case "href":
                return value if any(rule.fullmatch(value) for rule in (WEB, MAIL, SAME_SITE, FILE)) else None
            case "src":
                return value if any(rule.fullmatch(value) for rule in (FILE, PICTURE)) else None
            case "id":
                return value if value.startswith(f"{prefix}-") and ANCHOR.fullmatch(value) else None
            case "width" | "height" | "start" | "colspan" | "rowspan":
                return value if NUMBER.fullmatch(value) else None
        return value

    return nh3.Cleaner(
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        tag_attribute_values=VALUES,
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto", "attachment"},
        link_rel="nofollow noopener",
        set_tag_attribute_values={"img": {"loading": "lazy"}},
        attribute_filter=allowed,
    )


class Reading(HTMLParser):
    """Reads safe HTML once for its words, its outline and its links to entries."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.outline: list[Heading] = []
        self.links: list[str] = []
        self.skipping = ""
        self.heading: tuple[int, str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and (found := ENTRY.fullmatch(values.get("href") or "")):
            self.links.append(found[1])
        if (values.get("class") or "").startswith("footnote-"):
            self.skipping = tag
        if tag in BLOCKS:
            self.words.append("\n")
        if tag == "img":
            self.words.append(values.get("alt") or "")
        if tag[0] == "h" and tag[1:].isdigit():
            self.heading = (int(tag[1]), values.get("id") or "", len(self.words))

    def handle_endtag(self, tag: str) -> None:
        if tag == self.skipping:
            self.skipping = ""
        if self.heading and tag == f"h{self.heading[0]}":
            level, anchor, start = self.heading
            self.heading = None
            if anchor and (text := " ".join("".join(self.words[start:]).split())):
                self.outline.append(Heading(level, anchor, text))
        if tag in BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.words.append(data)

    def plain(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.words).split("\n"))
        return "\n".join(line for line in lines if line)
