"""Every page, with everything and with nothing: whole, labelled, light, and without a line of inline script or style."""

import gzip
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from frontend import assets, pages
from frontend.pages import Site
from tests.frontend import pretending
from tests.frontend.conftest import Browser, Elements, Open, viewer
from tests.frontend.pretending import KINDS, Info

PATHS = sorted(
    {
        page.path.replace("{slug}", "slug")
        .replace("{id}", "id-1")
        .replace("{type}", "Entry")
        .replace("{kind}", "story")
        for page in pages.PAGES
    }
)
LINKED = [
    "/search?q=refund&kind=guide&tag=valve",
    "/voices?for=slug",
    "/feedback/id-1?find=valve",
    "/practices?stage=client",
    "/entries/slug?find=valve",
    "/tags/slug?into=other&kind=story",
    "/series/slug?find=valve",
]
FORMS = [f"/entries/new?kind={kind.lower()}" for kind in KINDS.values()]


def named_slug(typename: str) -> Any:
    return lambda **_: {"__typename": typename, "slug": "slug"}


WRITER = {"may": ["EDIT", "APPROVE", "PUBLISH"], "latest": {"__typename": "Revision"}}


OTHERS: dict[str, dict[str, Any]] = {path: {"viewer": viewer("CUSTOMER")} for path in ("/portal", "/entries/slug/mend")}
"""Pages that colleagues do not open, and who does."""


def open_world(
    open_: Open, made_up: pretending.Made = pretending.full, typename: str = "BestPractice", **more: Any
) -> Browser:
    return open_(
        **more,
        made_up=made_up,
        entry=lambda **_: {"__typename": typename, "slug": "slug", **WRITER},
        feedbackItem=lambda **given: {"__typename": "Feedback", **given},
        person=lambda **given: {"__typename": "Person", **given},
        tag=named_slug("Tag"),
        customer={"__typename": "Customer", "id": "id-1"},
        survey={"__typename": "Survey", "id": "id-1"},
        response={"__typename": "LoopResponse", "id": "id-1"},
        commentItem={"__typename": "Comment", "entry": {"__typename": "Story", "slug": "slug"}},
        series=named_slug("Series"),
        surveyScores={"__typename": "SurveyScores", "id": "id-1"},
        manualPage=lambda name: {"__typename": "ManualPage", "name": name, "title": "Settings"},
        dataRequest=lambda **given: {"__typename": "DataRequest", **given},
        template=lambda kind: {
            "kind": kind,
            "parts": [{"field": field, "text": f"What of the {field}?"} for field in ("title", "practice.do")],
        },
    )


def whole(answer: httpx.Response) -> Elements:
    assert answer.status_code == 200
    found = Elements(answer.text)
    ids = [attributes["id"] for _, attributes in found.found if attributes.get("id")]
    assert len(ids) == len(set(ids)), sorted(id for id in ids if ids.count(id) > 1)
    assert len(found.of("h1")) == 1
    assert len(found.of("main")) == 1
    assert found.of("a")[0] == {"class": "skip", "href": "#main"}
    assert len(gzip.compress(answer.content)) <= 30_000
    return found


def assert_nothing_inline(html: str, found: Elements) -> None:
    assert not found.of("style")
    assert all(attributes.get("src", "").startswith("/static/") for attributes in found.of("script"))
    assert not [
        name
        for _, attributes in found.found
        for name in attributes
        if name == "style" or name.startswith(("on", "hx-on"))
    ]
    assert "javascript:" not in html


def assert_controls_have_labels(found: Elements) -> None:
    labels = {attributes["for"] for attributes in found.of("label") if "for" in attributes}
    for control in found.of("input", "select", "textarea"):
        if control.get("type") not in ("hidden", "checkbox", "radio") and "hidden" not in control:
            assert control.get("id") in labels or control.get("aria-label"), control


def assert_references_lead_somewhere(found: Elements) -> None:
    ids = {attributes.get("id") for _, attributes in found.found}
    for _, attributes in found.found:
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert set(attributes.get(name, "").split()) <= ids, attributes


