import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_keyboard import focused

pytestmark = pytest.mark.browser


def test_a_tick_is_moved_by_the_keyboard_alone(visit: Visit) -> None:
    page = visit("ines")
    page.goto("/customers?name=kiosk")
    page.locator(".grid td a").first.focus()

    page.keyboard.press("ArrowRight")
    assert focused(page) == "Move Kiosk Vierzehn to Clients"
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why?")).to_be_focused()
    page.keyboard.type("They take everything they can use again.")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("Moved.")
    expect(page).to_have_url("/customers?done=moved&name=kiosk")
    expect(page.get_by_role("link", name="Kiosk Vierzehn: Clients, by hand")).to_be_visible()
