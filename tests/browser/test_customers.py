"""Customers in the browser: met, complained, and the complaint taken through its stages by hand."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_story import a_word

pytestmark = pytest.mark.browser


def step(page: Page, to: str, **said: str) -> None:
    """Take a complaint a step on."""
    case = page.locator("#complaint")
    if not case.locator("details").evaluate("(it) => it.open"):
        case.get_by_text("Take it a step on").click()
    case.get_by_label(to, exact=True).check()
    for label, text in said.items():
        case.get_by_label(label.replace("_", " "), exact=False).fill(text)
    case.get_by_role("button", name="Take the step").click()


def test_a_meeting_is_logged_in_three_fields(visit: Visit, script: bool) -> None:
    page, word = visit("ines", script=script), a_word()
    page.goto("/customers?name=Seabank")
    page.get_by_role("link", name="Seabank Hotel", exact=True).click()

    if not page.locator("#log").evaluate("(it) => it.open"):
        page.locator("#log summary").click()
    page.get_by_label("Where did you meet?").select_option(index=1)
    page.get_by_label("What is worth remembering?").fill(f"They showed me the {word}.")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Log it").click()

    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"They showed me the {word}.")


def test_a_complaint_goes_through_its_stages(visit: Visit, script: bool) -> None:
    page, word = visit("ines", script=script), a_word()
    page.goto("/voices#record")
    page.locator("#record summary").click()
    page.get_by_label("What did they say?").fill(f"The {word} burnt my hand.")
    page.get_by_label("Who said it? (optional)").fill("Blue Door")
    page.get_by_role("button", name="Record it").click()
    page.get_by_label("What is it?").select_option("COMPLAINT")
    page.get_by_label("How much harm?").select_option("HIGH")
    page.locator("#triage").get_by_role("button", name="Save", exact=True).click()
    case = page.locator("#complaint")
    expect(case.locator("h2")).to_contain_text("Complaint C-")

    for stage in ("Acknowledged", "Assessed", "Investigating", "Answer proposed"):
        step(page, stage)
        expect(page.get_by_role("status").first).to_be_visible()
        expect(case).to_contain_text(stage)
    step(page, "Decision told")
    expect(page.get_by_role("alert")).to_contain_text("Write down what was decided")
    step(page, "Decision told", What_was_decided="A new seal.")
    expect(case).to_contain_text("A new seal.")
    step(page, "Closed")
    expect(page.get_by_role("alert")).to_contain_text("Say what caused it")
    step(page, "Closed", What_caused_it="A worn seal.", What_was_done="All of that batch are replaced.")

    expect(page.locator("#triage")).to_contain_text("Closed")
    expect(case).to_contain_text("A worn seal.")
