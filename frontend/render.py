"""Turns an answer into a page: the templates, what they may call, and how values are put into words."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request

from frontend import addresses, assets, drawing, examples, figures, words
from frontend.asking import FOLDER
from frontend.assets import Assets
from frontend.forms import Typed
from frontend.initiatives import timeline
from frontend.tour import steps as touring

HEADING = re.compile(r"<h([2-6])\b")
FILED = re.compile(r'(<(?:img|a)(?: [a-z]+="[^"]*")*? (?:src|href)=")(?=/attachments/|/entries/[a-z0-9-]+/files/)')
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
THEMES = ("light", "dark")
MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True)
class DemoPerson:
    """Someone whom a demo lets one sign in as with one click."""

    email: str
    name: str
    line: str


@dataclass(frozen=True, eq=False)
class Site:
    """What every page needs to know of the installation."""

    name: str = "Loyalty Commons"
    assets: Assets = field(default_factory=assets.read)
    people: tuple[DemoPerson, ...] = ()
    anonymous: bool = False
    base_url: str = ""
    reload: bool = False


class _Pages(Environment):
    """Reads `evidence.items` as the answer's field, not as the dictionary's method."""

    def getattr(self, obj: object, attribute: str) -> object:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def templates(site: Site) -> Environment:
    """The environment of one site; a name that a template does not know is an error, and all text in HTML is escaped."""
    environment = _Pages(
        loader=FileSystemLoader(FOLDER),
        autoescape=lambda name: not (name or "").endswith((".md", ".json", ".csv")),
        undefined=StrictUndefined,
        auto_reload=site.reload,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"html": html, "lifted": lifted, "under": under, "day": day, "many": many, "spoken": spoken}
    environment.filters |= {
        "words": words.in_words,
        "device": device,
        "quoted": quoted,
        "choice": choice,
        "along": along,
    }
    environment.filters |= {"moment": moment, "rung": words.rung}
    environment.filters |= {
        "figure": figures.figure,
        "worth": figures.worth,
        "interval": figures.interval,
        "hits": figures.hits,
        "weight": weight,
    }
    environment.filters |= drawing.FILTERS
    environment.filters |= timeline.FILTERS
    environment.tests |= drawing.TESTS
    urls = {name: asset.url for name, asset in site.assets.items()}
    environment.globals |= {
        "site": site,
        "words": words,
        "url": urls,
        "examples": examples.all_of_them(),
        "touring": touring,
    }
    return environment


def page(site: Site, template: str, context: Mapping[str, object]) -> str:
    """A whole page; a NUL that an address may bring has no place in one."""
    return templates(site).get_template(template).render(context).replace("\0", "\ufffd")


def fragment(site: Site, template: str, block: str, context: Mapping[str, object]) -> str:
    """One block of a page, for a browser that swaps it into the page it already has."""
    found = templates(site).get_template(template)
    return "".join(found.blocks[block](found.new_context(dict(context))))


def surroundings(request: Request) -> dict[str, object]:
    """What the address and the cookies say to every template."""
    theme = request.cookies.get("theme", "")
    return {
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "asked": request.query_params,
        "theme": theme if theme in THEMES else "",
        "narrowing": lambda: addresses.narrowing(request),
        "toggled": lambda name, value: toggled(request, name, value),
        "turned": lambda **changes: turned(request, **changes),
        "form": Typed(),
        "writes": False,
        "takes_part": False,
        "opens": lambda _: False,
    }


def base_of(site: Site, request: Request) -> str:
    """How addresses begin that are read elsewhere: as the installation is told it is called, or as it was called just now."""
    return (site.base_url or str(request.base_url)).rstrip("/")


def toggled(request: Request, name: str, value: str) -> str:
    """This address with the value added to a parameter, or taken away where it is there; a change starts from the first page."""
    pairs = [(key, text) for key, text in request.query_params.multi_items() if key not in ("after", "done")]
    without = [pair for pair in pairs if pair != (name, value)]
    return f"?{urlencode(without if len(without) < len(pairs) else [*pairs, (name, value)])}"


def turned(request: Request, **changes: str) -> str:
    """This address with parameters set; an empty text takes one away."""
    pairs = [(key, text) for key, text in request.query_params.multi_items() if key not in {*changes, "after", "done"}]
    return f"?{urlencode([*pairs, *((key, text) for key, text in changes.items() if text)])}"


def html(source: str) -> Markup:
    """Markup that the API has rendered and cleaned (its `...Html` fields and highlights), and nothing else."""
    return Markup(source)  # noqa: S704  # the API's own, cleaned by a written policy


def lifted(source: str) -> Markup:
    """The same with its highest heading as an h2, for a text that stands right below the page's h1."""
    shift = min((int(level) for level in HEADING.findall(source)), default=2) - 2
    return html(re.sub(r"(</?h)([2-6])\b", lambda match: f"{match[1]}{int(match[2]) - shift}", source))


def under(source: str, address: str) -> str:
    """The same with its pictures and files below an address: that of a share link, whose holder gets them there."""
    return FILED.sub(lambda match: match[1] + address, source)


def day(moment: str | None) -> Markup:
    """A date or a point in time as an element that both people and machines read."""
    if not moment:
        return Markup("")
    if len(moment) == 10:
        return _time(moment, _written(date.fromisoformat(moment)), "")
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return _time(moment, _written(at.date()), at.strftime("%H:%M UTC"))


def moment(at: str | None) -> Markup:
    """A point in time as an element that people and machines read, with its hour."""
    if not at:
        return Markup("")
    when = datetime.fromisoformat(at).astimezone(UTC)
    return _time(at, f"{_written(when.date())}, {when:%H:%M} UTC", "")


def many(count: int, one: str, more: str = "") -> str:
    """A number with its noun: `3 | many("customer")`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}".replace(",", "\u202f")


def spoken(items: Sequence[object], joint: str = "and") -> str:
    """A list as a sentence says it: "a, b and c"."""
    texts = [str(item) for item in items]
    return f" {joint} ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def device(agent: str) -> str:
    """A browser's long name for itself as people call it: "Firefox on Windows"."""
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    return " on ".join(filter(None, [browser, system])) or agent[:60] or "Some program"


def weight(size: int) -> str:
    """A number of bytes as people say it."""
    for unit, name in ((1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def quoted(text: str) -> str:
    """A text in double quotes, as front matter and JSON alike read it."""
    return json.dumps(text, ensure_ascii=False)


def choice(item: Mapping[str, object], value: str, label: str) -> tuple[object, object]:
    """A value to send and its label to show, out of one thing of an answer."""
    return item[value], item[label]


def along(items: Sequence[Mapping[str, object]], current: Sequence[Mapping[str, object]], key: str) -> Sequence[object]:
    """What can be chosen, along with what is chosen now and is not among it: a form must not take that away."""
    known = [item[key] for item in items]
    return [*items, *(item for item in current if item[key] not in known)]


def _written(at: date) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def _time(machine: str, text: str, title: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(escape(machine), title or text, text)
