from contextlib import suppress
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from knowledge import markup
from knowledge.errors import Refusal
from server.middleware import CSP
from tests.browser.conftest import Visit
from tests.knowledge.hostile_markup import PAYLOADS

pytestmark = pytest.mark.browser

# What runs says so: a script that calls any of these, or that the policy stops.
LISTENING = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "msgbox", "open"]) window[name] = () => window.ran.push(name);
addEventListener("securitypolicyviolation", (event) => window.ran.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# Whatever a reader may do by accident: point at it, go through it by keyboard, click what is not an ordinary link.
TOUCHING = """() => {
    for (const it of document.querySelectorAll("section *")) {
        for (const name of ["click", "mouseover", "mouseenter", "pointerdown", "focus", "toggle", "load", "error", "submit"])
            it.dispatchEvent(new Event(name));
        if (it.protocol && !["http:", "https:", "mailto:"].includes(it.protocol)) it.click();
    }
}"""


@cache
def rendered() -> str:
    """Every payload as the product shows it; those that it refuses are not shown."""
    sections = []
    for payload in PAYLOADS:
        with suppress(Refusal):
            sections.append(f"<section>{markup.render(payload).html}</section>")
    return "".join(sections)


def show(page: Page, html: str, **headers: str) -> list[str]:
    """Open the text as a page of the site and touch all of it. Answers what it reached for, beyond pictures of our own."""
    reached: list[str] = []

    def answer(route: Route) -> None:
        if route.request.is_navigation_request() and route.request.url.endswith("/hostile"):
            route.fulfill(body=f"<!doctype html><title>x</title>{html}", content_type="text/html", headers=headers)
        else:
            if (
                route.request.resource_type != "image"
                or urlsplit(route.request.url).netloc != urlsplit(page.url).netloc
            ):
                reached.append(route.request.url)
            route.fulfill(status=204)

    page.on("popup", lambda popup: reached.append(popup.url))
    page.add_init_script(LISTENING)
    page.route("**/*", answer)
    page.goto("/hostile")
    page.evaluate(TOUCHING)
    page.wait_for_load_state("networkidle")
    return reached


def ran(page: Page) -> list[str]:
    return list(page.evaluate("window.ran"))


@pytest.mark.parametrize(
    "headers", [{"content-security-policy": CSP}, {}], ids=["under our policy", "without a policy"]
)
def test_hostile_markup_does_nothing(visit: Visit, headers: dict[str, str]) -> None:
    page = visit()

    reached = show(page, rendered(), **headers)

    assert page.locator("section").count() >= 200
    assert ran(page) == []
    assert reached == []
    assert page.url.endswith("/hostile")


def test_raw_markup_runs_and_is_noticed(visit: Visit) -> None:
    page = visit()

    reached = show(
        page,
        "<section><img src=nothing onerror=alert(1)></section><section><a href='javascript:confirm(1)'>x</a></section>"
        "<section><p onclick=prompt(1)>x</p><script src=//other.example/x.js></script></section>",
    )

    page.wait_for_function("window.ran.includes('alert')")
    assert set(ran(page)) == {"alert", "confirm", "prompt"}
    assert reached == [f"{urlsplit(page.url).scheme}://other.example/x.js"]


def test_our_policy_stops_what_the_product_would_miss(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site) as context:
        page = context.new_page()

        show(page, "<section><img src=nothing onerror=alert(1)></section>", **{"content-security-policy": CSP})

        page.wait_for_function("window.ran.length")
        assert set(ran(page)) == {"script-src-attr inline"}
