"""Differences and merges of texts: right whatever the texts are, readable where they are like people's, bounded where they are not."""

import random
from functools import cache
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from knowledge.entries import merging
from knowledge.entries.aligning import STEPS, Effort, aligned
from knowledge.entries.differences import Part, between, of_texts, of_values
from knowledge.entries.fields import FieldName
from knowledge.entries.merging import Piece
from knowledge.words import Change, FieldShape

LARGEST = 256 * 1024
MARKS = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "[+{}+]"}

words = some.lists(
    some.sampled_from(["a", "the", "café", "nine", " ", " ", "\n", "\n\n", ". ", ",", "天", "\r\n", "\u2028"]),
    max_size=40,
)
texts = words.map("".join) | some.text(max_size=60)
lines = some.lists(some.sampled_from(["a", "b", "c", "", "d e"]), max_size=9).map("\n".join)


def marked(old: str, new: str) -> str:
    return "".join(MARKS[part.kind].format(part.text) for part in of_texts(old, new, Effort()))


def without(kind: Change, parts: list[Part]) -> str:
    return "".join(part.text for part in parts if part.kind is not kind)


def merged(base: str, yours: str, theirs: str) -> tuple[str, bool]:
    pieces = merging.of_texts(base, yours, theirs, Effort())
    return "".join(piece.text for piece in pieces), not any(piece.clash for piece in pieces)


@given(texts, texts)
@settings(max_examples=120, deadline=None)
def test_applying_a_difference_to_the_old_gives_the_new(old: str, new: str) -> None:
    parts = list(of_texts(old, new, Effort()))

    assert without(Change.ADDED, parts) == old
    assert without(Change.REMOVED, parts) == new
    assert all(part.text for part in parts)
    assert all(one.kind is not two.kind or one.lines or two.lines for one, two in pairwise(parts))


@given(texts, texts, some.integers(0, 60))
@settings(max_examples=100, deadline=None)
def test_a_difference_without_effort_left_is_coarser_and_still_right(old: str, new: str, steps: int) -> None:
    parts = list(of_texts(old, new, Effort(steps)))

    assert (without(Change.ADDED, parts), without(Change.REMOVED, parts)) == (old, new)


@given(some.lists(some.integers(0, 3), max_size=8), some.lists(some.integers(0, 3), max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_is_aligned_is_the_same_and_in_order(old: list[int], new: list[int]) -> None:
    runs = aligned(old, new, Effort())

    ends = [(0, 0), *((run.old + run.length, run.new + run.length) for run in runs)]
    assert all(old[run.old : run.old + run.length] == new[run.new : run.new + run.length] for run in runs)
    assert all(run.old >= i and run.new >= j and run.length for run, (i, j) in zip(runs, ends, strict=False))


@given(lines, lines)
@settings(max_examples=100, deadline=None)
def test_a_merge_with_what_did_not_change_is_what_did(base: str, changed: str) -> None:
    assert merged(base, changed, base) == (changed, True)
    assert merged(base, base, changed) == (changed, True)
    assert merged(base, changed, changed) == (changed, True)


@given(lines, lines, lines)
@settings(max_examples=120, deadline=None)
def test_a_clean_merge_is_the_same_from_either_side(base: str, yours: str, theirs: str) -> None:
    text, clean = merged(base, yours, theirs)
    other, also_clean = merged(base, theirs, yours)

    assert clean == also_clean
    assert text == other or not clean


@given(lines, lines, lines)
@settings(max_examples=100, deadline=None)
def test_choosing_yours_everywhere_loses_no_line_of_yours_that_clashed(base: str, yours: str, theirs: str) -> None:
    for piece in merging.of_texts(base, yours, theirs, Effort()):
        if piece.clash:
            assert piece.text == piece.clash.yours != piece.clash.theirs
            assert piece.clash.base not in (piece.clash.yours, piece.clash.theirs)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Ring the café.", "Ring the café twice.", "Ring the café[+ twice+]."),
        ("Don't ask.", "Don't wait.", "Don't [-ask-][+wait+]."),
        ("1. Ring.\n2. Drive.", "1. Ring.\n2. Drive.\n3. Write.", "1. Ring.\n2. Drive.[+\n3. Write.+]"),
        ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\n[-Two.\n\n-]Three."),
        ("A quick brown fox jumps", "My neighbour saw a cat", "[-A quick brown fox jumps-][+My neighbour saw a cat+]"),
        ("今日は天気がいい", "今日は天気が悪い", "今日は天気が[-い-][+悪+]い"),
        ("Same", "Same", "Same"),
        ("", "New", "[+New+]"),
    ],
)
def test_changes_read_as_people_would_tell_them(old: str, new: str, told: str) -> None:
    assert marked(old, new) == told


