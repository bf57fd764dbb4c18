import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.meaning import fusion
from knowledge.meaning.fusion import FLOOR, fused

NOBODY = np.empty(0, np.int64)


def test_both_halves_count_from_their_least_to_their_best() -> None:
    scores = np.array([4.0, 2.0, 3.0, 0.0])
    near = np.array([2, 1, 0]), np.array([0.8, 0.6, 0.4], np.float32)

    together = fused(scores, scores > 0, near, weight=0.5, has_vectors=np.ones(4, np.bool_), first=NOBODY)

    assert together.scores[:3] == pytest.approx([1 + 0.5, 1 + 0.25, 1 + 0.25 + 0.5], abs=1e-6)
    assert together.parts(2) == pytest.approx((3.0, 0.8))


def test_only_what_is_near_enough_is_found_without_a_word() -> None:
    near = np.array([0, 1]), np.array([FLOOR, FLOOR - 0.01], np.float32)

    together = fused(
        np.zeros(3), np.zeros(3, np.bool_), near, weight=0.5, has_vectors=np.ones(3, np.bool_), first=NOBODY
    )

    assert together.found.tolist() == [True, False, False]


def test_an_entry_without_vectors_has_its_words_for_both() -> None:
    scores = np.array([4.0, 2.0, 3.0])
    near = np.array([0, 1]), np.array([0.5, 0.4], np.float32)

    together = fused(scores, scores > 0, near, weight=0.5, has_vectors=np.array([True, True, False]), first=NOBODY)

    assert together.scores[2] == pytest.approx(1.5)


def test_those_that_come_first_stand_before_all() -> None:
    scores = np.array([1.0, 9.0])

    together = fused(
        scores,
        scores > 0,
        (NOBODY, np.empty(0, np.float32)),
        weight=0.5,
        has_vectors=np.zeros(2, np.bool_),
        first=np.array([0]),
    )

    assert together.scores[0] > together.scores[1]


@given(st.data())
def test_no_hit_of_the_words_is_lost_and_the_rest_stays_in_order(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    scores = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.5, 1, 2, 3, 7]), min_size=size, max_size=size)))
    numbers = np.array(data.draw(st.lists(st.integers(0, size - 1), unique=True)), np.int64)
    cosines = np.sort(np.array([data.draw(st.floats(-1, 1, width=32)) for _ in numbers], np.float32))[::-1]
    has_vectors = np.zeros(size, np.bool_)
    has_vectors[numbers] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "DEPTH", 5)
        together = fused(scores, scores > 0, (numbers, cosines), weight=0.3, has_vectors=has_vectors, first=NOBODY)

    assert (together.found >= (scores > 0)).all()
    assert set(np.flatnonzero(together.found & (scores == 0))) <= set(numbers[cosines >= FLOOR].tolist())
    rest = np.flatnonzero(together.found & (together.scores < 1))
    assert (np.argsort(scores[rest], kind="stable") == np.argsort(together.scores[rest], kind="stable")).all()
    assert (together.scores[together.found] > 0).all()
