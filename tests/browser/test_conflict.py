import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def a_practice(page: Page) -> str:
    """The address of a new one, published."""
    page.goto("/entries/new?kind=best_practice")
    page.get_by_label("Title").fill("Ring before you drive")
    page.get_by_label("Problem").fill("Nobody is there.")
    page.get_by_label("Do", exact=True).fill("1. Ring.")
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(re.compile("done="))
    return page.url.partition("?")[0]


def test_two_who_write_at_once_lose_nothing(visit: Visit, script: bool) -> None:
    mine, theirs = visit("jonas", script=script), visit("ines", script=script)
    address = a_practice(theirs)
    for page in (mine, theirs):
        page.goto(f"{address}/edit")
    theirs.get_by_label("Problem").fill("Nobody opens the door.")
    theirs.get_by_label("What did you change, and why? (optional)").fill("Nearer to what happens.")
    theirs.get_by_role("button", name="Publish the change").click()
    expect(theirs).to_have_url(re.compile("done="))

    mine.get_by_label("Problem").fill("The café is closed.")
    mine.get_by_label("Do", exact=True).fill("1. Ring.\n2. Ring again.")
    mine.get_by_label("Tags (optional)").fill("visits")
    mine.get_by_role("button", name="Publish the change").click()

    expect(mine.get_by_role("heading", level=1)).to_have_text("Someone changed this while you wrote")
    expect(mine.get_by_role("main")).to_contain_text("Ines Duarte saved version 2")
    expect(mine.get_by_role("main")).to_contain_text("Nearer to what happens.")
    expect(mine.get_by_label("Problem: yours")).to_have_value("The café is closed.")
    expect(mine.locator("pre", has_text="Nobody opens the door.")).to_be_visible()
    mine.get_by_label("Problem: yours").fill("The café is closed, and nobody opens the door.")
    mine.get_by_role("button", name="Publish mine").click()
    expect(mine.get_by_role("status").first).to_have_text("Saved.")
    expect(mine.locator("#problem")).to_have_text("The café is closed, and nobody opens the door.")
    expect(mine.locator("#do li")).to_have_text(["Ring.", "Ring again."])
    expect(mine.get_by_role("link", name="visits")).to_be_visible()
    expect(mine.get_by_text("3 versions")).to_be_visible()