@pytest.mark.parametrize(
    "path", [path for path in PATHS + LINKED + FORMS if not path.endswith((".md", ".json", ".csv"))]
)
@pytest.mark.parametrize("made_up", [pretending.full, pretending.empty])
def test_every_page_is_whole(path: str, made_up: pretending.Made, browser: Open) -> None:
    more: Any = OTHERS.get(path, {})
    answer = open_world(browser, made_up, **more).get(path)

    found = whole(answer)
    assert_nothing_inline(answer.text, found)
    assert_controls_have_labels(found)
    assert_references_lead_somewhere(found)


@pytest.mark.parametrize("typename", KINDS)
@pytest.mark.parametrize("path", ["/entries/slug", "/entries/slug/edit"])
@pytest.mark.parametrize("made_up", [pretending.full, pretending.empty])
def test_every_kind_of_entry_has_its_page_and_its_form(
    typename: str, path: str, made_up: pretending.Made, browser: Open
) -> None:
    answer = open_world(browser, made_up, typename).get(path)

    found = whole(answer)
    assert_nothing_inline(answer.text, found)
    assert_references_lead_somewhere(found)


@pytest.mark.parametrize("typename", KINDS)
def test_the_source_of_an_entry_is_markdown_with_front_matter(typename: str, browser: Open) -> None:
    answer = open_world(browser, typename=typename).get("/entries/slug.md")

    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text.startswith(f"---\nkind: {KINDS[typename].lower()}\nslug: slug\n")
    assert "&amp;" not in answer.text


def test_a_practice_shows_problem_evidence_do_and_say_before_all_else(browser: Open) -> None:
    text = open_world(browser).get("/entries/slug").text

    places = [text.index(mark) for mark in ('id="problem"', "evidence-line", 'id="do"', 'id="say"', 'id="when"')]
    assert places == sorted(places)


def test_what_people_wrote_is_escaped(browser: Open) -> None:
    entry = {"__typename": "Story", "slug": "slug", "title": "<script>alert(1)</script>"}

    text = browser(entry=lambda **_: entry).get("/entries/slug").text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_an_old_slug_redirects_to_the_new_one(browser: Open) -> None:
    answer = open_world(browser).get("/entries/old-name?done=saved")

    assert answer.status_code == 301
    assert answer.headers["location"] == "/entries/slug?done=saved"


def test_what_is_not_there_is_not_found(browser: Open) -> None:
    answer = browser(entry=lambda **_: None).get("/entries/nothing")

    assert answer.status_code == 404
    assert "request-7" in answer.text
    assert 'action="/search"' in answer.text


def test_an_error_page_names_only_the_places_of_whoever_reads_it(browser: Open) -> None:
    def places(role: str | None, cookies: dict[str, str]) -> set[str]:
        reader = browser(role)
        reader.cookies = cookies
        return {path for _, path in pages.PLACES if f'href="{path}"' in reader.get("/api/nowhere/at-all").text}

    signed_in = {"loyalty": "a-session"}

    assert places("CUSTOMER", signed_in) == {"/practices", "/vision", "/community", "/portal", "/me"}
    assert places("EMPLOYEE", signed_in) == {"/practices", "/voices", "/vision", "/community", "/me"}
    assert not places(None, {}) & {"/voices", "/portal", "/me"}


def test_a_page_has_no_byte_in_it_that_no_page_may_have(browser: Open) -> None:
    assert "\0" not in browser().get("/search?q=a%00b").text


def test_being_told_later_keeps_the_filters_of_the_search(browser: Open) -> None:
    answer = browser().post("/search/await?stage=client&kind=insight", {"query": ["zzqx"]})

    assert answer.headers["location"].endswith("&done=awaited&stage=client&kind=insight")


def test_a_customer_does_not_find_what_is_for_colleagues(browser: Open) -> None:
    answers = {
        path: browser("CUSTOMER").get(path).status_code for path in ("/voices", "/initiatives", "/api", "/practices")
    }

    assert answers == {"/voices": 404, "/initiatives": 404, "/api": 404, "/practices": 200}


