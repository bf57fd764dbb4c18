"""What happened is told: the number in the header, the centre by keyboard, and all of it without a script."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

FAILURE = "/entries/replace-first"
VALVE = "/entries/descaling-valve-out-of-reach"


def verified(page: Page, entry: str) -> None:
    page.goto(entry)
    again = page.get_by_role("button", name="Verify again", include_hidden=True)
    if again.count():
        page.get_by_text("More", exact=True).click()
    again.or_(page.get_by_role("button", name="Verify: it still holds")).click()
    expect(page.get_by_role("status").first).to_contain_text("Verified")


def followed(page: Page, entry: str) -> None:
    page.goto(entry)
    follow = page.locator("#follow")
    if follow.get_by_role("button", name="Unfollow").count() == 0:
        follow.get_by_role("button", name="Follow").click()
    expect(follow).to_contain_text("You follow this.")


def told(page: Page, entry: str) -> None:
    """Look until the worker has told; it looks once a second."""
    page.goto("/notifications")
    of_this = page.locator(".hit").filter(has=page.locator(f"a[href='{entry}']")).filter(has_text="vouched for this")
    unread = of_this.get_by_role("button")
    for _ in range(200):
        if unread.count():
            return
        page.reload()
    expect(unread).to_be_visible()


def test_what_happens_is_counted_in_the_header_and_read_in_the_centre(visit: Visit, script: bool) -> None:
    ines, jonas = visit("ines", script=script), visit("jonas", script=script)
    followed(ines, FAILURE)
    verified(jonas, FAILURE)

    told(ines, FAILURE)
    bell = ines.get_by_role("link", name=re.compile(r"unread notification"))
    expect(bell).to_be_visible()
    ines.get_by_role("button", name="Mark all as read").click()
    expect(ines.get_by_role("status")).to_have_text("Marked as read.")
    expect(ines.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    expect(ines.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(ines.locator(".hit").first).to_be_visible()


def test_the_centre_works_by_keyboard_alone(visit: Visit) -> None:
    margit, jonas = visit("margit"), visit("jonas")
    followed(margit, VALVE)
    verified(jonas, VALVE)
    told(margit, VALVE)
    count = margit.locator("button", has_text="Mark as read").count()

    margit.locator("#q").focus()
    margit.keyboard.press("ArrowDown")
    expect(margit.locator(".hit a").first).to_be_focused()
    margit.keyboard.press("Tab")
    expect(margit.locator("button", has_text="Mark as read").first).to_be_focused()
    margit.keyboard.press("Enter")

    expect(margit.get_by_role("status")).to_have_text("Marked as read.")
    expect(margit.locator("button", has_text="Mark as read")).to_have_count(count - 1)


def test_a_shared_page_is_read_by_a_stranger_until_it_is_ended(visit: Visit, script: bool) -> None:
    jonas, stranger = visit("jonas", script=script), visit("", script=script)
    jonas.goto("/entries/coffee-when-your-doors-open")
    jonas.locator("#share summary").click()
    jonas.get_by_role("button", name="Make the address").click()
    address = jonas.locator("#share-once").input_value()

    stranger.goto(address)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Coffee when your doors open")
    expect(stranger.get_by_role("navigation")).to_have_count(0)

    jonas.get_by_role("button", name=re.compile("End it now")).first.click()
    expect(jonas.get_by_role("status")).to_have_text("That address has ended.")
    stranger.reload()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("There is nothing here")
