import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_home_is_never_empty_and_a_notice_reaches_colleagues_alone(visit: Visit) -> None:
    margit, ines, rosa = visit("margit", script=False), visit("ines"), visit("rosa")
    margit.goto("/")
    expect(margit.locator(".hits ~ details, section:has(.hits) ~ details")).to_contain_text("Pin another notice")
    margit.get_by_text("Pin another notice").click()
    margit.get_by_label("What everybody here should read today").fill("The depot is closed on Friday.")
    margit.get_by_role("button", name="Pin it").click()
    expect(margit.get_by_text("Pinned. Everybody here")).to_be_visible()

    for page in (ines, rosa, visit("")):
        page.goto("/")
        expect(page.locator(".hit").first).to_be_visible()
        expect(page.get_by_text("The depot is closed on Friday.")).to_have_count(1 if page is ines else 0)
    expect(ines.get_by_text("since you were here").first).to_be_visible()
    ines.get_by_role("link", name="to see to").click()
    expect(ines.get_by_role("heading", level=1)).to_be_visible()

    ines.goto("/vision/trace")
    expect(ines.get_by_role("link", name="Valve to the front").first).to_be_visible()
    margit.goto("/")
    margit.get_by_role("button", name="Take it down").click()
    expect(margit.get_by_text("The depot is closed on Friday.")).to_have_count(0)
