"""Two versions, sessions that end, and servers that are busy: what was typed is there afterwards, word for word."""

from typing import Any

import pytest

from frontend import keeping
from tests.frontend.conftest import CREATED, Browser, Elements, Open, on_entry
from tests.frontend.pretending import Refused

PARTS = [
    {"kind": "REMOVED", "text": "Nobody"},
    {"kind": "ADDED", "text": "Somebody"},
    {"kind": "SAME", "text": " is there."},
]


def a_field(name: str, merged: str, *pieces: dict[str, Any], shape: str = "TEXT", **more: Any) -> dict[str, Any]:
    texts = {"base": "Was", "yours": "Mine", "theirs": "Theirs", "merged": merged}
    changes = {"yourChanges": PARTS, "theirChanges": PARTS}
    return {
        "name": name,
        "label": name,
        "shape": shape,
        **texts,
        **changes,
        "pieces": [{"clash": None, **piece} for piece in pieces or ({"text": merged},)],
        **more,
    }


def a_clash(yours: str, theirs: str) -> dict[str, Any]:
    return {"text": yours, "clash": {"yours": yours, "theirs": theirs, "base": ""}}


def in_conflict(open_: Open, *fields: dict[str, Any]) -> Browser:
    current = {"__typename": "Revision", "number": 4, "note": "Nearer.", "author": {"name": "Ines Duarte"}}
    merge = {"clean": not any(piece.get("clash") for field in fields for piece in field["pieces"]), "fields": fields}
    error = {"field": "baseRevision", "message": "Newer.", "code": "CONFLICT"}
    return on_entry(open_, updateEntry=lambda sent: {"errors": [error], "current": current, "merge": merge})


def sent(**fields: str) -> dict[str, str]:
    return {"id": "e1", "baseRevision": "3", **{name.replace("__", "."): value for name, value in fields.items()}}


def test_a_conflict_says_who_saved_what_and_offers_the_two_put_together(browser: Open) -> None:
    reader = in_conflict(browser, a_field("body", "Mine\nand theirs"))

    answer = reader.post("/entries/slug/edit", sent(body="Mine", title="Same", note="Why"))

    found = Elements(answer.text)
    assert answer.status_code == 409
    assert "Ines Duarte saved revision 4" in answer.text
    assert "“Nearer.”" in answer.text
    assert "Mine\nand theirs</textarea>" in answer.text
    assert found.named("baseRevision")["value"] == "4"
    assert found.named("note")["value"] == "Why"
    assert "Same</textarea>" in answer.text
    assert "hidden" in found.named("title")
    assert "publish" not in [button.get("name") for button in found.of("button")]
    assert "Newer." not in answer.text


def test_where_both_changed_the_same_thing_one_chooses(browser: Open) -> None:
    reader = in_conflict(
        browser, a_field("practice.do", "", {"text": "1.\n"}, a_clash("2. Ring.\n", "2. Write.\n"), {"text": "3."})
    )

    answer = reader.post("/entries/slug/edit", sent(practice__do="1.\n2. Ring.\n3."))

    radios = [its for its in Elements(answer.text).of("input") if its.get("type") == "radio"]
    assert [(its["name"], its["value"], "checked" in its) for its in radios] == [
        ("practice.do~1~pick", "yours", True),
        ("practice.do~1~pick", "theirs", False),
        ("practice.do~1~pick", "both", False),
    ]


@pytest.mark.parametrize(
    ("chosen", "saved"),
    [
        ({"body~1~pick": "yours"}, "One\nRing.\nThree"),
        ({"body~1~pick": "theirs"}, "One\nWrite.\nThree"),
        ({"body~1~pick": "both"}, "One\nRing.\nWrite.\nThree"),
        ({}, "One\nRing.\nThree"),
        ({"body~1~pick": "theirs", "body~1~own": "Ring and write."}, "One\nRing and write.\nThree"),
        ({"body~0": "Un", "body~1~pick": "theirs"}, "Un\nWrite.\nThree"),
    ],
)
def test_what_was_chosen_is_saved_over_the_newer_revision(chosen: dict[str, str], saved: str, browser: Open) -> None:
    changed: dict[str, Any] = {}
    reader = on_entry(browser, updateEntry=lambda sent: changed.update(sent) or CREATED)
    pieces = {"body~0": "One\r\n", "body~1~yours": "Ring.\r\n", "body~1~theirs": "Write.\r\n", "body~2": "Three"}

    answer = reader.post("/entries/slug/edit", sent(**pieces) | chosen | {"baseRevision": "4"})

    assert answer.status_code == 303
    assert (changed["body"], changed["baseRevision"]) == (saved, 4)


