"""How many to ask, what silence says, and what the answers of some say of all."""

from math import ceil

from knowledge.estimates.estimate import Caveat, Estimate, Z
from knowledge.estimates.scores import ADDED
from knowledge.estimates.shares import share
from knowledge.words import Basis

POWER = 0.8416212335729143
"""The quantile of the normal distribution that finds four of five real changes."""

USUAL_VARIANCE = 0.61
"""The variance of a recommendation score that is 50/30/20; the greatest there is is 1."""

FEW_ANSWERED = 0.5
"""Where fewer of those asked answer, the silent could turn every figure: what they may say is wider than half of all."""


def sample_size(margin: float, *, share: float = 0.5, population: int | None = None) -> int:
    """How many answers make the interval of a share at most ± margin wide; of a small population fewer do.

    n₀ = z²·p(1-p) / e², and n = n₀ / (1 + (n₀ - 1)/N). Source: W. G. Cochran, Sampling Techniques, 3rd edition 1977, section 4.4.
    """
    needed = Z * Z * share * (1 - share) / (margin * margin)
    if population is not None:
        needed /= 1 + (needed - 1) / population
    return ceil(needed)


def recommendation_size(points: float, *, variance: float = USUAL_VARIANCE) -> int:
    """How many answers bring a recommendation score to ± points: n = s²z²/d² - 3, the three being those that AW(3) adds."""
    return ceil(variance * (100 * Z / points) ** 2 - ADDED)


def detecting(points: float, *, variance: float = USUAL_VARIANCE) -> int:
    """How many answers each of two waves needs to find a change of so many points four times of five.

    n = 2·s²·(z + z₈₀)²/d² - 3. Source: the usual two-sample formula, as in Cochran's chapter 2 with the power added.
    """
    return ceil(2 * variance * (100 * (Z + POWER) / points) ** 2 - ADDED)


def silence(n: int) -> float | None:
    """The least prevalence that n answers without a single confirmation exclude: that and every greater one; None of nobody.

    It is the upper end of Wilson's interval for 0 of n: z² / (n + z²).
    """
    return Z * Z / (n + Z * Z) if n else None


def silence_needed(prevalence: float) -> int:
    """How many answers without a confirmation exclude it: n >= z²(1 - p)/p, such as 73 for 5 of 100."""
    return ceil(Z * Z * (1 - prevalence) / prevalence)


def silence_words(n: int) -> str:
    """What nobody confirming it among n answers lets one say, rounded so that it claims too little rather than too much."""
    excluded = silence(n)
    if excluded is None:
        return "nobody has answered yet"
    return f"0 of {n}: fewer than {ceil(round(1000 * excluded, 6)) / 10:g} in 100 at 95 %"


def response_rate(answered: int, asked: int) -> Estimate:
    """How many of those asked have answered; all of them were counted, and below half it is a caveat for what they say."""
    return share(
        answered,
        asked,
        voices=answered,
        basis=Basis.CENSUS,
        population=asked,
        warnings=response_caveats(answered, asked),
    )


def response_caveats(answered: int, asked: int) -> tuple[Caveat, ...]:
    """What to mind in every figure of a wave, by how many answered; where nobody was asked by name there is nothing to tell."""
    return (Caveat.LOW_RESPONSE,) if asked and answered < FEW_ANSWERED * asked else ()
