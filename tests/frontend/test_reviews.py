"""The review queue and the forms of an entry's life, over a made-up API."""

import re
from typing import Any

import pytest

from tests.frontend import pretending
from tests.frontend.conftest import CREATED, Browser, Elements, Open, on_entry, viewer

COUNTS = [
    {"queue": "APPROVAL", "count": 3, "mine": 0},
    {"queue": "DUE", "count": 2, "mine": 1},
    {"queue": "EXPIRED", "count": 0, "mine": 0},
]
SHARE = {
    "n": 10, "value": 0.8, "low": 0.4902, "high": 0.9433, "grade": "C", "suppressed": False, "warnings": [], "basis": "CENSUS",
}  # fmt: skip


def waiting(**more: Any) -> dict[str, Any]:
    return {"__typename": "Guide", "id": "e1", "slug": "seal", "title": "Old title", "may": ["APPROVE"], **more}


def reader(open_: Open, *nodes: dict[str, Any], role: str = "STEWARD", **world: Any) -> Browser:
    acts = ["ENTRIES_READ", "ENTRIES_WRITE", *(["ENTRIES_CURATE"] if role != "EMPLOYEE" else [])]
    acts += ["ADMIN"] if role == "ADMIN" else []
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": list(nodes)}
    known = {"reviewCounts": COUNTS, "trust": SHARE, "approvalRules": [], "reviews": lambda **_: page, **world}
    return open_(role, viewer=viewer(role, may=acts), **known)


def test_what_waits_for_approval_says_what_is_new_since_when_and_whose_approval_it_has(browser: Open) -> None:
    newest = {"number": 2, "title": "New title", "excerpt": "The ridge upwards.", "author": {"name": "Ines"}}
    newest |= {"submittedAt": "2026-03-12T08:30:00+00:00", "scheduledFor": None, "audience": "PUBLIC"}
    given = {"needed": 2, "given": 1, "by": [{"name": "Jonas"}]}

    text = reader(browser, waiting(latest=newest, approvals=given)).get("/reviews").text

    assert "New title</a>" in text
    assert "The ridge upwards." in text
    assert 'waits since <time datetime="2026-03-12T08:30:00+00:00"' in text
    assert "1 of 2 approvals: Jonas" in text
    assert not [box for box in Elements(text).of("input") if box.get("type") == "checkbox"]


def test_tabs_are_links_with_their_counts_and_keep_the_filters(browser: Open) -> None:
    text = reader(browser).get("/reviews?queue=due&kind=guide&after=x").text

    found = [link for link in Elements(text).of("a") if "queue=" in link["href"]]
    assert {"href": "?kind=guide&queue=approval"} in found
    assert {"href": "?kind=guide&queue=due", "aria-current": "page"} in found
    assert "For approval <span>3</span>" in text


def test_trust_is_said_with_its_n_and_its_interval(browser: Open) -> None:
    text = reader(browser).get("/reviews").text

    assert "80\u00a0%</strong> of 10 published entries" in text
    assert "(95\u00a0%: 49 to 94\u00a0%, indicative)" in text


def test_no_share_is_shown_where_nothing_was_counted(browser: Open) -> None:
    nothing = {**SHARE, "n": 0, "value": None, "low": None, "high": None, "grade": None}

    assert "\u00a0%" not in reader(browser, trust=nothing).get("/reviews").text


def test_the_queue_that_is_asked_for_is_narrowed_by_the_address(browser: Open) -> None:
    asked: dict[str, Any] = {}
    page = reader(browser, reviews=lambda **given: asked.update(given) or {"nodes": []})

    page.get("/reviews?queue=expired&kind=guide&kind=nonsense&function=sales&mine=yes")

    wanted = {name: asked[name] for name in ("queue", "kinds", "functions", "mine")}
    assert wanted == {"queue": "EXPIRED", "kinds": ["GUIDE"], "functions": ["SALES"], "mine": True}


def test_an_employee_begins_with_what_is_theirs_and_is_shown_no_approvals(browser: Open) -> None:
    text = reader(browser, role="EMPLOYEE").get("/reviews").text

    assert "For approval" not in text
    assert "2 entries of yours" in text


