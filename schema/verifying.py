"""Do others feel the same? Others are asked by lot, and what they say comes back with its interval and in words."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from knowledge import estimates, feedback
from knowledge.customers import segments
from knowledge.errors import Invalid, NotFound
from knowledge.feedback import FeedbackRow, themes
from knowledge.feedback.themes import ThemeRow
from knowledge.people import Act
from knowledge.surveys import verifying
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.nodes import uid_of
from schema.surveys.asked import Survey
from schema.words import SurveyState


@strawberry.type(description="One time that other customers, drawn by lot, were asked whether they feel the same.")
class OthersAsked:
    """Others who were asked."""

    survey: Survey = shown("What they are asked.")
    state: SurveyState = shown("Whether they are still asked.", lambda row, _: row.survey.state)
    waits: bool = shown("Whether answers still come in, so that nothing is told of them yet.")
    asked_at: datetime = shown("Since when.", lambda row, _: row.survey.created_at)
    asked: Estimate = shown("How many were asked.", lambda row, _: estimated(estimates.count(row.asked)))
    result: Estimate = shown(
        "The share of those who answered that feel the same; not shown below five answers, nor while answers still come in.",
        lambda row, _: estimated(row.result),
    )
    words: str = shown("The same in words, which claim no more than the answers carry.")


@strawberry.input(
    description="Whether others feel the same, to be asked of some of them by lot. Give a theme or an item."
)
class AskOthersInput:
    """Input of askOthers."""

    question: str = strawberry.field(
        description="What they are asked, answered by yes or no, so that yes means that they feel the same."
    )
    theme: strawberry.ID | None = strawberry.field(description="The theme.", default=None)
    feedback: strawberry.ID | None = strawberry.field(description="What a customer said.", default=None)
    segment: strawberry.ID | None = strawberry.field(
        description="Whose members are asked; customers outside the company unless given.", default=None
    )
    size: int = strawberry.field(
        description="How many are asked, 1 to 5,000. 73 answers without a yes exclude 5 in 100.", default=verifying.SIZE
    )
    seed: int | None = strawberry.field(
        description="What they are drawn with; the same number draws the same customers.", default=None
    )


@strawberry.type(description="Others who are asked now.")
class AskOthersPayload(Payload):
    """Answer of askOthers."""

    survey: Survey | None = strawberry.field(description="The survey that asks them.", default=None)
    current: Survey | None = strawberry.field(
        description="After a conflict: the survey by which others are being asked already.", default=None
    )


def _subject(info: Info, input: AskOthersInput) -> ThemeRow | FeedbackRow:
    session, viewer = info.context.session, info.context.viewer
    if (input.theme is None) == (input.feedback is None):
        raise Invalid("Give a theme, or what a customer said.", "theme")
    found: ThemeRow | FeedbackRow | None
    if input.theme is not None:
        found, field = themes.by_theme(session, viewer, uid_of(input.theme, "Theme", "theme")), "theme"
    else:
        uid = uid_of(input.feedback or strawberry.ID(""), "Feedback", "feedback")
        found, field = feedback.by_uid(session, viewer, uid), "feedback"
    if found is None:
        raise NotFound("There is nothing of the kind.", field)
    return found


@mutation(
    "Ask other customers by lot whether they feel the same; whoever has spoken of it already is not asked. Also needs feedback:read.",
    AskOthersPayload,
    needs=Act.FEEDBACK_WRITE,
)
def ask_others(info: Info, input: AskOthersInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    wanted: verifying.Wanted = {"question": input.question, "size": input.size, "seed": input.seed}
    if input.segment is not None:
        wanted["segment"] = segments.by_uid(session, viewer, uid_of(input.segment, "Segment", "segment"))
        if wanted["segment"] is None:
            raise NotFound("There is no such segment.", "segment")
    subject = _subject(info, input)
    return {"survey": verifying.ask_others(session, viewer, subject, wanted, info.context.contact)}


MUTATIONS = [ask_others]
