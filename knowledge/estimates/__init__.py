"""Every statistic as a value with what it rests on: pure functions of plain numbers, without a database."""

from knowledge.estimates.estimate import LEVEL, SUPPRESSED, Caveat, Estimate, Grade, Method, Z
from knowledge.estimates.intervals import (
    Sample,
    change_of_means,
    change_of_shares,
    count,
    mean,
    median,
    newcombe,
    share,
    student,
    welch,
    wilson,
)

__all__ = [
    "LEVEL",
    "SUPPRESSED",
    "Caveat",
    "Estimate",
    "Grade",
    "Method",
    "Sample",
    "Z",
    "change_of_means",
    "change_of_shares",
    "count",
    "mean",
    "median",
    "newcombe",
    "share",
    "student",
    "welch",
    "wilson",
]