def test_the_end_of_the_last_line_is_no_change() -> None:
    body = FieldName("body", "Text", FieldShape.TEXT)

    assert between({body: "As it was.\n"}, {body: "As it was."}, Effort(STEPS)) == ()
    (changed,) = between({body: "As it was.\n"}, {body: "As it was.\n\nAnd more."}, Effort(STEPS))
    assert [part.text for part in changed.parts if part.kind is Change.REMOVED] == []


def test_a_repeated_line_is_not_taken_for_the_one_that_moved() -> None:
    old = "".join(f"## Part {n}\n\ntext {n}\n\n" for n in range(6))
    new = old.replace("## Part 2\n\ntext 2\n\n", "")

    assert marked(old, new).count("[-") == 1
    assert "## Part 2\n\ntext 2\n\n-]" in marked(old, new) + "-]"


def test_long_unchanged_stretches_may_be_folded_away() -> None:
    old = [f"line {n}" for n in range(40)]
    new = [*old[:20], "line twenty", *old[21:]]

    parts = list(of_texts("\n".join(old), "\n".join(new), Effort()))

    assert [part.lines for part in parts if part.lines] == [18, 17]
    assert "".join(part.text for part in parts if part.kind is not Change.REMOVED) == "\n".join(new)


def test_lists_differ_by_what_came_and_what_went() -> None:
    parts = list(of_values(FieldShape.LIST, "phone\nvisits", "customers\nvisits", Effort()))

    assert [(part.kind, part.text) for part in parts] == [
        (Change.REMOVED, "phone"),
        (Change.SAME, "visits"),
        (Change.ADDED, "customers"),
    ]


WORST = (
    "every word another",
    "the same words in another order",
    "two words repeated",
    "two words a line",
    "one word repeated",
    "blank lines",
    "signs",
)


@cache
def worst_cases() -> dict[str, tuple[str, str]]:
    chance = random.Random(7)  # only to be unlike one another

    def told(vocabulary: list[str], joint: str = " ", most: int = LARGEST) -> str:
        return joint.join(chance.choices(vocabulary, k=most))[:most]

    many = [f"word{n}" for n in range(5_000)]
    return {
        "every word another": (" ".join(f"a{n}" for n in range(40_000)), " ".join(f"b{n}" for n in range(40_000))),
        "the same words in another order": (told(many), told(many)),
        "two words repeated": (told(["a", "b"]), told(["a", "b"])),
        "two words a line": (told(["a", "b"], "\n"), told(["a", "b"], "\n")),
        "one word repeated": ("a " * (LARGEST // 2), "b " + "a " * (LARGEST // 2 - 1)),
        "blank lines": ("x\n\n" * (LARGEST // 3), "\nx\n" * (LARGEST // 3)),
        "signs": (told([".", ",", "-"], ""), told([".", ",", "-"], "")),
    }


@pytest.mark.parametrize("name", WORST)
def test_the_worst_of_texts_cost_no_more_steps_than_the_bound(name: str) -> None:
    old, new = (text[:LARGEST] for text in worst_cases()[name])
    effort = Effort()

    parts = list(of_texts(old, new, effort))

    assert (without(Change.ADDED, parts), without(Change.REMOVED, parts)) == (old, new)
    # Beyond the bound goes at most what is the same behind the last edit that was looked at.
    assert effort.steps >= -LARGEST // 2
    assert STEPS <= 600_000


def test_the_worst_of_merges_cost_no_more_steps_than_the_bound() -> None:
    (one, two), (three, _) = worst_cases()["two words a line"], worst_cases()["blank lines"]
    effort = Effort()

    for base, yours, theirs in product((one,), (two, three), (two, three)):
        merging.of_texts(base, yours, theirs, effort)

    assert effort.steps >= -LARGEST // 2


def test_changes_apart_are_put_together_and_changes_of_one_thing_clash() -> None:
    base, yours = "1. Ring.\n2. Drive.\n3. Mend.\n4. Write.", "1. Ring twice.\n2. Drive.\n3. Mend.\n4. Write."

    assert merged(base, yours, base + "\n5. Return.") == (yours + "\n5. Return.", True)
    assert merging.of_texts(base, yours, base.replace("Ring", "Write first"), Effort()) == (
        Piece("1. Ring twice.\n", merging.Clash("1. Ring.\n", "1. Ring twice.\n", "1. Write first.\n")),
        Piece("2. Drive.\n3. Mend.\n4. Write."),
    )


def test_tags_are_merged_as_sets() -> None:
    assert merging.of_lists(["a", "b", "c"], ["a", "c", "mine"], ["a", "b", "theirs"]) == ["a", "mine", "theirs"]


def test_who_would_have_to_choose_too_often_chooses_once() -> None:
    base, yours, theirs = ("\n".join(f"{who} {n}\nsame {n}" for n in range(60)) for who in ("was", "mine", "theirs"))

    assert merging.of_texts(base, yours, theirs, Effort()) == (Piece(yours, merging.Clash(base, yours, theirs)),)
