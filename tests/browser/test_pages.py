import re
from collections import Counter
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from playwright.sync_api import Response

from frontend.pages import PAGES
from tests.browser import quality
from tests.browser.conftest import Visit
from tests.browser.places import PEOPLE, PLACES, closed_to, open_to, resolved
from tests.browser.walking import MOST, Cost, Seen, links

pytestmark = pytest.mark.browser

MOST_STATEMENTS = 15
"""Three that say who asks, and twelve of the page's own."""
MANY = {
    "/entries/replace-first": 23,
    "/entries/descaling-valve-out-of-reach": 29,
    "/entries/twenty-to-ten": 16,
    "/entries/valve-to-the-front": 30,
    "/entries/coffee-when-the-doors-open": 23,
    "/entries/coffee-when-your-doors-open": 16,
    "/entries/service-is-more-than-repair": 17,
    "/tags/descaling?into=depots": 19,
    "/me": 16,
    "/feedback": 18,
    "/feedback?queue=overdue": 18,
    "/voices/listening": 16,
    "/voices/listening?function=sales": 16,
    "/customers/{customer}": 32,
}
"""The pages that need more."""


def one_of_each(seen: list[Seen]) -> dict[str, str]:
    """Every link and a page that it is on; of links that differ only in what they filter by, the first, of those to the same page
    about different things two, and of those to a page below such a one the first. What has been walked has been opened
    already; of what it is filtered by, three.
    """
    walked = {urlsplit(page.address).path for page in seen}
    kinds: dict[tuple[str, frozenset[str]], tuple[str, str]] = {}
    alike: Counter[object] = Counter()
    for page in seen:
        for link in sorted(page.links):
            parts = urlsplit(link)
            kind = parts.path, frozenset(parse_qs(parts.query))
            what = tuple(step for place, step in enumerate(parts.path.split("/")) if place != 2), kind[1]
            if not parts.query and parts.path in walked:
                continue
            if kind not in kinds and alike[parts.path] < 3 and alike[what] < (2 if len(what[0]) < 3 else 1):
                alike.update([what, parts.path])
                kinds[kind] = link, page.address
    return dict(kinds.values())


def test_every_page_has_an_address_here() -> None:
    assert {page.path for page in PAGES} == set(PLACES)


def test_pages_are_light_and_come_from_here_alone(walk: list[Seen]) -> None:
    assert {page.address: page.heavy for page in walk if page.heavy} == {}


def test_pages_cost_no_more_than_is_written_of_them(walk: list[Seen], request: pytest.FixtureRequest) -> None:
    person, written = request.node.callspec.params["walk"] or "stranger", quality.written()

    def is_dearer(cost: Cost, said: Cost) -> bool:
        # What stands on a page changes a little with the day on which it is read, and one statement is at times spared by what a
        # process keeps of the rows.
        dear = cost.statements > said.statements + 1 or cost.size > said.size * 1.1 + 500
        return dear or cost.requests > said.requests

    found = {page.address: (page.cost, written.get((person, page.address))) for page in walk}
    assert {address: both for address, both in found.items() if not both[1] or is_dearer(both[0], both[1])} == {}


def test_what_is_written_of_pages_is_within_the_bounds() -> None:
    written = quality.written()

    assert {(person, address) for person, address in written} == {
        (person or "stranger", address) for person in ("margit", "rosa", "") for address in open_to(PEOPLE[person])
    }
    assert {
        where: cost for where, cost in written.items() if cost.statements > MANY.get(where[1], MOST_STATEMENTS)
    } == {}
    assert {where: cost for where, cost in written.items() if cost.size > MOST["document"] or cost.requests > 5} == {}


def test_assets_are_kept_by_the_browser_and_pages_are_not(visit: Visit) -> None:
    page, responses = visit("margit"), list[Response]()
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108  # it wants a Python function

    page.goto("/search")

    kept = {each.request.resource_type: each.header_value("cache-control") or "" for each in responses}
    assert "immutable" in kept["stylesheet"]
    assert "immutable" in kept["script"]
    assert "private" in kept["document"]


def test_pages_have_one_heading_and_their_landmarks(walk: list[Seen]) -> None:
    assert {page.address: page.parts for page in walk if set(page.parts.values()) != {1}} == {}
    assert {page.address: page.first for page in walk if page.first != "skip"} == {}


def test_pages_have_titles_of_their_own(walk: list[Seen]) -> None:
    titles = {re.split(r"[?#]", page.address)[0]: page.title for page in walk}

    assert len(set(titles.values())) == len(titles)


def test_no_link_leads_nowhere(walk: list[Seen], visit: Visit, request: pytest.FixtureRequest) -> None:
    page = visit(request.node.callspec.params["walk"])

    statuses = {(origin, link): page.request.get(link).status for link, origin in one_of_each(walk).items()}

    assert {leads: status for leads, status in statuses.items() if status != 200} == {}


def test_a_customer_finds_nothing_where_employees_work(visit: Visit) -> None:
    employee, customer = visit("ines"), visit("rosa")

    closed = [resolved(employee, address) for address in closed_to("CUSTOMER")]
    statuses = {address: customer.request.get(address).status for address in closed}

    assert len(closed) > 10
    assert set(statuses.values()) == {404}


@pytest.mark.parametrize("walk", ["rosa", ""], ids=["rosa", "stranger"], indirect=True)
def test_what_outsiders_see_names_no_page_of_employees(walk: list[Seen]) -> None:
    inside = {place.path for place in PAGES if not {"CUSTOMER", ""} & place.roles}

    assert {
        page.address: found for page in walk if (found := {urlsplit(link).path for link in page.links} & inside)
    } == {}


def test_a_customer_reads_what_is_meant_for_customers(visit: Visit, script: bool) -> None:
    page = visit("rosa", script=script)
    page.goto("/")

    page.get_by_role("searchbox", name="Search").fill("descaling valve")
    page.keyboard.press("Enter")

    page.get_by_role("link", name="Valve to the front").first.click()
    assert page.get_by_role("heading", level=1).text_content() == "Valve to the front"
    assert page.get_by_role("main").get_by_role("link", name="Edit").count() == 0
    assert page.get_by_text("Post progress").count() == 0


def test_a_stranger_signs_in_first_and_comes_back(visit: Visit, site: str) -> None:
    page = visit()

    for address in (page.path for page in PAGES if "" not in page.roles and "{" not in page.path):
        page.goto(address)
        assert page.url == urljoin(site, f"/login?next={address}")
    page.goto("/voices?kind=praise")
    page.get_by_role("button", name="Ines Duarte").click()

    assert page.url == urljoin(site, "/voices?kind=praise")
    assert page.get_by_role("heading", level=1).text_content() == "Customers say"


def test_a_stranger_reads_what_is_public_and_nothing_else(visit: Visit) -> None:
    page = visit()

    page.goto("/search?q=valve+refund+listening")
    found = {urlsplit(link).path for link in links(page) if "/entries/" in link}

    assert found
    public = {page.goto(path) and page.locator(".badge", has_text="for everyone").count() for path in found}
    assert public == {1}
