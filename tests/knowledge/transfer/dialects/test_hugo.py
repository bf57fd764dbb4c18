from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import clock
from tests.knowledge.transfer.files import noted, translated

TOML = """+++
title = "Hello there"
date = 2024-02-03T10:00:00+01:00
lastmod = 2024-03-01
draft = false
tags = ["Coffee", "valves"]
categories = ["Service"]
aliases = ["/old/hello/", "/older"]
weight = 3
[params]
hero = "x"
+++

Body.
"""
SITE: dict[str, str | bytes] = {
    "hugo.toml": 'title = "x"',
    "content/_index.md": "---\ntitle: Home\n---\nHi.",
    "content/about.md": "---\ntitle: About\n---\nUs.",
}


def test_toml_says_when_it_was_written_and_what_it_was_called(tmp_path: Path) -> None:
    rows, tally = translated(tmp_path, {"content/posts/hello.md": TOML, **SITE})

    row = rows["content/posts/hello.md"]
    assert row.values["slug"] == "posts-hello"
    assert row.values["title"] == "Hello there"
    assert row.values["created_at"] == row.values["published_at"] == "2024-02-03T09:00:00+00:00"
    assert row.values["updated_at"] == "2024-03-01T00:00:00+00:00"
    assert row.values["tags"] == ["coffee", "valves", "service"]
    assert (row.values["status"], row.values["body"]) == ("published", "Body.")
    assert noted(row) == [(9, "weight"), (10, "params")]
    assert tally.read_as == {"Hugo": 3}


def test_an_address_that_it_had_leads_to_it(tmp_path: Path) -> None:
    from knowledge.transfer.report import Tally
    from knowledge.transfer.sources import Material

    translated(tmp_path, {"content/posts/hello.md": TOML, **SITE})
    material = Material(tmp_path)
    material.survey(Tally())

    former = [(row.line, row.values) for row in material.rows("redirect", Tally())]

    assert former == [
        (8, {"from": "old-hello", "to": "posts-hello"}),
        (8, {"from": "older", "to": "posts-hello"}),
    ]


def test_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "content/a.md": '{\n  "title": "A",\n  "draft": true,\n  "tags": ["x"]\n}\n\nText.',
        "content/b.md": "---\ntitle: B\ndraft: yes\ntags: [x]\nslug: called-so\n---\nText.",
        **SITE,
    }

    rows, _ = translated(tmp_path, files)

    for name, slug in (("content/a.md", "a"), ("content/b.md", "called-so")):
        values = rows[name].values
        assert (values["slug"], values["status"], values["tags"], values["body"]) == (slug, "draft", ["x"], "Text.")


def test_a_page_that_is_to_be_published_later_is_a_draft_until_then(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"content/a.md": "+++\ntitle = 'A'\npublishDate = 2026-05-01\n+++\nText.", **SITE}

    with clock.held(datetime(2026, 4, 1, tzinfo=UTC)):
        before, _ = translated(tmp_path, files)
    with clock.held(datetime(2026, 6, 1, tzinfo=UTC)):
        after, _ = translated(tmp_path, files)

    assert before["content/a.md"].values["status"] == "draft"
    assert noted(before["content/a.md"]) == [(3, "publishDate")]
    assert after["content/a.md"].values["status"] == "published"


@pytest.mark.parametrize(
    ("key", "day", "status"),
    [
        ("date", "2099-01-01", "draft"),
        ("publishDate", "2099-01-01", "draft"),
        ("expiryDate", "2020-01-01", "draft"),
        ("expiryDate", "2099-01-01", "published"),
    ],
)
def test_what_is_not_out_yet_or_no_more_is_a_draft_and_reported(
    tmp_path: Path, key: str, day: str, status: str
) -> None:
    files: dict[str, str | bytes] = {"content/a.md": f"---\ntitle: A\n{key}: {day}\n---\nText.", **SITE}

    rows, _ = translated(tmp_path, files)

    row = rows["content/a.md"]
    assert row.values["status"] == status
    assert noted(row) == [(3, key)]
    assert "2099" not in f"{row.values}"


def test_sections_and_bundles_are_called_after_their_folders(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "content/posts/_index.md": "---\ntitle: Posts\n---\n",
        "content/posts/trip/index.md": "---\ntitle: Trip\n---\n![sea](sea.jpg) ![logo](/logo.svg)",
        "content/posts/trip/sea.jpg": b"x",
        "static/logo.svg": b"<svg/>",
        "content/posts/trip/index.de.md": "---\ntitle: Reise\n---\n",
        **SITE,
    }

    rows, _ = translated(tmp_path, files)

    slugs = {name: row.values["slug"] for name, row in rows.items()}
    assert slugs["content/_index.md"] == "home"
    assert slugs["content/posts/_index.md"] == "posts"
    assert slugs["content/posts/trip/index.md"] == "posts-trip"
    assert slugs["content/posts/trip/index.de.md"] == "posts-trip-de"
    assert rows["content/posts/trip/index.de.md"].values["language"] == "de"
    trip = rows["content/posts/trip/index.md"]
    assert trip.values["body"] == "![sea](attachment:sea.jpg) ![logo](attachment:logo.svg)"
    assert [each.file for each in trip.attached] == ["content/posts/trip/sea.jpg", "static/logo.svg"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[us]({{< ref "about.md" >}})', "[[about|us]]"),
        ('[us]({{< relref "/about#who" >}})', "[[about|us]]"),
        ('[us]({{% ref path="about.md" lang="en" %}})', "[[about|us]]"),
        ('See {{< ref "about.md" >}}.', "See [[about]]."),
        ("[us](about.md)", "[[about|us]]"),
        ('{{< figure src="/pic one.png" alt="A pic" caption="So" >}}', "![A pic](attachment:pic-one.png) *So*"),
        ("{{< highlight go >}}\nx\n{{< /highlight >}}", "```go\nx\n```"),
        ("Above\n<!--more-->\nBelow", "Above\n\nBelow"),
        ("`{{< ref about.md >}}`", "`{{< ref about.md >}}`"),
    ],
)
def test_shortcodes_become_markdown(tmp_path: Path, text: str, expected: str) -> None:
    files: dict[str, str | bytes] = {"content/a.md": f"---\ntitle: A\n---\n{text}", "static/pic one.png": b"x", **SITE}

    rows, _ = translated(tmp_path, files)

    assert rows["content/a.md"].values["body"] == expected


def test_a_shortcode_that_markdown_cannot_say_stays_and_is_reported(tmp_path: Path) -> None:
    text = '---\ntitle: A\n---\n\n{{< youtube abc >}}\n[x]({{< ref "gone.md" >}})\n'

    rows, tally = translated(tmp_path, {"content/a.md": text, **SITE})

    assert rows["content/a.md"].values["body"].startswith("{{< youtube abc >}}")
    assert noted(rows["content/a.md"]) == [(5, "body"), (6, "body")]
    assert tally.links["missing"] == 1
