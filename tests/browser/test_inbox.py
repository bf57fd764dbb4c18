import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_what_was_said_is_sorted_themed_and_found_by_its_theme(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    theme = f"Mirrors {'with' if script else 'without'} scripts"
    page.goto("/voices?kind=question")
    page.get_by_role("listitem").filter(has_text="need a mirror").get_by_role("link").first.click()

    if page.locator("#triage details.more").first.get_attribute("open") is None:
        page.get_by_text("Sort it").click()
    page.get_by_label("How much harm?").select_option("MEDIUM")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Sorted.")
    page.locator("#themes summary").click()
    page.get_by_label("Themes").fill(f"Reaching the descaling valve, {theme}")
    page.locator("#themes").get_by_role("button").click()
    page.get_by_role("link", name=theme).click()

    expect(page).to_have_url(re.compile(r"/voices\?theme="))
    expect(page.locator("li.hit")).to_have_count(1)
    expect(page.locator("li.hit")).to_contain_text("need a mirror")