def test_what_is_ticked_is_verified_and_each_refusal_is_told(browser: Open) -> None:
    sent: dict[str, Any] = {}
    refused = {"field": "id", "message": "This is contested: open it.", "code": "INVALID"}
    results = [
        {"id": "e1", "entry": {"__typename": "Guide", "slug": "seal"}, "errors": []},
        {"id": "e2", "entry": None, "errors": [refused]},
    ]
    due = waiting(verifiedUntil="2026-03-12T08:30:00+00:00", revision=4)
    page = reader(browser, due, verifyEntries=lambda given: sent.update(given) or {"results": results, "errors": []})

    shown = page.get("/reviews?queue=due")
    answer = page.post("/reviews?queue=due", {"ids": ["e1 4", "e2 1"]})

    boxes = [box for box in Elements(shown.text).of("input") if box.get("type") == "checkbox"]
    assert [(box["name"], box["value"], box["aria-label"]) for box in boxes] == [
        ("ids", "e1 4", "Old title still holds")
    ]
    assert sent == {"ids": ["e1", "e2"], "revisions": [4, 1]}
    assert "1 entry verified. 1 entry was not: This is contested: open it." in answer.text


def test_ticking_nothing_says_what_to_do(browser: Open) -> None:
    page = reader(browser, verifyEntries=lambda _: {"results": [], "errors": []})

    assert "Tick what still holds" in page.post("/reviews?queue=due", {}).text


def test_only_administrators_are_offered_to_change_what_needs_approval(browser: Open) -> None:
    rules = [{"kind": None, "audience": "PUBLIC", "needed": 2, "isOwn": True}]
    sent: dict[str, Any] = {}
    made = {"rule": {"needed": 1}, "errors": []}
    tomas = reader(browser, role="ADMIN", approvalRules=rules, setApprovalRule=lambda it: sent.update(it) or made)
    jonas = reader(browser, approvalRules=rules)

    assert "For everyone: 2 approvals" in jonas.get("/reviews").text
    assert 'action="/reviews/rules"' not in jonas.get("/reviews").text
    answer = tomas.post("/reviews/rules", {"audience": "CUSTOMERS", "kind": "", "needed": "1"})

    assert (sent["audience"], sent["kind"], sent["needed"]) == ("CUSTOMERS", None, 1)
    assert answer.headers["location"] == "/reviews?done=rule#rules"


# The entry's page


def entry(open_: Open, may: list[str], **more: Any) -> Browser:
    it = {
        "__typename": "Guide",
        "slug": "slug",
        "id": "e1",
        "may": may,
        "status": "PUBLISHED",
        "contested": None,
        **more,
    }
    return open_(made_up=pretending.empty, entry=lambda **_: it)


@pytest.mark.parametrize(
    ("may", "main"),
    [
        (["EDIT", "PUBLISH", "ARCHIVE"], "publish"),
        (["EDIT", "SUBMIT", "ARCHIVE"], "submit"),
        (["EDIT", "VERIFY", "ARCHIVE", "OBSOLETE"], "verify"),
    ],
)
def test_one_act_is_the_main_one_and_the_rest_unfolds(may: list[str], main: str, browser: Open) -> None:
    found = Elements(entry(browser, may, freshness="UNVERIFIED").get("/entries/slug").text)

    forms = [form["action"] for form in found.of("form") if form.get("action", "").startswith("/entries/")]
    assert forms[0] == f"/entries/slug/{main}"
    assert "/entries/slug/archive" in forms[1:]


def test_a_moment_is_sent_with_its_zone(browser: Open) -> None:
    sent: dict[str, Any] = {}
    page = on_entry(browser, scheduleEntry=lambda given: sent.update(given) or CREATED)

    answer = page.post("/entries/slug/schedule", {"id": "e1", "at": "2026-03-12T09:00"})

    assert sent == {"id": "e1", "at": "2026-03-12T09:00:00+00:00"}
    assert answer.headers["location"] == "/entries/call-back?done=scheduled"


