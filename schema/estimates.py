"""Estimate: the only way a statistic leaves the product."""

import strawberry

from knowledge import estimates
from schema.words import Basis, EstimateMethod, EstimateWarning, Grade


@strawberry.type(
    description="A figure with what it rests on. Value and interval are null as long as nothing may be concluded; "
    "what would tell of too few people is suppressed, and then n is null too."
)
class Estimate:
    """The only way a statistic leaves the product."""

    n: int | None = strawberry.field(description="How many observations; null where the figure is suppressed.")
    distinct_voices: int | None = strawberry.field(
        description="How many distinct customers stand behind them; of uses, how many distinct colleagues."
    )
    effective_voices: float | None = strawberry.field(
        description="By how many customers of equal loudness the same messages could have been sent: "
        "the square of their number, divided by the sum of squares over customers. One voice among many is seen by it.",
        default=None,
    )
    population: int | None = strawberry.field(
        description="How many there are, of whom these were observed; null where nobody knows.", default=None
    )
    basis: Basis = strawberry.field(description="How they were chosen.")
    value: float | None = strawberry.field(description="The figure; null without data.", default=None)
    low: float | None = strawberry.field(description="The lower end of its interval.", default=None)
    high: float | None = strawberry.field(description="The upper end of its interval.", default=None)
    level: float = strawberry.field(description="How sure the interval is: 0.95.", default=estimates.LEVEL)
    method: EstimateMethod | None = strawberry.field(
        description="How the interval was found; null without one.", default=None
    )
    grade: Grade | None = strawberry.field(
        description="How much the figure can carry; null where there is no interval.", default=None
    )
    suppressed: bool = strawberry.field(
        description="Whether it is withheld, because it would tell of too few people.", default=False
    )
    warnings: list[EstimateWarning] = strawberry.field(
        description="What whoever reads it should know.", default_factory=list
    )


def estimated(found: estimates.Estimate) -> Estimate:
    """An estimate as it leaves the product."""
    return Estimate(
        n=found.n,
        distinct_voices=found.distinct_voices,
        effective_voices=found.effective_voices,
        population=found.population,
        basis=found.basis,
        value=found.value,
        low=found.low,
        high=found.high,
        level=found.level,
        method=found.method,
        grade=found.grade,
        suppressed=found.suppressed,
        warnings=list(found.warnings),
    )
