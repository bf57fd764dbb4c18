import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    """What has the focus: its id, or the words on it."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


def is_seen(page: Page) -> bool:
    """Whether nothing lies over the middle of what has the focus."""
    return bool(
        page.evaluate(
            """() => {
                const it = document.activeElement, box = it.getBoundingClientRect();
                const on_top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return it === on_top || it.contains(on_top) || !!on_top?.contains(it);
            }"""
        )
    )


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        assert is_seen(page), f"Something covers {focused(page)}."
        if focused(page) == wanted:
            return
    pytest.fail(f"{wanted} is not reached by Tab.")


def test_the_first_tab_leads_past_the_navigation(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/practices")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="To the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_what_is_found_is_reached_without_a_mouse(visit: Visit) -> None:
    page = visit("ines")
    page.goto("/")

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("angry customer")
    links = page.locator("#results .hit h2 a")
    expect(links.first).to_have_text("Third failure: replace first, ask later")
    page.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/entries/replace-first$"))


def test_how_many_were_found_is_said_aloud_and_the_address_follows(visit: Visit) -> None:
    page = visit("ines")
    page.goto("/search")

    page.keyboard.press("Control+k")
    page.keyboard.type("descaling")

    expect(page.locator("#said")).to_have_text(re.compile(r"^\d+ entries"))
    expect(page.locator("#said")).to_have_attribute("role", "status")
    expect(page).to_have_url(re.compile(r"/search\?q=descaling$"))
    expect(page.locator("#results mark").first).to_be_visible()


def test_a_box_that_is_cleared_leaves_no_question_behind(visit: Visit) -> None:
    page = visit("ines")
    page.goto("/search?q=refund")

    page.get_by_label("Search").fill("")

    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page).to_have_url(re.compile("/search$"))
    expect(page.locator("#results")).to_contain_text("Say what is happening")


def test_enter_searches_from_any_page(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/principles")

    tab_to(page, "q")
    page.keyboard.type("angry customer")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/search\?q=angry\+customer$"))
    expect(page.locator(".hit").first).to_contain_text("Third failure")


def test_single_keys_can_be_turned_off(visit: Visit) -> None:
    page = visit("ines")
    page.goto("/me")
    page.get_by_label("/ alone goes to the search, too").uncheck()
    page.goto("/practices")

    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    page.keyboard.press("Control+k")

    expect(page.locator("#q")).to_be_focused()


def test_what_a_customer_said_is_recorded_without_a_mouse(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/voices")

    tab_to(page, "Tell what a customer said")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("The lid does not close.")
    page.keyboard.press("Tab")
    page.keyboard.type("Email")
    page.keyboard.press("Tab")
    page.keyboard.type("Café Zimt")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/feedback/"))
    expect(page.get_by_role("main")).to_contain_text("The lid does not close.")
    expect(page.get_by_role("main")).to_contain_text("email")


def test_what_is_missing_is_said_first_and_leads_to_its_field(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/voices")
    page.get_by_text("Tell what a customer said").click()
    page.get_by_label("Who said it? (optional)").fill("Café Zimt")

    page.get_by_role("button", name="Record it").click()

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Who said it? (optional)")).to_have_value("Café Zimt")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    field = page.get_by_label("What did they say?")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("Error: "))


def test_answers_that_come_slowly_are_not_broken_off_and_the_last_words_win(visit: Visit) -> None:
    page = visit("ines")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.goto("/search")
    page.route(lambda address: "q=" in address, hold, times=1)

    with page.expect_request(lambda request: "q=angry" in request.url):
        page.locator("#q").press_sequentially("angry")
    page.locator("#q").press_sequentially(" fee", delay=200)  # slower than the pause after which one is asked for
    held[0].continue_()

    expect(page.locator("#asked")).to_have_text("angry fee")
    expect(page).to_have_url(re.compile(r"q=angry(\+|%20)fee"))
