from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

ANGRY = "Third failure: replace first, ask later"


def a_word() -> str:
    """A word that no other test writes."""
    return f"zx{uuid4().hex[:10]}".translate(str.maketrans("0123456789", "ghijklmnop"))


def search(page: Page, words: str, *, script: bool) -> None:
    """Type it; with scripts the results come by themselves, otherwise by Enter."""
    page.get_by_role("searchbox", name="Search").press_sequentially(words)
    if not script:
        page.keyboard.press("Enter")


def test_an_employee_finds_what_to_do_with_an_angry_customer(visit: Visit, script: bool) -> None:
    page = visit(script=script)
    page.goto("/login")
    page.get_by_role("button", name="Ines Duarte").click()

    search(page, "angry customer wants refund", script=script)
    first = page.locator("#results .hit").first
    expect(first.get_by_role("heading")).to_have_text(ANGRY)
    first.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(ANGRY)
    expect(page.get_by_role("heading", name="Do", exact=True)).to_be_visible()
    expect(page.locator("#do li").first).to_contain_text("Say that it is the third time")
    expect(page.locator("#say")).to_contain_text("This is the third time.")
    expect(page.locator(".evidence-line")).to_contain_text("9 customers heard on this")


def test_an_employee_records_what_a_customer_said_in_three_fields(visit: Visit, script: bool) -> None:
    page, said = visit("ines", script=script), f"The {a_word()} valve sticks every Monday."
    page.goto("/voices")
    page.get_by_text("Tell what a customer said").click()

    page.get_by_label("What did they say?").fill(said)
    page.get_by_label("How did it reach you?").select_option("EMAIL")
    page.get_by_label("Who said it? (optional)").fill("The Copper Pot")
    page.get_by_role("button", name="Record it").click()

    expect(page.get_by_role("status").first).to_contain_text("Recorded.")
    expect(page.get_by_role("main")).to_contain_text(said)
    page.goto("/voices")
    newest = page.locator("main .hit").first
    expect(newest).to_contain_text(said)
    expect(newest).to_contain_text("The Copper Pot")
    expect(newest).to_contain_text("email")


def test_an_employee_writes_a_practice_looks_at_it_and_publishes_it(visit: Visit, script: bool) -> None:
    page, word = visit("ines", script=script), a_word()
    page.goto("/entries/new")
    page.get_by_role("link", name="Share what works").click()

    page.get_by_label("Title").fill(f"Warm the {word} first")
    page.get_by_label("Problem").fill("The first cup of the day is *cold*.")
    page.get_by_label("Do", exact=True).fill("1. Warm the cups.\n2. Pull a shot that nobody drinks.")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview: nothing is saved yet")
    expect(preview.get_by_role("listitem")).to_have_text(["Warm the cups.", "Pull a shot that nobody drinks."])
    expect(preview.locator("em")).to_have_text("cold")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("status").first).to_have_text("Published.")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Warm the {word} first")
    page.goto("/")
    search(page, word, script=script)
    expect(page.locator("#results .hit").first.get_by_role("heading")).to_have_text(f"Warm the {word} first")


def test_a_leader_publishes_a_vision(visit: Visit, script: bool) -> None:
    page, statement = visit("margit", script=script), f"Good coffee, {a_word()}, every morning."
    page.goto("/entries/new")
    page.get_by_role("link", name="a vision").click()

    page.get_by_label("Name of the vision").fill("Every morning")
    page.get_by_label("Statement").fill(statement)
    page.get_by_label("What", exact=True).fill("No café waits for *us*.")
    page.get_by_label("Why", exact=True).fill("Coffee is their living.")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("status").first).to_have_text("Published.")
    page.goto("/vision")
    expect(page.get_by_role("heading", level=1)).to_have_text(statement)
    expect(page.get_by_role("main").locator("em")).to_have_text("us")


def test_new_words_for_customers_go_out_when_a_second_person_has_read_them(visit: Visit, script: bool) -> None:
    page, other, customer = (visit(person, script=script) for person in ("margit", "tomas", "rosa"))
    statement = f"Good coffee, {a_word()}, and help without asking twice."
    page.goto("/entries/coffee-when-your-doors-open")
    page.get_by_role("link", name="Edit").click()

    page.get_by_label("Statement").fill(statement)
    page.get_by_label("What did you change, and why?").fill("Shorter, so that it can be learned by heart.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("status").first).to_have_text("Sent for review.")
    customer.goto("/entries/coffee-when-your-doors-open")
    expect(customer.get_by_role("main")).not_to_contain_text(statement)
    other.goto("/entries/coffee-when-your-doors-open")
    other.locator("#waiting").get_by_role("link").click()
    expect(other.locator("#difference-title + .diff")).to_contain_text("help without asking twice.")
    other.get_by_role("button", name="Approve").click()

    expect(other.get_by_role("status").first).to_have_text("Approved.")
    customer.reload()
    expect(customer.locator(".claim")).to_have_text(statement)


def test_a_leader_posts_that_an_initiative_is_at_risk(visit: Visit, script: bool) -> None:
    page, summary = visit("margit", script=script), f"The {a_word()} seals have not come."
    page.goto("/initiatives")
    page.get_by_role("link", name="Valve to the front").click()
    page.get_by_text("Post progress").first.click()

    page.get_by_label("At risk").check()
    page.get_by_label("What happened?").fill(summary)
    page.get_by_label("How much is done, in percent? (optional)").fill("55")
    page.get_by_role("button", name="Post progress").click()

    expect(page.get_by_role("status").first).to_have_text("Progress posted.")
    newest = page.locator(".climb > li").first
    expect(newest).to_contain_text(summary)
    expect(newest).to_contain_text("At risk")
    expect(newest).to_contain_text("55 %")
    page.goto("/initiatives")
    expect(page.get_by_role("main")).to_contain_text(summary)
