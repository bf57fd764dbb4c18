"""One walk through every page that somebody may open, for all tests that ask something of each page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import BrowserContext, Page, Response

from tests.browser import axe
from tests.browser.places import PEOPLE, open_to, resolved

MOST = {"document": 30_000, "stylesheet": 10_000, "script": 20_000}
NARROW, WIDE = 320, 1180
PARTS = ("h1", "main", "nav[aria-label=Places]", "form[role=search]")
# Leaders see all that there is inside, and customers what there is outside; strangers see part of that.
WHOLE = ("margit", "rosa")


@dataclass(frozen=True)
class Seen:
    """What there is on a page: how often each of its parts, its title, where it begins, where it leads, what it fetched too much of
    or from elsewhere, and what keeps somebody out.
    """

    address: str
    parts: dict[str, int]
    title: str
    first: str
    links: set[str]
    heavy: list[str]
    faults: list[str]


def walked(context: BrowserContext, person: str, site: str) -> Iterator[Seen]:
    """Every page that somebody may open, with nothing kept from the page before."""
    page, responses = context.new_page(), list[Response]()
    forgetful = context.new_cdp_session(page)
    forgetful.send("Network.enable")
    forgetful.send("Network.setCacheDisabled", {"cacheDisabled": True})
    # What a page listens to is no part of what it weighs, and does not end.
    page.on("response", lambda it: None if it.request.resource_type == "eventsource" else responses.append(it))
    known = set[str]() if person == "margit" else {_path(address) for address in open_to("LEADER")}
    for address in open_to(PEOPLE[person]):
        target = resolved(page, address)
        responses.clear()
        answer = page.goto(target)
        broken = [f"answers {answer.status}"] if answer and answer.status >= 500 else []
        faults = looks(person, is_known=_path(address) in known)
        seen = _seen(page, address, [*too_heavy(responses), *foreign(responses, site)], faults)
        yield replace(seen, faults=[*broken, *twice(page), *seen.faults])
        known.add(_path(address))


def _path(address: str) -> str:
    return re.split(r"[?#]", address)[0]


def looks(person: str, *, is_known: bool) -> Callable[[Page], list[str]]:
    """How closely a page is looked at: its colours once in light and once in dark, whoever opens it and whatever it is asked."""
    if person not in WHOLE:
        return axe.faults_but_for_colour
    return on_every_screen if is_known else in_every_look


def _seen(page: Page, address: str, heavy: list[str], faults: Callable[[Page], list[str]]) -> Seen:
    return Seen(
        address,
        {part: page.locator(part).count() for part in PARTS},
        page.title(),
        page.locator("body :is(a, button, input)").first.get_attribute("class") or "",
        links(page),
        heavy,
        faults(page),
    )


def too_heavy(responses: list[Response]) -> list[str]:
    """What the page fetched too much of, in bytes that came over the wire."""
    found = dict.fromkeys(MOST, 0)
    for response in responses:
        found[response.request.resource_type] += response.request.sizes()["responseBodySize"]
    heavy = [f"{kind}: {size}" for kind, size in found.items() if not 0 < size <= MOST[kind]]
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


def on_every_screen(page: Page) -> list[str]:
    """Faults on a wide screen and on the narrowest but for colours, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
    found = axe.faults_but_for_colour(page)
    page.set_viewport_size({"width": NARROW, "height": 800})
    found += [*axe.faults_of(page, axe.OF_SPACE), *sticking_out(page)]
    page.set_viewport_size({"width": WIDE, "height": 800})
    return found


def in_every_look(page: Page) -> list[str]:
    """Faults in light on a wide screen and in dark on the narrowest, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
    found = axe.faults(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": NARROW, "height": 800})
    found += [*axe.faults_of(page, (*axe.OF_COLOUR, *axe.OF_SPACE)), *sticking_out(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE, "height": 800})
    return found
