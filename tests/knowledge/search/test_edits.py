from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as some
from whoosh.support.levenshtein import damerau_levenshtein

from knowledge.search.edits import edits, is_near
from knowledge.search.postings import Postings, having

WORDS = some.text("abü客", min_size=1, max_size=7)


def test_distances_are_whooshs_own() -> None:
    chance = Random(1)
    words = ["".join(chance.choices("abcü", k=chance.randint(1, 8))) for _ in range(60)]

    for word in words:
        assert edits(word, words).tolist() == [damerau_levenshtein(word, other) for other in words]  # type: ignore[no-untyped-call]


def test_no_words_have_no_distances() -> None:
    assert edits("word", []).tolist() == []


@given(WORDS, some.sets(WORDS, min_size=1), some.integers(0, 2))
def test_near_is_what_has_few_edits_and_nothing_near_is_passed_over(word: str, others: set[str], most: int) -> None:
    names = sorted(others)
    places = np.arange(len(names))
    field = Postings(having("raw", [name.encode() for name in names], places, places, len(names)), "raw")

    near = [name for name, count in zip(names, edits(word, names).tolist(), strict=True) if count <= most]

    assert [name for name in names if is_near(word, name, most)] == near
    alike = {name for name in near if name.isascii() or not word.isascii()}
    assert alike <= {field.term(place).decode() for place in field.resembling(word.encode(), most).tolist()}
