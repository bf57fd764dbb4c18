import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def an_idea(page: Page, title: str, tags: str, text: str) -> str:
    """The address of a new one, published."""
    page.goto("/entries/new?kind=idea")
    page.get_by_label("Your idea in a line").fill(title)
    page.get_by_label("Text").fill(text)
    page.get_by_label("Tags (optional)").fill(tags)
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(re.compile("done="))
    return page.url.partition("?")[0]


def test_a_steward_renames_a_tag_and_merges_it_knowing_what_happens(visit: Visit, script: bool) -> None:
    name = f"kettles {script}".lower()
    page = visit("jonas", script=script)
    an_idea(page, f"Boil less {script}", f"{name}, water", "Only what is drunk.")
    page.goto(f"/tags/{name.replace(' ', '-')}")
    page.get_by_text("Change this tag").click()
    page.get_by_label("Name").fill(f"pots {script}")
    page.get_by_label("Other words for it").fill(f"jugs {script}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"pots {script}".lower())
    page.goto(f"/tags/{name.replace(' ', '-')}")
    expect(page).to_have_url(re.compile(f"/tags/pots-{script}".lower()))

    page.get_by_text("Merge it into another tag").click()
    page.get_by_label("Which tag stays?").fill("water")
    page.get_by_role("button", name="See what will happen").click()
    expect(page.locator("#merge")).to_contain_text("1 entry has both already")
    page.get_by_role("button", name="Merge them").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("water")
    expect(page.get_by_role("main")).to_contain_text(f"jugs {script}".lower())


def test_an_author_links_two_entries_and_takes_it_back(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    address = an_idea(page, f"Ring the night before {script}", "visits", "See [[what-nobody-wrote-yet]].")
    expect(page.locator(".missing")).to_have_attribute("href", "/entries/new?slug=what-nobody-wrote-yet")
    page.get_by_text("Link it to another entry").click()
    page.get_by_label("Which entry do you mean?").fill("replace first, ask later")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("This entry …").select_option("EXAMPLE_OF")
    page.get_by_label("Third failure: replace first, ask later").check()
    page.get_by_role("button", name="Link them").click()

    links = page.locator("#links")
    expect(links).to_contain_text("Is an example of")
    expect(links.get_by_role("link", name="Third failure")).to_be_visible()
    page.goto("/entries/replace-first")
    expect(page.locator("#links")).to_contain_text("Has as an example")
    page.goto(address)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("status").first).to_have_text("Link taken back.")
    expect(links).to_have_count(0)


def test_an_employee_tells_a_series_and_readers_go_from_part_to_part(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/series")
    page.get_by_text("Begin a series").click()
    page.get_by_label("Title").fill(f"How a machine comes back {script}")
    page.get_by_role("button", name="Begin").click()
    for words, title in (("twenty to ten", "Twenty to ten"), ("replace first", "Third failure")):
        page.get_by_label("Which entry comes next?").fill(words)
        page.get_by_role("button", name="Find").click()
        page.get_by_label(title).check()
        page.get_by_role("button", name="Add it at the end").click()
    page.get_by_role("button", name="Move up Third failure").click()
    expect(page.locator("#chapters h2")).to_have_text([re.compile("Third failure"), re.compile("Twenty to ten")])

    page.locator("#chapters a").first.click()
    expect(page.get_by_role("main")).to_contain_text(f"Part 1 of 2 in How a machine comes back {script}")
    page.get_by_role("navigation", name=f"How a machine comes back {script}").get_by_role("link").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Twenty to ten"))


def test_a_steward_changes_what_a_template_asks_and_has_ours_again(visit: Visit, script: bool) -> None:
    page, writer = visit("jonas", script=script), visit("ines", script=script)
    page.goto("/templates/lesson")
    page.get_by_label("Title").fill("What did it teach you?")
    page.get_by_role("button", name="Save").click()

    writer.goto("/entries/new?kind=lesson")
    expect(writer.get_by_role("main")).to_contain_text("What did it teach you?")
    expect(writer.get_by_label("Title")).to_have_value("")
    page.get_by_role("button", name="Back to the shipped template").click()
    expect(page.get_by_role("main")).to_contain_text("as it came")
