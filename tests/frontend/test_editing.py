"""Editing starts from what is there, changes what was shown and touched, and leaves everything else alone."""

from typing import Any

from tests.frontend.conftest import CREATED, Elements, Open, on_entry


def test_a_change_says_what_it_was_based_on_and_clears_what_was_emptied(browser: Open) -> None:
    changed: dict[str, Any] = {}
    reader = on_entry(browser, updateEntry=lambda sent: changed.update(sent) or CREATED)

    reader.post(
        "/entries/slug/edit",
        {"id": "e1", "baseRevision": "3", "title": "New", "summary": "", "owner": "", "note": "Why"},
    )

    assert changed["baseRevision"] == 3
    assert changed["summary"] == ""
    assert changed["owner"] is None
    assert "body" not in changed


def test_boxes_that_the_form_did_not_show_are_left_as_they_are(browser: Open) -> None:
    changed: dict[str, Any] = {}
    reader = on_entry(browser, updateEntry=lambda sent: changed.update(sent) or CREATED)

    reader.post("/entries/slug/edit", {"id": "e1", "baseRevision": "3", "title": "New", "stages": [""]})

    assert changed["stages"] == []
    assert not {"principles", "functions", "audienceGroups"} & set(changed)


def test_unticking_the_last_box_clears_them(browser: Open) -> None:
    found = Elements(on_entry(browser).get("/entries/slug/edit").text)

    blanks = {box["name"] for box in found.of("input") if box.get("type") == "hidden" and box["value"] == ""}

    assert {"functions", "stages", "principles", "audienceGroups"} <= blanks


def test_editing_a_draft_again_starts_from_the_draft(browser: Open) -> None:
    groups = [{"id": "g1", "name": "Sales"}]
    latest = {"audience": "GROUP", "audienceGroups": groups, "source": "The council", "licence": "CC BY 4.0"}
    entry = {"__typename": "BestPractice", "slug": "slug", "audience": "PUBLIC", "audienceGroups": [], "latest": latest}

    text = browser(entry=lambda **_: entry, groups=[{"id": "g2", "name": "Service"}]).get("/entries/slug/edit").text

    found = Elements(text)
    assert '<option value="GROUP" selected>' in text
    assert [box["value"] for box in found.of("input") if box.get("name") == "audienceGroups" and "checked" in box] == [
        "g1"
    ]
    assert found.named("source")["value"] == "The council"
    assert found.named("licence")["value"] == "CC BY 4.0"


def test_whoever_keeps_an_entry_goes_on_keeping_it_unless_another_is_chosen(browser: Open) -> None:
    asked: dict[str, Any] = {}
    entry = {"__typename": "Story", "slug": "slug", "owner": {"__typename": "Person", "id": "p900", "name": "Zoë"}}

    def people(**arguments: Any) -> Any:
        asked.update(arguments)
        return {"nodes": [{"__typename": "Person", "id": "p1", "name": "Ines"}]}

    text = browser(entry=lambda **_: entry, people=people).get("/entries/slug/edit").text

    assert '<option value="p900" selected>Zoë</option>' in text
    assert '<option value="p1">Ines</option>' in text
    assert asked["roles"] == ["EMPLOYEE", "STEWARD", "LEADER", "ADMIN"]


def test_a_principle_that_is_not_published_stays_ticked(browser: Open) -> None:
    listed = [{"__typename": "Principle", "number": 1, "title": "Listen"}]
    kept = [{"__typename": "Principle", "number": 6, "title": "Mend"}]
    entry = {"__typename": "Story", "slug": "slug", "principles": kept}

    found = Elements(browser(entry=lambda **_: entry, principles=listed).get("/entries/slug/edit").text)

    boxes = [box for box in found.of("input") if box.get("name") == "principles" and box["type"] == "checkbox"]
    assert {box["value"]: "checked" in box for box in boxes} == {"1": False, "6": True}
