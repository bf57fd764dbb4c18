import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def onwards(page: Page, label: str = "Next") -> None:
    page.locator(".tour").get_by_role("link" if label == "Next" else "button", name=label, exact=True).click()


def look(page: Page, label: str) -> None:
    page.locator(".tour").get_by_role("link", name=label, exact=True).click()


def at(page: Page, number: int) -> None:
    expect(page.locator(".tour")).to_contain_text(f"Step {number} of 6")


def test_the_tour_tells_the_story_step_by_step_without_a_script(visit: Visit) -> None:
    page = visit(script=False)
    page.goto("/login")
    page.get_by_role("button", name="Show me").click()

    # A furious customer: what helped, how sure that is, and with whom nobody has tried it.
    at(page, 1)
    first = page.locator("#results .hit").first
    expect(first.get_by_role("heading")).to_have_text("Third failure: replace first, ask later")
    expect(first).to_contain_text("Helped 6 of 7 (49 to 97 %); harmed 1; untested with first-time customers")
    look(page, "Open it")
    at(page, 1)
    expect(page.locator("#say")).to_contain_text("This is the third time.")
    expect(page.get_by_text("I used it", exact=True)).to_be_visible()

    # The evidence: for, against, and the one whom it harmed.
    onwards(page)
    at(page, 2)
    expect(page.locator(".evidence-line")).to_contain_text("8 for, 1 against")
    expect(page.locator("#evidence")).to_contain_text("Now I have two problems")
    expect(page.locator("#came-of-it")).to_contain_text("1 says that it did harm.")
    look(page, "Each time it was used")
    at(page, 2)
    expect(page.get_by_role("main")).to_contain_text("What we brought had not stood on test")

    # The loud few: one hotel, first by messages, ninth by customers, answered all the same; the valve is first.
    onwards(page, "Next, as Jonas Albrecht")
    at(page, 3)
    loudest = page.locator(".loud tbody tr").first
    expect(loudest).to_contain_text("App sign-in")
    expect(loudest).to_contain_text("29 of 32 messages are from one customer")
    expect(loudest).to_contain_text("no. 9 by customers")
    look(page, "Count customers instead")
    expect(page.locator(".loud tbody tr").first).to_contain_text("Reaching the descaling valve")
    expect(page.locator(".loud tbody tr").first).to_contain_text(re.compile(r"23 of 18\d"))
    look(page, "Do others feel the same?")
    at(page, 3)
    expect(page.locator("#others")).to_contain_text("0 of 73: fewer than 5 in 100")
    look(page, "What the hotel was told")
    expect(page.get_by_role("main")).to_contain_text("Grand Hotel Miramont")
    expect(page.get_by_role("main")).to_contain_text("You are the only house that has it")

    # You said, we did: 23 are told, one replies, and what they had said is open again.
    onwards(page, "Next, as Margit Solheim")
    at(page, 4)
    expect(page.get_by_role("heading", level=1)).to_have_text("Valve to the front")
    look(page, "Who was told what")
    expect(page.get_by_role("main")).to_contain_text("23 customers")
    look(page, "The one who wrote back")
    at(page, 4)
    expect(page.get_by_role("main")).to_contain_text("Ours still leaks")
    expect(page.get_by_role("complementary").first).to_contain_text("Reopened")

    # A belief was wrong: what stands on it is in doubt.
    onwards(page)
    at(page, 5)
    expect(page.get_by_role("main")).to_contain_text("Every depot can store a loan machine without building anything.")
    look(page, "What stands on it")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"Coffee when the doors open\s+contested"))
    expect(page.get_by_role("main")).to_contain_text(
        re.compile(r"A tested machine in every depot\s+Initiative\s+shaken")
    )

    # All of it in one query.
    onwards(page)
    at(page, 6)
    page.get_by_role("button", name="Run").click()
    at(page, 6)
    for figure in ("helped 6 of 7 (49 to 97 %)", "0 of 73", "still leaks", "CONTESTED"):
        expect(page.locator(".answer")).to_contain_text(figure)
    look(page, "That was all: leave the tour")
    expect(page.locator(".tour")).to_have_count(0)


def test_the_tour_is_taken_by_keyboard_and_left_at_any_step(visit: Visit) -> None:
    page = visit("jonas")
    page.goto("/voices?count=messages&tour=3")

    expect(page.locator(".tour")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Next, as Margit Solheim")).to_be_focused()
    assert axe.faults(page) == []
    page.keyboard.press("Enter")
    at(page, 4)
    assert axe.faults(page) == []
    look(page, "Leave the tour")

    expect(page.locator(".tour")).to_have_count(0)
    expect(page).to_have_url(re.compile("/entries/valve-to-the-front[?]?$"))
