import re
from html import unescape
from urllib.parse import urlencode

import pytest
from graphql import GraphQLSchema
from starlette.routing import Match, Route

from frontend import pages
from frontend.pages import DemoPerson, Site
from frontend.tour import steps
from tests.frontend import pretending
from tests.frontend.conftest import Browser, viewer

NAMES = {steps.INES: "Ines", steps.JONAS: "Jonas", steps.MARGIT: "Margit"}
DEMO = Site(people=tuple(DemoPerson(email, name, "works here") for email, name in NAMES.items()))


def a_browser(schema: GraphQLSchema, site: Site, name: str = "Ines") -> Browser:
    who = {**viewer("LEADER"), "person": {"__typename": "Person", "name": name}}
    return Browser(pretending.executor(schema, {"viewer": who}, pretending.full), site)


def card(text: str) -> str:
    found = re.search(r'<section class="note tour".*?</section>', text, re.DOTALL)
    return unescape(found[0]) if found else ""


def test_each_step_says_whose_it_is_what_to_look_at_and_the_way_on_and_out(schema: GraphQLSchema) -> None:
    routes = pages.routes(pretending.executor(schema, {}, pretending.full), DEMO)

    for number, step in enumerate(steps.STEPS, 1):
        told = card(a_browser(schema, DEMO, NAMES[step.person]).get(f"/principles?tour={number}").text)

        assert f"Step {number} of 6" in told
        assert step.title in told
        assert "Leave the tour" in told or "leave the tour" in told
        for label, address in [*steps.looks(number), ("", steps.begins(number))]:
            assert label in told
            scope = {"type": "http", "method": "GET", "path": re.split(r"[?#]", address)[0]}
            assert any(each.matches(scope)[0] is Match.FULL for each in routes if isinstance(each, Route)), address
            assert f"tour={number}" in address or address.startswith(f"/tour/{number}/")
        onwards = steps.STEPS[number] if number < 6 else None
        assert onwards is None or steps.begins(number + 1) in told
        assert (f'value="{onwards.person}"' in told) is (onwards.person != step.person) if onwards else True


def test_whoever_is_somebody_else_is_offered_to_be_whose_step_it_is(schema: GraphQLSchema) -> None:
    told = card(a_browser(schema, DEMO, "Ines").get("/principles?tour=4&kind=x").text)

    assert "Be Margit" in told
    assert 'value="/entries/valve-to-the-front?tour=4"' in told
    assert 'href="?kind=x"' in told


@pytest.mark.parametrize("number", ["", "0", "7", "x", "²", "-1", "1e1", "99999999999999999999", "<b>"])
def test_no_step_is_no_card(number: str, schema: GraphQLSchema) -> None:
    assert card(a_browser(schema, DEMO).get(f"/principles?{urlencode({'tour': number})}").text) == ""


def test_without_the_people_of_the_demonstration_there_is_no_tour(schema: GraphQLSchema, site: Site) -> None:
    browser = a_browser(schema, site)

    assert card(browser.get("/principles?tour=1").text) == ""
    assert "Show me" not in browser.get("/").text
    assert "Show me" in a_browser(schema, DEMO).get("/").text
    assert browser.get("/tour/3/2").status_code == 404
    assert [a_browser(schema, DEMO).get(f"/tour/{at}").status_code for at in ("3/1", "3/9", "9/1", "3/x")] == [404] * 4


def test_what_only_the_api_knows_the_address_of_is_found(schema: GraphQLSchema) -> None:
    answer = a_browser(schema, DEMO).get("/tour/3/2")

    assert answer.status_code == 303
    assert re.fullmatch(r"/voices\?theme=[^&#]+&tour=3#others", answer.headers["location"])
