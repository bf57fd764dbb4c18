"""A survey as whoever was asked sees it, by the link that they have; and answers that another system has collected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge.errors import NotFound
from knowledge.people import Act
from knowledge.surveys import answering, due, reading, upserting
from knowledge.surveys.holding import Given
from knowledge.surveys.upserting import Brought
from schema.atomic import Payload, mutation, query
from schema.bulk import UpsertResult, answered
from schema.context import Info
from schema.customers import CustomerRef, reference
from schema.fields import given, shown
from schema.nodes import id_of, uid_of
from schema.surveys.asked import SurveyQuestion
from schema.words import Anonymity

Token = Annotated[str, strawberry.argument(description="The last part of the link.")]


@strawberry.type(description="What was answered, while it may still be changed.")
class SurveyAnswerGiven:
    """An answer of the form."""

    question: strawberry.ID = strawberry.field(description="The question.")
    number: int | None = strawberry.field(description="On its scale.")
    text: str | None = strawberry.field(description="In words.")
    choices: list[int] = strawberry.field(description="The places of what was chosen.")


@strawberry.type(description="A survey as whoever has a link to it sees it.")
class SurveyForm:
    """A form."""

    title: str = strawberry.field(description="What it is called.")
    intro: str = strawberry.field(description="Why it asks.")
    thanks: str = strawberry.field(description="What is read afterwards.")
    language: str = strawberry.field(description="The code of its language.")
    anonymity: Anonymity = strawberry.field(description="What is known of whoever answers.")
    questions: list[SurveyQuestion] = strawberry.field(description="What it asks.")
    answers: list[SurveyAnswerGiven] = strawberry.field(description="What was answered, while it may be changed.")
    known: bool = strawberry.field(description="Whether it is kept who answers.")
    over: bool = strawberry.field(description="Whether no answer is taken any more.")
    answered: bool = strawberry.field(description="Whether it was answered and stays so.")
    editable_until: datetime | None = strawberry.field(description="Until when what was answered may be changed.")


@query(
    "The survey that a link opens; null where it opens nothing.",
    SurveyForm | None,
    needs=Act.SURVEYS_ANSWER,
)
def survey_form(info: Info, token: Token) -> Any:
    context = info.context
    try:
        form = answering.form(context.session, context.viewer, context.secret, token)
    except NotFound:
        return None
    questions: Any = reading.questions_of(form.survey)
    held = [
        SurveyAnswerGiven(
            question=id_of("SurveyQuestion", each.question),
            number=each.number,
            text=each.text,
            choices=list(each.choices),
        )
        for each in form.given.values()
    ]
    fields = ("title", "intro", "thanks", "language", "anonymity")
    return SurveyForm(
        **{name: getattr(form.survey, name) for name in fields},
        questions=questions,
        answers=held,
        known=form.is_known,
        over=form.is_over,
        answered=form.is_answered,
        editable_until=form.until,
    )


@strawberry.type(description="A survey that waits for the viewer's answer.")
class SurveyDue:
    """A survey that is due."""

    title: str = shown("What it is called.")
    intro: str = shown("Why it asks.")
    anonymity: Anonymity = shown("What is known of whoever answers.")
    closes_at: datetime | None = shown("Until when.")
    token: str = shown("The last part of the link by which they answer; it is theirs.")


@query(
    "What waits for the viewer's answer, who signed in themselves; at most 20.",
    list[SurveyDue],
    needs=Act.SURVEYS_ANSWER,
)
def surveys_due(info: Info) -> Any:
    return due.due(info.context.session, info.context.viewer, info.context.secret)


@strawberry.input(description="What is answered to one question; with nothing but the question it was passed over.")
class AnswerInput:
    """An answer."""

    question: strawberry.ID = strawberry.field(description="The question.")
    number: strawberry.Maybe[int | None] = strawberry.field(description="On its scale; yes is 1, no is 0.")
    text: strawberry.Maybe[str | None] = strawberry.field(description="In words, at most 4,000 characters.")
    choices: strawberry.Maybe[list[int]] = strawberry.field(description="Places of its options, counted from 1.")


def _given(input: AnswerInput, place: int) -> Given:
    said = given(input, but=("question", "choices"))
    choices = tuple(input.choices.value) if input.choices is not None else ()
    return Given(uid_of(input.question, "SurveyQuestion", f"answers[{place}].question"), choices=choices, **said)


@strawberry.input(description="What somebody answers by their link.")
class AnswerSurveyInput:
    """Input of answerSurvey."""

    token: str = strawberry.field(description="The last part of the link.")
    answers: list[AnswerInput] = strawberry.field(description="As many as they like; at least one.")


@strawberry.type(description="What they answered is kept.")
class AnswerSurveyPayload(Payload):
    """Answer of answerSurvey."""

    token: str | None = strawberry.field(
        description="The last part of the link by which this answer, and no other, may be changed. It is shown once.",
        default=None,
    )
    editable_until: datetime | None = strawberry.field(description="Until when.", default=None)
    thanks: str | None = strawberry.field(description="What the survey says now.", default=None)


@mutation(
    "Answer a survey by the link that one has, without signing in, or change what one answered within a day.",
    AnswerSurveyPayload,
    needs=Act.SURVEYS_ANSWER,
)
def answer_survey(info: Info, input: AnswerSurveyInput) -> Mapping[str, object]:
    context = info.context
    if context.answers is not None:
        context.answers.pass_through(context.caller)
    said = [_given(each, place) for place, each in enumerate(input.answers)]
    taken = answering.answer(context.session, context.viewer, context.secret, input.token, said)
    return {"token": taken.token, "editable_until": taken.until, "thanks": taken.survey.thanks}


@strawberry.input(description="One response as another system has it.")
class UpsertSurveyResponseRow:
    """One of the rows of upsertSurveyResponses."""

    source: str = strawberry.field(description="The system.")
    external_id: str = strawberry.field(description="What it calls this.")
    wave: strawberry.ID = strawberry.field(description="The wave in which it was answered.")
    answers: list[AnswerInput] = strawberry.field(description="What was answered, all of it.")
    customer: strawberry.Maybe[CustomerRef | None] = strawberry.field(
        description="Who answered; nobody in an anonymous survey."
    )
    answered_at: strawberry.Maybe[datetime | None] = strawberry.field(
        description="When; now unless given. Of an anonymous survey the day is kept."
    )


@strawberry.input(description="Responses from another system.")
class UpsertSurveyResponsesInput:
    """Input of upsertSurveyResponses."""

    rows: list[UpsertSurveyResponseRow] = strawberry.field(description="At most 250.")


@strawberry.type(description="What came of the rows, in their order.")
class UpsertSurveyResponsesPayload(Payload):
    """Answer of upsertSurveyResponses."""

    results: list[UpsertResult] = strawberry.field(description="One for each row.", default_factory=list)


def _brought(row: UpsertSurveyResponseRow) -> Brought:
    ref = row.customer.value if row.customer is not None else None
    return Brought(
        row.source,
        row.external_id,
        uid_of(row.wave, "Wave", "rows"),
        [_given(each, place) for place, each in enumerate(row.answers)],
        reference(ref) if ref is not None else None,
        row.answered_at.value if row.answered_at is not None else None,
    )


@mutation(
    "Bring in answers that another system has collected: matched by source and identifier, each row by itself.",
    UpsertSurveyResponsesPayload,
    needs=Act.SURVEYS_WRITE,
)
def upsert_survey_responses(info: Info, input: UpsertSurveyResponsesInput) -> Mapping[str, object]:
    rows = [_brought(row) for row in input.rows]
    kept = upserting.upsert(info.context.session, info.context.viewer, rows)
    results = [answered("SurveyResponse", i, each.uid, each.is_new, each.problems) for i, each in enumerate(kept)]
    return {"results": results}


QUERIES = [survey_form, surveys_due]
MUTATIONS = [answer_survey, upsert_survey_responses]
