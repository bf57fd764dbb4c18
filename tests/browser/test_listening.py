"""From a search that finds nothing to an answer, with and without scripts."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_whoever_finds_nothing_asks_to_be_told_and_takes_it_back(visit: Visit, script: bool) -> None:
    page = visit("rosa", script=script)
    page.goto("/search?q=zzqx+qqzy")

    page.get_by_role("button", name="Tell me when there is an answer").click()

    expect(page.get_by_text("told once")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("zzqx qqzy")
    page.get_by_role("link", name="Me", exact=True).click()
    waiting = page.locator("#awaited li")
    expect(waiting).to_contain_text("zzqx qqzy")
    waiting.get_by_role("button").click()
    expect(page.locator("#awaited li")).to_have_count(0)


def test_a_gap_becomes_a_question_by_one_click(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/gaps")
    asked = "who may give a discount" if script else "visit a new customer"
    gap = page.locator(".hit", has_text=asked)

    gap.get_by_role("button", name="Ask who knows").click()

    expect(page.get_by_label("Your question")).to_have_value(asked.capitalize())
    page.goto("/gaps")
    expect(page.locator(".hit", has_text=asked)).to_contain_text("being written")


def test_a_search_is_saved_under_a_name(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/search?q=valve&sort=newest")

    page.get_by_text("Save this search").click()
    page.get_by_label("What to call it").fill(f"Valves {script}")
    page.get_by_role("button", name="Save and follow").click()

    saved = page.locator("#follows li", has_text=f"Valves {script}" if script else "Valves")
    expect(saved.get_by_role("link", name="feed")).to_have_attribute("href", "/feeds/search.atom?q=valve")


def test_what_lies_beside_comes_when_one_rests_on_a_search(visit: Visit) -> None:
    page = visit("ines")
    page.goto("/")

    page.get_by_label("Search").fill("valve")

    expect(page.locator("#results")).to_contain_text("entries")
    expect(page.get_by_role("heading", name="Customers said")).to_be_visible()