def test_pieces_that_were_refused_come_back_as_one_text(browser: Open) -> None:
    error = {"field": "note", "message": "Too long.", "code": "INVALID"}
    reader = on_entry(browser, updateEntry=lambda sent: {"errors": [error], "merge": None})

    answer = reader.post(
        "/entries/slug/edit", sent() | {"title~0~yours": "Mine", "title~0~theirs": "Theirs", "title~0~pick": "theirs"}
    )

    assert answer.status_code == 422
    assert Elements(answer.text).named("title")["value"] == "Theirs"


def test_tags_of_both_are_joined_and_groups_go_along_by_their_ids(browser: Open) -> None:
    groups = [{"id": "g1", "name": "Sales"}, {"id": "g2", "name": "Support"}]
    tags = a_field("tags", "phone\nvisits", shape="LIST")
    audience = a_field("audienceGroups", "g1\ng2", shape="LIST")
    reader = in_conflict(lambda **world: browser(groups=groups, **world), tags, audience)

    answer = reader.post("/entries/slug/edit", sent(tags="visits", audienceGroups="g1"))

    found = Elements(answer.text)
    assert found.named("tags")["value"] == "phone, visits"
    assert [its["value"] for its in found.of("input") if its.get("name") == "audienceGroups"] == ["", "g1", "g2"]
    assert "Sales, Support" in answer.text


def test_whoever_wanted_to_publish_may_still_do_so_after_a_conflict(browser: Open) -> None:
    reader = in_conflict(browser, a_field("title", "Mine", shape="LINE"))

    answer = reader.post("/entries/slug/edit", sent(title="Mine", publish="yes"))

    assert {"class": "button", "name": "publish", "value": "yes"} in Elements(answer.text).of("button")


def test_a_conflict_with_what_one_may_not_read_keeps_the_form(browser: Open) -> None:
    error = {"field": "baseRevision", "message": "Its author is at it.", "code": "CONFLICT"}
    reader = on_entry(browser, updateEntry=lambda sent: {"errors": [error], "current": None, "merge": None})

    answer = reader.post("/entries/slug/edit", sent(title="Mine"))

    assert answer.status_code == 422
    assert Elements(answer.text).named("title")["value"] == "Mine"
    assert "Its author is at it." in answer.text


@pytest.mark.parametrize(
    ("code", "status"), [("UNAVAILABLE", 503), ("TOO_LARGE", 413), ("RATE_LIMITED", 429), ("INTERNAL", 500)]
)
def test_what_could_not_be_saved_waits_on_the_page(code: str, status: int, browser: Open) -> None:
    def refuse(sent: Any) -> Any:
        raise Refused(code)

    answer = on_entry(browser, updateEntry=refuse).post(
        "/entries/slug/edit", {**sent(body="Nine <years>\r\nand more", publish="yes"), "stages": ["", "CLIENT"]}
    )

    found = Elements(answer.text)
    assert answer.status_code == status
    assert "Nine &lt;years&gt;\r\nand more</textarea>" in answer.text
    assert [its["name"] for its in found.of("textarea")] == [
        "id",
        "baseRevision",
        "body",
        "publish",
        "stages",
        "stages",
    ]
    assert {"method": "post", "action": "/entries/slug/edit"} in found.of("form")
    assert "resume" in [its.get("name") for its in found.of("button")]


def test_going_back_to_a_form_shows_it_and_saves_nothing(browser: Open) -> None:
    reader = on_entry(browser, updateEntry=lambda sent: pytest.fail("was saved"))

    answer = reader.post("/entries/slug/edit", {**sent(title="Half", note="written"), "resume": "yes"})

    found = Elements(answer.text)
    assert answer.status_code == 200
    assert (found.named("title")["value"], found.named("note")["value"]) == ("Half", "written")
    assert found.named("baseRevision")["value"] == "3"


def test_a_form_made_for_another_entry_is_not_saved_to_this_one(browser: Open) -> None:
    reader = on_entry(browser, updateEntry=lambda sent: pytest.fail("was saved"))

    answer = reader.post("/entries/slug/edit", sent(title="Mine") | {"id": "e2"})

    assert answer.status_code == 422
    assert "written for another entry" in answer.text
    assert Elements(answer.text).named("title")["value"] == "Mine"


