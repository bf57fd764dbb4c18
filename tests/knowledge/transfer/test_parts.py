from hypothesis import given
from hypothesis import strategies as st

from knowledge.practices import PARTS
from knowledge.transfer.parts import Sections, canonical, is_exact, markdown_from_parts, parts_from_markdown

prose = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#`~\0\r"), min_size=1)
anything = st.lists(
    st.sampled_from(["## Do", "## say ##", "```", "~~~~", "text", "", "# Head", "    ## When", "## Doing"]), max_size=8
).map("\n".join)


@given(body=prose, parts=st.dictionaries(st.sampled_from(PARTS), prose))
def test_parts_come_back_from_their_one_text(body: str, parts: dict[str, str]) -> None:
    text = markdown_from_parts(body, parts)

    kept = {name: found for name in PARTS if (found := canonical(parts.get(name, "")))}
    assert parts_from_markdown(text) == Sections(canonical(body), kept)
    assert is_exact(body, parts)


@given(body=anything, parts=st.dictionaries(st.sampled_from(PARTS), anything))
def test_what_does_not_come_back_is_known_beforehand(body: str, parts: dict[str, str]) -> None:
    found = parts_from_markdown(markdown_from_parts(body, parts))

    same = found.body == canonical(body) and all(
        found.parts.get(name, "") == canonical(parts.get(name, "")) for name in PARTS
    )
    assert is_exact(body, parts) == (same and all(found.parts.values()))


def test_six_headings_divide_and_others_do_not() -> None:
    text = "Before.\n\n## problem\nIt fails.\n\n### Do\n\n## Background\nOld.\n\n## Do ##\n\n1. Replace.\n"

    sections = parts_from_markdown(text)

    assert sections.body == "Before."
    assert sections.parts == {"problem": "It fails.\n\n### Do\n\n## Background\nOld.", "do": "1. Replace."}


def test_headings_in_fenced_code_divide_nothing() -> None:
    sections = parts_from_markdown("## Do\n\n```\n## Say\n```\n\n## Say\n\nHello.")

    assert sections.parts == {"do": "```\n## Say\n```", "say": "Hello."}


def test_a_part_that_comes_twice_keeps_both_texts() -> None:
    assert parts_from_markdown("## Do\nOne.\n## Say\nHm.\n## Do\nTwo.").parts["do"] == "One.\n\nTwo."
