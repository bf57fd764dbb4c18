from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.transfer import front_matter
from knowledge.transfer.front_matter import Malformed
from knowledge.transfer.parts import canonical

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(text=words, several=st.lists(words, max_size=4), body=words)
@example(text="no", several=["yes", "~", "null", ""], body="---\n\nA rule, then text\n---\n")
@example(
    text=": a colon first",
    several=["- dash", "# comment", "a: b", "{x}", "[y]", "*z", "&a", "!t", "%d", "@e", "`f`"],
    body="",
)
@example(text="2026-01-10", several=["1.10", "0x1F", "1_000", "12:30:45", "1e3", ".inf"], body=" indented\n")
@example(text="\n  first line indented\n\nlast\n", several=["\t", " ", "a\rb", "\x85", "\u2028", "\ufeff"], body="\n\n")
@example(text="'single' \"double\" \\ back", several=["☕", "\U0001f600", "é", "\x7f", "\x1b"], body="a\r\nb")
@example(text="---\nnot: the end\n---\n", several=["...", "---"], body="...")
def test_words_read_back_as_they_were_written(text: str, several: list[str], body: str) -> None:
    written = front_matter.written({"title": text, "tags": several, "nested": {"what": text}, "none": None}, body)

    document = front_matter.read(written)

    assert document.fields == {"title": text, "tags": several, "nested": {"what": text}, "none": None}
    assert document.body == canonical(body)


def test_plain_yaml_keeps_what_somebody_typed() -> None:
    document = front_matter.read("---\ntitle: no\nversion: 1.10\nday: 2026-01-10\nempty:\nnumber: 007\n---\n\nBody\n")

    assert document.fields == {"title": "no", "version": "1.10", "day": "2026-01-10", "empty": None, "number": "007"}
    assert document.lines["day"] == 4
    assert (document.body, document.body_line) == ("Body", 9)


@pytest.mark.parametrize(
    "text", ["# Title\n\nText", "---\n\nText between rules\n\n---\nMore", "---\nno end: here\n", ""]
)
def test_text_without_front_matter_is_all_body(text: str) -> None:
    document = front_matter.read(text)

    assert not document.has_front_matter
    assert document.body == canonical(text)


@pytest.mark.parametrize(
    ("matter", "line"),
    [
        ("title: a\nbroken: [1, 2\nnext: b", 4),
        ("title: a\ntitle: b", 3),
        ("title: &x a\nother: *x", 3),
        ("title: " + "[" * 5000, 2),
        ("title: a\n? [list]\n: b", 3),
        ("title: a\x01b", 1),
        ("title: a\ntags: [" + "b," * 20_000 + "]", 3),
    ],
)
def test_front_matter_that_cannot_be_read_says_in_which_line(matter: str, line: int) -> None:
    with pytest.raises(Malformed) as refused:
        front_matter.read(f"---\n{matter}\n---\nBody\n")

    assert refused.value.line == line
    assert refused.value.message


def test_long_texts_are_written_to_be_read() -> None:
    fields: dict[str, Any] = {"title": "Third failure: replace", "tags": ["a", "b"], "vision": {"why": "One.\n\nTwo."}}

    written = front_matter.written(fields, "Body.")

    assert written == (
        "---\ntitle: 'Third failure: replace'\ntags: [a, b]\nvision:\n  why: |-\n    One.\n\n    Two.\n---\nBody.\n"
    )
