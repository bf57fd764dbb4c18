"""The recommendation score: those who would recommend less those who would not, with an interval that holds for few answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot, sqrt

from knowledge.estimates.changes import Sample, without
from knowledge.estimates.estimate import Estimate, Method, Z
from knowledge.estimates.grades import OF_SCORES, grade
from knowledge.words import Basis

ADDED = 3
"""How many answers the interval adds: three quarters of one to each end, the rest between them."""


@dataclass(frozen=True, slots=True)
class Tally3:
    """How many answered 9 or 10, 7 or 8, and 0 to 6, to how likely they are to recommend."""

    promoters: int
    passives: int
    detractors: int

    @classmethod
    def of(cls, answers: Mapping[int, int]) -> "Tally3":
        """From how often each answer from 0 to 10 was given."""
        promoters = sum(times for answer, times in answers.items() if answer >= 9)
        detractors = sum(times for answer, times in answers.items() if answer <= 6)
        return cls(promoters, sum(answers.values()) - promoters - detractors, detractors)

    @property
    def n(self) -> int:
        """How many answered."""
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float:
        """100 times promoters less detractors, of all n > 0."""
        return 100 * (self.promoters - self.detractors) / self.n


def adjusted_wald(tally: Tally3) -> tuple[float, float]:
    """The centre of the score's interval and its standard error, both in points: the adjusted Wald AW(3).

    With n' = n + 3, a = (P + 3/4) / n', b = (D + 3/4) / n' and s = a - b, the error is √((a + b - s²) / n'). Source: B. Rocks, Interval
    Estimation for the "Net Promoter Score", The American Statistician 70(4), 2016, pages 365-372. Its coverage holds from 10 answers up.
    """
    n = tally.n + ADDED
    top, bottom = (tally.promoters + ADDED / 4) / n, (tally.detractors + ADDED / 4) / n
    centre = top - bottom
    return 100 * centre, 100 * sqrt((top + bottom - centre * centre) / n)


def recommendation(
    promoters: int,
    passives: int,
    detractors: int,
    *,
    basis: Basis,
    population: int | None = None,
    voices: int | None = None,
) -> Estimate:
    """The raw score from -100 to 100 with the interval AW(3), which is cut at both ends; of nobody there is none.

    The interval lies around a score drawn a little towards 0, so that the raw score of a single answer is outside it.
    """
    tally = Tally3(promoters, passives, detractors)
    heard = tally.n if voices is None else voices
    if tally.n == 0:
        return Estimate(0, heard, basis, population=population)
    centre, error = adjusted_wald(tally)
    low, high = centre - Z * error, centre + Z * error
    worth = grade(low, high, basis=basis, widths=OF_SCORES)
    return Estimate(
        tally.n,
        heard,
        basis,
        tally.score,
        max(low, -100.0),
        min(high, 100.0),
        Method.ADJUSTED_WALD,
        population=population,
        grade=worth,
    )


def change_of_recommendation(
    before: Tally3 | None, after: Tally3 | None, *, basis: Basis = Basis.SELF_SELECTED
) -> Estimate:
    """After minus before in points, of different people.

    The value is the difference of the two raw scores, as everybody reckons it who sees them; the interval is that of the two
    adjusted scores, whose errors add as √(e² + f²), so that its middle is drawn a little towards 0.
    """
    if before is None or after is None or not before.n or not after.n:
        return without(_side(before), _side(after), basis)
    (first, its), (second, that) = adjusted_wald(before), adjusted_wald(after)
    middle, half = second - first, Z * hypot(its, that)
    worth = grade(middle - half, middle + half, basis=basis, widths=OF_SCORES)
    return Estimate(
        before.n + after.n,
        None,
        basis,
        after.score - before.score,
        max(middle - half, -200.0),
        min(middle + half, 200.0),
        Method.ADJUSTED_WALD,
        grade=worth,
    )


def _side(tally: Tally3 | None) -> Sample | None:
    return None if tally is None else Sample(tally.n, tally.score if tally.n else 0.0)
