"""Hugo's content: its keys in YAML, TOML or JSON, pages in bundles with what they show, references and shortcodes."""

import re
from collections.abc import Iterable
from posixpath import join
from urllib.parse import quote

from knowledge import clock
from knowledge.transfer.dialects import linking
from knowledge.transfer.dialects.boxes import boxed
from knowledge.transfer.dialects.catalogue import Catalogue, bare
from knowledge.transfer.dialects.front import Front
from knowledge.transfer.dialects.linking import MISSING, Found, Links
from knowledge.transfer.dialects.pages import HINT, SURE, Page, Translation, flat, nothing
from knowledge.transfer.dialects.prose import Prose

NAME, TITLE = "hugo", "Hugo"
ENOUGH = 0.5

__all__ = ["ENOUGH", "NAME", "TITLE", "former", "likeness", "names", "path", "translated"]

names = nothing
REFERENCE = "~ref/"
"""Stands before a reference until links are looked at."""

_SHORT = re.compile(r"\{\{(?P<open>[<%])(?!/\*)[ \t]*(?P<end>/?)(?P<name>[\w./-]+)(?P<rest>[^{}]*?)[ \t]*/?[>%]\}\}")
_VALUE = re.compile(r"(?:([\w-]+)=)?(?:\"((?:[^\"\\]|\\.)*)\"|`([^`]*)`|([^\s\"`=]+))")
_MARK = re.compile(r"\{\{[<%] */?\w")
_MORE = re.compile(r"^<!-- *more *-->[ \t]*$", re.MULTILINE)
_LANGUAGES = (
    "ar bg cs da de el en es fi fr he hi hu id it ja ko nb nl no pl pt pt-br ro ru sk sv th tr uk vi zh zh-cn zh-tw"
)
_LANGUAGE = re.compile(rf"(.+)\.({'|'.join(_LANGUAGES.split())})")
_BEGINS, _ENDS = ("publishDate", "pubdate", "published"), ("expiryDate", "unpublishdate")
_OWN_KEYS = ("lastmod", "publishDate", "expiryDate")


def likeness(page: Page, _catalogue: Catalogue) -> float:
    """Sure by its other front matters, by shortcodes and by the name of a section; its dates and drafts are hints."""
    fields = page.document.fields
    if page.document.syntax in ("toml", "json") or page.stem == "_index":
        return SURE
    if page.document.has_front_matter and "{{" in page.document.body and any(Prose(page.document.body).found(_MARK)):
        return SURE
    return HINT * (("draft" in fields and "date" in fields) + any(key in fields for key in _OWN_KEYS))


def path(page: Page) -> str:
    """Its place in the site: below `content`, a bundle by its folder, the last part as its key `slug` says."""
    whole, language = _place(page)
    folder, _, last = whole.rpartition("/")
    if last in ("index", "_index"):
        folder, _, last = folder.rpartition("/")
        last = last or "home"
    slug = page.document.fields.get("slug")
    if isinstance(slug, str) and slug.strip():
        last = slug.replace("/", "-")
    return "/".join(part for part in (folder, f"{last}.{language}" if language else last) if part)


def _place(page: Page) -> tuple[str, str]:
    whole = f"/{bare(page.name)}".partition("/content/")[2] or bare(page.name)
    found = _LANGUAGE.fullmatch(whole)
    return (found[1], found[2]) if found and "/" not in found[2] else (whole, "")


def former(page: Page) -> Iterable[tuple[str, int]]:
    """Its aliases."""
    line = page.document.lines.get("aliases", 1)
    return [(alias.strip("/"), line) for alias in flat(page.document.fields.get("aliases")) if alias.strip("/")]


def translated(page: Page, catalogue: Catalogue) -> Translation:
    """The page with its figures, code and references said in Markdown; a draft stays one, also until it is to be published."""
    front = Front(page)
    front.take("aliases", "slug")
    front.title(page.stem.replace("-", " ") if page.stem not in ("index", "_index") else path(page).rpartition("/")[2])
    front.summary("description", "summary")
    front.tags("tags", "categories", "keywords")
    _date(front)
    if language := _place(page)[1]:
        front.made.values["language"] = language
    links = Links(page, catalogue, Prose(_said(front, page), page.document.body_line))
    linking.rewrite(links, _resolve)
    return front.finished(boxed(links.told(front.made)))


