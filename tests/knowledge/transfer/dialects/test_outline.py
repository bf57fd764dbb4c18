from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.transfer import Wishes, import_path
from tests.knowledge.transfer.files import a_file, noted, translated

FILES: dict[str, str | bytes] = {
    "Service/🚀 Getting started.md": "# 🚀 Getting started\n\nWelcome.\n\n\\\n\nMore.",
    "Service/Getting started/Day one.md": "# Day one\n\nFirst.",
    "Service/Rules.md": "# Rules\n\nSee [day](/doc/day-one-AbCdEf1234).",
    "Service/Rules/Refunds.md": "# Refunds\n\nText.",
    "Service/uploads/0a1b2c3d-0000-4000-8000-000000000000/till.png": b"x",
}


def test_the_heading_is_the_title_also_with_a_picture_letter(tmp_path: Path) -> None:
    rows, tally = translated(tmp_path, FILES, "outline")

    row = rows["Service/🚀 Getting started.md"]
    assert (row.values["title"], row.values["slug"]) == ("🚀 Getting started", "service-getting-started")
    assert row.values["body"] == "Welcome.\n\n\n\nMore."
    assert tally.read_as == {"Outline": 4}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[day](/doc/day-one-AbCdEf1234)", "[[service-getting-started-day-one|day]]"),
        ("[r](./Rules.md)", "[[service-rules|r]]"),
        ("[d](Getting%20started/Day%20one.md)", "[[service-getting-started-day-one|d]]"),
        (
            "![t](uploads/0a1b2c3d-0000-4000-8000-000000000000/till.png)",
            "![t](attachment:till.png)",
        ),
        (
            '![t](uploads/0a1b2c3d-0000-4000-8000-000000000000/till.png " =10x20")',
            "![t](attachment:till.png)",
        ),
        (
            "[till.png 1234](uploads/0a1b2c3d-0000-4000-8000-000000000000/till.png)",
            "[till.png](attachment:till.png)",
        ),
        (":::info\nMind\n:::", "!!! note\n    Mind"),
    ],
)
def test_links_and_boxes_are_ours(tmp_path: Path, text: str, expected: str) -> None:
    rows, _ = translated(tmp_path, {**FILES, "Service/Page.md": f"# Page\n\n{text}"}, "outline")

    assert rows["Service/Page.md"].values["body"] == expected


def test_an_upload_of_the_collection_is_found_from_below(tmp_path: Path) -> None:
    text = "# R\n\n![t](uploads/0a1b2c3d-0000-4000-8000-000000000000/till.png)"

    rows, tally = translated(tmp_path, {**FILES, "Service/Rules/Refunds.md": text})

    assert rows["Service/Rules/Refunds.md"].values["body"] == "![t](attachment:till.png)"
    assert tally.read_as["Outline"] >= 2


def test_a_document_below_another_is_linked_to_it(sqlite: Database, tmp_path: Path) -> None:
    for name, text in FILES.items():
        a_file(tmp_path / "in" / name, text)

    first, second = (import_path(sqlite, OPERATOR, tmp_path / "in", wishes=Wishes("outline")) for _ in range(2))

    assert (first.created, first.problems) == (5, ())  # four documents, and one of them below another
    assert (second.created, second.updated, second.unchanged) == (0, 0, 5)


def test_an_address_of_no_document_is_reported(tmp_path: Path) -> None:
    rows, tally = translated(tmp_path, {**FILES, "Service/Page.md": "# Page\n\n[x](/doc/gone-AbCdEf1234)"})

    assert noted(rows["Service/Page.md"]) == [(3, "body")]
    assert tally.links["missing"] == 1
