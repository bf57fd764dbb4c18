"""Vision documents: where the company is going, what that means and why, and the seven steps that take it there."""

from knowledge.vision.questions import GuidingQuestion, QuestionRow, StepRow, install, steps
from knowledge.vision.statement import DETAIL, Vision, VisionRow

__all__ = [
    "DETAIL",
    "GuidingQuestion",
    "QuestionRow",
    "StepRow",
    "Vision",
    "VisionRow",
    "install",
    "steps",
]
