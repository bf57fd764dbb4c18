"""What of a survey may be told: nothing of fewer than its minimum, and no figures whose differences tell of so few.

Of a survey whose answers are confidential or anonymous three things are kept besides the minimum. A wave is told when it is over, or the
figure before and after one answer would give that answer away. Of the cells of one cut the smallest are hidden until those that are hidden
hold nobody or enough. And sets that overlap are told beside them only as far as no sum or difference of all that is told is about fewer.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from knowledge import clock, estimates
from knowledge.estimates import SUPPRESSED, Estimate
from knowledge.surveys import reading
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.survey import FLOOR, LEAST_ANSWERS
from knowledge.words import Anonymity, SurveyPurpose

Key = TypeVar("Key", bound=Hashable)

TRIED = 8
"""So many segments of a survey that promises silence are tried at most, the largest."""


def least(survey: SurveyRow) -> int:
    """Below how many answers a survey tells nothing; of trust and appreciation never below five [A4]."""
    floor = LEAST_ANSWERS if survey.purpose is SurveyPurpose.PULSE else FLOOR
    return max(survey.minimum_n, floor)


def is_protected(survey: SurveyRow) -> bool:
    """Whether those who answer were promised that nobody learns what they said."""
    return survey.anonymity is not Anonymity.IDENTIFIED


def waits(survey: SurveyRow, wave: WaveRow) -> bool:
    """Whether the figures of a wave are kept back until it is over; that its survey is closed is not enough, for it can open again."""
    return is_protected(survey) and (wave.closes_at is None or not clock.has_come(wave.closes_at))


def answered(wave: WaveRow) -> Estimate:
    """How many of those who were asked in a wave have answered.

    Where silence is promised nothing is told below the minimum, and while the wave runs its number grows by steps of the minimum, so
    that whoever looks twice does not see one person answer.
    """
    survey = reading.survey_of(wave)
    asked, n = reading.asked_in(wave)
    if not asked or not is_protected(survey):
        return estimates.count(n)
    k = least(survey)
    if n < k:
        return SUPPRESSED
    return estimates.count(n - n % k if waits(survey, wave) else n)


def told(survey: SurveyRow, cells: Mapping[Key, int], *, unassigned: int = 0) -> frozenset[Key]:
    """Which cells of a cut whose cells share nobody may be told; `unassigned` are those who are in none of them."""
    k = least(survey)
    if not is_protected(survey):
        return frozenset(key for key, n in cells.items() if n >= k)
    return estimates.released(cells, k, unassigned=unassigned)


def crossing(
    survey: SurveyRow, atoms: Mapping[tuple[Key, frozenset[Key]], int], cells: frozenset[Key]
) -> frozenset[Key]:
    """Which sets that may overlap, such as segments, can be told beside cells that are told already; the largest come first.

    An atom is how many are in one cell of the cut that is told and in exactly these sets. Of a survey that promises silence, as many
    sets are told as no sum or difference with the total and the cells tells of too few; at most the eight largest are tried.
    """
    k = least(survey)
    sizes: dict[Key, int] = {}
    for (_, sets), n in atoms.items():
        for each in sets:
            sizes[each] = sizes.get(each, 0) + n
    fit = sorted((each for each in sizes if sizes[each] >= k), key=lambda each: (-sizes[each], str(each)))
    if not is_protected(survey):
        return frozenset(fit)
    people: dict[frozenset[tuple[str, object]], int] = {}
    for (cell, sets), n in atoms.items():
        its = {("all", None)} | {("cell", cell)} & {("cell", each) for each in cells}
        groups = frozenset(its | {("set", each) for each in sets})
        people[groups] = people.get(groups, 0) + n
    tried = fit[:TRIED]
    wanted = [("all", None), *(("cell", each) for each in sorted(cells, key=str)), *(("set", each) for each in tried)]
    shown = estimates.publishable(people, wanted, k)
    return frozenset(each for each in tried if ("set", each) in shown)
