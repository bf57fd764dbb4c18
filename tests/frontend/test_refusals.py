"""What the API refuses to read or to do: the status that stands for it, and nothing that was typed is lost."""

import re
from pathlib import Path
from typing import Any

import pytest

from frontend import pages, serving
from frontend.pages import Site
from tests.frontend.conftest import Browser, Elements, Open
from tests.frontend.pretending import Refused

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *(("BAD_REQUEST", 400), ("SYNTAX", 400), ("VALIDATION", 400), ("LIMIT_EXCEEDED", 400), ("BAD_INPUT", 400)),
        *(("INSUFFICIENT_SCOPE", 403), ("NOT_ALLOWED", 403), ("NOT_FOUND", 404), ("CONFLICT", 409)),
        *(("TOO_LARGE", 413), ("RATE_LIMITED", 429), ("INTERNAL", 500), ("UNAVAILABLE", 503), ("UNHEARD_OF", 500)),
    ],
)
def test_an_error_of_the_api_becomes_the_status_that_stands_for_it(code: str, status: int, site: Site) -> None:
    async def execute(*_: Any) -> pages.Answer:
        return pages.Answer(None, [{"message": "no", "extensions": {"code": code}}])

    assert Browser(execute, site).get("/practices").status_code == status


def test_every_code_that_the_api_sends_has_its_status(schema: Any) -> None:
    source = "".join(
        (ROOT / folder).read_text() for folder in ("schema/execution.py", "schema/documents.py", "schema/limits.py")
    )
    sent = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', source)) | set(schema.type_map["ErrorCode"].values)

    assert {"BAD_INPUT", "SYNTAX", "INTERNAL", "NOT_FOUND"} <= sent
    assert sent - {"INVALID"} <= {*serving.STATUS, serving.SIGN_IN}


@pytest.mark.parametrize(
    "path",
    ["/search?q=x&after=zzz", "/practices?after=zzz", "/tags?after=1", "/tags/slug?after=1", "/voices?after=zzz"],
)
def test_a_cursor_that_leads_nowhere_leads_to_the_beginning(path: str, browser: Open) -> None:
    def begun(typename: str) -> Any:
        def page(**arguments: Any) -> Any:
            if arguments.get("after"):
                raise Refused("BAD_INPUT", "after")
            return {"__typename": typename}

        return page

    tag = {"__typename": "Tag", "slug": "slug", "name": "Valve", "entries": begun("EntryConnection")}
    lists = {"entries": "EntryConnection", "search": "SearchConnection", "tags": "TagConnection"}
    world = {name: begun(typename) for name, typename in lists.items()}
    reader = browser(tag=lambda **_: tag, feedback=begun("FeedbackConnection"), **world)

    answer = reader.get(path)

    assert answer.status_code == 200
    assert "after=zzz" not in "".join(link["href"] for link in Elements(answer.text).of("a"))


def test_a_question_that_the_api_cannot_read_leads_back_to_the_page(browser: Open) -> None:
    def search(**_: Any) -> Any:
        raise Refused("BAD_INPUT", "query")

    answer = browser(search=search).get("/search?q=x&after=zzz")

    assert answer.status_code == 400
    assert {"href": "/search"} in Elements(answer.text).of("a")


def test_the_api_asking_for_a_sign_in_leads_there(site: Site) -> None:
    async def execute(*_: Any) -> pages.Answer:
        return pages.Answer(None, [{"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}])

    assert Browser(execute, site).get("/practices").headers["location"] == "/login?next=/practices"


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"kind": "NONSENSE"}, "kind"),
        ({"kind": "STORY", "audience": "MARTIANS"}, "audience"),
        ({"kind": "STORY", "stages": ["CLIENT", "MOON"]}, "stages"),
        ({"kind": "STORY", "principles": ["6", "99999999999"]}, "principles"),
    ],
)
def test_a_value_that_the_api_cannot_read_is_shown_at_its_field_and_nothing_is_lost(
    form: dict[str, Any], wrong: str, browser: Open
) -> None:
    reader = browser(createEntry=lambda sent: pytest.fail("was made"))

    answer = reader.post("/entries/new?kind=story", {**form, "title": "Kettle", "body": "Nine <years>"})

    found = Elements(answer.text)
    assert answer.status_code == 422
    assert found.named("title")["value"] == "Kettle"
    assert "Nine &lt;years&gt;</textarea>" in answer.text
    assert {"href": f"#create-{wrong}"} in found.of("a")
    assert [its for _, its in found.found if its.get("id") == f"create-{wrong}" and its.get("aria-invalid") == "true"]


def test_a_kind_that_the_api_does_not_know_loses_no_part_of_a_practice(browser: Open) -> None:
    answer = browser().post("/entries/new", {"kind": "NONSENSE", "practice.do": "Call back"})

    assert "Call back</textarea>" in answer.text
    assert Elements(answer.text).named("kind")["id"] == "create-kind"


@pytest.mark.parametrize("percent", ["99999999999", "-99999999999", "forty"])
def test_a_number_out_of_range_is_shown_at_its_field(percent: str, browser: Open) -> None:
    form = {"initiative.id": "e1", "health": "ON_TRACK", "summary": "Going well", "percent": percent}
    entry = {"__typename": "Initiative", "slug": "slug", "may": ["POST_PROGRESS"]}

    answer = browser(entry=lambda **_: entry).post("/entries/slug/progress", form)

    found = Elements(answer.text)
    assert answer.status_code == 422
    assert found.named("percent")["value"] == percent
    assert found.named("percent")["aria-invalid"] == "true"
    assert "Going well</textarea>" in answer.text


def test_a_refusal_of_the_whole_answer_that_names_its_field_is_told_in_its_own_words(browser: Open) -> None:
    def refuse(sent: Any) -> Any:
        raise Refused("BAD_INPUT", "practice.do")

    answer = browser(createEntry=refuse).post("/entries/new", {"kind": "BEST_PRACTICE", "practice.do": "Call"})

    assert answer.status_code == 422
    assert '<a href="#create-practice-do">Refused with BAD_INPUT.</a>' in answer.text


@pytest.mark.parametrize("code", ["TOO_LARGE", "BAD_INPUT"])
def test_a_text_too_tangled_for_a_preview_says_so_and_stays(code: str, browser: Open) -> None:
    def preview(markdown: str) -> Any:
        raise Refused(code, "markdown")

    answer = browser(preview=preview).post("/entries/new", {"kind": "STORY", "body": "[[[[", "preview": "yes"})

    assert answer.status_code == 200
    assert "too long or too tangled" in answer.text
    assert "[[[[</textarea>" in answer.text


def test_a_preview_that_fails_otherwise_is_not_the_writers_fault(browser: Open) -> None:
    def preview(markdown: str) -> Any:
        raise Refused("INTERNAL")

    answer = browser(preview=preview).post("/entries/new", {"kind": "STORY", "body": "a", "preview": "yes"})

    assert answer.status_code == 500
