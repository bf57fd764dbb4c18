import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

AT = "/entries/coffee-when-the-doors-open"


def test_a_leader_answers_a_step_an_employee_commits_and_a_customer_reads_the_public_part(visit: Visit) -> None:
    margit, ines, rosa = (visit(name, script=False) for name in ("margit", "ines", "rosa"))
    margit.goto(f"{AT}/answers/capabilities")
    expect(margit.get_by_role("link", name="Step 5: Build what the promise needs")).to_be_visible()
    margit.get_by_label("Answer").nth(1).fill("Ring back *before* they ring.")
    margit.get_by_label("What changed, and why? (optional)").fill("What we must learn has a name now.")
    margit.get_by_role("button", name="Save and publish a new version").click()
    expect(margit.get_by_role("status").first).to_have_text("Saved.")
    margit.goto(f"{AT}/versions?from=2&to=3")
    expect(margit.locator("#difference")).to_contain_text("What we must learn has a name now.")
    expect(margit.locator("#difference .diff").first).to_contain_text("Ring back *before* they ring.")

    ines.goto(f"{AT}/behind")
    ines.locator("summary", has_text="Say where I stand").click()
    ines.get_by_label("In your words (optional)").fill("Third time, and gladly.")
    ines.get_by_role("button", name="Say so").click()
    given = ines.locator(".hit", has_text="Ines Duarte")
    expect(given).to_contain_text("committed, version 3")
    given.locator("summary", has_text="2 earlier ones").click()
    expect(given).to_contain_text("version 1")
    ines.goto(f"{AT}/assumptions")
    expect(ines.locator(".hit").first).to_contain_text("refuted")

    assert rosa.goto(AT).status == 404  # type: ignore[union-attr]
    rosa.goto("/entries/coffee-when-your-doors-open")
    expect(rosa.get_by_role("heading", level=1)).to_have_text("Coffee when your doors open")
    expect(rosa.get_by_role("main")).not_to_contain_text("Ring back")
