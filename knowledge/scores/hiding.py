"""What of a survey may be told: nothing of fewer than its minimum, and no figures whose differences tell of so few.

Of a survey whose answers are confidential or anonymous three things are kept besides the minimum. A wave is told when it is over, or the
figure before and after one answer would give that answer away. Of the cells of one cut the smallest are hidden until those that are hidden
hold nobody or enough. And cuts that cross are told together only as far as every group of people that they tell apart, in one
figure and not in another, holds nobody or enough: then no sum or difference of what is told is about fewer.
"""

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from knowledge import estimates
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.survey import FLOOR, LEAST_ANSWERS
from knowledge.words import Anonymity, SurveyPurpose, SurveyState

Key = TypeVar("Key", bound=Hashable)


def least(survey: SurveyRow) -> int:
    """Below how many answers a survey tells nothing; of trust and appreciation never below five [A4]."""
    floor = LEAST_ANSWERS if survey.purpose is SurveyPurpose.PULSE else FLOOR
    return max(survey.minimum_n, floor)


def is_protected(survey: SurveyRow) -> bool:
    """Whether those who answer were promised that nobody learns what they said."""
    return survey.anonymity is not Anonymity.IDENTIFIED


def is_over(survey: SurveyRow, wave: WaveRow, now: datetime) -> bool:
    """Whether no answer can come any more."""
    return survey.state is SurveyState.CLOSED or (wave.closes_at is not None and wave.closes_at <= now)


def waits(survey: SurveyRow, wave: WaveRow, now: datetime) -> bool:
    """Whether the figures of a wave are kept back until it is over."""
    return is_protected(survey) and not is_over(survey, wave, now)


def told(survey: SurveyRow, cells: Mapping[Key, int], *, unassigned: int = 0) -> frozenset[Key]:
    """Which cells of a cut whose cells share nobody may be told; `unassigned` are those who are in none of them."""
    k = least(survey)
    if not is_protected(survey):
        return frozenset(key for key, n in cells.items() if n >= k)
    return estimates.released(cells, k, unassigned=unassigned)


def crossing(survey: SurveyRow, atoms: Mapping[tuple[Hashable, frozenset[Key]], int]) -> frozenset[Key]:
    """Which of some sets that may overlap, such as segments, can be told beside cells that are told already.

    An atom is how many are in one such cell and in exactly these sets. Sets are admitted from the largest on, each only if every group
    that then can be told apart holds nobody or enough.
    """
    k = least(survey)
    sizes: dict[Key, int] = {}
    for (_, sets), n in atoms.items():
        for each in sets:
            sizes[each] = sizes.get(each, 0) + n
    fit = sorted((each for each in sizes if sizes[each] >= k), key=lambda each: (-sizes[each], str(each)))
    if not is_protected(survey):
        return frozenset(fit)
    admitted: frozenset[Key] = frozenset()
    for each in fit:
        if all(n >= k for n in _apart(atoms, admitted | {each}).values()):
            admitted |= {each}
    return admitted


def _apart(
    atoms: Mapping[tuple[Hashable, frozenset[Key]], int], admitted: frozenset[Key]
) -> Mapping[tuple[Hashable, frozenset[Key]], int]:
    found: dict[tuple[Hashable, frozenset[Key]], int] = {}
    for (cell, sets), n in atoms.items():
        if n:
            key = cell, sets & admitted
            found[key] = found.get(key, 0) + n
    return found


def summed(tallies: Iterable[Mapping[int, int]]) -> Mapping[int, int]:
    """How many gave each answer, in all of several cells."""
    found: dict[int, int] = {}
    for counts in tallies:
        for answer, n in counts.items():
            found[answer] = found.get(answer, 0) + n
    return found
