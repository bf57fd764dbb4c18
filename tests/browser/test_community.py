"""A conversation, by keyboard alone and with or without scripts, and what readers do beside it."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.test_keyboard import tab_to

pytestmark = pytest.mark.browser

HERE = "/entries/valve-to-the-front"
SAY = "Ask, add what you know, or tell how it went"


def a_remark() -> str:
    return f"Remark {uuid4().hex[:10]}."


def test_a_conversation_is_held_without_a_mouse(visit: Visit, script: bool) -> None:
    page, asked, answered = visit("ines", script=script), a_remark(), a_remark()
    page.goto(f"{HERE}/comments")

    tab_to(page, "speak-body")
    page.keyboard.type(asked)
    tab_to(page, "Say it")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#comment-"))
    mine = page.locator(".thread > li", has_text=asked)
    expect(mine).to_be_visible()
    expect(mine).to_contain_text("colleagues only")
    mine.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(answered)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/comments/.+#comment-"))
    expect(page.locator(".thread li li", has_text=answered)).to_be_visible()
    tab_to(page, "Call it settled")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("The conversation is settled.")


def test_a_customer_asks_and_hears_only_what_is_meant_for_them(visit: Visit, script: bool) -> None:
    customer, employee = visit("rosa", script=script), visit("margit", script=script)
    asked, whispered, answered = a_remark(), a_remark(), a_remark()
    customer.goto(HERE)
    expect(customer.locator("#talk")).to_contain_text("Whoever reads this page reads what you write.")
    customer.get_by_label(SAY).fill(asked)
    customer.get_by_role("button", name="Say it").click()
    expect(customer.locator("#talk")).to_contain_text(asked)

    for words, is_open in ((whispered, False), (answered, True)):
        employee.goto(f"{HERE}/comments")
        thread = employee.locator(".thread > li", has_text=asked)
        thread.locator("summary").first.click()
        thread.get_by_label("Your answer").first.fill(words)
        if is_open:
            thread.get_by_label("Customers may read it").first.check()
        thread.get_by_role("button", name="Answer").first.click()
        expect(employee.locator(".thread")).to_contain_text(words)

    customer.goto(f"{HERE}/comments")
    expect(customer.locator(".thread")).to_contain_text(answered)
    expect(customer.locator(".thread")).not_to_contain_text(whispered)


def test_votes_and_reactions_count_once_and_are_taken_back(visit: Visit, script: bool) -> None:
    page = visit("tomas", script=script)
    page.goto("/entries/twenty-to-ten")
    useful, like = (page.locator("#useful").get_by_role("button", name=re.compile(name)) for name in ("^Yes", "^Like"))

    for button in (useful, like):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_text("Like 1")
    for button in (useful, like):
        button.click()
        expect(button).not_to_have_attribute("aria-pressed", "true")

    expect(like).to_have_text("Like")
    assert page.url.endswith("/entries/twenty-to-ten") == script


def test_an_edit_is_suggested_and_taken_in_the_suggesters_credit(visit: Visit, script: bool) -> None:
    reader, keeper, word = visit("tomas", script=script), visit("ines", script=script), a_remark()
    keeper.goto("/entries/new?kind=story")
    keeper.get_by_label("What is the story about?").fill(word)
    keeper.get_by_label("Text").fill("The kettle stood left of the door.")
    keeper.get_by_role("button", name="Publish").click()
    expect(keeper.get_by_role("status").first).to_have_text("Published.")
    address = keeper.url.partition("?")[0]

    reader.goto(f"{address}/suggest")
    reader.get_by_label("Text").fill("The kettle stood right of the door.")
    reader.get_by_label("Why? (optional)").fill("I was there.")
    reader.get_by_role("button", name="Suggest it").click()
    expect(reader.get_by_role("status").first).to_contain_text("whoever keeps this page will decide")
    keeper.goto(address)
    keeper.get_by_role("link", name="1 suggested edit to look at").click()
    expect(keeper.locator("ins:visible", has_text="right").first).to_be_visible()
    keeper.get_by_role("button", name="Take it and publish").click()

    expect(keeper.get_by_role("status").first).to_contain_text("Taken")
    expect(keeper.locator(".prose").first).to_contain_text("right of the door")


def test_what_is_wrong_is_told_looked_at_and_settled(visit: Visit, script: bool) -> None:
    reader, curator, note = visit("rosa", script=script), visit("jonas", script=script), a_remark()
    reader.goto("/entries/coffee-when-your-doors-open")
    reader.get_by_role("link", name="Something is wrong with it").click()
    reader.get_by_label("It was true once").check()
    reader.get_by_label("More about it (optional)").fill(note)
    reader.get_by_role("button", name="Tell them").click()
    expect(reader.get_by_role("status").first).to_have_text("Thank you: somebody will look.")

    curator.goto("/flags")
    flag = curator.locator(".hit", has_text=note)
    expect(flag).to_contain_text("Rosa Whitlock")
    if script:  # axe is one itself
        assert axe.faults(curator) == []
    flag.locator("summary").click()
    flag.get_by_role("button", name="It was right").click()

    expect(curator.get_by_role("status").first).to_contain_text("Settled.")
    curator.goto("/flags")
    expect(curator.get_by_role("main")).not_to_contain_text(note)


def test_words_that_were_marked_are_what_a_comment_is_about(visit: Visit) -> None:
    page = visit("ines")
    page.goto(HERE)

    page.evaluate("getSelection().selectAllChildren(document.querySelector('article .prose li'))")
    page.get_by_label(SAY).focus()

    expect(page.get_by_label("Which words? (optional)")).to_have_value(re.compile("^Change the drawing"))


def test_an_empty_answer_keeps_its_place_and_says_what_is_missing(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto(f"{HERE}/comments")

    page.get_by_role("button", name="Say it").click()

    expect(page.get_by_role("alert")).to_contain_text("Write something first.")
    if script:
        assert axe.faults_but_for_colour(page) == []
