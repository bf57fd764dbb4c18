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