@pytest.mark.parametrize("role", ["CUSTOMER", None])
@pytest.mark.parametrize("made_up", [pretending.full, pretending.empty])
def test_no_link_leads_where_the_reader_may_not_go(role: str | None, made_up: pretending.Made, schema: Any) -> None:
    may_not: dict[str, Any] = {"slug": "slug", "may": []}
    entry, vision = {"__typename": "Initiative", **may_not}, {"__typename": "Vision", **may_not}
    world = {
        "viewer": viewer(role),
        "entry": entry,
        "vision": vision,
        "tag": named_slug("Tag"),
        "series": named_slug("Series"),
    }
    reader = Browser(pretending.executor(schema, world, made_up), Site(anonymous=True))
    table = [(compile_path(page.path)[0], page) for page in pages.PAGES]

    for page in pages.PAGES:
        is_page = "{" not in page.path.replace("{slug}", "") and not page.path.endswith((".json", ".csv"))
        if is_page and (role or "") in page.roles:
            for link in Elements(reader.get(page.path.replace("{slug}", "slug")).text).of("a"):
                path = link["href"].partition("?")[0].partition("#")[0]
                target = next((target for pattern, target in table if pattern.match(path)), None)
                assert target is None or (role or "") in target.roles, (page.path, link)


def test_a_customer_is_shown_no_place_that_they_cannot_open(browser: Open) -> None:
    text = browser("CUSTOMER").get("/practices").text

    assert 'href="/voices"' not in text
    assert 'href="/me"' in text


def test_whoever_has_not_signed_in_is_asked_to_and_comes_back(browser: Open) -> None:
    answer = browser(None).get("/practices?stage=client")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/practices%3Fstage%3Dclient"


def test_a_session_that_ends_while_one_types_takes_the_whole_window_to_sign_in(browser: Open) -> None:
    answer = browser(None).get("/search?q=refund", hx_request="true")

    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["hx-redirect"] == "/login?next=/search%3Fq%3Drefund"


def test_where_anonymous_reading_is_allowed_the_open_pages_open_and_no_others(schema: Any) -> None:
    execute = pretending.executor(schema, {"viewer": viewer(None)}, pretending.full)
    open_browser = Browser(execute, Site(anonymous=True))

    assert open_browser.get("/practices").status_code == 200
    assert open_browser.get("/voices").status_code == 303


def test_words_that_the_api_does_not_know_are_passed_over(browser: Open) -> None:
    asked: dict[str, Any] = {}

    def search(**arguments: Any) -> dict[str, str]:
        asked.update(arguments)
        return {"__typename": "SearchConnection"}

    answer = browser(search=search).get("/search?q=refund&kind=nonsense&kind=guide&sort=sideways&tag=valve")

    assert answer.status_code == 200
    assert {name: value for name, value in asked["filter"].items() if value} == {"kinds": ["GUIDE"], "tags": ["valve"]}
    assert asked["sortBy"] == "RELEVANCE"
    assert "Nonsense" not in answer.text
    assert not [each for each in Elements(answer.text).of("input") if each.get("value") in ("NONSENSE", "SIDEWAYS")]


def test_a_later_page_leads_back_to_the_first(browser: Open) -> None:
    last = {"pageInfo": {"hasNextPage": False, "hasPreviousPage": True}}

    text = browser(search=lambda **_: last).get("/search?q=refund&kind=guide&after=zzz").text

    assert '<a class="button quiet" href="?q=refund&amp;kind=guide">Back to the first</a>' in text
    assert "Show the next ones" not in text


def test_facets_are_links_that_keep_the_question(browser: Open) -> None:
    facets = [{"field": "kind", "values": [{"value": "GUIDE", "count": 5}, {"value": "STORY", "count": 2}]}]

    text = browser(search=lambda **_: {"facets": facets}).get("/search?q=a+b&kind=guide&after=x").text

    assert 'href="?q=a+b"' in text
    assert 'href="?q=a+b&amp;kind=guide&amp;kind=story"' in text


def test_what_is_typed_next_is_searched_for_within_the_filters(browser: Open) -> None:
    found = Elements(browser().get("/search?q=a&kind=story&kind=guide&tag=valve&sort=newest&after=x&done=y").text)

    start = next(place for place, (_, its) in enumerate(found.found) if its.get("class") == "find")
    end = next(place for place, (tag, _) in enumerate(found.found) if tag == "nav" and place > start)
    kept = [(its["name"], its["value"]) for tag, its in found.found[start:end] if its.get("type") == "hidden"]
    assert kept == [("kind", "story"), ("kind", "guide"), ("tag", "valve"), ("sort", "newest")]


def test_results_that_come_as_one_types_say_at_which_address_they_are(browser: Open) -> None:
    text = browser().get("/search?q=refund&kind=story", hx_request="true").text

    assert 'data-at="/search?q=refund&amp;kind=story"' in text
    assert 'replaceState(null, "", count.dataset.at)' in assets.read()["site.js"].plain.decode()


