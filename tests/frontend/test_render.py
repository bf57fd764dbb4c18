"""Words, numbers and days as people read them."""

import pytest
from starlette.requests import Request

from frontend import render, words


def asked(query: str) -> Request:
    return Request({"type": "http", "path": "/search", "query_string": query.encode(), "headers": []})


def test_a_day_is_for_people_and_for_machines() -> None:
    assert render.day("2026-03-12") == '<time datetime="2026-03-12" title="12 March 2026">12 March 2026</time>'


def test_a_point_in_time_is_shown_as_its_day_in_utc() -> None:
    shown = render.day("2026-03-12T23:30:00-05:00")

    assert shown == '<time datetime="2026-03-12T23:30:00-05:00" title="04:30 UTC">13 March 2026</time>'


def test_no_day_is_nothing() -> None:
    assert render.day(None) == ""


@pytest.mark.parametrize(("count", "said"), [(0, "0 entries"), (1, "1 entry"), (12345, "12\u202f345 entries")])
def test_a_number_agrees_with_its_noun(count: int, said: str) -> None:
    assert render.many(count, "entry", "entries") == said


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_is_said_as_a_sentence_says_it(items: list[str], said: str) -> None:
    assert render.spoken(items) == said


def test_a_word_of_the_api_is_spelled_for_people() -> None:
    assert words.in_words("BEST_PRACTICE") == "Best practice"
    assert words.in_words("SOMETHING_NEW") == "Something new"


def test_a_filter_is_turned_on_and_off_and_starts_from_the_first_page() -> None:
    assert render.toggled(asked("q=a&after=x"), "kind", "guide") == "?q=a&kind=guide"
    assert render.toggled(asked("q=a&kind=guide"), "kind", "guide") == "?q=a"


def test_a_parameter_is_set_and_taken_away() -> None:
    assert render.turned(asked("q=a&sort=newest"), sort="oldest") == "?q=a&sort=oldest"
    assert render.turned(asked("q=a&sort=newest"), sort="") == "?q=a"
