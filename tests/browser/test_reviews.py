import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def a_title() -> str:
    return f"Seal {uuid4().hex[:10]}"


def write(page: Page, *, audience: str = "EMPLOYEES") -> str:
    """A draft of a guide; answers its title."""
    title = a_title()
    page.goto("/entries/new?kind=guide")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text").fill("Put the new one in, the ridge upwards.")
    page.get_by_text("Who it is for, and who keeps it").click()
    page.get_by_label("Who may read it").select_option(audience)
    publish = page.get_by_role("button", name="Save as a draft")
    (publish if publish.count() else page.get_by_role("button", name="Save", exact=True)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return title


def test_what_was_sent_for_review_waits_for_a_steward_and_goes_out(visit: Visit, script: bool) -> None:
    ines, jonas = visit("ines", script=script), visit("jonas", script=script)
    title = write(ines, audience="CUSTOMERS")
    ines.get_by_role("button", name="Send for review").click()
    expect(ines.get_by_text("0 of 1 approval")).to_be_visible()

    jonas.goto("/")
    jonas.get_by_role("link", name=re.compile("to approve$")).click()
    row = jonas.locator(".hit", has_text=title)
    expect(row).to_contain_text("Put the new one in, the ridge upwards.")
    expect(row).to_contain_text("0 of 1 approval")
    row.get_by_role("link", name=title, exact=True).click()
    jonas.get_by_role("button", name="Approve").click()

    expect(jonas.get_by_role("status").first).to_have_text("Approved.")
    jonas.goto("/reviews")
    expect(jonas.locator(".hit", has_text=title)).to_have_count(0)


def test_several_entries_are_verified_with_one_button_and_the_keyboard_alone(visit: Visit, script: bool) -> None:
    jonas = visit("jonas", script=script)
    jonas.goto("/reviews?queue=unverified&kind=principle" if script else "/reviews?queue=unverified&kind=best_practice")
    tab = jonas.get_by_role("navigation", name="Queues").locator("[aria-current]")
    before = int(re.sub(r"\D", "", tab.inner_text()))
    titles = jonas.locator(".hit h2").all_inner_texts()[:2]

    for title in titles:
        jonas.get_by_role("checkbox", name=title).focus()
        jonas.keyboard.press("Space")
    jonas.get_by_role("button", name="Verify what is ticked").focus()
    jonas.keyboard.press("Enter")

    expect(jonas.get_by_role("status").first).to_have_text("2 entries verified.")
    expect(tab).to_have_text(re.compile(rf"\b{before - 2}$"))
    expect(jonas.get_by_text("Verified, and that still holds")).to_be_visible()


def test_a_draft_is_put_on_the_schedule_and_taken_off_it(visit: Visit, script: bool) -> None:
    ines = visit("ines", script=script)
    write(ines)

    ines.get_by_text("More", exact=True).click()
    ines.get_by_text("Publish it later").click()
    ines.get_by_label("When? (UTC)").fill("2020-01-01T09:00")
    ines.get_by_role("button", name="Put it on the schedule").click()
    expect(ines.get_by_role("alert")).to_contain_text("still to come")
    expect(ines.get_by_label("When? (UTC)")).to_have_value("2020-01-01T09:00")
    at = ines.evaluate("new Date(Date.now() + 3 * 864e5).toISOString().slice(0, 16)")
    ines.get_by_label("When? (UTC)").fill(at)
    ines.get_by_role("button", name="Put it on the schedule").click()

    expect(ines.get_by_role("status").first).to_have_text("On the schedule.")
    expect(ines.get_by_text("To be published on")).to_contain_text(at[11:])
    ines.get_by_text("More", exact=True).click()
    ines.get_by_role("button", name="Take it off the schedule").click()
    expect(ines.get_by_role("status").first).to_have_text("Off the schedule.")


def test_what_is_obsolete_leads_to_its_successor(visit: Visit, script: bool) -> None:
    ines = visit("ines", script=script)
    old = write(ines)
    ines.get_by_role("button", name="Publish").click()
    expect(ines.get_by_role("status").first).to_have_text("Published.")

    ines.get_by_text("More", exact=True).click()
    ines.get_by_text("Something else takes its place").click()
    ines.get_by_label("Which entry?").fill("/entries/replace-first")
    ines.get_by_label("Why? (optional)").fill("It says more.")
    ines.get_by_role("button", name="Replace it").click()

    expect(ines.get_by_role("heading", level=1)).to_have_text(old)
    ines.get_by_role("main").get_by_role("link", name="Third failure").first.click()
    expect(ines).to_have_url(re.compile("/entries/replace-first$"))


def test_a_group_is_named_to_verify_an_entry(visit: Visit, script: bool) -> None:
    ines = visit("ines", script=script)
    write(ines)
    ines.get_by_role("button", name="Publish").click()
    expect(ines.get_by_role("status").first).to_have_text("Published.")

    ines.get_by_text("More", exact=True).click()
    ines.get_by_role("link", name="Who verifies it").click()
    ines.get_by_label("Or a group, any member of which may").select_option(label="Field Service")
    ines.get_by_label("Every how many days? (optional)").fill("5")
    ines.get_by_role("button", name="Save", exact=True).click()
    expect(ines.get_by_role("alert")).to_contain_text("7 to 730 days")
    ines.get_by_label("Every how many days? (optional)").fill("30")
    ines.get_by_role("button", name="Save", exact=True).click()

    expect(ines.get_by_text("Field Service, every 30 days")).to_be_visible()
