"""What one response holds: checked against the scales of its questions, and written down answer by answer."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session

from knowledge.database import Table, table_of
from knowledge.errors import Problem
from knowledge.feedback import receiving
from knowledge.feedback.items import Feedback
from knowledge.feedback.receiving import NOBODY, Said, Speaker
from knowledge.surveys import reading
from knowledge.surveys.questions import SCALES
from knowledge.surveys.reading import QuestionRow, SurveyRow
from knowledge.surveys.response import SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import SurveyOption, SurveyQuestion
from knowledge.words import Anonymity, Channel, SurveyAudience, SurveyMetric

LONGEST = 4_000
MOST = 100
"""So many answers are looked at; more is no form of ours."""
SOURCE = "survey"
_DRAWN = (2**29, 2**30)
"""From where the keys of what is anonymous are drawn: above what is counted, and within what every database holds."""

_a, _h = table_of(SurveyAnswer).c, table_of(SurveyChoice).c
_q, _o, _f = table_of(SurveyQuestion).c, table_of(SurveyOption).c, table_of(Feedback).c


@dataclass(frozen=True, slots=True)
class Given:
    """What is answered to one question: a number on its scale, a text, or choices by their places, counted from 1.

    With none of them the question was passed over.
    """

    question: UUID
    number: int | None = None
    text: str | None = None
    choices: tuple[int, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether nothing is said."""
        return self.number is None and not (self.text or "").strip() and not self.choices


def faults(questions: Sequence[QuestionRow], given: Sequence[Given]) -> Iterable[Problem]:
    """All that is wrong with answers, each at its place in the list."""
    if len(given) > MOST:
        yield Problem("answers", f"At most {MOST} answers.")
        return
    known = {question.uid: question for question in questions}
    seen: set[UUID] = set()
    for place, each in enumerate(given):
        where = f"answers[{place}]"
        question = known.get(each.question)
        if question is None:
            yield Problem(f"{where}.question", "This survey does not ask that.")
        elif each.question in seen:
            yield Problem(f"{where}.question", "This is answered twice.")
        elif not each.is_blank:
            yield from _misfits(question, each, where)
        seen.add(each.question)
    yield from _missing(questions, given)


def _missing(questions: Sequence[QuestionRow], given: Sequence[Given]) -> Iterable[Problem]:
    said = {each.question for each in given if not each.is_blank}
    places = {each.question: f"answers[{place}]" for place, each in enumerate(given)}
    if not said:
        yield Problem("answers", "Answer at least one question.")
        return
    for question in questions:
        if question.required and question.uid not in said:
            where = places.get(question.uid, "answers")
            part = {SurveyMetric.TEXT: ".text", SurveyMetric.SINGLE: ".choices", SurveyMetric.MULTI: ".choices"}
            at = f"{where}{part.get(question.metric, '.number')}" if where != "answers" else where
            yield Problem(at, f"This one is needed: {question.text}")


def _misfits(question: QuestionRow, given: Given, where: str) -> Iterable[Problem]:
    scale, metric = SCALES.get(question.metric), question.metric
    if given.number is not None and scale is None:
        yield Problem(f"{where}.number", "This is not answered by a number.")
    elif scale is not None and given.number is not None and not scale.lowest <= given.number <= scale.highest:
        yield Problem(f"{where}.number", f"Choose from {scale.lowest} to {scale.highest}.")
    if (given.text or "").strip() and metric is not SurveyMetric.TEXT:
        yield Problem(f"{where}.text", "This is not answered in words.")
    elif len((given.text or "").strip()) > LONGEST:
        yield Problem(f"{where}.text", f"This has at most {LONGEST:,} characters.")
    if not given.choices:
        return
    places = {option.position for option in reading.options_of(question)}
    if not places or not set(given.choices) <= places:
        yield Problem(f"{where}.choices", "Choose from what is offered.")
    elif metric is SurveyMetric.SINGLE and len(set(given.choices)) > 1:
        yield Problem(f"{where}.choices", "Choose one.")


