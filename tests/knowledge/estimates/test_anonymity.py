from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge import estimates

K = 5


@pytest.mark.parametrize(
    ("cells", "unassigned", "shown"),
    [
        ({"A": 3, "B": 6}, 0, ""),
        ({"A": 3, "B": 6}, 4, "B"),
        ({"A": 5, "B": 5}, 0, "AB"),
        ({"A": 4, "B": 4}, 0, ""),
        ({"A": 2, "B": 7, "C": 9}, 0, "C"),
        ({"A": 1, "B": 1, "C": 3, "D": 8}, 0, "D"),
        ({"A": 2}, 0, ""),
        ({"A": 0, "B": 9}, 0, "B"),
    ],
)
def test_cells_are_shown_so_that_the_rest_of_their_total_hides_enough(
    cells: dict[str, int], unassigned: int, shown: str
) -> None:
    assert estimates.released(cells, K, unassigned=unassigned) == frozenset(shown)


def tells_of_fewer(vectors: list[list[int]], sizes: list[int], k: int) -> bool:
    """An attacker: whether any combination of the shown sums is one over fewer than k people, tried on every set of them."""
    if not vectors:
        return False
    shown = np.array(vectors, dtype=float)
    whole = np.linalg.matrix_rank(shown)
    for length in range(1, len(sizes) + 1):
        for chosen in combinations(range(len(sizes)), length):
            if sum(sizes[place] for place in chosen) < k:
                outside = np.delete(shown, chosen, axis=1)
                if (np.linalg.matrix_rank(outside) if outside.size else 0) < whole:
                    return True
    return False


@given(some.dictionaries(some.sampled_from("ABCDEFG"), some.integers(0, 12)), some.integers(0, 8), some.integers(0, 7))
def test_one_cut_beside_its_total_never_isolates_fewer_than_k(cells: dict[str, int], unassigned: int, k: int) -> None:
    shown = estimates.released(cells, k, unassigned=unassigned)

    k = max(k, 3)
    total = sum(cells.values()) + unassigned
    people = [n for n in [*cells.values(), unassigned] if n]
    keys = [key for key, n in [*cells.items(), (None, unassigned)] if n]
    vectors = [[int(mine == key) for mine in keys] for key in shown] + ([[1] * len(keys)] if total >= k else [])
    assert all(cells[key] >= k for key in shown)
    assert not tells_of_fewer(vectors, people, k)
    assert estimates.released(dict(reversed(cells.items())), k, unassigned=unassigned) == shown


@given(
    some.dictionaries(
        some.frozensets(some.sampled_from("ABCD"), min_size=1), some.integers(0, 8), min_size=1, max_size=8
    )
)
def test_overlapping_groups_together_never_isolate_fewer_than_k(people: dict[frozenset[str], int]) -> None:
    shown = estimates.publishable(people, "ABCD", K)

    present = [groups for groups, n in people.items() if n]
    vectors = [[int(key in groups) for groups in present] for key in shown]
    assert not tells_of_fewer(vectors, [people[groups] for groups in present], K)


@given(some.integers(0, 20), some.integers(0, 20), some.integers(0, 20))
def test_two_figures_that_may_overlap_never_isolate_fewer_than_k(first: int, second: int, both: int) -> None:
    a, b = first + both, second + both

    if min(a, b) >= K and not estimates.overlapping(a, b, both, K):
        kept = [(n, row) for n, row in ((first, (1, 0, 1)), (second, (0, 1, 1)), (both, (1, 1, 1))) if n]
        vectors = [[row[place] for _, row in kept] for place in range(3)]
        assert not tells_of_fewer(vectors, [n for n, _ in kept], K)
    if both == min(a, b):  # the one lies in the other, as those of yesterday in those of today
        assert estimates.overlapping(a, b, both, K) == (0 < abs(a - b) < K or 0 < both < K)


def test_a_cut_of_many_groups_that_cannot_be_proven_shows_less_and_ends() -> None:
    people = {frozenset({"all", f"segment {a}", f"segment {b}"}): 1 for a in range(12) for b in range(a)}

    shown = estimates.publishable(people, ["all", *(f"segment {each}" for each in range(12))], K)

    assert "all" in shown


def test_words_are_read_from_k_people_up_and_through_one_filter() -> None:
    allowed = [estimates.verbatims_allowed(n, filters, K) for n, filters in ((5, 1), (5, 0), (4, 0), (50, 2))]

    assert allowed == [True, True, False, False]
    assert estimates.verbatims_allowed(2, 0, 1) is False


def test_a_figure_of_too_few_says_nothing_at_all() -> None:
    found = estimates.guarded(estimates.share(3, 4), K)

    assert found == estimates.SUPPRESSED
    assert (found.value, found.n, found.low, found.suppressed) == (None, None, None, True)
    assert estimates.guarded(estimates.share(3, 5), K).value == 0.6
    assert estimates.guarded(estimates.share(0, 0), K).suppressed is False
