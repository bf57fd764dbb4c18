"""Which items of two sequences belong together, found within a bound on how many are looked at."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

STEPS = 600_000
"""How many items one operation looks at in all; a step takes about half a microsecond on a slow machine."""
EDITS = 160
"""After how many insertions and removals in a row a stretch takes the best way found so far, and goes on from there."""


@dataclass
class Effort:
    """What is left of the bound that all comparisons of one operation share."""

    steps: int = STEPS
    fell_short: bool = False

    def allows(self, steps: int) -> bool:
        """Take these steps, if they are left."""
        if steps > self.steps:
            self.fell_short = True
            return False
        self.steps -= steps
        return True


class Run(NamedTuple):
    """`length` items from `old` on that stand in the new sequence from `new` on."""

    old: int
    new: int
    length: int


Found = tuple[int, int, int]
"""The same before neighbours are joined: there may be one for each item."""


class _Region(NamedTuple):
    old: int
    old_end: int
    new: int
    new_end: int


def aligned(old: Sequence[Hashable], new: Sequence[Hashable], effort: Effort) -> list[Run]:
    """Runs of what is the same, in order and as long as can be.

    What occurs once on either side is matched first, as far as its order was kept: people take that for the same even where a
    shorter list of edits would match blank lines and "the" instead. Between such anchors goes the shortest edit script (Myers,
    "An O(ND) difference algorithm and its variations", 1986) over the items that both sides have. The standard library's matcher
    is not used: where items repeat it takes cubic time, or else ignores whatever is frequent. When the effort is spent, the
    rest of a stretch counts as different, which is always correct and only coarser.
    """
    first, second = _numbered(old, new)
    found: list[Found] = []
    waiting = [_Region(0, len(first), 0, len(second))]
    while waiting:
        region = _trimmed(first, second, waiting.pop(), found)
        if region.old == region.old_end or region.new == region.new_end:
            continue
        if not effort.allows(region.old_end - region.old + region.new_end - region.new):
            continue
        if anchors := _anchors(first, second, region):
            found += anchors
            waiting += _between(region, anchors)
        else:
            found += _shortest(first, second, region, effort)
    return _joined(found)


def _numbered(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    numbers: dict[Hashable, int] = {}
    return (
        [numbers.setdefault(item, len(numbers)) for item in old],
        [numbers.setdefault(item, len(numbers)) for item in new],
    )


def _trimmed(old: list[int], new: list[int], region: _Region, found: list[Found]) -> _Region:
    """The region without what is the same at its beginning and at its end."""
    i, i_end, j, j_end = region
    while i < i_end and j < j_end and old[i] == new[j]:
        i, j = i + 1, j + 1
    while i_end > i and j_end > j and old[i_end - 1] == new[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    if i > region.old:
        found.append((region.old, region.new, i - region.old))
    if i_end < region.old_end:
        found.append((i_end, j_end, region.old_end - i_end))
    return _Region(i, i_end, j, j_end)


def _anchors(old: list[int], new: list[int], region: _Region) -> list[Run]:
    """What occurs exactly once on either side, as far as the order was kept: the longest rising sequence of places."""
    once = {item for item, n in Counter(old[region.old : region.old_end]).items() if n == 1}
    twice = Counter(new[region.new : region.new_end])
    places = {new[j]: j for j in range(region.new, region.new_end) if new[j] in once and twice[new[j]] == 1}
    pairs = [(i, places[old[i]]) for i in range(region.old, region.old_end) if old[i] in places]
    tops: list[int] = []  # the lowest place in which a sequence of each length ends
    ends: list[int] = []  # and which pair that is
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        tops[length : length + 1] = [place]
        ends[length : length + 1] = [number]
        before.append(ends[length - 1] if length else -1)
    chosen, at = list[Run](), ends[-1] if ends else -1
    while at >= 0:
        chosen.append(Run(*pairs[at], 1))
        at = before[at]
    return chosen[::-1]


def _between(region: _Region, anchors: Sequence[Run]) -> Iterator[_Region]:
    ends = [Run(region.old - 1, region.new - 1, 1), *anchors, Run(region.old_end, region.new_end, 1)]
    for one, next_ in pairwise(ends):
        yield _Region(one.old + 1, next_.old, one.new + 1, next_.new)


def _shortest(old: list[int], new: list[int], region: _Region, effort: Effort) -> Iterator[Found]:
    """The shortest edit script over what both sides have, stretch by stretch for as long as the effort lasts."""
    both = set(old[region.old : region.old_end]) & set(new[region.new : region.new_end])
    rows = [i for i in range(region.old, region.old_end) if old[i] in both]
    columns = [j for j in range(region.new, region.new_end) if new[j] in both]
    left, right = [old[i] for i in rows], [new[j] for j in columns]
    x = y = 0
    while x < len(rows) and y < len(columns) and effort.steps > 0:
        path = _path(left, right, x, y, effort)
        for dx, dy in path.matches:
            yield rows[x + dx], columns[y + dy], 1
        x, y = x + path.x, y + path.y


class _Path(NamedTuple):
    """How far a way leads, and which pairs it matched on it."""

    x: int
    y: int
    matches: list[tuple[int, int]]


def _path(old: list[int], new: list[int], left: int, top: int, effort: Effort) -> _Path:
    """The way from (left, top) to the end, or where that takes too many edits, the way that got furthest."""
    width, height = len(old) - left, len(new) - top
    reach = {1: 0}
    trail: list[dict[int, int]] = []
    best = (0, 0, 0)  # and after how many edits
    for edits in range(EDITS + 1):
        trail.append(dict(reach))
        for k in range(-edits + 2 * max(0, edits - height), edits - 2 * max(0, edits - width) + 1, 2):
            x = start = reach[k + 1] if _is_down(reach, edits, k) else reach[k - 1] + 1
            while x < width and x - k < height and old[left + x] == new[top + x - k]:
                x += 1
            reach[k] = x
            effort.steps -= x - start + 1
            if x <= width and x - k <= height and 2 * x - k > best[0] + best[1]:
                best = (x, x - k, edits)
            if effort.steps <= 0:
                break
        if best[:2] == (width, height) or effort.steps <= 0:
            break
    return _Path(best[0], best[1], _walked(trail, *best))


def _is_down(reach: dict[int, int], edits: int, k: int) -> bool:
    """Whether diagonal `k` is best entered by an insertion, from the one above it."""
    return k == -edits or (k != edits and reach.get(k - 1, -1) < reach.get(k + 1, -1))


def _walked(trail: list[dict[int, int]], x: int, y: int, edits: int) -> list[tuple[int, int]]:
    """The pairs on the way to (x, y), from what was reached before each edit."""
    pairs: list[tuple[int, int]] = []
    for edit in range(edits, -1, -1):
        reach, k = trail[edit], x - y
        from_k = k + 1 if _is_down(reach, edit, k) else k - 1
        from_x, from_y = (reach[from_k], reach[from_k] - from_k) if edit else (0, 0)
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]


def _joined(found: list[Found]) -> list[Run]:
    """In order, with those that continue one another as one."""
    joined: list[Run] = []
    i = j = length = 0
    for old, new, more in sorted(found):
        if old == i + length and new == j + length:
            length += more
            continue
        if length:
            joined.append(Run(i, j, length))
        i, j, length = old, new, more
    return [*joined, Run(i, j, length)] if length else joined