@pytest.mark.parametrize("at", ["", "soon"])
def test_a_moment_that_cannot_be_read_is_asked_for_again(at: str, browser: Open) -> None:
    page = entry(browser, ["EDIT", "SCHEDULE"], scheduledFor=None)

    answer = page.post("/entries/slug/schedule", {"id": "e1", "at": at})

    assert answer.status_code == 422
    assert "Write a day and a time, such as 2026-03-12T09:00." in answer.text
    assert Elements(answer.text).named("at")["aria-invalid"] == "true"


@pytest.mark.parametrize("typed", ["new-way", "/entries/new-way", "https://example.org/entries/new-way?x=1#do"])
def test_what_takes_a_place_is_named_by_its_address_or_the_last_part_of_it(typed: str, browser: Open) -> None:
    sent: dict[str, Any] = {}
    page = on_entry(browser, obsoleteEntry=lambda given: sent.update(given) or CREATED)

    page.post("/entries/slug/obsolete", {"id": "e1", "successor.slug": typed, "note": ""})

    assert sent["successor"] == {"slug": "new-way"}


def test_a_successor_that_is_refused_is_told_at_its_field(browser: Open) -> None:
    refused = {"errors": [{"field": "successor", "message": "There is no such entry.", "code": "NOT_FOUND"}]}
    page = entry(browser, ["EDIT", "OBSOLETE"])
    page = browser(
        made_up=pretending.empty,
        entry=lambda **_: {"__typename": "Guide", "slug": "slug", "id": "e1", "may": ["EDIT", "OBSOLETE"]},
        obsoleteEntry=lambda _: refused,
    )

    answer = page.post("/entries/slug/obsolete", {"id": "e1", "successor.slug": "nowhere"})

    assert Elements(answer.text).named("successor.slug")["aria-invalid"] == "true"
    assert Elements(answer.text).named("successor.slug")["value"] == "nowhere"


def test_readers_of_what_is_obsolete_are_led_on(browser: Open) -> None:
    new = {"__typename": "Guide", "slug": "new-way", "title": "The new way"}
    page = entry(browser, [], status="OBSOLETE", successor=new, successorNote="It is shorter.")

    text = page.get("/entries/slug").text

    assert 'Replaced by <a href="/entries/new-way">The new way</a>. It is shorter.' in text


def test_what_is_contested_says_why_and_is_verified_with_words(browser: Open) -> None:
    doubt = {"why": "2 customers say otherwise.", "at": "2026-03-12T08:30:00+00:00", "by": {"name": "Ines"}}
    text = entry(browser, ["VERIFY"], freshness="CONTESTED", contested=doubt).get("/entries/slug").text

    found = Elements(text)
    assert "2 customers say otherwise." in text
    assert [form["action"] for form in found.of("form") if "verify" in form.get("action", "")] == [
        "/entries/slug/verify"
    ]
    assert found.named("note")


def test_a_verifier_is_one_person_or_one_group_and_blank_clears(browser: Open) -> None:
    sent: dict[str, Any] = {}
    page = on_entry(browser, setVerifier=lambda given: sent.update(given) or CREATED)

    answer = page.post("/entries/slug/verifier", {"id": "e1", "person": "", "group": "g1", "days": "30"})

    assert sent == {"id": "e1", "person": None, "group": "g1", "days": 30}
    assert answer.headers["location"] == "/entries/call-back?done=keeper"


@pytest.mark.parametrize(
    ("act", "path", "number"),
    [
        ("APPROVE", "/entries/slug/changes", "7"),
        ("PUBLISH", "/entries/slug/publish", "7"),
        ("VERIFY", "/entries/slug/verify", "3"),
    ],
)
def test_every_decision_on_a_page_names_the_revision_that_it_shows(
    act: str, path: str, number: str, browser: Open
) -> None:
    entry = {"__typename": "Guide", "slug": "slug", "status": "IN_REVIEW", "revision": 3, "freshness": "EXPIRED"}
    entry |= {"may": [act], "contested": None, "latest": {"number": 7, "__typename": "Revision"}}

    text = browser("STEWARD", entry=lambda **_: entry).get("/entries/slug").text

    assert re.search(
        rf'action="{path}"[^>]*>(?:<input [^>]*>)*<input type="hidden" name="revision" value="{number}">', text
    )
