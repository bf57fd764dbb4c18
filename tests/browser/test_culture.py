"""Thanks: for a story, from colleague to colleague, and taken back; without scripts too."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_who_told_a_story_is_thanked_and_thanks_are_taken_back(visit: Visit) -> None:
    ines, margit = visit("ines", script=False), visit("margit")
    told, seen = f"For telling it {uuid4().hex[:8]}.", f"For asking twice {uuid4().hex[:8]}."

    margit.goto("/entries/twenty-to-ten")
    margit.get_by_text("Thank Ines Duarte for telling this").click()
    form = margit.locator("#thank form")
    form.get_by_label("What for?").fill(told)
    form.get_by_label("A new way").check()
    form.get_by_role("button", name="Say thank you").click()
    expect(margit.get_by_role("status").first).to_have_text("Said. They are told.")

    news = ines.get_by_role("link", name=told)
    for _ in range(50):  # it is told by a job
        ines.goto("/notifications")
        if news.count():
            break
        ines.wait_for_timeout(200)
    news.click()
    mine = ines.locator("#thanks li", has_text=told)
    expect(mine).to_contain_text("Margit Solheim to Ines Duarte")
    mine.get_by_role("button", name="Take back").click()
    expect(ines.locator("#thanks")).not_to_contain_text(told)
    form = ines.locator("#say")
    form.get_by_label("What for?").fill(seen)
    form.get_by_role("button", name="Say thank you").click()
    expect(ines.get_by_role("alert")).to_contain_text("Say whom you thank")
    form.get_by_label("A colleague").select_option(label="Jonas Albrecht")
    form.get_by_role("button", name="Say thank you").click()
    expect(ines.locator("#thanks")).to_contain_text(seen)
