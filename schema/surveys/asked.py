"""Surveys, their questions and waves, and what was answered by name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge import estimates
from knowledge.database import Page
from knowledge.people import Act
from knowledge.scores import hiding
from knowledge.surveys import about, answering, bank, inviting, reading, responses
from knowledge.surveys.questions import SCALES
from schema.atomic import query
from schema.context import Info
from schema.customers import Customer
from schema.estimates import Estimate, estimated
from schema.feedback import Feedback
from schema.fields import After, Before, First, Id, Last, listed, shown
from schema.interactions import Touchpoint
from schema.nodes import Node, parts
from schema.paging import Connection
from schema.people import Person
from schema.segments import Segment
from schema.sorting import Theme
from schema.words import (
    Anonymity,
    Aspect,
    InvitationKind,
    Stage,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    SurveyState,
)


def _scale(row: Any, place: int) -> int | None:
    scale = SCALES.get(row.metric)
    return scale[place] if scale is not None else None


@strawberry.type(description="One question of a survey.")
class SurveyQuestion(Node):
    """A question."""

    position: int = shown("Where it stands, counted from 1.")
    metric: SurveyMetric = shown("What it measures, and on which scale.")
    text: str = shown("What it asks.")
    key: str = shown("What the same question is called in every survey; empty where it stands alone.")
    aspect: Aspect | None = shown("Which of the attitude questions it is.")
    required: bool = shown("Whether it has to be answered; all others may be passed over.")
    options: list[str] = shown(
        "The choices in their order; they are answered by their places, counted from 1.",
        lambda row, _: [option.label for option in reading.options_of(row)],
    )
    lowest: int | None = shown("The lower end of its scale; null without one.", lambda row, _: _scale(row, 0))
    highest: int | None = shown("The upper end of its scale; null without one.", lambda row, _: _scale(row, 1))


@strawberry.type(description="What one response says to one question.")
class SurveyAnswer:
    """An answer."""

    position: int = shown("The place of its question in the survey, counted from 1.")
    question: SurveyQuestion = shown("The question.", lambda row, _: responses.question_of(row))
    number: int | None = shown("On the question's scale; yes is 1, no is 0.")
    text: str | None = shown("In their own words.")
    choices: list[str] = shown("What they chose.", lambda row, _: responses.choices_of(row))


@strawberry.type(
    description="What one customer or colleague answered in one wave. Only where it was asked by name: of other surveys nobody "
    "reads what one person answered."
)
class SurveyResponse(Node):
    """A response."""

    customer: Customer | None = shown(
        "Who answered; null where they came by an open link, or are not to be shown.",
        lambda row, info: responses.customer_of(row, info.context.viewer),
    )
    person: Person | None = shown(
        "The colleague who answered, where colleagues were asked.", lambda row, _: responses.person_of(row)
    )
    stage: Stage | None = shown("The rung on which they stood then.")
    answered_at: datetime = shown("When.")
    changed_at: datetime = shown("When they last changed it, within a day.")
    wave: Annotated["Wave", strawberry.lazy("schema.surveys.asked")] = shown(
        "The wave in which they did.", lambda row, _: responses.wave_of(row)
    )
    answers: list[SurveyAnswer] = shown("What they did not pass over.", lambda row, _: responses.answers_of(row))


@strawberry.type(description="One time that a survey is asked.")
class Wave(Node):
    """A wave."""

    number: int = shown("Which time it is, counted from 1.")
    kind: InvitationKind = shown("How those who are asked were chosen.")
    opens_at: datetime = shown("From when answers are taken.")
    closes_at: datetime | None = shown("Until when; null while nobody has said.")
    running: bool = shown("Whether answers are taken now.", lambda row, _: row.is_running)
    population: int | None = shown("How many there are to whom it applies, as far as somebody has said.")
    seed: int | None = shown("Of a wave by lot, what it is drawn with: the same draws the same people.")
    invited: Estimate = shown(
        "How many were asked; whoever came by an open link is not among them.",
        lambda row, _: estimated(estimates.count(reading.asked_in(row)[0])),
    )
    answered: Estimate = shown(
        "How many of them answered. Where silence is promised it is hidden below the minimum, and grows by steps of it until the wave "
        "is over.",
        lambda row, _: estimated(hiding.answered(row)),
    )
    token: str | None = shown(
        "Of a wave that people come to by themselves, the last part of its link, for those who draw up surveys.",
        lambda row, info: (
            answering.link_of(info.context.secret, row) if info.context.viewer.may(Act.SURVEYS_WRITE) else None
        ),
    )
    responses: Connection[SurveyResponse] = listed(
        "What was answered by name, the latest first.",
        lambda row, info, page: responses.of_wave(row, info.context.viewer, page),
    )
    survey: Annotated["Survey", strawberry.lazy("schema.surveys.asked")] = shown(
        "What is asked.", lambda row, _: reading.survey_of(row)
    )


@strawberry.type(description="Whom one could still ask in a wave.")
class SurveyReach:
    """Counts of customers or colleagues."""

    able: Estimate = shown("Who may be asked.")
    withheld: Estimate = shown("Customers who have not agreed to surveys: they are not asked.")
    often: Estimate = shown(
        "Customers who have heard from us unasked as often as is meant to be: they are left in peace."
    )


def reached(found: Mapping[str, int]) -> SurveyReach:
    """A reach as it leaves the product."""
    return SurveyReach(**{name: estimated(estimates.count(number)) for name, number in found.items()})


def _reach(row: Any, info: Info) -> SurveyReach | None:
    found = inviting.counted(row, info.context.contact)
    return reached(found) if found is not None else None


@strawberry.type(description="Questions that are asked of customers or colleagues, once or again and again.")
class Survey(Node):
    """A survey."""

    title: str = shown("What it is called.")
    intro: str = shown("Why it asks, as whoever answers reads it.")
    thanks: str = shown("What they read afterwards.")
    language: str = shown("The code of its language.")
    audience: SurveyAudience = shown("Whom it asks.")
    purpose: SurveyPurpose = shown("What it is for.")
    anonymity: Anonymity = shown("What is known of whoever answers.")
    state: SurveyState = shown("Whether it is written, asked or over.")
    minimum_n: int = shown("Below so many answers nothing of them is shown.")
    population: int | None = shown("How many there are to whom it applies, as far as somebody has said.")
    frame: str = shown("Who they are and how they are reached, in words.")
    segment: Segment | None = shown(
        "Whom it is for, where it is not for everybody.", lambda row, info: about.segment_of(row, info.context.viewer)
    )
    theme: Theme | None = shown(
        "The theme that it looks into.", lambda row, info: about.theme_of(row, info.context.viewer)
    )
    feedback: Feedback | None = shown(
        "The words after which others are asked whether they feel the same.",
        lambda row, info: about.feedback_of(row, info.context.viewer),
    )
    touchpoint: Touchpoint | None = shown(
        "Where that happened of which it asks.", lambda row, _: about.touchpoint_of(row)
    )
    questions: list[SurveyQuestion] = shown("What it asks, in order.", lambda row, _: reading.questions_of(row))
    waves: list[Wave] = shown("Each time that it was asked, the first first.", lambda row, _: reading.waves_of(row))
    responses: Connection[SurveyResponse] = listed(
        "What was answered by name in all its waves, the latest first.",
        lambda row, info, page: responses.of_survey(row, info.context.viewer, page),
    )
    reach: SurveyReach | None = shown(
        "Whom one could still ask in the wave that is running; null without one, and where several surveys are asked for at once.",
        _reach,
    )
    author: Person | None = shown("Who drew it up.", lambda row, _: reading.author_of(row))
    sample: bool = shown("Whether it is part of the sample.")
    version: int = shown("Counts its changes; hand it back to learn of those that others made meanwhile.")
    created_at: datetime = shown("When it was begun.")
    updated_at: datetime = shown("When it last changed.")


States = Annotated[list[SurveyState] | None, strawberry.argument(description="Those in any of these states.")]


@query("The surveys, the latest changed first.", Connection[Survey], needs=Act.FEEDBACK_READ, name="surveys")
def all_surveys(
    info: Info,
    states: States = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return reading.listing(info.context.session, info.context.viewer, page, states=states or ())


@query("One survey.", Survey | None, needs=Act.FEEDBACK_READ)
def survey(info: Info, id: Id) -> Any:
    found = parts(id)
    return reading.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@strawberry.type(description="A question of a survey that comes with the product.")
class ShippedQuestion:
    """A question of the bank."""

    metric: SurveyMetric = strawberry.field(description="What it measures.")
    text: str = strawberry.field(description="What it asks.")
    key: str = strawberry.field(description="What it is called wherever it is asked.")
    aspect: Aspect | None = strawberry.field(description="Which of the attitude questions it is.")


@strawberry.type(description="A survey that comes with the product; a new one may begin as one of these.")
class ShippedSurvey:
    """A survey of the bank."""

    key: str = strawberry.field(description="By what it is taken.")
    title: str = strawberry.field(description="What it is called.")
    about: str = strawberry.field(description="What it is for.")
    audience: SurveyAudience = strawberry.field(description="Whom it asks.")
    purpose: SurveyPurpose = strawberry.field(description="What it is for, in a word.")
    anonymity: Anonymity = strawberry.field(description="What is known of whoever answers.")
    intro: str = strawberry.field(description="Why it asks, as whoever answers reads it.")
    thanks: str = strawberry.field(description="What they read afterwards.")
    minimum_n: int = strawberry.field(description="Below so many answers nothing of them is shown.")
    questions: list[ShippedQuestion] = strawberry.field(description="What it asks.")


@query("The surveys that come with the product.", list[ShippedSurvey], needs=Act.FEEDBACK_READ)
def survey_bank(info: Info) -> Any:
    return [_shipped(each) for each in bank.bank()] if info.context.viewer.may(Act.FEEDBACK_READ) else []


def _shipped(each: bank.Shipped) -> ShippedSurvey:
    said = each.said
    asked = [
        ShippedQuestion(metric=one["metric"], text=one["text"], key=one["key"], aspect=one.get("aspect"))
        for one in said["questions"]
    ]
    return ShippedSurvey(
        key=each.key,
        title=said["title"],
        about=each.about,
        audience=said["audience"],
        purpose=said["purpose"],
        anonymity=said["anonymity"],
        intro=said["intro"],
        thanks=said["thanks"],
        minimum_n=said["minimum_n"],
        questions=asked,
    )


QUERIES = [all_surveys, survey, survey_bank]