@pytest.mark.parametrize(
    ("typename", "place"),
    [
        *(("Initiative", "/vision"), ("Principle", "/vision"), ("Vision", "/vision")),
        *(("Story", "/community"), ("Question", "/community"), ("Idea", "/community"), ("Lesson", "/community")),
        *(("BestPractice", "/practices"), ("Insight", "/practices"), ("Guide", "/practices")),
    ],
)
@pytest.mark.parametrize("path", ["/entries/slug", "/entries/slug/edit"])
def test_the_navigation_says_where_an_entry_belongs(path: str, typename: str, place: str, browser: Open) -> None:
    found = Elements(open_world(browser, typename=typename).get(path).text)

    current = [link["href"] for link in found.of("a") if link.get("aria-current") == "true"]
    assert current == [place]


def heard(n: int, customers: int | None) -> dict[str, Any]:
    return {"__typename": "Estimate", "n": n, "distinctVoices": customers}


def test_evidence_is_counted_in_customers_and_not_in_messages(browser: Open) -> None:
    evidence = {"voices": heard(9, 4), "supporting": heard(7, 3), "contradicting": heard(2, 1), "channels": ["PHONE"]}
    evidence |= {"items": [], "wording": "Not yet a pattern.", "prevalence": {"__typename": "Estimate", "grade": "C"}}
    entry = {"__typename": "BestPractice", "slug": "slug", "evidence": evidence}

    text = browser(entry=lambda **_: entry).get("/entries/slug").text

    line = text[text.index('class="evidence-line"') : text.index("over 1 channel")]
    assert "4 customers heard on this" in line
    assert 'aria-label="3 for, 1 against"' in line
    assert [dot["class"] for dot in Elements(line).of("circle")] == ["for", "for", "for", "against"]
    assert "7 for" not in line


@pytest.mark.parametrize("path", ["/entries/slug", "/practices", "/"])
def test_whoever_may_not_read_what_customers_said_is_shown_nothing_of_it(path: str, browser: Open) -> None:
    entry = {"__typename": "BestPractice", "slug": "slug", "kind": "BEST_PRACTICE", "evidence": None}
    listed = {"__typename": "EntryConnection", "nodes": [entry]}
    reader = browser("CUSTOMER", entry=lambda **_: entry, entries=lambda **_: listed)

    answer = reader.get(path)

    whole(answer)
    assert "evidence" not in answer.text
    assert "heard" not in answer.text


def test_results_that_come_as_one_types_are_only_the_results(browser: Open) -> None:
    answer = browser().get("/search?q=refund", hx_request="true")

    assert "<html" not in answer.text
    assert 'id="count"' in answer.text
    assert "hx-request" in answer.headers["vary"].lower()


def test_a_search_that_finds_nothing_says_what_to_do_now(browser: Open) -> None:
    text = browser(made_up=pretending.empty).get("/search?q=qqqq").text

    assert "Nothing found" in text
    assert "/entries/new?kind=question" in text


def test_a_slip_is_answered_with_what_was_meant_and_the_box_keeps_it(browser: Open) -> None:
    found = {"totalCount": 2, "searchedFor": "loyalty*", "didYouMean": None, "notes": [{"message": "No kind <foo>."}]}

    text = browser(search=lambda **_: found).get("/search?q=loylaty").text

    assert 'Nothing has “loylaty”. These are for “<a href="?q=loyalty">loyalty</a>”: 2 entries' in text
    assert "<li>No kind &lt;foo&gt;.</li>" in text
    assert Elements(text).named("q")["value"] == "loylaty"
    assert Elements(text).named("query")["value"] == "loyalty"


def test_a_strip_leads_to_all_of_it_and_back(browser: Open) -> None:
    asked: dict[str, Any] = {}
    hits = [{"title": None, "html": "a <mark>valve</mark>", "url": "/feedback/1"}]
    made = {"strips": [{"scope": "FEEDBACK", "count": 9, "hits": hits}], "edges": [{"hit": hits[0]}]}

    def search(**arguments: Any) -> dict[str, Any]:
        asked.update(arguments)
        return made

    reader = browser(search=search)
    strip = Elements(reader.get("/search?q=valve&kind=story").text)
    text = reader.get("/search?q=valve&kind=story&scope=feedback").text

    assert "/search?q=valve&kind=story&scope=feedback" in [link["href"] for link in strip.of("a")]
    assert {name: value for name, value in asked["filter"].items() if value} == {"scope": "FEEDBACK"}
    assert '<a href="/feedback/1">a <mark>valve</mark></a>' in text
    assert '<a href="?q=valve&amp;kind=story">Back to the entries</a>' in text
    assert "atom" not in text


