"""What the answers to one question come to: the score of its metric, a share beside it, and the change from one wave to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from knowledge import estimates
from knowledge.estimates import Caveat, Estimate, Grade, Sample, Tally3
from knowledge.words import Basis, ScoreUnit, SurveyMetric


@dataclass(frozen=True, slots=True)
class Scale:
    """How a metric is scored: its unit, the ends of the answers, and from where on an answer counts for the share."""

    unit: ScoreUnit
    low: int
    high: int
    from_: int | None = None


SCALES: Mapping[SurveyMetric, Scale] = {
    SurveyMetric.RECOMMENDATION_0_10: Scale(ScoreUnit.POINTS, 0, 10),
    SurveyMetric.CSAT_1_5: Scale(ScoreUnit.SHARE, 1, 5, 4),
    SurveyMetric.CES_1_7: Scale(ScoreUnit.MEAN, 1, 7, 5),
    SurveyMetric.DEGREE_1_7: Scale(ScoreUnit.MEAN, 1, 7, 5),
    SurveyMetric.IMPORTANCE_1_5: Scale(ScoreUnit.MEAN, 1, 5, 4),
    SurveyMetric.BOOL: Scale(ScoreUnit.SHARE, 0, 1, 1),
}
"""Metrics with a score of their own; of choices each has its share, and of texts there is none."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many gave each answer, how those who answered were chosen, out of how many, and whether most of them kept silent."""

    counts: Mapping[int, int]
    basis: Basis = Basis.SELF_SELECTED
    population: int | None = None
    silent: bool = False

    @property
    def n(self) -> int:
        """How many answered; each is one voice."""
        return sum(self.counts.values())

    @property
    def total(self) -> int:
        """The sum of their answers."""
        return sum(answer * count for answer, count in self.counts.items())

    @property
    def squares(self) -> int:
        """The sum of the squares of their answers."""
        return sum(answer * answer * count for answer, count in self.counts.items())

    def between(self, low: int, high: int) -> int:
        """How many answered from `low` to `high`."""
        return sum(count for answer, count in self.counts.items() if low <= answer <= high)

    def warned(self, estimate: Estimate) -> Estimate:
        """The same with the caution that most kept silent, where they did: whoever answers then has as good as chosen to speak."""
        if not self.silent or not estimate.n or estimate.suppressed:
            return estimate
        return replace(
            estimate,
            warnings=(*estimate.warnings, Caveat.LOW_RESPONSE),
            grade=None if estimate.grade is None else Grade.C,
        )


def score(metric: SurveyMetric, tally: Tally) -> Estimate:
    """The score of a metric that is on a scale: recommendation in points, satisfaction and yes as a share, all else as a mean."""
    scale = SCALES[metric]
    if scale.unit is ScoreUnit.SHARE:
        return share(metric, tally)
    if scale.unit is ScoreUnit.POINTS:
        three = Tally3.of(tally.counts)
        found = estimates.recommendation(
            three.promoters, three.passives, three.detractors, basis=tally.basis, population=tally.population
        )
        return tally.warned(found)
    ends = (float(scale.low), float(scale.high))
    found = estimates.mean(
        tally.n, tally.total, tally.squares, basis=tally.basis, scale=ends, population=tally.population
    )
    return tally.warned(found)


def share(metric: SurveyMetric, tally: Tally) -> Estimate:
    """The share of the upper answers: 4 and 5 of five, 5 to 7 of seven, yes of yes and no."""
    scale = SCALES[metric]
    assert scale.from_ is not None
    return part(tally, tally.between(scale.from_, scale.high), tally.n)


def has_share_beside(metric: SurveyMetric) -> bool:
    """Whether the score is a mean, beside which the share of the upper answers says more."""
    return metric in SCALES and SCALES[metric].unit is ScoreUnit.MEAN


def part(tally: Tally, hits: int, n: int) -> Estimate:
    """The share of so many out of those who answered."""
    return tally.warned(estimates.share(hits, n, voices=n, basis=tally.basis, population=tally.population))


def change(metric: SurveyMetric, before: Tally, after: Tally) -> Estimate:
    """After minus before, of two waves whose answers are independent, with its interval."""
    scale, basis = SCALES[metric], _weaker(before.basis, after.basis)
    if scale.unit is ScoreUnit.POINTS:
        return estimates.change_of_recommendation(Tally3.of(before.counts), Tally3.of(after.counts), basis=basis)
    if scale.unit is ScoreUnit.SHARE:
        return estimates.change_of_shares(_hits(scale, before), _hits(scale, after), basis=basis)
    return estimates.change_of_means(_values(before), _values(after))


def _weaker(before: Basis, after: Basis) -> Basis:
    if Basis.SELF_SELECTED in (before, after):
        return Basis.SELF_SELECTED
    return before if before is after else Basis.RANDOM


def _hits(scale: Scale, tally: Tally) -> Sample | None:
    assert scale.from_ is not None
    return Sample(tally.n, tally.between(scale.from_, scale.high) / tally.n) if tally.n else None


def _values(tally: Tally) -> Sample | None:
    return Sample.of(tally.n, tally.total, tally.squares) if tally.n else None


def bound(metric: SurveyMetric, tally: Tally) -> Estimate | None:
    """Where the share lies among all to whom the survey applies, whatever those would have said who kept silent.

    None where the metric has no share, or nobody knows how many there are.
    """
    scale, everyone = SCALES[metric], tally.population
    if scale.from_ is None or everyone is None or not 0 < tally.n <= everyone:
        return None
    hits = tally.between(scale.from_, scale.high)
    low, high = estimates.bounds_without(hits, tally.n, everyone)
    return Estimate(tally.n, tally.n, tally.basis, hits / tally.n, low, high, population=everyone, level=1.0)
