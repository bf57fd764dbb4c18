"""What readers say, on pages: whose page a comment's is, what is cut short, and who is offered what."""

from typing import Any

import pytest

from frontend.pages import Site
from tests.frontend import pretending
from tests.frontend.conftest import Browser, Elements, Open, on_entry, viewer

REMARK = {"__typename": "Comment", "audience": "READERS", "hiddenAt": None, "removedAt": None, "editedAt": None}


def a_comment(id: str, html: str | None = "<p>Well.</p>", *replies: Any, **more: Any) -> dict[str, Any]:
    return {**REMARK, "id": id, "bodyHtml": html, "replies": list(replies), "may": ["REPLY"], **more}


def talked(*comments: Any, **more: Any) -> Any:
    page = {"pageInfo": {"hasNextPage": False}, "nodes": list(comments)}
    entry = {"__typename": "Story", "slug": "slug", "id": "e1", "status": "PUBLISHED", "audience": "CUSTOMERS", **more}
    entry["comments"] = page
    return lambda **_: entry


def test_the_page_of_a_reply_shows_its_thread_and_what_can_be_done_to_it(browser: Open) -> None:
    reply = a_comment("c2", "<p>Reply</p>", may=["REPLY", "EDIT", "HIDE"])
    entry = {"__typename": "Story", "slug": "slug", "audience": "CUSTOMERS"}
    item = {**reply, "entry": entry, "thread": a_comment("c1", "<p>First</p>", reply)}

    text = browser(commentItem=lambda **_: item).get("/entries/slug/comments/c2").text

    assert [form["action"] for form in Elements(text).of("form") if "comments" in form.get("action", "")] == [
        "/entries/slug/comments/c1",
        "/entries/slug/comments/c2/react",
        "/entries/slug/comments/c2",
        "/entries/slug/comments/c2/edit",
        "/entries/slug/comments/c2/hide",
        "/entries/slug/comments/c2/flag",
    ]
    assert text.index("First") < text.index("Reply</p>") < text.index("/comments/c2/edit")


def test_a_comment_of_a_renamed_entry_is_found_under_its_new_name(browser: Open) -> None:
    item = {**a_comment("c2"), "entry": {"__typename": "Story", "slug": "new"}, "thread": a_comment("c2")}

    answer = browser(commentItem=lambda **_: item).get("/entries/old/comments/c2")

    assert answer.status_code == 301
    assert answer.headers["location"] == "/entries/new/comments/c2"


def test_what_has_gone_leaves_only_its_place(browser: Open) -> None:
    gone = a_comment("c1", None, a_comment("c2"), author=None, removedAt="2026-03-12T08:30:00+00:00", may=[])

    text = browser(entry=talked(gone)).get("/entries/slug").text

    place = text[text.index('id="comment-c1"') : text.index('id="comment-c2"')]
    assert "Removed by its author." in place
    assert "<form" not in place


def test_a_long_comment_is_cut_short_without_its_markup(browser: Open) -> None:
    text = browser(entry=talked(a_comment("c1", "<p>" + "<em>word</em> " * 900 + "</p>"))).get("/entries/slug").text

    assert "<em>word</em>" not in text
    assert 'href="/entries/slug/comments/c1">Read it all' in text


def test_a_long_conversation_is_cut_and_leads_to_all_of_it(browser: Open) -> None:
    many = [a_comment(f"c{number}") for number in range(60)]

    text = browser(entry=talked(*many, commentCount=60)).get("/entries/slug").text

    assert text.count('id="comment-') == 40
    assert 'href="/entries/slug/comments">All of it: 60 comments' in text


@pytest.mark.parametrize(("audience", "asked"), [("CUSTOMERS", True), ("EMPLOYEES", False)])
def test_who_may_read_it_is_asked_where_others_than_colleagues_read(browser: Open, audience: str, asked: bool) -> None:
    text = browser(entry=talked(a_comment("c1"), audience=audience)).get("/entries/slug").text

    assert ("Colleagues only" in text) == asked
    assert ("Customers may read it" in text) == asked


