from pathlib import Path

import pytest

from frontend.figures import figure, interval
from knowledge import estimates
from knowledge.estimates import Estimate, Sample, Tally3
from knowledge.words import Basis

DOCUMENT = (Path(estimates.__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
WAVES = Tally3(200, 120, 80), Tally3(240, 96, 64)


@pytest.mark.parametrize(
    ("said", "found", "unit", "is_change"),
    [
        ("45 of 50 content", estimates.share(45, 50), "PROPORTION", False),
        ("6 of 7 helped", estimates.share(6, 7), "PROPORTION", False),
        ("0 of 73 confirm", estimates.share(0, 73), "PROPORTION", False),
        ("23 of 180 customers", estimates.share(23, 180), "PROPORTION", False),
        ("56 of 70 after 48 of 80", estimates.change_of_shares(Sample(80, 0.6), Sample(70, 0.8)), "PROPORTION", True),
        ("25/15/10 would recommend", estimates.recommendation(25, 15, 10, basis=Basis.RANDOM), "SCORE", False),
        ("240/96/64 after 200/120/80", estimates.change_of_recommendation(*WAVES), "SCORE", True),
        ("ten on how easy it was, mean 5.7, deviation 1.34", estimates.mean(10, 57, 341), "DEGREE", False),
    ],
)
def test_the_examples_of_the_document_are_what_comes_out(
    said: str, found: Estimate, unit: str, is_change: bool
) -> None:
    assert found.value is not None
    ends = interval({"low": found.low, "high": found.high}, unit, is_change)

    line = f"| {said} | {figure(found.value, unit, is_change)} | {ends} |"
    assert line.replace("\u00a0", " ") in DOCUMENT
