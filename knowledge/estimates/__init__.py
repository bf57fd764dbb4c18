"""Every statistic as a value with what it rests on: pure functions of plain numbers, without a database."""

from knowledge.estimates.changes import Sample, change_words
from knowledge.estimates.estimate import LEVEL, SUPPRESSED, Caveat, Estimate, Grade, Method, Z
from knowledge.estimates.grades import grade
from knowledge.estimates.means import change_of_means, mean, median, student, welch
from knowledge.estimates.scores import Tally3, change_of_recommendation, recommendation
from knowledge.estimates.shares import bounds_without, change_of_shares, count, newcombe, share, wilson
from knowledge.estimates.voices import Voices

__all__ = [
    "LEVEL",
    "SUPPRESSED",
    "Caveat",
    "Estimate",
    "Grade",
    "Method",
    "Sample",
    "Tally3",
    "Voices",
    "Z",
    "bounds_without",
    "change_of_means",
    "change_of_recommendation",
    "change_of_shares",
    "change_words",
    "count",
    "grade",
    "mean",
    "median",
    "newcombe",
    "recommendation",
    "share",
    "student",
    "welch",
    "wilson",
]
