from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.transfer import import_path
from tests.knowledge.transfer.files import a_file, exported, noted, translated

FILES: dict[str, str | bytes] = {
    "README.md": "# Read me\n\nx",
    "docs/guide.md": "# Guide\n\nx",
    "docs/sub/index.md": "# Sub\n\nx",
    "docs/my file (1).md": "# Odd\n\nx",
    "docs/img/p.png": b"x",
    "setup.cfg": b"x",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[g](guide.md)", "[[docs-guide|g]]"),
        ("[g](./guide.md#part)", "[[docs-guide|g]]"),
        ("[g](guide.md?plain=1)", "[[docs-guide|g]]"),
        ("[**g** `x`](guide.md 'Title')", "[[docs-guide|**g** `x`]]"),
        ("[r](../README.md)", "[[readme|r]]"),
        ("[r](../)", "[[readme|r]]"),
        ("[s](sub/)", "[[docs-sub-index|s]]"),
        ("[o](<my file (1).md>)", "[[docs-my-file-1|o]]"),
        ("[o](my%20file%20(1).md)", "[[docs-my-file-1|o]]"),
        ("![p](img/p.png)", "![p](attachment:p.png)"),
        ("[![p](img/p.png)](guide.md)", "[![p](attachment:p.png)](/entries/docs-guide)"),
        ("[a [b] c](guide.md)", "[a [b] c](/entries/docs-guide)"),
        ('<img src="img/p.png" alt="P" width=20>', "![P](attachment:p.png)"),
        ('<a href="guide.md">g</a>', '<a href="/entries/docs-guide">g</a>'),
        ("[g]: guide.md\n\n[g]", "[g]: /entries/docs-guide\n\n[g]"),
        ("| a | b |\n|---|---|\n| [g](guide.md) | x |", "| a | b |\n|---|---|\n| [[docs-guide\\|g]] | x |"),
        ("[x](https://example.com/guide.md)", "[x](https://example.com/guide.md)"),
        ("[x](#part) [m](mailto:a@example.com) f[0](x)", "[x](#part) [m](mailto:a@example.com) f[0](x)"),
        ("`[g](guide.md)`", "`[g](guide.md)`"),
        ("~~~\n[g](guide.md)\n~~~", "~~~\n[g](guide.md)\n~~~"),
        ("Text:\n\n    [g](guide.md)\n", "Text:\n\n    [g](guide.md)"),
        ("- item\n\n    [g](guide.md)", "- item\n\n    [[docs-guide|g]]"),
        ("[[docs-guide]] [[guide]]", "[[docs-guide]] [[guide]]"),
        ("> [!NOTE]\n> Mind", "!!! note\n    Mind"),
    ],
)
def test_links_to_files_become_links_to_entries(tmp_path: Path, text: str, expected: str) -> None:
    rows, tally = translated(tmp_path, {**FILES, "docs/page.md": f"# Page\n\n{text}"})

    assert rows["docs/page.md"].values["body"] == expected
    assert noted(rows["docs/page.md"]) == []
    assert tally.read_as == {"plain Markdown": 5}


def test_what_leads_nowhere_stays_and_is_reported_with_its_line(tmp_path: Path) -> None:
    text = "---\ntitle: Page\n---\n\nOne.\n\n[x](gone.md) and ![y](../gone.png)\n\n[z](../../outside.md)\n"

    rows, tally = translated(tmp_path, {**FILES, "docs/page.md": text})

    assert noted(rows["docs/page.md"]) == [(7, "body"), (7, "body"), (9, "body")]
    assert "[x](gone.md) and ![y](../gone.png)" in rows["docs/page.md"].values["body"]
    assert (tally.links["missing"], tally.links["rewritten"]) == (3, 0)


def test_two_files_whose_names_make_one_slug_are_both_imported_and_found(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a b.md": "one", "a-b.md": "two [o](a%20b.md)", "new.md": "three"}

    rows, _ = translated(tmp_path, files)

    slugs = {name: row.values["slug"] for name, row in rows.items()}
    assert slugs["a b.md"] == "a-b"
    assert slugs["a-b.md"].startswith("a-b-")
    assert slugs["new.md"].startswith("new-")
    assert rows["a-b.md"].values["body"] == "two [[a-b|o]]"


def test_our_own_export_comes_back_letter_for_letter(sqlite: Database, sqlite_again: Database, tmp_path: Path) -> None:
    text = "---\ntitle: A\nslug: a\n---\n[b](../guide/b.md) [[b]] > [!note]\n> ![x](p.png)\n"
    a_file(tmp_path / "in" / "a.md", text.replace("../guide/b.md", "https://example.com"))
    a_file(tmp_path / "in" / "b.md", "# B\n\n`x`")
    import_path(sqlite, OPERATOR, tmp_path / "in")
    first = exported(sqlite, tmp_path / "first")
    path = tmp_path / "first" / "entries" / "guide" / "a.md"
    path.write_text(path.read_text().replace("https://example.com", "b.md"))
    before = path.read_bytes()

    report = import_path(sqlite_again, OPERATOR, tmp_path / "first")

    assert report.read_as == {"our own export": 2}
    assert exported(sqlite_again, tmp_path / "second") == {**first, "entries/guide/a.md": before}


def test_the_tool_can_be_named(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"A b.md": "# Heading\n\n[[A b]]"}

    plain, _ = translated(tmp_path / "one", files, "plain")
    vault, tally = translated(tmp_path / "two", files, "obsidian")

    assert (plain["A b.md"].values["title"], vault["A b.md"].values["title"]) == ("Heading", "A b")
    assert tally.read_as == {"Obsidian": 1}


def test_a_folder_of_several_tools_is_read_file_by_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "wiki/a.md": "---\ntitle: A\neditor: markdown\ndateCreated: 2022-01-01\n---\nText.",
        "vault/.obsidian/app.json": "{}",
        "vault/b.md": "Text.",
        "site/hugo.toml": "",
        "site/content/c.md": "---\ntitle: C\n---\nText.",
        "out/Doc.md": "# Doc\n\n[x](/doc/other-AbCdEf1234)",
        "d.md": "# D\n\nText.",
    }

    _, tally = translated(tmp_path, files)

    assert tally.read_as == {"Wiki.js": 1, "Obsidian": 1, "Hugo": 1, "Outline": 1, "plain Markdown": 1}
