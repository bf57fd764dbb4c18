"""Several forms of one kind on a page: each keeps what was typed into it, and nothing leads to a control that is not there."""

from typing import Any

import pytest
from starlette.datastructures import FormData

from frontend import forms, inputs
from frontend.vision.forms import MEANT
from tests.frontend.conftest import Elements, Open

AT = "/entries/slug"


def a_vision(**more: Any) -> Any:
    assumptions: list[Any] = [
        {"__typename": "Assumption", "id": name, "statement": name, "assessable": True, "found": "", "evidence": []}
        for name in ("first", "second")
    ]
    return {"__typename": "Vision", "slug": "slug", "may": ["EDIT"], "assumptions": assumptions, "version": 2, **more}


def refused(field: str) -> Any:
    return lambda sent: {"errors": [{"field": field, "message": "Not so.", "code": "INVALID"}]}


def test_one_of_several_forms_is_refused_and_the_others_stay_as_they_were(browser: Open) -> None:
    reader = browser(entry=lambda **_: a_vision(), assessAssumption=refused("found"))

    answer = reader.post(f"{AT}/assumptions/assess", {"id": "second", "state": "REFUTED", "found": "Measured it"})

    found = Elements(answer.text)
    ids = [attributes["id"] for _, attributes in found.found if attributes.get("id")]
    wrong = [attributes["id"] for attributes in found.of("textarea") if attributes.get("aria-invalid")]
    assert answer.status_code == 422
    assert len(ids) == len(set(ids))
    assert wrong == ["assess-found-second"]
    assert {"href": "#assess-found-second"} in found.of("a")
    assert answer.text.count("Measured it</textarea>") == 1


def test_what_is_wrong_with_what_nobody_sees_is_said_and_leads_nowhere(browser: Open) -> None:
    reader = browser(entry=lambda **_: a_vision(), sayMeaning=lambda sent: pytest.fail("was said"))

    answer = reader.post(f"{AT}/meaning", {"vision.slug": "slug", "version": "two", "text": "My Mondays"})

    links = [link["href"] for link in Elements(answer.text).of("a")]
    assert answer.status_code == 422
    assert "<li>Write a whole number, such as 40.</li>" in answer.text
    assert not [link for link in links if link.startswith("#mean")]
    assert "My Mondays</textarea>" in answer.text


@pytest.mark.parametrize("blank", ["", "  ", "\u200b", "\u00a0\u2060 \ufeff"])
def test_a_text_of_which_nothing_can_be_seen_is_none(blank: str) -> None:
    said, _ = forms.read(MEANT, FormData({"text": blank, "vision.slug": " coffee "}))
    named, _ = forms.read(inputs.PROFILE, FormData({"name": "Zo\u200dë"}))

    assert said == {"vision": {"slug": "coffee"}, "text": ""}
    assert named["name"] == "Zo\u200dë"


def test_whoever_may_not_choose_the_scores_of_an_initiative_is_told_who_does(browser: Open) -> None:
    entry = {"__typename": "Initiative", "slug": "slug", "moves": []}

    answer = browser(entry=lambda **_: entry).get(f"{AT}/scores?choose=yes")

    assert answer.status_code == 200
    assert "Whoever keeps the initiative" in answer.text
