"""Scores of surveys: each question's figure in each wave, what changed, who answered, and the same by stage, group or segment."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge import estimates
from knowledge.people import Act
from knowledge.scores import hiding, overview, satisfied
from knowledge.scores.boards import Cell
from knowledge.scores.tallies import SCALES
from schema.atomic import query
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import asked, shown
from schema.nodes import id_of, uid_of
from schema.words import (
    Anonymity,
    InvitationKind,
    Satisfaction,
    ScoreCut,
    ScoreUnit,
    Stage,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
)


def _perhaps(found: estimates.Estimate | None) -> Estimate | None:
    return None if found is None else estimated(found)


@strawberry.type(description="One time that a survey was asked, and how many answered.")
class ScoredWave:
    """A wave with what its answers can carry."""

    id: strawberry.ID = shown("The id of the wave.", lambda row, _: id_of("Wave", row.row.uid))
    number: int = shown("Which time it is, from 1.", lambda row, _: row.row.number)
    kind: InvitationKind = shown("How those who are asked were chosen.", lambda row, _: row.row.kind)
    opens_at: datetime = shown("From when on it is asked.", lambda row, _: row.row.opens_at)
    closes_at: datetime | None = shown("Until when.", lambda row, _: row.row.closes_at)
    waits: bool = shown(
        "Whether its figures are told only when it is over, so that no single answer shows between one look and the next."
    )
    response: Estimate = shown(
        "The share of those asked who answered; null where nobody was asked by name.",
        lambda row, _: estimated(row.response),
    )


@strawberry.type(description="The share of those who answered that gave one answer, or took one choice.")
class ScorePart:
    """A part of a distribution."""

    label: str = shown("The answer or the choice.")
    answer: int | None = shown("The answer on its scale; null for a choice.")
    share: Estimate = shown("Its share.", lambda row, _: estimated(row.share))


@strawberry.type(
    description="The score of those who stood on one stage, or were in one group or segment, when they answered."
)
class ScoreCell:
    """A cell of a cut."""

    name: str = shown("The stage, or what the group or the segment is called.")
    id: strawberry.ID | None = shown("The id of the group or the segment; null for a stage.", lambda row, _: _cell(row))
    score: Estimate = shown(
        "Their score; suppressed where it would tell of too few.", lambda row, _: estimated(row.score)
    )
    share: Estimate | None = shown("The share of the upper answers beside a mean.", lambda row, _: _perhaps(row.share))


def _cell(cell: Cell) -> strawberry.ID | None:
    if cell.uid is None:
        return None
    return id_of("Segment" if cell.by == "SEGMENT" else "FunctionalGroup", cell.uid)


def _cells(
    root: strawberry.Parent[Any], by: Annotated[ScoreCut, strawberry.argument(description="By what.")]
) -> list[ScoreCell]:
    found: Any = root.cells(by)
    return list(found)


@strawberry.type(description="What one question came to in one wave.")
class WaveScore:
    """A point of a trend."""

    wave: ScoredWave = shown("The wave.")
    score: Estimate = shown(
        "The score of the question's metric; of choices and texts only how many answered.",
        lambda row, _: estimated(row.score),
    )
    share: Estimate | None = shown(
        "The share of the upper answers beside a mean: 5 to 7 of seven, 4 and 5 of five.",
        lambda row, _: _perhaps(row.share),
    )
    change: Estimate | None = shown(
        "The change since the latest wave before that has a figure; null without one.",
        lambda row, _: _perhaps(row.change),
    )
    change_wording: str | None = shown("What the change lets one say.", lambda row, _: row.change_words)
    bound: Estimate | None = shown(
        "Between which ends the share lies of all to whom the survey applies, whatever those would have said who kept silent. "
        "Nothing is assumed, so its level is 1.",
        lambda row, _: _perhaps(row.bound),
    )
    parts: list[ScorePart] = shown(
        "The share of each answer or choice; empty where it is suppressed.", lambda row, _: row.parts()
    )
    cells: list[ScoreCell] = asked(
        "The same by stage, group or segment, each as it was on the day of answering. Empty for a cut that the survey does not offer.",
        _cells,
    )


@strawberry.type(description="One question of a survey, wave by wave.")
class QuestionScores:
    """A trend."""

    id: strawberry.ID = shown("The id of the question.", lambda row, _: id_of("SurveyQuestion", row.question.uid))
    text: str = shown("What is asked.", lambda row, _: row.question.text)
    key: str = shown(
        "The same for one question in several surveys; empty without one.", lambda row, _: row.question.key
    )
    metric: SurveyMetric = shown("What it measures.", lambda row, _: row.question.metric)
    unit: ScoreUnit | None = shown(
        "In what its score is told; null for choices and texts.",
        lambda row, _: SCALES[row.question.metric].unit if row.question.metric in SCALES else None,
    )
    trend: list[WaveScore] = shown(
        "Its figures, the first wave first, the latest 24 at most.", lambda row, _: row.trend()
    )
    latest: WaveScore | None = shown("Its latest figure that is told.", lambda row, _: row.latest())


@strawberry.type(description="The scores of one survey.")
class SurveyScores:
    """A survey as what was answered."""

    id: strawberry.ID = shown("The id of the survey.", lambda row, _: id_of("Survey", row.survey.uid))
    title: str = shown("What the survey is called.", lambda row, _: row.survey.title)
    audience: SurveyAudience = shown("Whom it asks.", lambda row, _: row.survey.audience)
    purpose: SurveyPurpose = shown("What it is for.", lambda row, _: row.survey.purpose)
    anonymity: Anonymity = shown("What is known of whoever answers.", lambda row, _: row.survey.anonymity)
    frame: str = shown("Who they are to whom it applies, and how they are reached.", lambda row, _: row.survey.frame)
    least: int = shown("Below how many answers nothing is told.", lambda row, _: hiding.least(row.survey))
    cuts: list[ScoreCut] = shown("By what its answers can be told apart, one at a time.", lambda row, _: list(row.cuts))
    waves: list[ScoredWave] = shown(
        "Each time that it was asked, the first first, the latest 24 at most.", lambda row, _: row.waves
    )
    questions: list[QuestionScores] = shown("Its questions in their order.", lambda row, _: row.trends())


@strawberry.type(description="One question that is asked of colleagues and of customers alike.")
class ScorePair:
    """Inside beside outside."""

    key: str = shown("The key that both have.")
    inside: QuestionScores = shown("As colleagues answer it.")
    outside: QuestionScores = shown("As customers answer it.")
    difference: Estimate | None = shown(
        "The latest figure inside less the latest outside; null where one of them is not told.",
        lambda row, _: _perhaps(row.difference),
    )
    wording: str | None = shown("What the difference lets one say.")


@strawberry.type(
    description="What colleagues say of trust, along with how customers would recommend us. "
    "That two trends move together does not say that one moves the other."
)
class TrustAlongLoyalty:
    """Two trends on one axis of time."""

    trust: QuestionScores = shown("As colleagues answer how far they trust.")
    loyalty: QuestionScores = shown("As customers answer whether they would recommend us.")


@strawberry.type(description="What the surveys that were asked come to.")
class Scores:
    """All scores."""

    surveys: list[SurveyScores] = shown("Survey by survey, the latest asked first.")
    pairs: list[ScorePair] = shown(
        "What these surveys ask inside the company and outside alike.", lambda row, _: row.pairs()
    )
    trust_along_loyalty: TrustAlongLoyalty | None = shown(
        "The trust of colleagues along with the loyalty of customers; null until both were asked.",
        lambda row, _: row.along(),
    )


Audience = Annotated[SurveyAudience | None, strawberry.argument(description="Only of surveys that ask these.")]
Most = Annotated[int, strawberry.argument(description="How many surveys, 1 to 12.")]


@query(
    "The scores of the surveys that were asked, the latest asked first. What only looks into one theme is not among them.",
    Scores,
    needs=Act.FEEDBACK_READ,
)
def scores(info: Info, audience: Audience = None, most: Most = 12) -> Any:
    return overview.newest(
        info.context.session, info.context.viewer, audience=audience, most=max(1, min(most, overview.SHOWN))
    )


@query("The scores of one survey.", SurveyScores | None, needs=Act.FEEDBACK_READ)
def survey_scores(
    info: Info, survey: Annotated[strawberry.ID, strawberry.argument(description="The id of the survey.")]
) -> Any:
    return overview.of_survey(info.context.session, info.context.viewer, uid_of(survey, "Survey", "survey"))


@strawberry.type(
    description="One answer of a customer on a scale, as they gave it by name. It is what somebody said, and no statistic."
)
class GivenAnswer:
    """What a customer answered."""

    survey: strawberry.ID = shown("The id of the survey.", lambda row, _: id_of("Survey", row.survey))
    title: str = shown("What the survey is called.")
    question: str = shown("What was asked.")
    metric: SurveyMetric = shown("What it measures, and on which scale.")
    answer: int = shown("What they answered.")
    at: datetime = shown("When.")


@strawberry.type(description="How many customers of one satisfaction stand on one stage today.")
class LoyaltySquare:
    """A square of the grid."""

    satisfaction: Satisfaction = shown("How content they said they are.")
    stage: Stage = shown("Where they stand today; inactive are those who left.")
    customers: Estimate = shown("How many they are.", lambda row, _: estimated(row.count))
    share: Estimate = shown("Which part of all in the grid they are.", lambda row, _: estimated(row.share))


@strawberry.type(
    description="Satisfaction against loyalty: what customers last answered, and where on the ladder they stand today. Each counts once."
)
class LoyaltyGrid:
    """A grid."""

    survey: SurveyScores = shown("The survey.", lambda row, _: overview.board_of(row.survey))
    question: str = shown("What was asked.", lambda row, _: row.question.text)
    metric: SurveyMetric = shown("What it measures.", lambda row, _: row.question.metric)
    customers: Estimate = shown(
        "Of how many customers it tells.", lambda row, _: estimated(estimates.count(row.customers, basis=row.basis))
    )
    squares: list[LoyaltySquare] = shown(
        "Row by row from the satisfied on, each from those who left to the advocates; empty where they are too few.",
        lambda row, _: row.squares(),
    )
    satisfied_who_leave: Estimate = shown(
        "Of those who said that they are satisfied, the share that is gone.",
        lambda row, _: estimated(row.satisfied_who_leave),
    )
    unhappy_who_stay: Estimate = shown(
        "Of those who said that they are not, the share that goes on buying.",
        lambda row, _: estimated(row.unhappy_who_stay),
    )


Of = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The id of the question; that of satisfaction which was asked last, unless given."),
]


@query(
    "Satisfaction against loyalty. Only surveys whose answers are known by name have it.",
    LoyaltyGrid | None,
    needs=Act.FEEDBACK_READ,
)
def loyalty_grid(info: Info, question: Of = None) -> Any:
    uid = None if question is None else uid_of(question, "SurveyQuestion", "question")
    return satisfied.grid(info.context.session, info.context.viewer, uid)


QUERIES = [scores, survey_scores, loyalty_grid]
