"""What an initiative is for and what it takes: priority, plan, milestones, what is in its way, and the scores that it means to move."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import estimates
from knowledge.entries import EntryRow
from knowledge.initiatives import issues, measures, milestones
from knowledge.scores.tallies import SCALES
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.nodes import Node, id_of
from schema.people import FunctionalGroup, Person
from schema.scores import WaveScore
from schema.words import Grade, IssueState, ScoreUnit, Severity, SurveyMetric, VisionStepKey

if TYPE_CHECKING:
    from schema.initiatives import Initiative

LazyInitiative = Annotated["Initiative", strawberry.lazy("schema.initiatives")]


@strawberry.type(
    description="What an initiative is worth beside others: reach times impact times confidence, divided by effort. It orders a list, "
    "and is no forecast."
)
class Priority:
    """A priority with its parts."""

    reach: int | None = shown("How many customers it touches in a quarter, as its owner reckons.")
    impact: int | None = shown("How much it changes for each of them, from 1 to 5.")
    effort: float | None = shown("How many weeks of one person's work it takes.")
    confidence: float = shown("From 0 to 1: as much as the grade of its evidence allows, and never more.")
    grade: Grade | None = shown("The best grade among its evidence; null while nothing carries it.")
    because: str = shown("Why the confidence is what it is.")
    score: float | None = shown("The product; null until reach, impact and effort are said.")


@strawberry.type(description="A step of the vision that an initiative serves, or one guiding question of that step.")
class ServedStep:
    """A step or a question."""

    step: VisionStepKey = shown("The step.")
    question: str | None = shown(
        "The key of the question; null where it is the step.", lambda row, _: row.question or None
    )


@strawberry.type(description="How much of a group's time an initiative takes.")
class CapacityShare:
    """A group and a part of its time."""

    group: FunctionalGroup = shown("The group.", lambda row, _: row)
    percent: int = shown("In percent of what the group has for initiatives.")


@strawberry.type(description="What the initiatives ask of one group together.")
class GroupLoad:
    """A load."""

    group: FunctionalGroup = shown("The group.", lambda row, _: row)
    running: int = shown("What is launched takes so many percent of its time.")
    planned: int = shown("What is planned would take so many percent besides.")
    initiatives: int = shown("How many initiatives these are.")
    over: bool = shown("Whether what is launched asks for more than there is.", lambda row, _: row.is_over)
    would_be_over: bool = shown(
        "Whether it does once what is planned is launched as well.", lambda row, _: row.would_be_over
    )


@strawberry.type(description="Something that is to be done by a day. For colleagues.")
class Milestone(Node):
    """A milestone."""

    initiative: LazyInitiative | None = shown(
        "Of which initiative.", lambda row, info: milestones.initiative_of(row, info.context.viewer)
    )
    title: str = shown("What is to be done.")
    due: date = shown("By when.")
    done_on: date | None = shown("When it was done; null while it is not.")
    missed: bool = shown("Whether its day is over and it is not done.", lambda row, _: milestones.is_missed(row))
    version: int = shown("For updates: counts every change.")


@strawberry.type(
    description="What an initiative was to do, what it is to do since, and why. Never changed afterwards; for colleagues."
)
class ScopeChange:
    """A change of scope."""

    from_: str = strawberry.field(
        name="from", resolver=lambda root: root.changes_from, description="What it was to do."
    )
    to: str = shown("What it is to do since.", lambda row, _: row.changes_to)
    why: str = shown("Why.")
    author: Person | None = shown("Who said so.", lambda row, _: milestones.author_of(row))
    created_at: datetime = shown("When.")


@strawberry.type(description="Something that stands in the way of an initiative, and what would help. For colleagues.")
class CriticalIssue(Node):
    """An issue."""

    initiative: LazyInitiative | None = shown(
        "In the way of which initiative.", lambda row, info: issues.initiative_of(row, info.context.viewer)
    )
    title: str = shown("What is in the way.")
    wanted: str = shown("What would help; may be empty.")
    severity: Severity = shown("How much it harms.")
    state: IssueState = shown("Where it is.")
    owner: Person | None = shown("Who sees to it; null while nobody does.", lambda row, _: issues.owner_of(row))
    due: date | None = shown("By when it is to be out of the way.")
    outcome: str = shown("What came of it; empty while it is open.")
    raised_by: Person | None = shown("Who asked for help.", lambda row, _: issues.raiser_of(row))
    created_at: datetime = shown("When they did.")
    settled_at: datetime | None = shown("When it was settled.")
    may_settle: bool = shown(
        "Whether the viewer may settle it or open it again.",
        lambda row, info: issues.may_settle(row, info.context.viewer),
    )


def _perhaps(found: estimates.Estimate | None) -> Estimate | None:
    return None if found is None else estimated(found)


@strawberry.type(
    description="A score that an initiative means to move: in the last wave that had closed when it was launched, and in "
    "the latest that began since. Before the launch only how it stands."
)
class InitiativeMeasure:
    """A measure."""

    id: strawberry.ID = shown("The id of the question.", lambda row, _: id_of("SurveyQuestion", row.question.uid))
    text: str = shown("What is asked.", lambda row, _: row.question.text)
    metric: SurveyMetric = shown("What it measures.", lambda row, _: row.question.metric)
    unit: ScoreUnit = shown("In what its score is told.", lambda row, _: SCALES[row.question.metric].unit)
    before: WaveScore | None = shown("Before the launch; null where nobody was asked or it may not be told.")
    after: WaveScore | None = shown("Since the launch; null where nobody was asked or it may not be told.")
    change: Estimate | None = shown("After minus before; null without both.", lambda row, _: _perhaps(row.change))
    wording: str = shown("What may be claimed, in words, and no more.")


def measures_of(row: EntryRow, info: Info) -> Any:
    """The scores that an initiative means to move."""
    return measures.measures_of(row, info.context.viewer)