def test_boxes_that_nobody_touched_are_not_sent(browser: Open) -> None:
    changed: dict[str, Any] = {}
    reader = on_entry(browser, updateEntry=lambda sent: changed.update(sent) or CREATED)

    reader.post(
        "/entries/slug/edit",
        {
            **sent(title="New"),
            "shown.stages": "CLIENT,REPEAT",
            "stages": ["", "REPEAT", "CLIENT"],
            "shown.functions": "SALES",
            "functions": [""],
        },
    )

    assert "stages" not in changed
    assert changed["functions"] == []


def test_whoever_may_not_edit_is_led_to_a_suggestion(browser: Open) -> None:
    entry = {"__typename": "BestPractice", "slug": "slug", "may": ["VERIFY"]}

    answer = browser(entry=lambda **_: entry).get("/entries/slug/edit")

    assert answer.status_code == 403
    assert "/entries/slug/suggest" in [link["href"] for link in Elements(answer.text).of("a")]
    assert "<textarea" not in answer.text


def test_words_are_told_as_removed_and_added_and_long_stretches_are_folded(browser: Open) -> None:
    parts = [{"kind": "SAME", "text": "Long\n" * 9, "lines": 9}, *PARTS]
    difference = {"fields": [{"field": "body", "label": "Text", "shape": "TEXT", "parts": parts}]}
    entry = {"__typename": "Story", "slug": "slug", "may": [], "difference": lambda **_: difference}

    text = browser(entry=lambda **_: entry).get("/entries/slug/history?from=1&to=2").text

    assert '<del><span class="unseen">[removed: </span>Nobody<span class="unseen">]</span></del>' in text
    assert '<ins><span class="unseen">[added: </span>Somebody<span class="unseen">]</span></ins>' in text
    assert "<summary>9 lines unchanged</summary>" in text


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("from=2&to=5", {"from_": 2, "to": 5}),
        ("from=5&to=2", {"from_": 2, "to": 5}),
        ("to=5", {"from_": None, "to": 5}),
    ],
)
def test_two_revisions_are_compared_by_their_numbers(query: str, asked: dict[str, Any], browser: Open) -> None:
    found: dict[str, Any] = {}
    entry = {"__typename": "Vision", "slug": "slug"}
    entry["difference"] = lambda to, **given: found.update(from_=given.get("from"), to=to)  # type: ignore[assignment]

    browser(entry=lambda **_: entry).get(f"/entries/slug/history?{query}")

    assert found == asked


def test_a_vision_is_compared_by_the_names_of_its_snapshots(browser: Open) -> None:
    found: dict[str, Any] = {}
    entry = {"__typename": "Vision", "slug": "slug", "difference": lambda **_: pytest.fail("by number")}
    entry["differenceByName"] = lambda to, **given: found.update(from_=given.get("from"), to=to)

    answer = browser(entry=lambda **_: entry).get("/entries/slug/history?from=As+agreed&to=7")

    assert answer.status_code == 200
    assert found == {"from_": "As agreed", "to": "7"}


def test_only_the_keepers_are_offered_to_restore(browser: Open) -> None:
    def shown(may: list[str]) -> str:
        entry = {"__typename": "Story", "slug": "slug", "may": may, "latest": {"number": 9}}
        return browser(entry=lambda **_: entry).get("/entries/slug/history").text

    assert "/entries/slug/restore" in shown(["EDIT"])
    assert "/entries/slug/restore" not in shown([])


def test_the_forms_of_a_review_are_for_those_who_decide(browser: Open) -> None:
    def shown(may: list[str]) -> Elements:
        entry = {"__typename": "Story", "slug": "slug", "may": may, "latest": {"number": 9, "__typename": "Revision"}}
        return Elements(browser(entry=lambda **_: entry).get("/entries/slug/review").text)

    decides, waits = shown(["APPROVE"]), shown(["EDIT"])

    assert {"/entries/slug/review/approve", "/entries/slug/review/changes"} <= {
        its["action"] for its in decides.of("form")
    }
    assert decides.named("revision")["value"] == "9"
    assert not {"/entries/slug/review/approve", "/entries/slug/review/changes"} & {
        its["action"] for its in waits.of("form")
    }


def test_where_nothing_waits_there_is_no_review(browser: Open) -> None:
    entry = {"__typename": "Story", "slug": "slug", "latest": None}

    assert browser(entry=lambda **_: entry).get("/entries/slug/review").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '["https://elsewhere.test", []]', '["//elsewhere", []]', '["/\\\\x", []]', '["/x", [1]]'],
)
def test_words_are_never_sent_elsewhere(text: str) -> None:
    assert keeping.unpacked(text) is None
