"""The loop is closed in the browser: told, sorted, answered, read, and open again; with and without scripts."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.test_story import a_word

pytestmark = pytest.mark.browser


def answer(page: Page, heard: str, why: str) -> None:
    page.get_by_text("Answer", exact=True).click()
    page.get_by_label("What did you hear?").fill(heard)
    page.get_by_label("It is done").check()
    page.get_by_label("Why?", exact=True).fill(why)
    page.get_by_role("button", name="Tell").click()
    expect(page.get_by_role("status").first).to_contain_text("Answered.")


def test_a_complaint_is_answered_read_in_the_portal_and_comes_back(visit: Visit, script: bool) -> None:
    page, rosa, word = visit("ines", script=script), visit("rosa", script=script), a_word()
    page.goto("/voices#record")
    page.locator("#record summary").click()
    page.get_by_label("What did they say?").fill(f"The {word} leaks.")
    page.get_by_label("Who said it? (optional)").fill("Blue Door")
    page.get_by_role("button", name="Record it").click()
    page.get_by_label("What is it?").select_option("COMPLAINT")
    page.locator("#triage").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#complaint h2")).to_contain_text("Complaint C-")

    answer(page, f"Your {word} leaks.", "The seal is new.")

    expect(page.locator("#complaint")).to_contain_text("Decision told.")
    expect(page.locator("#triage")).to_contain_text("Answered")
    said = page.url.partition("?")[0]
    rosa.goto("/portal")
    mine = rosa.locator(".hit", has_text=word)
    expect(mine).to_contain_text("It is done. The seal is new.")
    mine.get_by_text("Is it not settled?").click()
    mine.get_by_label("What would you like to say?").fill("Still leaks.")
    mine.get_by_role("button", name="Reply").click()
    expect(rosa.get_by_role("status").first).to_contain_text("open again")
    page.goto(said)
    expect(page.locator("#answers")).to_contain_text("Still leaks.")
    expect(page.locator("#complaint")).to_contain_text("Reopened.")
    expect(page.locator("#triage")).to_contain_text("Reopened")


def test_two_clicks_on_a_slow_form_send_it_once(visit: Visit) -> None:
    page, word = visit("ines"), a_word()
    page.goto("/voices#record")
    page.locator("#record summary").click()
    page.get_by_label("What did they say?").fill(f"The {word} leaks.")

    sent: list[Route] = []
    page.route("**/voices", lambda route: sent.append(route) if route.request.method == "POST" else route.continue_())
    twice = "button => { button.click(); setTimeout(() => button.click(), 200); }"
    page.get_by_role("button", name="Record it").evaluate(twice)
    page.wait_for_timeout(600)

    assert len(sent) == 1
    sent[0].continue_()
    expect(page.get_by_role("status").first).to_contain_text("Recorded.")


def test_whoever_stays_unnamed_reads_the_answer_by_code_and_replies(visit: Visit, script: bool) -> None:
    page, rosa, word = visit("ines", script=script), visit("rosa", script=script), a_word()
    rosa.goto("/tell")
    rosa.get_by_label("What would you like to tell us?").fill(f"The {word} bites.")
    rosa.get_by_label("Do not keep who I am").check()
    rosa.wait_for_timeout(3_100)  # nobody types that quickly
    rosa.get_by_role("button", name="Send it").click()
    code = rosa.locator("#code").input_value()
    page.goto("/voices")
    page.locator(".hit", has_text=word).get_by_role("link").first.click()
    answer(page, f"The {word} bites.", "It has a muzzle now.")

    rosa.goto("/tell/answer")
    rosa.get_by_label("Your code").fill(code)
    rosa.get_by_role("button", name="Look").click()
    expect(rosa.get_by_role("main")).to_contain_text("It has a muzzle now.")
    rosa.get_by_label("Your code").fill(code)
    rosa.get_by_label("Is it not settled? Say so").fill("It bites through it.")
    rosa.get_by_role("button", name="Reply").click()

    expect(rosa.get_by_role("status").first).to_contain_text("open again")
    page.reload()
    expect(page.locator("#answers")).to_contain_text("It bites through it.")
