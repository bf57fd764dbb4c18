from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.places import PEOPLE, open_to, resolved

pytestmark = pytest.mark.browser

# Stewards and admins see what leaders see.
READERS = ("ines", "margit", "rosa", "")
BOTH = [(person, address) for person in READERS for address in open_to(PEOPLE[person])]


def width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def in_every_look(page: Page, found: Callable[[Page], list[str]] = axe.faults) -> dict[str, list[str]]:
    """Faults in light, in dark, and on the narrowest screen, whose widest element is a fault where it sticks out."""
    seen = {"light": axe.faults(page)}
    page.emulate_media(color_scheme="dark")
    seen["dark"] = axe.faults(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 800})
    seen["narrow"] = axe.faults(page) + ([f"scrolls to {width(page)}"] if width(page) > 320 else [])
    return {look: faults for look, faults in seen.items() if faults}


@pytest.mark.parametrize(("person", "address"), BOTH)
def test_a_page_keeps_nobody_out(visit: Visit, person: str, address: str) -> None:
    import time
    page = visit(person)
    t = time.time()
    page.goto(resolved(page, address))
    t1 = time.time()
    r = in_every_look(page)
    print("TIME", address, t1 - t, time.time() - t1)
    assert r == {}
