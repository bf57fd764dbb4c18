from pathlib import Path

import pytest

from tests.knowledge.transfer.files import translated

CALLOUT = "> [!note] A box\n> is written so"


@pytest.mark.parametrize(
    ("dialect", "code"),
    [
        ("obsidian", f"````md\n```\n{CALLOUT}\n```\n````"),
        ("obsidian", f"~~~\n```\n{CALLOUT}\n~~~"),
        ("plain", f"````md\n```\n{CALLOUT}\n```\n````"),
        ("hugo", "```html\n<!--more-->\n```"),
        ("outline", "```md\n:::info\nx\n:::\n```"),
        ("outline", '```md\n\\\n[a.pdf 123](uploads/a.pdf)\n![](a.png " =1x1")\n```'),
        ("wikijs", "```md\n> x\n{.is-info}\n{#name}\n```"),
        ("wikijs", "```md\n![a](a.png =10x10)\n```"),
    ],
)
def test_code_stays_as_it_is(tmp_path: Path, dialect: str, code: str) -> None:
    rows, _ = translated(tmp_path, {"a.md": f"---\ntitle: A\n---\nBefore.\n\n{code}\n\nAfter."}, dialect)

    assert rows["a.md"].values["body"] == f"Before.\n\n{code}\n\nAfter."


@pytest.mark.parametrize(
    ("dialect", "box"), [("obsidian", CALLOUT), ("outline", ":::note\nx\n:::"), ("wikijs", "> x\n{.is-info}")]
)
def test_a_box_after_code_is_one(tmp_path: Path, dialect: str, box: str) -> None:
    rows, _ = translated(tmp_path, {"a.md": f"````\n```\n:::\n````\n\n{box}\n"}, dialect)

    assert "\n\n!!! note" in rows["a.md"].values["body"]
