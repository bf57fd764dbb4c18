from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.transfer.dialects.boxes import boxed
from tests.knowledge.transfer.files import noted, translated

OTHERS: dict[str, str | bytes] = {
    "Other.md": "Text.",
    "Sub/Deep note.md": "Deep.",
    ".obsidian/app.json": "{}",
    "Sub/Pic one.png": b"x",
    "a.pdf": b"x",
}


def body(tmp_path: Path, text: str, **more: str) -> str:
    rows, _ = translated(tmp_path, {"Note.md": text, **OTHERS, **more})
    return str(rows["Note.md"].values["body"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[Other]]", "[[other|Other]]"),
        ("[[other]]", "[[other]]"),
        ("[[Other|the other]]", "[[other|the other]]"),
        ("[[Other.md]]", "[[other|Other]]"),
        ("[[Deep note]]", "[[sub-deep-note|Deep note]]"),
        ("[[Sub/Deep note#A heading|there]]", "[[sub-deep-note|there]]"),
        ("[[Deep note#A heading]]", "[[sub-deep-note|Deep note › A heading]]"),
        ("[[Deep note#^block]]", "[[sub-deep-note|Deep note]]"),
        ("![[Other]]", "[[other|Other]]"),
        ("![[Pic one.png]]", "![Pic one](attachment:pic-one.png)"),
        ("![[Pic one.png|300]]", "![Pic one](attachment:pic-one.png)"),
        ("![[Sub/Pic one.png|A picture]]", "![A picture](attachment:pic-one.png)"),
        ("![[a.pdf#page=2]]", "[a.pdf](attachment:a.pdf)"),
        ("[[#Some heading]]", "[Some heading](#some-heading)"),
        ("[the other](Other.md)", "[[other|the other]]"),
        ("[deep](Deep%20note.md#x)", "[[sub-deep-note|deep]]"),
        ("![p](Sub/Pic%20one.png)", "![p](attachment:pic-one.png)"),
        ("Said. ^b1", "Said."),
        ("Before %%secret%% after", "Before  after"),
        ("`[[Other]]`", "`[[Other]]`"),
        ("```\n[[Other]] #tag %%x%%\n```", "```\n[[Other]] #tag %%x%%\n```"),
        ("| a |\n|---|\n| [[Other\\|o]] |", "| a |\n|---|\n| [[other\\|o]] |"),
        ("#tag first", "\\#tag first"),
        ("> [!warning] Mind\n> the [[Other]]", '!!! warning "Mind"\n    the [[other|Other]]'),
        ("# Note\n\nText.", "Text."),
        ("# Another\n\nText.", "# Another\n\nText."),
    ],
)
def test_a_note_says_the_same_in_our_words(tmp_path: Path, text: str, expected: str) -> None:
    assert body(tmp_path, text) == expected


def test_front_matter_and_words_in_the_text_make_tags(tmp_path: Path) -> None:
    text = "---\ntags:\n  - Area/Team\n  - home, garden\naliases: [First]\n---\nA #home and #area/deep/er, not#this or #1.\n"

    rows, _ = translated(tmp_path, {"Note.md": text, "b.md": "See [[First]].", **OTHERS})

    assert rows["Note.md"].values["tags"] == ["area/team", "home", "garden", "area/deep/er"]
    assert rows["b.md"].values["body"] == "See [[note|First]]."


def test_what_cannot_be_kept_is_reported_with_its_line(tmp_path: Path) -> None:
    text = "---\nstatus: doing\ncreated: someday\n---\n\nA %%hidden\nthing%%.\n\n```dataview\nLIST\n```\n\n[[Nowhere]] ![[gone.png]]\n"

    rows, tally = translated(tmp_path, {"Note.md": text, **OTHERS})

    row = rows["Note.md"]
    assert set(noted(row)) == {(2, "status"), (3, "created"), (6, "body"), (9, "body"), (13, "body")}
    assert row.values["body"].endswith("[[nowhere|Nowhere]] ![[gone.png]]")
    assert tally.links["missing"] == 2


def test_of_several_notes_the_one_beside_is_meant_and_else_the_choice_is_reported(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "A/Same.md": "x",
        "B/Same.md": "y",
        "A/near.md": "[[Same]]",
        "far.md": "[[Same]]",
        ".obsidian/x": "",
    }

    rows, tally = translated(tmp_path, files)

    assert rows["A/near.md"].values["body"] == "[[a-same|Same]]"
    assert rows["far.md"].values["body"] == "[[a-same|Same]]"
    assert noted(rows["far.md"]) == [(1, "body")]
    assert "B/Same.md" in rows["far.md"].notes[0].message
    assert tally.links["ambiguous"] == 1


def test_two_pictures_of_one_name_in_a_note_are_told_apart(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Note.md": "![a](A/p.png) ![b](B/p.png) ![c](A/p.png)",
        "A/p.png": b"1",
        "B/p.png": b"2",
        ".obsidian/x": "",
    }

    rows, tally = translated(tmp_path, files)

    first, second = rows["Note.md"].attached
    assert (first.name, first.file, second.file) == ("p.png", "A/p.png", "B/p.png")
    assert second.name not in ("p.png", "")
    assert (
        rows["Note.md"].values["body"]
        == f"![a](attachment:p.png) ![b](attachment:{second.name}) ![c](attachment:p.png)"
    )
    assert tally.attachments["found"] == 2


def test_tags_beyond_the_bounds_are_left_out_and_reported(tmp_path: Path) -> None:
    text = "---\ntags: [" + ", ".join(f"t{number}" for number in range(25)) + ", " + "x" * 61 + "]\n---\n"

    rows, _ = translated(tmp_path, {"Note.md": text, **OTHERS})

    assert len(rows["Note.md"].values["tags"]) == 20
    assert noted(rows["Note.md"]) == [(2, "tags")]


def test_boxes_nest_and_leave_code_alone() -> None:
    text = "Before\n> [!tip]- Outer\n> in\n> > [!bug] Inner\n> > deep\nAfter\n\n```\n> [!note]\n```"

    assert boxed(text) == (
        'Before\n\n!!! tip "Outer"\n    in\n\n    !!! danger "Inner"\n        deep\n\nAfter\n\n```\n> [!note]\n```'
    )


@given(st.text(alphabet="[]!|#^%`~>\n\\ aN(.md)-:", max_size=120))
def test_any_marks_are_read_without_a_fault(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")

    rows, tally = translated(folder, {"N.md": "x " + text, "a.md": "a", ".obsidian/x": ""})

    assert (len(rows), tally.refused) == (2, 0)
