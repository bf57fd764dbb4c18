"""Two people at once, sessions that end, pages that are left: what was typed is there afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

STEPS = "1. Ring.\n2. Say when.\n3. Drive.\n4. Write it down."


def a_practice(page: Page) -> str:
    """The address of a new one, published."""
    page.goto("/entries/new?kind=best_practice")
    page.get_by_label("Title").fill("Ring before you drive")
    page.get_by_label("Problem").fill("Nobody is there.")
    page.get_by_label("Do", exact=True).fill(STEPS)
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(re.compile("done="))
    return page.url.partition("?")[0]


def save(page: Page) -> None:
    page.get_by_role("button", name="Publish the change").click()


def test_two_who_write_at_once_lose_nothing_and_see_what_happened(visit: Visit, script: bool) -> None:
    mine, theirs = visit("jonas", script=script), visit("ines", script=script)
    address = a_practice(theirs)
    for page in (mine, theirs):
        page.goto(f"{address}/edit")
    theirs.get_by_label("Problem").fill("Nobody opens the door.")
    theirs.get_by_label("Do", exact=True).fill(STEPS.replace("Write it down", "Write it down at once"))
    theirs.get_by_label("What did you change, and why?").fill("Nearer to what happens.")
    save(theirs)
    expect(theirs).to_have_url(re.compile("done="))

    mine.get_by_label("Problem").fill("The café is closed.")
    mine.get_by_label("Do", exact=True).fill(STEPS.replace("Ring", "Ring twice"))
    mine.get_by_label("Tags (optional)").fill("visits")
    save(mine)

    main = mine.get_by_role("main")
    expect(mine.get_by_role("heading", level=1)).to_have_text("Someone changed this while you wrote")
    expect(main).to_contain_text("Ines Duarte saved revision 2")
    expect(main).to_contain_text("Nearer to what happens.")
    expect(mine.get_by_label("Do, merged")).to_have_value(
        "1. Ring twice.\n2. Say when.\n3. Drive.\n4. Write it down at once."
    )
    expect(mine.get_by_role("radio", name="Yours The café is closed.")).to_be_checked()
    expect(main).to_contain_text("Nobody opens the door.")
    if script:
        assert faults(mine) == []
    mine.get_by_label("Or in other words").fill("The café is closed, and nobody opens the door.")
    mine.get_by_role("button", name="Save the merged version").click()
    expect(mine.get_by_role("status").first).to_have_text("Saved.")
    expect(mine.locator("#problem")).to_have_text("The café is closed, and nobody opens the door.")
    expect(mine.locator("#do li")).to_have_text(["Ring twice.", "Say when.", "Drive.", "Write it down at once."])
    expect(mine.get_by_role("link", name="visits")).to_be_visible()

    theirs.goto(f"{address}/history?from=2&to=3")
    expect(theirs.get_by_role("main")).to_contain_text("Jonas Albrecht")
    expect(theirs.locator("ins", has_text="visits")).to_be_visible()
    if script:
        assert faults(theirs) == []


def test_who_merges_while_a_third_saves_merges_again(visit: Visit) -> None:
    mine, theirs = visit("jonas", script=False), visit("ines", script=False)
    address = a_practice(theirs)
    mine.goto(f"{address}/edit")
    mine.get_by_label("Do", exact=True).fill(STEPS.replace("Ring", "Ring twice"))
    for text in ("Nobody opens.", "Nobody opens at all."):
        theirs.goto(f"{address}/edit")
        theirs.get_by_label("Problem").fill(text)
        save(theirs)
        expect(theirs).to_have_url(re.compile("done="))
        if text == "Nobody opens.":
            save(mine)

    mine.get_by_role("button", name="Save the merged version").click()
    expect(mine.get_by_role("main")).to_contain_text("Ines Duarte saved revision 3")
    mine.get_by_role("button", name="Save the merged version").click()

    expect(mine.locator("#problem")).to_have_text("Nobody opens at all.")
    expect(mine.locator("#do li").first).to_have_text("Ring twice.")


def test_a_session_that_ends_while_one_writes_takes_no_word(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    address = a_practice(page)
    page.goto(f"{address}/edit")
    page.get_by_label("Problem").fill("Nobody opens the door, <ever>.")
    page.context.clear_cookies()

    save(page)
    expect(page.get_by_role("main")).to_contain_text("You were signed out while you wrote.")
    page.locator("button[value='ines@example.com']").click()
    page.get_by_role("button", name="Back to what you were writing").click()

    expect(page.get_by_label("Problem")).to_have_value("Nobody opens the door, <ever>.")
    save(page)
    expect(page.locator("#problem")).to_have_text("Nobody opens the door, <ever>.")


def test_words_that_were_left_are_offered_again_until_they_are_saved(visit: Visit) -> None:
    page = visit("ines")
    address = a_practice(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/edit")
    expect(page.locator("#unsaved")).to_be_hidden()
    page.get_by_label("Problem").fill("Half a thought")
    page.goto(address)

    page.goto(f"{address}/edit")
    page.get_by_role("button", name="Put them back").click()

    expect(page.get_by_label("Problem")).to_have_value("Half a thought")
    save(page)
    expect(page.locator("#problem")).to_have_text("Half a thought")
    page.goto(f"{address}/edit")
    expect(page.locator("#unsaved")).to_be_hidden()


def test_what_is_too_large_to_be_saved_is_still_there(visit: Visit) -> None:
    page = visit("ines")
    address = a_practice(page)
    page.goto(f"{address}/edit")
    page.get_by_label("Problem").fill("So much")
    page.get_by_label("Do", exact=True).evaluate("area => { area.value = 'é '.repeat(400_000) }")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("That is too much at once")

    page.goto(f"{address}/edit")
    page.get_by_role("button", name="Put them back").click()

    expect(page.get_by_label("Problem")).to_have_value("So much")


def test_what_waits_is_read_beside_what_is_published_and_approved(visit: Visit) -> None:
    ines, jonas = visit("ines", script=False), visit("jonas", script=False)
    address = a_practice(ines)
    ines.goto(f"{address}/edit")
    ines.get_by_label("Problem").fill("Nobody opens the door.")
    ines.get_by_text("Who it is for, and who keeps it").click()
    ines.get_by_label("Who may read it").select_option("CUSTOMERS")
    ines.get_by_label("What did you change, and why?").fill("Customers asked for it.")
    ines.get_by_role("button", name="Save as a draft").click()
    ines.get_by_role("button", name="Send for review").click()
    ines.get_by_role("link", name="See what changed").click()
    expect(ines.get_by_role("main")).to_contain_text("It waits for somebody else")

    jonas.goto(address)
    jonas.get_by_role("link", name="Read what changes, and decide").click()
    main = jonas.get_by_role("main")
    expect(main).to_contain_text("Customers asked for it.")
    expect(main.locator("ins", has_text="opens the door").first).to_be_attached()
    expect(
        main.locator("del", has_text="For everyone inside").or_(main.locator("del", has_text="for everyone inside"))
    ).to_be_visible()
    jonas.get_by_role("button", name="Approve revision 2").click()

    expect(jonas.get_by_role("status").first).to_have_text("Approved.")
    expect(jonas.locator("#problem")).to_have_text("Nobody opens the door.")


def test_an_earlier_revision_is_restored_from_the_history(visit: Visit) -> None:
    page = visit("ines", script=False)
    address = a_practice(page)
    page.goto(f"{address}/edit")
    page.get_by_label("Problem").fill("Nobody opens the door.")
    save(page)
    page.goto(f"{address}/history")

    page.get_by_role("button", name="Restore revision 1").click()

    expect(page.get_by_role("status").first).to_contain_text("Restored")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#problem")).to_have_text("Nobody is there.")