@pytest.mark.parametrize(
    ("typed", "asked"), [("a refund", "a refund*"), ("a tag:refu", "a tag:refu"), ('"a refund"', '"a refund"')]
)
def test_the_last_word_is_half_typed_unless_it_stands_behind_a_field(typed: str, asked: str, browser: Open) -> None:
    heard: list[str] = []

    browser(search=lambda query, **_: heard.append(query)).get(f"/search?{urlencode({'q': typed})}", hx_request="true")

    assert heard == [asked]


def test_the_theme_is_rendered_from_the_cookie(browser: Open) -> None:
    reader = browser()
    reader.cookies["theme"] = "dark"

    assert '<html lang="en" data-theme="dark">' in reader.get("/practices").text


@pytest.mark.parametrize(
    ("target", "leads"),
    [("/vision?x=1", "/vision?x=1"), ("//evil.test", "/"), ("https://evil.test", "/"), ("/\\evil.test", "/")],
)
def test_choosing_a_theme_goes_back_and_never_elsewhere(target: str, leads: str, browser: Open) -> None:
    answer = browser().post("/theme", {"theme": "dark", "next": target})

    assert answer.headers["location"] == leads
    assert "theme=dark" in answer.headers["set-cookie"]


def test_the_sign_in_page_offers_the_people_of_a_demo_and_a_password(browser: Open) -> None:
    answer = browser(None).get("/login?next=/vision")

    found = whole(answer)
    assert found.named("person")["value"] == "ines@example.test"
    assert [drawing for drawing in found.of("svg") if drawing.get("class") == "chevron"]
    assert found.named("next")["value"] == "/vision"
    assert found.named("password")["autocomplete"] == "current-password"
    assert_nothing_inline(answer.text, found)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_page_says_what_to_do_and_names_the_request(status: int, site: Site) -> None:
    async def execute(*_: Any) -> pages.Answer:
        raise HTTPException(status)

    answer = Browser(execute, site).get("/practices")

    assert answer.status_code == status
    assert "request-7" in answer.text
    assert_nothing_inline(answer.text, Elements(answer.text))


def test_a_list_that_goes_on_links_to_what_follows_and_keeps_its_filters(browser: Open) -> None:
    page_info = {"hasNextPage": True, "endCursor": "c=9"}

    text = browser(entries=lambda **_: {"pageInfo": page_info}).get("/practices?stage=client").text

    assert re.search(r'href="\?stage=client&amp;after=c%3D9" rel="next"', text)


def test_made_up_answers_cover_lists_and_nothing(browser: Open) -> None:
    def none_of_it(kind: Any, info: Info) -> Any:
        return pretending.empty(kind, info)

    assert "No practice has been written yet" in browser(made_up=none_of_it).get("/practices").text


@pytest.mark.parametrize(("answered", "said"), [(0, False), (4, True)])
def test_those_who_answered_are_said_to_feel_otherwise_only_where_some_did(
    answered: int, said: bool, browser: Open
) -> None:
    result = {"__typename": "Estimate", "n": answered, "warnings": ["LOW_RESPONSE"]}
    item = {"__typename": "Feedback", "checks": [{"__typename": "OthersAsked", "result": result}]}

    text = browser(feedbackItem=lambda **_: item).get("/feedback/id").text

    assert "Do others feel the same?" in text
    assert ("may feel otherwise" in text) is said


def test_a_wave_that_nobody_was_asked_in_from_here_shows_no_noughts(browser: Open) -> None:
    wave = {"__typename": "Wave", "kind": "CENSUS", "running": False, "invited": {"__typename": "Estimate", "n": 0}}
    survey = {"__typename": "Survey", "waves": [wave]}

    text = browser(survey=lambda **_: survey).get("/surveys/id").text

    assert "nobody from here; answers may have been brought in" in text
