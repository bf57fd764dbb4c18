"""Evidence: what customers said, and what else is known, attached to the entry whose claim it supports or contradicts."""

from knowledge.evidence.attaching import Document, Target, attach, contest, detach, may_detach
from knowledge.evidence.pieces import (
    Evidence,
    EvidenceRow,
    author_of,
    by_uid,
    cited_of,
    citing,
    entry_of,
    feedback_of,
    interaction_of,
    of_entry,
    of_feedback,
    result_of,
)
from knowledge.evidence.results import ResultRow, SurveyResult, as_estimate, take, taken
from knowledge.evidence.weighing import NO_WEIGHT, Tally, Voices, Weight, in_words, tally_of, weight_of

__all__ = [
    "NO_WEIGHT",
    "Document",
    "Evidence",
    "EvidenceRow",
    "ResultRow",
    "SurveyResult",
    "Tally",
    "Target",
    "Voices",
    "Weight",
    "as_estimate",
    "attach",
    "author_of",
    "by_uid",
    "cited_of",
    "citing",
    "contest",
    "detach",
    "entry_of",
    "feedback_of",
    "in_words",
    "interaction_of",
    "may_detach",
    "of_entry",
    "of_feedback",
    "result_of",
    "take",
    "taken",
    "tally_of",
    "weight_of",
]
