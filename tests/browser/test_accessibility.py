import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.walking import NARROW, Colours, Seen, in_every_look, sticking_out

pytestmark = pytest.mark.browser


def test_every_page_is_for_everybody_in_every_look(walk: list[Seen]) -> None:
    assert {page.address: page.faults for page in walk if page.faults} == {}


def test_pages_that_say_no_are_for_everybody_too(visit: Visit, colours: Colours) -> None:
    page, found = visit("ines"), {}

    for address in ("/login", "/nothing-here"):
        page.goto(address)
        found[address] = in_every_look(page, colours)
    page.goto("/entries/new?kind=best_practice")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["errors"] = in_every_look(page, colours)

    assert {address: faults for address, faults in found.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_planted_fault_is_found(visit: Visit, theme: str) -> None:
    page = visit("ines", theme=theme)
    page.goto("/practices")
    known = set[str]()
    axe.faults_of_new_colours(page, known)
    page.evaluate(
        """() => {
            const [button, text] = ["button", "p"].map((name) => document.querySelector("main").appendChild(document.createElement(name)));
            text.textContent = "Hardly to be read";
            text.style.color = "#777777";
        }"""
    )

    found = {fault.partition(":")[0] for fault in axe.faults(page)}

    assert found == {"button-name", "color-contrast"}
    assert [fault[:14] for fault in axe.faults_of_new_colours(page, known)] == ["color-contrast"]
    assert axe.faults_of_new_colours(page, known) == []


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
