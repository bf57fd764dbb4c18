"""Counts how many letters must be changed, added, left out or exchanged with their neighbours between one word and many."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int16]


def edits(word: str, others: Sequence[str]) -> Counts:
    """The distance of each of the others, every letter moved at most once (optimal string alignment); all of them at a time."""
    if not others:
        return np.empty(0, np.int16)
    letters = np.array(others, np.str_).view(np.uint32).reshape(len(others), -1).T
    columns = np.arange(len(letters) + 1, dtype=np.int16)
    before = last = np.repeat(columns[:, None], len(others), axis=1)
    for row, letter in enumerate(map(ord, word), start=1):
        now = np.empty_like(last)
        now[0] = row
        for column in range(1, len(columns)):
            there = letters[column - 1]
            now[column] = np.minimum(last[column], now[column - 1]) + 1
            now[column] = np.minimum(now[column], last[column - 1] + (there != letter))
            if row > 1 and column > 1:
                turned = (there == ord(word[row - 2])) & (letters[column - 2] == letter)
                exchanged = np.where(turned, before[column - 2] + 1, now[column])
                now[column] = np.minimum(now[column], exchanged)
        before, last = last, now
    found: Counts = last[np.count_nonzero(letters, axis=0), np.arange(len(others))]
    return found


def is_near(word: str, other: str, most: int) -> bool:
    """Whether one comes from the other by so many edits or fewer, as `edits` counts them; for few words faster than that."""
    if abs(len(word) - len(other)) > most:
        return False
    start = 0
    for letter, there in zip(word, other, strict=False):
        if letter != there:
            break
        start += 1
    word, other = word[start:], other[start:]
    if not word or not other:
        return True
    if not most:
        return False
    ways = [(word[1:], other[1:]), (word[1:], other), (word, other[1:])]
    if word[:2] == other[:2][::-1]:
        ways.append((word[2:], other[2:]))
    return any(is_near(*way, most - 1) for way in ways)
