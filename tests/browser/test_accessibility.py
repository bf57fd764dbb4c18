import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.places import PEOPLE, open_to, resolved

pytestmark = pytest.mark.browser

NARROW = 320
# Leaders see all that there is inside, and customers what there is outside; strangers see part of that, in the same colours.
ALL_OF_IT = ("margit", "rosa")
PARTS = ("",)


def sticking_out(page: Page) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} px wide"] if width > NARROW else []


def in_every_look(page: Page) -> list[str]:
    """Faults in light on a wide screen and in dark on the narrowest, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
    found = axe.faults(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": NARROW, "height": 800})
    found += [*axe.faults_of(page, (*axe.OF_COLOUR, *axe.OF_SPACE)), *sticking_out(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1180, "height": 800})
    return found


@pytest.mark.parametrize("person", ALL_OF_IT)
def test_every_page_is_for_everybody_in_every_look(visit: Visit, person: str) -> None:
    page, found = visit(person), {}

    for address in open_to(PEOPLE[person]):
        page.goto(resolved(page, address))
        found[address] = in_every_look(page)

    assert {address: faults for address, faults in found.items() if faults} == {}


@pytest.mark.parametrize("person", PARTS, ids=["stranger"])
def test_every_page_is_for_everybody_whoever_opens_it(visit: Visit, person: str) -> None:
    page, found = visit(person), {}

    for address in open_to(PEOPLE[person]):
        page.goto(resolved(page, address))
        found[address] = axe.faults_but_for_colour(page)

    assert {address: faults for address, faults in found.items() if faults} == {}


def test_pages_that_say_no_are_for_everybody_too(visit: Visit) -> None:
    page, found = visit("ines"), {}

    for address in ("/login", "/nothing-here"):
        page.goto(address)
        found[address] = in_every_look(page)
    page.goto("/entries/new?kind=best_practice")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["errors"] = in_every_look(page)

    assert {address: faults for address, faults in found.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_planted_fault_is_found(visit: Visit, theme: str) -> None:
    page = visit("ines", theme=theme)
    page.goto("/practices")
    page.evaluate(
        """() => {
            const [button, text] = ["button", "p"].map((name) => document.querySelector("main").appendChild(document.createElement(name)));
            text.textContent = "Hardly to be read";
            text.style.color = "#777777";
        }"""
    )

    found = {fault.partition(":")[0] for fault in axe.faults(page)}

    assert found == {"button-name", "color-contrast"}


def test_a_planted_fault_of_space_is_found(visit: Visit) -> None:
    page = visit("ines", width=NARROW)
    page.goto("/practices")
    page.evaluate(
        """() => {
            const wide = document.querySelector("main").appendChild(document.createElement("div"));
            wide.style.cssText = "width: 400px; height: 1px";
            const small = [1, 2].map(() => wide.parentElement.appendChild(document.createElement("button")));
            small.forEach((it) => ((it.textContent = "x"), (it.style.cssText = "width: 9px; height: 9px; padding: 0; border: 0")));
        }"""
    )

    found = {fault.partition(":")[0] for fault in axe.faults_of(page, axe.OF_SPACE)}

    assert found == {"target-size"}
    assert sticking_out(page)


def test_the_theme_can_be_switched_and_stays(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    page.goto("/principles")

    page.get_by_role("button", name="Dark").click()

    expect(page).to_have_url(re.compile("/principles$"))
    page.goto("/vision")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("body")).to_have_css("background-color", "rgb(21, 23, 26)")