def test_a_stranger_is_offered_to_sign_in_and_nothing_else(schema: Any) -> None:
    quiet = a_comment("c1", may=[])
    world = {"viewer": viewer(None), "entry": talked(quiet)}
    text = Browser(pretending.executor(schema, world, pretending.full), Site(anonymous=True)).get("/entries/slug").text

    assert 'href="/login?next=/entries/slug"' in text
    assert "/react" not in text
    assert "Suggest other words" not in text


@pytest.mark.parametrize(
    ("mine", "button"), [(None, {"name": "useful", "value": "yes"}), (True, {"aria-pressed": "true"})]
)
def test_pressing_a_vote_again_takes_it_back(browser: Open, mine: bool | None, button: dict[str, str]) -> None:
    votes = {"__typename": "Usefulness", "useful": 2, "notUseful": 0, "mine": mine}

    found = Elements(browser(entry=talked(usefulness=votes)).get("/entries/slug").text)

    yes = next(each for each in found.of("button") if each.get("id") == "useful-yes")
    assert button.items() <= yes.items()
    assert ("name" in yes) == (mine is None)


@pytest.mark.parametrize(("sent", "useful"), [({"useful": "yes"}, True), ({"useful": ""}, False), ({}, "nothing")])
def test_a_vote_says_yes_no_or_nothing(browser: Open, sent: dict[str, str], useful: object) -> None:
    asked: dict[str, Any] = {}
    reader = on_entry(browser, rateEntry=lambda input_: asked.update(input_) or {"errors": []})

    answer = reader.post("/entries/slug/useful", {"entry.id": "e1", **sent})

    assert answer.headers["location"] == "/entries/slug#useful"
    assert asked["useful"] == useful if useful != "nothing" else asked.get("useful") is None
    assert asked["entry"] == {"id": "e1"}


def test_an_edit_is_suggested_part_by_part(browser: Open) -> None:
    asked: dict[str, Any] = {}
    reader = on_entry(browser, suggestEdit=lambda input_: asked.update(input_) or {"errors": []})

    answer = reader.post(
        "/entries/slug/suggest",
        {"entry.id": "e1", "baseRevision": "2", "title": "New", "practice.do": "", "note": "Why not"},
    )

    assert answer.headers["location"] == "/entries/slug?done=suggested"
    assert (asked["baseRevision"], asked["title"], asked["practice"]["do"]) == (2, "New", "")


def test_a_refused_reply_keeps_its_words_on_the_page_of_what_it_answers(browser: Open) -> None:
    def refused(_: Any) -> Any:
        return {"errors": [{"field": "body", "message": "Too much.", "code": "TOO_LARGE"}]}

    entry = {"__typename": "Story", "slug": "slug", "audience": "EMPLOYEES"}
    item = {**a_comment("c1"), "entry": entry, "thread": a_comment("c1")}
    reader = browser(comment=refused, commentItem=lambda **_: item)

    answer = reader.post("/entries/slug/comments/c1", {"parent": "c1", "body": "All of it"})

    assert answer.status_code == 422
    assert "All of it</textarea>" in answer.text
    assert {"href": "#reply-body"} in Elements(answer.text).of("a")


@pytest.mark.parametrize(("latest", "button"), [(None, "Take it and publish"), ({"number": 2}, "Take it into a draft")])
def test_taking_an_edit_does_not_publish_what_else_is_being_written(browser: Open, latest: Any, button: str) -> None:
    made = {"__typename": "SuggestedEdit", "id": "s1", "mayDecide": True, "parts": []}
    entry = talked(status="PUBLISHED", audience="EMPLOYEES", latest=latest, suggestions={"nodes": [made]})

    text = browser(entry=entry).get("/entries/slug/suggestions").text

    assert button in text
