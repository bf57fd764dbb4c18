"""Counted by customers, the themes stand in another order than counted by messages, and others were asked about the loudest."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_the_switch_shows_who_is_loud_and_others_say_no(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/voices")
    first = page.locator(".loud tbody tr").first
    expect(first).to_contain_text("Reaching the descaling valve")

    page.locator("#themes").get_by_role("link", name="messages").click()
    expect(first).to_contain_text("29 of 32 messages are from one customer")
    expect(first).to_contain_text("no. 9 by customers")
    first.get_by_role("link", name="App sign-in").click()

    expect(page.locator("#theme")).to_contain_text("not yet a pattern")
    expect(page.locator("#others")).to_contain_text("0 of 73: fewer than 5 in 100 at 95 %.")
