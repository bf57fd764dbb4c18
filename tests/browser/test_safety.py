from contextlib import suppress
from functools import cache

import pytest
from playwright.sync_api import Page, expect

from knowledge import markup
from knowledge.errors import Refusal
from server.middleware import CSP
from tests.browser.conftest import Visit
from tests.browser.places import PEOPLE, open_to, resolved
from tests.knowledge.hostile_markup import PAYLOADS

pytestmark = pytest.mark.browser

# What runs says so: a script that calls any of these, or that reaches for an address.
LISTENING = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "msgbox", "open"]) window[name] = () => window.ran.push(name);
addEventListener("securitypolicyviolation", (event) => window.ran.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# Whatever a reader may do by accident: point at it, go through it by keyboard, click what is not an ordinary link.
TOUCHING = """() => {
    for (const it of document.querySelectorAll("section *")) {
        for (const name of ["mouseover", "mouseenter", "pointerdown", "focus", "toggle", "error", "load", "animationend"])
            it.dispatchEvent(new Event(name));
        if (!["http:", "https:", "mailto:"].includes(it.protocol)) it.click?.();
    }
}"""


@cache
def rendered() -> str:
    """Every payload as the product shows it; those that it refuses are not shown."""
    sections = []
    for payload in PAYLOADS:
        with suppress(Refusal):
            sections.append(f"<section>{markup.render(payload).html}</section>")
    return "<!doctype html><title>x</title>" + "\n".join(sections)


def serve(page: Page, html: str, **headers: str) -> list[str]:
    """Open the text as a page of the site. Answers a list that fills with what it reaches for beyond itself."""
    reached: list[str] = []

    def answer(route) -> None:  # type: ignore[no-untyped-def]
        if route.request.url.endswith("/hostile"):
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
        else:
            reached.append(route.request.url)
            route.abort()

    page.on("dialog", lambda dialog: (reached.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: reached.append(popup.url))
    page.add_init_script(LISTENING)
    page.route("**/*", answer)
    page.goto("/hostile")
    page.evaluate(TOUCHING)
    page.wait_for_load_state("networkidle")
    return reached


def ran(page: Page) -> list[str]:
    return list(page.evaluate("window.ran"))


def test_hostile_markup_does_nothing_under_our_policy(visit: Visit) -> None:
    page = visit()

    reached = serve(page, rendered(), **{"content-security-policy": CSP})

    assert page.locator("section").count() >= 200
    assert ran(page) == []
    assert [url for url in reached if not url.startswith("https://")] == []
    assert page.url.endswith("/hostile")


def test_hostile_markup_does_nothing_even_without_a_policy(visit: Visit) -> None:
    page = visit()

    reached = serve(page, rendered())

    assert page.locator("section").count() >= 200
    assert ran(page) == []
    assert page.eval_on_selector_all("a", "(all) => all.map((it) => it.protocol)") 
    assert page.url.endswith("/hostile")
    assert reached == []


def test_raw_markup_runs_and_is_noticed(visit: Visit) -> None:
    page = visit()

    serve(page, "<section><img src=nothing onerror=alert(1)><a href='javascript:confirm(1)'>x</a></section>")

    expect(page.locator("section")).to_be_visible()
    page.wait_for_function("window.ran.length === 2")
    assert sorted(ran(page)) == ["alert", "confirm"]