def _date(front: Front) -> None:
    begins, written, ends = (front.moment(*keys) for keys in (_BEGINS, ("date",), _ENDS))
    now = clock.now()
    waits = max(filter(None, (begins, written)), default=now) > now
    is_over = ends is not None and ends <= now
    if waits:
        said = "This is to be published later, so it is a draft until it is imported after that."
        front.note(next((key for key in _BEGINS if key in front.fields), "date"), said)
    if ends is not None:
        said = (
            "This has expired, so it is a draft."
            if is_over
            else "Nothing expires here: archive it when its time has come."
        )
        front.note(next(key for key in _ENDS if key in front.fields), said)
    front.draft(front.flag("draft") is True or waits or is_over)
    if written is not None and written <= now:
        front.made.values["created_at"] = written.isoformat()
    front.moments(updated_at=("lastmod", "modified"))
    if front.made.values["status"] == "published" and begins is not None:
        front.made.values["published_at"] = begins.isoformat()
    elif front.made.values["status"] == "published" and "created_at" in front.made.values:
        front.made.values["published_at"] = front.made.values["created_at"]


def _said(front: Front, page: Page) -> str:
    """The text without shortcodes, as far as Markdown can say what they say; the rest stays and is noted."""
    prose, noted = Prose(page.document.body, page.document.body_line), set[str]()
    for match in prose.found(_SHORT):
        rest = prose.text[slice(*match.span("rest"))]
        said = _shortcode(match["name"], bool(match["end"]), rest, prose.text[: match.start()][-2:])
        if said is not None:
            prose.change(*match.span(), said)
        elif match["name"] not in noted:
            noted.add(match["name"])
            message = f"The shortcode {match['name']} is kept as it is written; what it would show is not."
            front.note("body", message, prose.line(match.start()))
    for match in prose.found(_MORE):
        prose.change(*match.span(), "")
    return prose.changed()


def _shortcode(name: str, is_end: bool, rest: str, before: str) -> str | None:
    values = _VALUE.findall(rest)
    words = {key or str(place): one or two or three for place, (key, one, two, three) in enumerate(values)}
    if name in ("ref", "relref"):
        target = words.get("path") or words.get("0") or ""
        address = REFERENCE + quote(target, safe="/#.-_~")
        return address if before == "](" or before.endswith(('"', ": ")) else f"[{bare(target)}]({address})"
    if name == "figure" and not is_end:
        text = words.get("alt") or words.get("title") or ""
        caption = words.get("caption") or ""
        return f"![{text}]({quote(words.get('src', ''), safe='/:?&=%#.-_~')})" + (f" *{caption}*" if caption else "")
    if name == "highlight":
        return "```" if is_end else f"```{words.get('0', '')}"
    return None


def _resolve(address: str, page: Page, catalogue: Catalogue) -> Found | None:
    if address.startswith(REFERENCE):
        return _referred(address.removeprefix(REFERENCE), page, catalogue)
    root = _root(page)
    if address.startswith("/"):
        places = (f"{root}static{address}", f"{root}assets{address}", f"{root}content{address}", f"{root}{address}")
        found = next((known for each in places if (known := catalogue.at(each))), None)
        return Found(found) if found else MISSING if address.lower().endswith(".md") else None
    return linking.relative(address, page, catalogue)


def _referred(target: str, page: Page, catalogue: Catalogue) -> Found:
    """A page as `ref` finds it: from the top of the content, beside the page, or the only one of that name."""
    for place in (f"{_root(page)}content/{target.strip('/')}", target, join(page.folder, target)):
        found = catalogue.at(place)
        if found is not None and catalogue.is_page(found):
            return Found(found)
    several = [each for each in catalogue.called(target) if catalogue.is_page(each)]
    return Found(several[0], tuple(several[1:])) if several else MISSING


def _root(page: Page) -> str:
    before, content, _ = f"/{page.name}".partition("/content/")
    return f"{before[1:]}/".lstrip("/") if content else ""
