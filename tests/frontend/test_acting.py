"""Forms: one mutation and onwards, or the same page again with every word kept and each error at its field."""

import json
from typing import Any

import pytest
from starlette.requests import Request

from frontend import pages
from frontend.pages import Site
from tests.frontend.conftest import CREATED, Elements, Open, on_entry


def refused(*errors: tuple[str, str], **more: Any) -> Any:
    said = [{"field": field, "message": message, "code": "INVALID"} for field, message in errors]
    return lambda sent: {"errors": said, **more}


def filled(given: Any) -> Any:
    return {name: filled(value) for name, value in given.items() if value} if isinstance(given, dict) else given


def test_a_practice_is_written_and_its_page_follows(browser: Open) -> None:
    written: dict[str, Any] = {}
    reader = browser(createEntry=lambda sent: written.update(sent) or CREATED)

    answer = reader.post(
        "/entries/new?kind=best_practice",
        {
            "kind": "BEST_PRACTICE",
            "title": " Call back ",
            "tags": "refunds, , valve",
            "practice.do": "One\r\nTwo",
            "summary": "",
            "stages": ["CLIENT"],
        },
    )

    assert answer.status_code == 303
    assert answer.headers["location"] == "/entries/call-back?done=DRAFT"
    assert filled(written) == {
        "kind": "BEST_PRACTICE",
        "title": "Call back",
        "tags": ["refunds", "valve"],
        "practice": {"do": "One\nTwo"},
        "stages": ["CLIENT"],
    }


def test_a_refused_form_keeps_every_word_and_shows_each_error_at_its_field(browser: Open) -> None:
    reader = browser(createEntry=refused(("title", "Give it a title."), ("practice.do", "Say what to do.")))
    form = {
        "kind": "BEST_PRACTICE",
        "title": "",
        "practice.say": "We <care>",
        "tags": "a, b",
        "functions": ["SALES", "SUPPORT"],
    }

    answer = reader.post("/entries/new?kind=best_practice", form)

    found = Elements(answer.text)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "We &lt;care&gt;</textarea>" in answer.text
    assert found.named("tags")["value"] == "a, b"
    assert {box["value"] for box in found.of("input") if "checked" in box} == {"SALES", "SUPPORT"}
    assert found.named("title")["aria-invalid"] == "true"
    assert "create-title-wrong1" in found.named("title")["aria-describedby"].split()
    assert {"href": "#create-practice-do"} in found.of("a")
    assert [section for section in found.of("section") if section.get("role") == "alert" and "autofocus" in section]


def test_an_error_of_no_field_is_told_above(browser: Open) -> None:
    answer = browser(createEntry=refused(("", "Not now."))).post("/entries/new", {"kind": "STORY", "title": "x"})

    assert "<li>Not now.</li>" in answer.text


def test_an_unreadable_day_is_refused_before_anything_is_asked(browser: Open) -> None:
    reader = browser(createEntry=lambda sent: pytest.fail("was asked"))

    answer = reader.post("/entries/new", {"kind": "INITIATIVE", "title": "x", "initiative.plannedLaunch": "soon"})

    assert answer.status_code == 422
    assert "Write a day as year-month-day" in answer.text


def test_what_is_needed_is_sent_blank_so_that_the_api_can_say_so(browser: Open) -> None:
    reader = browser(
        createFeedback=lambda sent: {"errors": [{"field": "verbatim", "message": "Write it down.", "code": "INVALID"}]}
    )

    answer = reader.post("/voices", {"verbatim": "", "channel": "PHONE", "customerName": "Café Luna"})

    assert answer.status_code == 422
    assert Elements(answer.text).named("customerName")["value"] == "Café Luna"
    assert "Write it down." in answer.text


def test_a_choice_that_was_not_made_is_asked_for(browser: Open) -> None:
    answer = on_entry(browser).post("/entries/slug/progress", {"initiative.id": "e1", "summary": "Going well"})

    assert answer.status_code == 422


