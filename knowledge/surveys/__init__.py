"""Surveys: what is asked, of whom, and what was answered."""

from knowledge.surveys.answering import answer, form
from knowledge.surveys.holding import Given
from knowledge.surveys.inviting import Invited, Opened, end_wave, invite, open_wave
from knowledge.surveys.questions import Asked
from knowledge.surveys.reading import QuestionRow, SurveyRow, WaveRow, by_uid, listing, questions_of, waves_of
from knowledge.surveys.writing import Said, close, create, open, update  # noqa: A004  it is read as surveys.open(...)

__all__ = [
    "Asked",
    "Given",
    "Invited",
    "Opened",
    "QuestionRow",
    "Said",
    "SurveyRow",
    "WaveRow",
    "answer",
    "by_uid",
    "close",
    "create",
    "end_wave",
    "form",
    "invite",
    "listing",
    "open",
    "open_wave",
    "questions_of",
    "update",
    "waves_of",
]
