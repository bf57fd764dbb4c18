"""The questions of a survey: what may be asked, on which scale, and how they are written down."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypedDict

from sqlalchemy import delete, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.errors import Problem
from knowledge.surveys.survey import SurveyOption, SurveyQuestion
from knowledge.words import Aspect, SurveyMetric

MOST = 30
LONGEST = 300
CHOICES = 20
LABEL = 120


class Scale(NamedTuple):
    """The lowest and the highest answer."""

    lowest: int
    highest: int


SCALES: Mapping[SurveyMetric, Scale] = {
    SurveyMetric.RECOMMENDATION_0_10: Scale(0, 10),
    SurveyMetric.CSAT_1_5: Scale(1, 5),
    SurveyMetric.CES_1_7: Scale(1, 7),
    SurveyMetric.DEGREE_1_7: Scale(1, 7),
    SurveyMetric.IMPORTANCE_1_5: Scale(1, 5),
    SurveyMetric.BOOL: Scale(0, 1),
}
"""The metrics whose answers are numbers; yes is 1, and no is 0."""

OF_CHOICES = (SurveyMetric.SINGLE, SurveyMetric.MULTI)


class Asked(TypedDict, total=False):
    """One question as it is drawn up; `metric` and `text` are needed, and `options` where it offers choices.

    `key` names the same question in several surveys and is only needed where such are set beside one another.
    """

    metric: SurveyMetric
    text: str
    key: str
    aspect: Aspect | None
    required: bool
    options: Sequence[str]


def plain(text: str) -> str:
    """A text on one line, without spaces at its ends."""
    return " ".join(text.split())


def faults(asked: Sequence[Asked]) -> Iterable[Problem]:
    """All that is wrong with the questions of a survey."""
    if not asked:
        yield Problem("questions", "Ask at least one question.")
    if len(asked) > MOST:
        yield Problem("questions", f"Ask at most {MOST} questions; few people answer more than five.")
    keys = [plain(each.get("key", "")) for each in asked]
    for place, each in enumerate(asked[:MOST]):
        yield from _faults(each, f"questions[{place}]")
        if keys[place] and keys[place] in keys[:place]:
            yield Problem(f"questions[{place}].key", "Another question of this survey has this key.")


def _faults(asked: Asked, where: str) -> Iterable[Problem]:
    if not 1 <= len(plain(asked["text"])) <= LONGEST:
        yield Problem(f"{where}.text", f"A question has 1 to {LONGEST} characters.")
    if len(plain(asked.get("key", ""))) > 40:
        yield Problem(f"{where}.key", "A key has at most 40 characters.")
    labels = [plain(label) for label in asked.get("options", ())]
    if asked["metric"] not in OF_CHOICES:
        if labels:
            yield Problem(f"{where}.options", "Only a question of choices offers choices.")
        return
    if not 2 <= len(labels) <= CHOICES:
        yield Problem(f"{where}.options", f"Offer 2 to {CHOICES} choices.")
    elif len({label.lower() for label in labels}) < len(labels):
        yield Problem(f"{where}.options", "Two of the choices are the same.")
    elif not all(1 <= len(label) <= LABEL for label in labels):
        yield Problem(f"{where}.options", f"A choice has 1 to {LABEL} characters.")


def write(session: Session, survey_id: int, asked: Sequence[Asked]) -> None:
    """Put these questions in the place of those that a draft had."""
    questions, options = table_of(SurveyQuestion).c, table_of(SurveyOption).c
    former = select(questions.id).where(questions.survey_id == survey_id)
    session.connection().execute(delete(table_of(SurveyOption)).where(options.question_id.in_(former)))
    session.connection().execute(delete(table_of(SurveyQuestion)).where(questions.survey_id == survey_id))
    for position, each in enumerate(asked, 1):
        question = SurveyQuestion(
            uid=clock.uid(),
            survey_id=survey_id,
            position=position,
            metric=each["metric"],
            text=plain(each["text"]),
            key=plain(each.get("key", "")),
            aspect=each.get("aspect"),
            required=each.get("required", False),
        )
        session.add(question)
        session.flush()  # its choices point at it
        assert question.id is not None
        labels = [plain(label) for label in each.get("options", ())]
        session.add_all(
            SurveyOption(question_id=question.id, position=place, label=label) for place, label in enumerate(labels, 1)
        )
