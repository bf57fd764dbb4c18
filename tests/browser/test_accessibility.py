import pytest
from playwright.sync_api import Page

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.places import PEOPLE, open_to, resolved

pytestmark = pytest.mark.browser

NARROW = 320
# Stewards and admins see what leaders see.
READERS = ("ines", "margit", "rosa", "")
PAGES = [(person, address) for person in READERS for address in open_to(PEOPLE[person])]


def sticking_out(page: Page) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} px wide"] if width > NARROW else []


def in_every_look(page: Page) -> dict[str, list[str]]:
    """Faults of the page in light, in dark, and on the narrowest screen."""
    seen = {"light": axe.faults(page)}
    page.emulate_media(color_scheme="dark")
    seen["dark"] = axe.faults_of(page, axe.OF_COLOUR)
    page.set_viewport_size({"width": NARROW, "height": 800})
    seen["narrow"] = axe.faults_of(page, axe.OF_SPACE) + sticking_out(page)
    return {look: faults for look, faults in seen.items() if faults}


@pytest.mark.parametrize(("person", "address"), PAGES)
def test_a_page_keeps_nobody_out(visit: Visit, person: str, address: str) -> None:
    page = visit(person)

    page.goto(resolved(page, address))

    import time
    t=time.time()
    r = in_every_look(page)
    print("TIME", address, time.time() - t)
    assert r == {}
