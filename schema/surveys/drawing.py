"""Surveys are drawn up, opened, asked and closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import strawberry

from knowledge import feedback
from knowledge.customers import named as customer_named
from knowledge.customers import segments, touchpoints
from knowledge.errors import NotFound
from knowledge.feedback import themes
from knowledge.people import Act
from knowledge.surveys import bank, inviting, writing
from knowledge.surveys.inviting import Opened
from knowledge.surveys.writing import Said
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.customers import CustomerRef, reference
from schema.fields import given
from schema.nodes import uid_of
from schema.surveys.asked import Survey, SurveyReach, Wave, reached
from schema.words import Anonymity, Aspect, InvitationKind, SurveyAudience, SurveyMetric, SurveyPurpose


@strawberry.input(description="One question.")
class SurveyQuestionInput:
    """A question as it is drawn up."""

    metric: SurveyMetric = strawberry.field(description="What it measures.")
    text: str = strawberry.field(description="What it asks, at most 300 characters.")
    key: strawberry.Maybe[str] = strawberry.field(
        description="What the same question is called in every survey, so that they are set beside one another."
    )
    aspect: strawberry.Maybe[Aspect | None] = strawberry.field(description="Which of the attitude questions it is.")
    required: strawberry.Maybe[bool] = strawberry.field(description="Whether it has to be answered; no unless given.")
    options: strawberry.Maybe[list[str]] = strawberry.field(description="For SINGLE and MULTI: 2 to 20 choices.")


@strawberry.input(description="A new survey. What it does not say is as in the survey of the bank that it begins as.")
class CreateSurveyInput:
    """Input of createSurvey."""

    bank: strawberry.Maybe[str] = strawberry.field(description="The key of a survey of surveyBank to begin with.")
    title: strawberry.Maybe[str] = strawberry.field(description="What it is called; needed unless the bank says so.")
    questions: strawberry.Maybe[list[SurveyQuestionInput]] = strawberry.field(
        description="What it asks, 1 to 30 questions; needed unless the bank says so."
    )
    intro: strawberry.Maybe[str] = strawberry.field(description="Why it asks, at most 1,000 characters.")
    thanks: strawberry.Maybe[str] = strawberry.field(description="What is read afterwards, at most 1,000 characters.")
    language: strawberry.Maybe[str] = strawberry.field(description="The code of its language; en unless given.")
    audience: strawberry.Maybe[SurveyAudience] = strawberry.field(description="Whom it asks; EXTERNAL unless given.")
    purpose: strawberry.Maybe[SurveyPurpose] = strawberry.field(
        description="What it is for; RELATIONAL unless given. Every colleague may draw up one for VERIFICATION."
    )
    anonymity: strawberry.Maybe[Anonymity] = strawberry.field(
        description="What is known of whoever answers; CONFIDENTIAL unless given. A PULSE is never IDENTIFIED."
    )
    minimum_n: strawberry.Maybe[int] = strawberry.field(
        description="Below so many answers nothing of them is shown: 3 to 100, 5 unless given."
    )
    population: strawberry.Maybe[int | None] = strawberry.field(description="How many there are to whom it applies.")
    frame: strawberry.Maybe[str] = strawberry.field(description="Who they are and how they are reached, in words.")
    segment: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Only customers of this segment.")
    theme: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The theme that it looks into.")
    feedback: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The words that it follows.")
    touchpoint: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="Where that happens of which it asks: in a wave of kind EVENT those who were there are asked by themselves."
    )


@strawberry.input(
    description="A survey said otherwise: what is omitted stays. Once it was opened only title, intro, thanks, frame, population, theme "
    "and feedback may change."
)
class UpdateSurveyInput:
    """Input of updateSurvey."""

    id: strawberry.ID = strawberry.field(description="The survey.")
    title: strawberry.Maybe[str] = strawberry.field(description="What it is called.")
    questions: strawberry.Maybe[list[SurveyQuestionInput]] = strawberry.field(description="What it asks, all of it.")
    intro: strawberry.Maybe[str] = strawberry.field(description="Why it asks.")
    thanks: strawberry.Maybe[str] = strawberry.field(description="What is read afterwards.")
    language: strawberry.Maybe[str] = strawberry.field(description="The code of its language.")
    audience: strawberry.Maybe[SurveyAudience] = strawberry.field(description="Whom it asks.")
    purpose: strawberry.Maybe[SurveyPurpose] = strawberry.field(description="What it is for.")
    anonymity: strawberry.Maybe[Anonymity] = strawberry.field(description="What is known of whoever answers.")
    minimum_n: strawberry.Maybe[int] = strawberry.field(description="Below so many answers nothing of them is shown.")
    population: strawberry.Maybe[int | None] = strawberry.field(description="How many there are to whom it applies.")
    frame: strawberry.Maybe[str] = strawberry.field(description="Who they are and how they are reached.")
    segment: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Only customers of this segment.")
    theme: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The theme that it looks into.")
    feedback: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The words that it follows.")
    touchpoint: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="Where that happens of which it asks."
    )
    version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read; a newer one is a conflict."
    )


@strawberry.input(description="A survey as it is.")
class SurveyInput:
    """Input of openSurvey and closeSurvey."""

    id: strawberry.ID = strawberry.field(description="The survey.")


@strawberry.type(description="A survey as it is now.")
class SurveyPayload(Payload):
    """Answer of createSurvey, updateSurvey, openSurvey and closeSurvey."""

    survey: Survey | None = strawberry.field(description="The survey.", default=None)
    current: Survey | None = strawberry.field(
        description="After a conflict: the survey as somebody else left it.", default=None
    )


_ABOUT: Mapping[str, tuple[str, Any]] = {
    "segment": ("Segment", segments.by_uid),
    "theme": ("Theme", themes.by_theme),
    "feedback": ("Feedback", feedback.by_uid),
    "touchpoint": ("Touchpoint", touchpoints.by_uid),
}


def _said(info: Info, input: Any) -> Said:
    said = given(input, but=("id", "version", "bank", "questions"))
    for name, (type, finder) in _ABOUT.items():
        if said.get(name) is not None:
            row = finder(info.context.session, info.context.viewer, uid_of(said[name], type, name))
            if row is None:
                raise NotFound(f"There is no such {name}.", name)
            said[name] = row
    if input.questions is not None:
        said["questions"] = [given(each) for each in input.questions.value]
    return cast(Said, said)


@mutation(
    "Draw up a survey, as a draft. Leaders do; and any colleague one by which others are asked whether they feel the same.",
    SurveyPayload,
    needs=Act.FEEDBACK_WRITE,
)
def create_survey(info: Info, input: CreateSurveyInput) -> Mapping[str, object]:
    begun: Said = bank.shipped(input.bank.value).said if input.bank is not None else {}
    said = cast(Said, {**begun, **_said(info, input)})
    return {"survey": writing.create(info.context.session, info.context.viewer, said)}


@mutation("Say otherwise what a survey says.", SurveyPayload, needs=Act.FEEDBACK_WRITE)
def update_survey(info: Info, input: UpdateSurveyInput) -> Mapping[str, object]:
    version = input.version.value if input.version is not None else None
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "Survey")
    return {"survey": writing.update(session, viewer, uid, _said(info, input), version=version)}


@mutation(
    "Open a survey: from then on it can be asked, and its questions stay as they are.",
    SurveyPayload,
    needs=Act.FEEDBACK_WRITE,
)
def open_survey(info: Info, input: SurveyInput) -> Mapping[str, object]:
    return {"survey": writing.open(info.context.session, info.context.viewer, uid_of(input.id, "Survey"))}


@mutation("Close a survey: no answer is taken any more.", SurveyPayload, needs=Act.FEEDBACK_WRITE)
def close_survey(info: Info, input: SurveyInput) -> Mapping[str, object]:
    return {"survey": writing.close(info.context.session, info.context.viewer, uid_of(input.id, "Survey"))}


@strawberry.input(description="One more time that a survey is asked.")
class OpenWaveInput:
    """Input of openWave."""

    survey: strawberry.ID = strawberry.field(description="The survey; it is open.")
    kind: InvitationKind = strawberry.field(
        description="How those who are asked are chosen. An anonymous survey has no EVENT: one by one nobody stays unnamed."
    )
    opens_at: strawberry.Maybe[datetime] = strawberry.field(description="From when; now unless given.")
    closes_at: strawberry.Maybe[datetime | None] = strawberry.field(description="Until when answers are taken.")
    population: strawberry.Maybe[int | None] = strawberry.field(
        description="How many there are to whom it applies; as the survey says unless given."
    )
    seed: strawberry.Maybe[int | None] = strawberry.field(description="Of RANDOM: what it is drawn with.")


@strawberry.input(description="A wave as it is.")
class EndWaveInput:
    """Input of endWave."""

    id: strawberry.ID = strawberry.field(description="The wave.")


@strawberry.type(description="A wave as it is now.")
class WavePayload(Payload):
    """Answer of openWave, endWave and invite."""

    wave: Wave | None = strawberry.field(description="The wave.", default=None)
    reach: SurveyReach | None = strawberry.field(
        description="Of those who were invited just now: who could be asked, and who is left out and why.", default=None
    )


@mutation(
    "Begin to ask a survey once more. Nobody is asked yet, unless they come by its link.",
    WavePayload,
    needs=Act.FEEDBACK_WRITE,
)
def open_wave(info: Info, input: OpenWaveInput) -> Mapping[str, object]:
    opened = cast(Opened, given(input, but=("survey",)))
    uid = uid_of(input.survey, "Survey", "survey")
    return {"wave": inviting.open_wave(info.context.session, info.context.viewer, uid, opened)}


@mutation("End a wave: no answer is taken in it any more.", WavePayload, needs=Act.FEEDBACK_WRITE)
def end_wave(info: Info, input: EndWaveInput) -> Mapping[str, object]:
    return {"wave": inviting.end_wave(info.context.session, info.context.viewer, uid_of(input.id, "Wave"))}


@strawberry.input(description="Whom to ask in a wave.")
class InviteInput:
    """Input of invite."""

    wave: strawberry.ID = strawberry.field(description="The wave.")
    size: strawberry.Maybe[int] = strawberry.field(description="For RANDOM: how many are drawn.")
    customers: strawberry.Maybe[list[CustomerRef]] = strawberry.field(
        description="For EVENT: to whom it happened, at most 250."
    )


@mutation(
    "Ask people in a wave: by lot, all of them, or those to whom something happened. Nobody is asked twice, nobody without having "
    "agreed, and nobody who has heard from us often enough of late.",
    WavePayload,
    needs=Act.FEEDBACK_WRITE,
)
def invite(info: Info, input: InviteInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    refs = input.customers.value if input.customers is not None else None
    those = (
        None if refs is None else [customer_named(session, viewer, reference(ref), field="customers") for ref in refs]
    )
    size = input.size.value if input.size is not None else None
    uid = uid_of(input.wave, "Wave", "wave")
    done = inviting.invite(session, viewer, uid, size=size, customers=those, contact=info.context.contact)
    return {"wave": done.wave, "reach": reached(done.reach.counts)}


MUTATIONS = [create_survey, update_survey, open_survey, close_survey, open_wave, end_wave, invite]
