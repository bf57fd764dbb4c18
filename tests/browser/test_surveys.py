"""A survey is drawn up and asked in the browser, and answered by a stranger whose browser runs no scripts."""

import pytest
from playwright.sync_api import expect

from knowledge import clock
from tests.browser.conftest import Visit
from tests.browser.test_story import a_word

pytestmark = pytest.mark.browser


def test_a_leader_asks_and_a_stranger_answers_and_thinks_again(visit: Visit) -> None:
    margit, stranger, word = visit("margit"), visit("", script=False), a_word()
    margit.goto("/surveys")
    margit.get_by_role("link", name="Would you recommend us?").last.click()
    margit.get_by_label("What is it called?").fill(f"Would you recommend the {word}?")
    margit.get_by_role("button", name="Keep it as a draft").click()
    margit.get_by_role("button", name="Open it").click()
    margit.get_by_label("Who is asked?").select_option("SELF")
    margit.get_by_label("Until when? (optional)").fill(clock.now().date().isoformat())
    margit.get_by_role("button", name="Begin").click()

    stranger.goto(margit.get_by_label("The link to spread").input_value())
    stranger.get_by_role("button", name="Send it").click()
    expect(stranger.get_by_role("alert")).to_contain_text("Answer at least one question.")
    stranger.get_by_label("9", exact=True).check()
    stranger.get_by_label("What is the main reason?").fill(f"The {word} holds.")
    stranger.get_by_role("button", name="Send it").click()
    expect(stranger.locator("h1")).to_have_text("Your answer is kept")
    stranger.get_by_role("link", name="change what you said").click()
    expect(stranger.get_by_label("9", exact=True)).to_be_checked()
    stranger.get_by_label("3", exact=True).check()
    stranger.get_by_role("button", name="Send it").click()

    margit.reload()
    expect(margit.locator("#answers")).to_contain_text("3 of 10")
    expect(margit.locator("#answers")).to_contain_text(f"The {word} holds.")
