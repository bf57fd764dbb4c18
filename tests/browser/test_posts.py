"""A customer asks, somebody who looks after the place lets it out, a colleague answers, and the answer is accepted and taken up."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_a_customers_question_is_let_out_answered_accepted_and_taken_up(visit: Visit) -> None:
    asked, said = f"How hot is the plate {uuid4().hex[:8]}?", f"Sixty degrees {uuid4().hex[:8]}."
    rosa, jonas = visit("rosa", script=False), visit("jonas", script=False)

    rosa.goto("/community")
    rosa.get_by_role("link", name="Ask a question").click()
    rosa.get_by_label("Your question").fill(asked)
    rosa.get_by_role("button", name="Send it").click()
    expect(rosa.get_by_role("status")).to_have_text("Sent for review.")
    expect(rosa.locator("main")).to_contain_text("Somebody who looks after this place reads it first.")
    here = rosa.url.partition("?")[0]
    jonas.goto(here)
    jonas.get_by_role("button", name="Approve").click()
    jonas.get_by_label("Ask, add what you know, or tell how it went").fill(said)
    jonas.get_by_label("Everyone who reads this page").check()
    jonas.get_by_role("button", name="Say it").click()
    rosa.goto(here)
    rosa.locator(".thread summary").first.click()
    rosa.get_by_role("button", name="This answers it").click()

    expect(rosa.get_by_label("The accepted answer")).to_contain_text(said)
    rosa.goto("/community?kind=question&by=customers")
    expect(rosa.locator(".hit", has_text=asked)).to_contain_text("answered")
    jonas.goto(here)
    jonas.get_by_role("button", name="Count it as what a customer said").click()
    expect(jonas.locator("blockquote")).to_contain_text(asked)
    expect(jonas.locator("main")).to_contain_text("are voices here")
