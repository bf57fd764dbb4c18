from pathlib import Path

import pytest

from tests.knowledge.transfer.files import noted, translated

PAGE = """---
title: Refunds
description: Who may say yes
published: {published}
date: 2023-05-01T10:00:00.000Z
tags: money, angry customers
editor: markdown
dateCreated: 2022-01-01T08:00:00.000Z
---

{body}
"""


def a_page(body: str = "Text.", published: str = "true") -> str:
    return PAGE.format(body=body, published=published)


def test_a_page_brings_its_dates_tags_and_description(tmp_path: Path) -> None:
    rows, tally = translated(tmp_path, {"money/refunds.md": a_page(), "draft.md": a_page(published="false")})

    values = rows["money/refunds.md"].values
    assert (values["slug"], values["title"], values["summary"]) == ("money-refunds", "Refunds", "Who may say yes")
    assert values["tags"] == ["money", "angry customers"]
    assert values["created_at"] == values["published_at"] == "2022-01-01T08:00:00+00:00"
    assert values["updated_at"] == "2023-05-01T10:00:00+00:00"
    assert (rows["draft.md"].values["status"], "published_at" in rows["draft.md"].values) == ("draft", False)
    assert noted(rows["money/refunds.md"]) == []
    assert tally.read_as == {"Wiki.js": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](/money/rules)", "[[money-rules|a]]"),
        ("[a](/en/money/rules#why)", "[[money-rules|a]]"),
        ("[a](../money/rules)", "[[money-rules|a]]"),
        ("[home](/)", "[[home]]"),
        ("![p](/pictures/till.png)", "![p](attachment:till.png)"),
        ("![p](/pictures/till.png =100x)", "![p](attachment:till.png)"),
        ("> Mind\n{.is-warning}", "!!! warning\n    Mind"),
        ("- [a](/money/rules)\n{.links-list}", "- [[money-rules|a]]"),
        ("[out](https://example.com/en/x)", "[out](https://example.com/en/x)"),
    ],
)
def test_links_from_the_top_find_their_pages(tmp_path: Path, text: str, expected: str) -> None:
    files: dict[str, str | bytes] = {
        "money/refunds.md": a_page(text),
        "money/rules.md": a_page(),
        "home.md": a_page(),
        "pictures/till.png": b"x",
    }

    rows, _ = translated(tmp_path, files)

    assert rows["money/refunds.md"].values["body"] == expected


def test_a_page_in_another_language_is_an_entry_of_its_own(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "de/home.md": a_page("[x](/rules)"),
        "de/rules.md": a_page(),
        "hr/rules.md": a_page(),
        "home.md": a_page(),
    }

    rows, _ = translated(tmp_path, files)

    assert (rows["de/rules.md"].values["slug"], rows["de/rules.md"].values["language"]) == ("de-rules", "de")
    assert "language" not in rows["hr/rules.md"].values
    assert rows["de/home.md"].values["body"] == "[[de-rules|x]]"


def test_a_link_to_no_page_is_reported(tmp_path: Path) -> None:
    rows, tally = translated(tmp_path, {"a.md": a_page("\n[x](/en/gone)")})

    assert noted(rows["a.md"]) == [(12, "body")]
    assert tally.links["missing"] == 1


def test_pages_in_html_are_not_read_and_not_forgotten(tmp_path: Path) -> None:
    _, tally = translated(tmp_path, {"a.md": a_page(), "b.html": "<p>x"})

    assert [warning.file for warning in tally.warnings] == ["b.html"]
