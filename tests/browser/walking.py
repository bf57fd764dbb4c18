"""One walk through every page that somebody may open, for all tests that ask something of each page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import BrowserContext, Page, Response

from tests.browser import axe
from tests.browser.places import PEOPLE, open_to, resolved

MOST = {"document": 30_000, "stylesheet": 10_000, "script": 20_000, "image": 200_000}
NARROW, MIDDLE, WIDE = 320, 768, 1180
PICTURES = Path(__file__).with_name("pictures")
PARTS = ("h1", "main", "nav[aria-label=Places]", "form[role=search]")


@dataclass(frozen=True)
class Seen:
    """What there is on a page: how often each of its parts, its title, where it begins, where it leads, what it cost, what it fetched
    too much of or from elsewhere, and what keeps somebody out.
    """

    address: str
    parts: dict[str, int]
    title: str
    first: str
    links: set[str]
    cost: "Cost"
    heavy: list[str]
    faults: list[str]


@dataclass(frozen=True)
class Cost:
    """What an opened page cost: statements of the database, bytes of HTML as they came over the wire, and requests with nothing kept."""

    statements: int
    size: int
    requests: int


@dataclass(frozen=True)
class Colours:
    """How texts looked that axe has looked at already, in light and in dark."""

    light: set[str] = field(default_factory=set)
    dark: set[str] = field(default_factory=set)


def walked(context: BrowserContext, person: str, site: str, colours: Colours, *, in_pictures: bool) -> Iterator[Seen]:
    """Every page that somebody may open, with nothing kept from the page before but a picture of every look of it, where asked."""
    page, responses = context.new_page(), list[Response]()
    forgetful = context.new_cdp_session(page)
    forgetful.send("Network.enable")
    forgetful.send("Network.setCacheDisabled", {"cacheDisabled": True})
    # What a page listens to is no part of what it weighs, and does not end.
    page.on("response", lambda it: None if it.request.resource_type == "eventsource" else responses.append(it))
    for address in open_to(PEOPLE[person]):
        target = resolved(page, address)
        responses.clear()
        answer = page.goto(target)
        cost, heavy = _cost(responses), [*too_heavy(responses), *foreign(responses, site)]
        if in_pictures:
            picture(page, PICTURES / (person or "stranger") / re.sub(r"\W+", "-", address).strip("-"))
        broken = [f"answers {answer.status}"] if answer and answer.status >= 500 else []
        yield _seen(page, address, cost, heavy, [*broken, *twice(page), *in_every_look(page, colours)])


def _seen(page: Page, address: str, cost: Cost, heavy: list[str], faults: list[str]) -> Seen:
    return Seen(
        address,
        {part: page.locator(part).count() for part in PARTS},
        page.title(),
        page.locator("body :is(a, button, input)").first.get_attribute("class") or "",
        links(page),
        cost,
        heavy,
        faults,
    )


def _cost(responses: list[Response]) -> Cost:
    document = [it for it in responses if it.request.resource_type == "document"][-1]  # those before it lead to it
    (statements,) = re.findall(r"(\d+) statements", document.header_value("server-timing") or "")
    return Cost(int(statements), document.request.sizes()["responseBodySize"], len(responses))


def too_heavy(responses: list[Response]) -> list[str]:
    """What the page fetched too much of, in bytes that came over the wire."""
    found = dict.fromkeys(MOST, 0)
    for response in responses:
        found[response.request.resource_type] += response.request.sizes()["responseBodySize"]
    heavy = [f"{kind}: {size}" for kind, size in found.items() if size > MOST[kind] or not (size or kind == "image")]
    return [*heavy, f"{len(responses)} requests"] if len(responses) > 5 else heavy


def twice(page: Page) -> list[str]:
    """What several things on the page are called: a label would lead to the first of them only."""
    named = page.eval_on_selector_all("[id]", "(all) => all.map((it) => it.id)")
    return [f"several are called {name}" for name in set(named) if named.count(name) > 1]


def foreign(responses: list[Response], site: str) -> list[str]:
    """What did not come from here."""
    return [each.url for each in responses if not each.url.startswith(f"{site}/")]


def links(page: Page) -> set[str]:
    """Where the page leads inside the site, without the places on a page."""
    found = page.eval_on_selector_all("a[href]", "(all) => all.map((it) => it.href)")
    return {urldefrag(href).url for href in found if urlsplit(href).netloc == urlsplit(page.url).netloc}


def sticking_out(page: Page) -> list[str]:
    """How wide a page is on the narrowest screen that does not fit it."""
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} px wide"] if width > NARROW else []


def in_every_look(page: Page, colours: Colours) -> list[str]:
    """Faults in light on a wide screen and in dark on the narrowest, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
    found = [*axe.faults_but_for_colour(page), *axe.faults_of_new_colours(page, colours.light)]
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": NARROW, "height": 800})
    found += [*axe.faults_of_new_colours(page, colours.dark), *axe.faults_of(page, axe.OF_SPACE), *sticking_out(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE, "height": 800})
    return found


def picture(page: Page, at: Path) -> None:
    """The whole page at three widths in both themes, for somebody to look at."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width in (NARROW, MIDDLE, WIDE):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=f"{at or 'home'}-{theme}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="light")
