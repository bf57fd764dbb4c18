import re

import pytest

from frontend import figures, render
from frontend.render import Site

WHOLE = {
    "n": 180, "basis": "RANDOM", "value": 23 / 180, "low": 0.0867, "high": 0.1843, "grade": "A", "suppressed": False, "warnings": [],
}  # fmt: skip
NOTHING = {"value": None, "low": None, "high": None, "grade": None}
CHANGE = {"value": 0.2, "low": 0.0524, "high": 0.3339, "grade": "C", "n": 150}


def shown(site: Site, macro: str, **parts: object) -> str:
    page = '{% import "parts/figures.html" as figures %}{{ figures.' + macro + " }}"
    made = render.templates(site).from_string(page).render(e={**WHOLE, **parts})
    return " ".join(re.sub(r"<[^>]*>", "", made).split())


@pytest.mark.parametrize(
    ("macro", "parts", "said"),
    [
        ('estimated(e, of="customer")', {}, "13 % of 180 customers (95 %: 9 to 18 %, precise)"),
        (
            'estimated(e, "PROPORTION", signed=true)',
            CHANGE,
            "+20 points (150 in all; 95 %: +5 to +33 points, indicative)",
        ),
        ('estimated(e, "SCORE")', {"value": 30.0, "low": -5.7, "high": 57.9}, "30 (from 180; 95 %: −6 to 58, precise)"),
        (
            'estimated(e, "DEGREE")',
            {"value": 5.7, "low": 4.743, "high": 6.657},
            "5.7 (from 180; 95 %: 4.7 to 6.7, precise)",
        ),
        (
            'estimated(e, "HOURS")',
            {"value": 30.0, "low": 24.0, "high": 72.0},
            "30 hours (from 180; 95 %: 24 hours to 3 days, precise)",
        ),
        ("estimated(e)", {"low": None, "high": None, "grade": None}, "13 % of 180 (no interval)"),
        ("estimated(e)", {"high": None}, "13 % of 180 (95 %: 9 % and more, precise)"),
        ("estimated(e)", {"suppressed": True, "n": None, **NOTHING}, "hidden: fewer than 5"),
        ("estimated(e, least=7)", {"suppressed": True, "n": None, **NOTHING}, "hidden: fewer than 7"),
        ("estimated(e)", {"n": 0, **NOTHING}, "no data yet"),
        ("estimated(e)", {"n": 4, **NOTHING, "warnings": ["TOO_FEW"]}, "too few to say"),
        ("estimated(e)", {"n": 4, **NOTHING, "warnings": ["NO_BASELINE"]}, "nothing to compare with"),
        (
            'counted(e, of=("customer", "customers"))',
            {"basis": "SELF_SELECTED", "grade": "C", "warnings": ["DOMINATED"]},
            "at least 23 of 180 customers (13 %; 95 %: 9 to 18 %, indicative; one customer sent more than half of the messages)",
        ),
        ("value(e)", {}, "13 %"),
        ("value(e)", {"n": 0, **NOTHING}, "no data yet"),
    ],
)
def test_a_figure_is_written_with_all_that_it_rests_on(
    site: Site, macro: str, parts: dict[str, object], said: str
) -> None:
    assert shown(site, macro, **parts) == said


def test_nothing_is_written_below_zero_that_is_zero() -> None:
    assert figures.figure(-0.001, "PROPORTION", True) == "0\u00a0points"
    assert figures.figure(-0.02, "PROPORTION", True) == "−2\u00a0points"
    assert figures.figure(0.3, "SCORE", True) == "0\u00a0points"
    assert figures.figure(-0.01, "PROPORTION", True) == "−1\u00a0point"
    assert figures.figure(1.2, "SCORE", True) == "+1\u00a0point"
    assert figures.figure(1234.5, "MEAN") == "1\u202f234" or figures.figure(1234.5, "MEAN") == "1\u202f235"
    assert figures.figure(100, "SCORE") == "100"
    assert figures.figure(20, "MEAN", True) == "+20"


def test_a_priority_is_told_no_finer_than_it_can_be_known() -> None:
    assert [figures.worth(each) for each in (24.23, 9.99, 4.031, 0.3456, 0.0, 61234.5)] == [
        "24", "10", "4", "0.35", "0", "61\u202f234",
    ]  # fmt: skip


def test_what_was_said_to_and_fro_stands_in_the_order_of_time_and_a_draft_last(site: Site) -> None:
    answers = [
        {"publishedAt": at, "heard": heard, "decision": "DONE", "why": ""}
        for at, heard in (
            ("2026-05-01T08:00:00Z", "It leaks."),
            (None, "Unsent."),
            ("2026-05-09T08:00:00Z", "The seal."),
        )
    ]
    replies = [{"at": "2026-05-04T08:00:00Z", "text": "Still leaks."}]

    page = '{% import "loop/pieces.html" as own with context %}{{ own.thread(answers, replies) }}'
    made = render.templates(site).from_string(page).render(answers=answers, replies=replies)

    assert re.findall(r"<p>([^<]+)</p>", made) == ["It leaks.", "Still leaks.", "The seal.", "Unsent."]