def test_what_a_customer_said_is_recorded_in_three_fields(browser: Open) -> None:
    said: dict[str, Any] = {}
    reader = browser(createFeedback=lambda sent: said.update(sent) or {"feedback": {"id": "f 1"}, "errors": []})

    answer = reader.post("/voices", {"verbatim": "It leaks.", "channel": "PHONE", "customerName": "Café Luna"})

    assert said == {"verbatim": "It leaks.", "channel": "PHONE", "customerName": "Café Luna"}
    assert answer.headers["location"] == "/feedback/f%201?done=recorded"


def test_approval_names_the_revision_that_was_read(browser: Open) -> None:
    moved: dict[str, Any] = {}
    reader = on_entry(browser, approveEntry=lambda sent: moved.update(sent) or CREATED)

    answer = reader.post("/entries/slug/approve", {"id": "e1", "revision": "2"})

    assert moved == {"id": "e1", "revision": 2}
    assert answer.headers["location"] == "/entries/call-back?done=approved"


@pytest.mark.parametrize(
    ("act", "mutation", "done"),
    [
        ("submit", "submitEntry", "submitted"),
        ("publish", "publishEntry", "published"),
        ("archive", "archiveEntry", "archived"),
        ("verify", "verifyEntry", "verified"),
    ],
)
def test_one_button_moves_an_entry_on(act: str, mutation: str, done: str, browser: Open) -> None:
    moved: dict[str, Any] = {}
    reader = on_entry(browser, **{mutation: lambda sent: moved.update(sent) or CREATED})

    answer = reader.post(f"/entries/slug/{act}", {"id": "e1"})

    assert filled(moved) == {"id": "e1"}
    assert answer.headers["location"] == f"/entries/call-back?done={done}"


@pytest.mark.parametrize(
    ("act", "mutation"), [("publish", "publishEntry"), ("verify", "verifyEntry"), ("changes", "requestChanges")]
)
def test_a_decision_names_the_revision_that_was_read(act: str, mutation: str, browser: Open) -> None:
    moved: dict[str, Any] = {}
    reader = on_entry(browser, **{mutation: lambda sent: moved.update(sent) or CREATED})

    reader.post(f"/entries/slug/{act}", {"id": "e1", "note": "Why?", "revision": "2"})

    assert (moved["id"], moved["revision"]) == ("e1", 2)


def test_a_refused_move_shows_the_entry_with_the_reason(browser: Open) -> None:
    reader = on_entry(browser, approveEntry=refused(("", "Somebody else has to approve it.")))

    answer = reader.post("/entries/slug/approve", {"id": "e1"})

    assert answer.status_code == 422
    assert "Somebody else has to approve it." in answer.text


@pytest.mark.parametrize(
    ("path", "page"),
    [("/me/tokens", "/me"), ("/entries/slug/publish", "/entries/slug"), ("/feedback/f%201/attach", "/feedback/f%201")],
)
def test_opening_the_address_of_a_form_leads_to_its_page(path: str, page: str, browser: Open) -> None:
    answer = browser().get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == page


def test_a_new_token_is_shown_once_on_the_page_itself(browser: Open) -> None:
    reader = browser(createToken=lambda sent: {"secret": "loyalty_abc", "errors": []})

    made = reader.post("/me/tokens", {"name": "Tickets", "scopes": ["ENTRIES_READ"]})

    assert "loyalty_abc" in made.text
    assert made.headers["cache-control"] == "no-store"
    assert "loyalty_abc" not in reader.get("/me").text


def test_a_refused_password_is_asked_for_again_on_a_page_of_its_own(site: Site) -> None:
    scope = {"type": "http", "method": "POST", "path": "/me/password", "query_string": b"", "headers": []}

    answer = pages.render_password(site, Request(scope), {"new": "Too short.", "elsewhere": "Wait a moment."})

    text = bytes(answer.body).decode()
    found = Elements(text)
    assert answer.status_code == 422
    assert answer.headers["cache-control"] == "no-store"
    assert {"method": "post", "action": "/me/password"} in found.of("form")
    assert found.named("current")["autocomplete"] == "current-password"
    assert found.named("new")["aria-invalid"] == "true"
    assert {"href": "#password-new"} in found.of("a")
    assert "<li>Wait a moment.</li>" in text
    assert 'href="/voices"' not in text


