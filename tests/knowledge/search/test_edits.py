from random import Random

from whoosh.support.levenshtein import damerau_levenshtein

from knowledge.search.edits import edits


def test_distances_are_whooshs_own() -> None:
    chance = Random(1)
    words = ["".join(chance.choices("abcü", k=chance.randint(1, 8))) for _ in range(60)]

    for word in words:
        assert edits(word, words).tolist() == [damerau_levenshtein(word, other) for other in words]  # type: ignore[no-untyped-call]


def test_no_words_have_no_distances() -> None:
    assert edits("word", []).tolist() == []
