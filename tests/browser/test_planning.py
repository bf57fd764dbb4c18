import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PAGE = "/entries/loan-machine-in-every-depot"


def test_a_leader_plans_tells_the_truth_and_is_helped_without_a_script(visit: Visit) -> None:
    page = visit("margit", script=False)
    page.goto(f"{PAGE}/planning")
    page.get_by_label("Percent, group 1").fill("45")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("status").first).to_contain_text("Planned.")
    expect(page.locator("#serves")).to_contain_text("45 %")
    page.get_by_label("Launch it").check()
    page.get_by_role("button", name="Take it there").click()
    expect(page.get_by_role("definition").first).to_have_text("Launched")

    page.goto(PAGE)
    page.get_by_text("Post progress").first.click()
    page.get_by_label("At risk").check()
    page.get_by_label("What happened?").fill("Two machines leak on the shelf.")
    page.get_by_role("button", name="Post progress").click()
    expect(page.locator("#in-the-way")).to_contain_text("nobody has been asked for help yet")
    page.get_by_label("What is in the way?").fill("Nobody has time to test them")
    page.get_by_role("button", name="Ask for help").click()

    other = visit("jonas", script=False)
    other.goto(PAGE)
    other.get_by_role("button", name="I see to it").click()
    expect(other.locator("#in-the-way")).to_contain_text("Jonas Albrecht sees to it")
    page.goto("/initiatives?sort=priority&status=launched")
    expect(page.locator(".board")).to_contain_text("1 issue")
    expect(page.get_by_role("link", name="priority 24", exact=True)).to_be_visible()
    expect(page.get_by_text("Show only some of them")).to_be_visible()
    expect(page.get_by_role("link", name="Within a quarter")).to_be_visible()