def test_changing_the_password_is_the_servers_and_not_an_act_of_the_api(browser: Open, site: Site) -> None:
    reader = browser()

    form = next(form for form in Elements(reader.get("/me").text).of("form") if form["action"] == "/me/password")

    assert form["method"] == "post"
    assert reader.post("/me/password", {"current": "a", "new": "b"}).status_code in (404, 405)


def test_a_draft_is_said_to_be_its_authors_and_its_owners(browser: Open) -> None:
    text = on_entry(browser).get("/entries/slug?done=DRAFT").text

    assert "Only its author and its owner see it; those who curate see it once it is submitted." in text


def test_errors_of_one_form_do_not_touch_another_on_the_same_page(browser: Open) -> None:
    answer = browser(createToken=refused(("name", "Name what it is for."))).post(
        "/me/tokens", {"name": "", "scopes": []}
    )

    assert answer.text.count("Name what it is for.") == 2
    assert 'id="token-name"' in answer.text
    assert 'id="profile-name"' in answer.text


def test_a_preview_keeps_the_form_and_saves_nothing(browser: Open) -> None:
    reader = browser(
        createEntry=lambda sent: pytest.fail("was saved"), preview=lambda markdown: {"html": f"<em>{markdown}</em>"}
    )

    answer = reader.post("/entries/new", {"kind": "STORY", "title": "Kettle", "body": "Nine years", "preview": "yes"})

    assert answer.status_code == 200
    assert "<em>Nine years</em>" in answer.text
    assert Elements(answer.text).named("title")["value"] == "Kettle"


def test_a_preview_that_a_script_asks_for_is_only_the_preview(browser: Open) -> None:
    reader = browser(preview=lambda markdown: {"html": f"<em>{markdown}</em>"})

    answer = reader.post("/entries/new", {"kind": "STORY", "body": "Nine years", "preview": "yes"}, hx_request="true")

    assert "<em>Nine years</em>" in answer.text
    assert "<form" not in answer.text


def test_whoever_has_not_signed_in_cannot_write_and_loses_nothing(browser: Open) -> None:
    reader = browser(None, createEntry=refused(("", "Sign in first.")))

    answer = reader.post("/entries/new", {"kind": "STORY", "title": "x", "body": "Nine <years>"})

    found = Elements(answer.text)
    assert answer.status_code == 403
    assert "/login" in [form["action"] for form in found.of("form")]
    assert json.loads(found.named("kept")["value"]) == [
        "/entries/new",
        [["kind", "STORY"], ["title", "x"], ["body", "Nine <years>"]],
    ]


def test_the_explorer_runs_a_document_without_a_script(browser: Open) -> None:
    answer = browser().post("/api", {"document": "{ vision { statement } }", "variables": ""})

    assert "&#34;statement&#34;" in answer.text
    assert "{ vision { statement } }</textarea>" in answer.text


@pytest.mark.parametrize("variables", ["{", "[1]"])
def test_the_explorer_says_when_variables_are_not_an_object(variables: str, browser: Open) -> None:
    answer = browser().post("/api", {"document": "{ vision { statement } }", "variables": variables})

    assert answer.status_code == 200
    assert "ariables are" in answer.text


@pytest.mark.parametrize("step", ["follow", "unfollow"])
def test_a_tag_is_followed_by_its_slug(browser: Open, step: str) -> None:
    sent: dict[str, Any] = {}
    answer: dict[str, Any] = {"follow": None, "entry": None, "tag": None, "errors": []}
    reader = browser(**{step: lambda given: sent.update(given) or answer})

    found = reader.post(f"/tags/valve/{step}", {"tag": "valve"})

    assert sent == {"tag": "valve"}
    assert found.status_code == 303
