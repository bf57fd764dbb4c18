"""Which figures may be shown so that nobody reads out of them, alone or together, what fewer than k people answered.

Practice differs little: five answers, never fewer than three, cells hidden together with another one, and nothing shown that
overlaps another by fewer. Sums are protected as L. Sweeney and G. T. Duncan describe suppression with complements; who is in every
cell that gives the same answer is seen by it all the same, which no minimum of answers prevents.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from math import gcd
from typing import TypeVar

from knowledge.estimates.estimate import SUPPRESSED, Estimate

USUAL = 5
"""The minimum of answers where nobody set another."""

FLOOR = 3
"""The least that may be set."""

Key = TypeVar("Key", bound=Hashable)


def least(k: int) -> int:
    """The minimum that holds when k is asked for."""
    return max(k, FLOOR)


def guarded(found: Estimate, k: int) -> Estimate:
    """The figure, or what stands for it where fewer than k answered [Q4]; that nobody answered is no secret."""
    return SUPPRESSED if found.n is None or 0 < found.n < least(k) else found


def released(cells: Mapping[Key, int], k: int, *, unassigned: int = 0) -> frozenset[Key]:
    """The cells of one cut that may be shown beside their total, which may be shown when it holds k people itself.

    Each has k people; and those in hidden cells, with those in none, are nobody or k again, for the total less what is shown is what
    they answered. The smallest cells are hidden until that holds, of equal ones the same however the cells are put.
    """
    k = least(k)
    hidden = unassigned + sum(n for n in cells.values() if n < k)
    shown = sorted(((n, str(key), key) for key, n in cells.items() if n >= k), key=lambda each: each[:2])
    while shown and 0 < hidden < k:
        hidden += shown.pop(0)[0]
    return frozenset(key for _, _, key in shown)


def overlapping(a: int, b: int, both: int, k: int) -> bool:
    """Whether figures of a people and of b people, of whom `both` are in either, would isolate fewer than k if both were shown.

    Those in one only, in the other only and in both are nobody or k each: with nested figures that is the rule for differences, and
    with crossing ones it holds when the figure for all of them is shown as well. It is also the rule over time: what was shown
    yesterday and is shown today of an undertaking that still runs are two nested figures.
    """
    return any(0 < part < least(k) for part in (a - both, b - both, both))


def verbatims_allowed(n: int, filters: int, k: int) -> bool:
    """Whether the words of n people may be read: of k at least, and through one filter at most."""
    return n >= least(k) and filters <= 1


def publishable(people: Mapping[frozenset[Key], int], wanted: Sequence[Key], k: int) -> frozenset[Key]:
    """Which of the wanted figures may be shown together, whatever their groups share: earlier ones first.

    `people` says how many are in exactly these groups and in no other. A figure is shown as long as no sum or difference of those
    shown tells of fewer than k people. Exact up to a bound of work, and careful beyond it: then fewer are shown.
    """
    shown: list[Key] = []
    for key in wanted:
        size = sum(n for groups, n in people.items() if key in groups)
        if size >= least(k) and not isolates(people, [*shown, key], k):
            shown.append(key)
    return frozenset(shown)


def isolates(people: Mapping[frozenset[Key], int], shown: Collection[Key], k: int) -> bool:
    """Whether some sum or difference of the shown figures tells of fewer than k people, and of somebody.

    Every sum that can be reckoned from the figures is a row of the span of their 0-1 vectors over those who share the same groups.
    It is an isolating one when it is not 0 on fewer than k people. Only those who are alone with fewer than k can be among these, so the
    rows that are 0 on all others are found first, mostly none.
    """
    k, order = least(k), list(shown)
    sizes: dict[frozenset[Key], int] = {}
    for groups, n in people.items():
        among = groups & frozenset(order)
        if n and among:
            sizes[among] = sizes.get(among, 0) + n
    alike = sorted(sizes, key=lambda groups: (-sizes[groups], sorted(map(str, groups))))
    many = [groups for groups in alike if sizes[groups] >= k]
    few = [groups for groups in alike if sizes[groups] < k]
    rows = [[int(key in groups) for groups in (*many, *few)] for key in order]
    rest = [row[len(many) :] for row in _reduced(rows) if not any(row[: len(many)])]
    rest = [row for row in rest if any(row)]
    return bool(rest) and _has_small_support(rest, [sizes[groups] for groups in few], k)


LOOKED_AT = 500
"""Where more sets of people than these would have to be tried, a cut counts as isolating without a proof.

Fifteen groups that overlap take a tenth of a second.
"""


def _has_small_support(rows: list[list[int]], sizes: list[int], k: int) -> bool:
    """Whether a combination of the independent rows is 0 everywhere but on fewer than k people."""
    if _number_below(sizes, k) > LOOKED_AT:
        return True
    for chosen in _below(sizes, k):
        outside = [[value for place, value in enumerate(row) if place not in chosen] for row in rows]
        if sum(1 for row in _reduced(outside) if any(row)) < len(rows):
            return True
    return False


def _number_below(sizes: list[int], k: int) -> int:
    """How many sets of places have sizes that add up to less than k."""
    ways = [1] + [0] * (k - 1)
    for size in sizes:
        ways = [many + (ways[total - size] if total >= size else 0) for total, many in enumerate(ways)]
    return sum(ways)


def _below(sizes: list[int], k: int) -> Iterator[frozenset[int]]:
    """Every set of places whose sizes add up to less than k, beside that of none."""
    for length in range(1, k):
        for chosen in combinations(range(len(sizes)), length):
            if sum(sizes[place] for place in chosen) < k:
                yield frozenset(chosen)


def _reduced(rows: list[list[int]]) -> list[list[int]]:
    """The rows in echelon form, in whole numbers, so that 0 is 0."""
    left, done = [row[:] for row in rows], []
    for place in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left if row[place]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        done.append(pivot)
        left = [_without(row, pivot, place) for row in left]
    return done + left


def _without(row: list[int], pivot: list[int], place: int) -> list[int]:
    if not row[place]:
        return row
    found = [pivot[place] * mine - row[place] * its for mine, its in zip(row, pivot, strict=True)]
    divisor = gcd(*found)
    return [value // divisor for value in found] if divisor > 1 else found
