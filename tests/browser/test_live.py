import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

POST = """mutation($summary: String!) { postProgress(input: {
  initiative: {slug: "valve-to-the-front"}, health: ON_TRACK, summary: $summary }) { errors { message } } }"""
ASK = """([query, variables]) => fetch("/graphql", {
  method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({query, variables})
}).then((response) => response.json())"""


def post(page: Page, summary: str) -> None:
    answer = page.evaluate(ASK, [POST, {"summary": summary}])
    assert answer["data"]["postProgress"]["errors"] == [], answer


def test_a_page_says_politely_that_it_has_changed_since_one_opened_it(visit: Visit) -> None:
    reader, leader = visit("ines"), visit("margit")
    reader.goto("/entries/valve-to-the-front")
    leader.goto("/api?example=live")
    leader.get_by_role("button", name="Run").click()
    expect(leader.locator(".answer")).to_contain_text("retry")  # it listens
    box = reader.get_by_role("searchbox")
    box.focus()

    post(leader, "The kit fits, said the crew of Depot South.")

    told = reader.locator("[data-live]").filter(has_text="has changed since you opened it")
    expect(told).to_be_visible()
    expect(box).to_be_focused()
    expect(reader.locator("main")).not_to_contain_text("The kit fits")
    expect(leader.locator(".answer")).to_contain_text(json.dumps("Valve to the front"))

    told.get_by_role("link", name="Show it now").click()
    expect(reader.locator("main")).to_contain_text("The kit fits")
    expect(told).not_to_be_visible()
