"""Every statistic as a value with what it rests on: pure functions of plain numbers, without a database."""

from knowledge.estimates.anonymity import guarded, isolates, overlapping, publishable, released, verbatims_allowed
from knowledge.estimates.changes import Sample, change_words
from knowledge.estimates.estimate import LEVEL, SUPPRESSED, Caveat, Estimate, Grade, Method, Z
from knowledge.estimates.grades import grade
from knowledge.estimates.means import change_of_means, mean, mean_of, median, student, welch
from knowledge.estimates.samples import (
    detecting,
    recommendation_size,
    response_caveats,
    response_rate,
    sample_size,
    silence,
    silence_needed,
    silence_words,
)
from knowledge.estimates.scores import Tally3, change_of_recommendation, recommendation
from knowledge.estimates.shares import bounds_without, change_of_shares, count, newcombe, share, share_of, wilson
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
    "detecting",
    "grade",
    "guarded",
    "isolates",
    "mean",
    "mean_of",
    "median",
    "newcombe",
    "overlapping",
    "publishable",
    "recommendation",
    "recommendation_size",
    "released",
    "response_caveats",
    "response_rate",
    "sample_size",
    "share",
    "share_of",
    "silence",
    "silence_needed",
    "silence_words",
    "student",
    "verbatims_allowed",
    "welch",
    "wilson",
]