def write(session: Session, survey: SurveyRow, response: SurveyResponse, given: Sequence[Given]) -> None:
    """Put these answers in the place of those that a response had; what was said in words by name is heard as feedback at once."""
    assert response.id is not None
    former = select(_a.id).where(_a.response_id == response.id)
    session.connection().execute(delete(table_of(SurveyChoice)).where(_h.answer_id.in_(former)))
    session.connection().execute(delete(table_of(SurveyAnswer)).where(_a.response_id == response.id))
    asked = {question.uid: question for question in reading.questions_of(survey)}
    said = [each for each in given if not each.is_blank]
    unnamed = survey.anonymity is Anonymity.ANONYMOUS
    keys: Sequence[int | None] = drawn_keys(session, SurveyAnswer, len(said)) if unnamed else [None] * len(said)
    for key, each in zip(keys, said, strict=True):
        question, text = asked[each.question], (each.text or "").strip() or None
        answer = SurveyAnswer(id=key, response_id=response.id, question_id=question.id, number=each.number, text=text)
        session.add(answer)
        session.flush()  # its choices point at it
        _choose(session, survey, question, answer, each)
        if text is not None:
            _hear(session, survey, response, question, text)


def _choose(session: Session, survey: SurveyRow, question: QuestionRow, answer: SurveyAnswer, given: Given) -> None:
    assert answer.id is not None
    options = {option.position: option.id for option in reading.options_of(question)}
    chosen = sorted(set(given.choices))
    unnamed = survey.anonymity is Anonymity.ANONYMOUS
    keys: Sequence[int | None] = drawn_keys(session, SurveyChoice, len(chosen)) if unnamed else [None] * len(chosen)
    for key, place in zip(keys, chosen, strict=True):
        session.add(SurveyChoice(id=key, answer_id=answer.id, option_id=options[place]))


def _hear(session: Session, survey: SurveyRow, response: SurveyResponse, question: QuestionRow, text: str) -> None:
    """What a customer says by name is feedback, and is seen to as all feedback is. What they say otherwise a day later is said too."""
    if survey.anonymity is not Anonymity.IDENTIFIED or survey.audience is SurveyAudience.INTERNAL:
        return
    name = f"{response.uid}/{question.position}"
    there = select(_f.external_id, _f.verbatim).where(
        _f.source == SOURCE, (_f.external_id == name) | _f.external_id.startswith(f"{name}-")
    )
    known = {row[0]: row[1] for row in session.connection().execute(there)}
    if text in known.values():
        return
    said = Said(
        verbatim=text,
        channel=Channel.CUSTOMER_SURVEY,
        language=survey.language,
        aspect=question.aspect,
        source=SOURCE,
        external_id=f"{name}-{len(known) + 1}" if known else name,
        anonymous=response.customer_id is None,
    )
    speaker = NOBODY if response.customer_id is None else Speaker(customer_id=response.customer_id)
    receiving.keep(session, said, speaker, sample=survey.sample, received_at=response.answered_at)


def drawn_keys(session: Session, table: type[Table], many: int) -> list[int]:
    """Keys that say nothing of the order in which rows were written."""
    lot, column = random.SystemRandom(), table_of(table).c.id
    keys: set[int] = set()
    while len(keys) < many:
        drawn = {lot.randrange(*_DRAWN) for _ in range(many - len(keys))}
        keys |= drawn - set(session.connection().execute(select(column).where(column.in_(drawn))).scalars())
    return list(keys)


def given_in(session: Session, response_id: int) -> Mapping[int, Given]:
    """What a response holds, by the key of the question."""
    rows = session.connection().execute(
        select(_a.id, _a.question_id, _q.uid, _a.number, _a.text)
        .join_from(table_of(SurveyAnswer), table_of(SurveyQuestion), _q.id == _a.question_id)
        .where(_a.response_id == response_id)
    )
    found = {row[0]: row[1:] for row in rows}
    chosen: dict[int, list[int]] = {}
    places = select(_h.answer_id, _o.position).join_from(
        table_of(SurveyChoice), table_of(SurveyOption), _o.id == _h.option_id
    )
    for answer_id, place in session.connection().execute(places.where(_h.answer_id.in_(found)).order_by(_o.position)):
        chosen.setdefault(answer_id, []).append(place)
    return {row[0]: Given(row[1], row[2], row[3], tuple(chosen.get(id, ()))) for id, row in found.items()}
