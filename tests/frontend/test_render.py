"""Words, numbers and days as people read them."""

import pytest
from starlette.requests import Request

from frontend import render, words


def asked(query: str) -> Request:
    return Request({"type": "http", "path": "/search", "query_string": query.encode(), "headers": []})


def test_a_text_right_below_the_title_begins_with_second_headings() -> None:
    assert render.lifted('<h3 id="a">A</h3><h4>B</h4>') == '<h2 id="a">A</h2><h3>B</h3>'
    assert render.lifted("<h2>A</h2><h3>B</h3>") == "<h2>A</h2><h3>B</h3>"
    assert render.lifted("<p>&lt;h3</p>") == "<p>&lt;h3</p>"


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.1", "curl/8.1"),
        ("", "Some program"),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, called: str) -> None:
    assert render.device(agent) == called


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
