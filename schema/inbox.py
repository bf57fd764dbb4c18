"""The inbox of feedback: what waits for whom, and how it is sorted and given to somebody."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

import strawberry

from knowledge import feedback
from knowledge.database import Page
from knowledge.feedback import triaging
from knowledge.feedback.triaging import Triage
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.feedback import Feedback
from schema.fields import After, Before, First, Last, given
from schema.nodes import uid_of
from schema.paging import Connection
from schema.words import (
    Aspect,
    Audience,
    FeedbackKind,
    FeedbackStatus,
    InboxQueue,
    QualityAttribute,
    Sentiment,
    SentimentSource,
    Severity,
)

Queue = Annotated[InboxQueue, strawberry.argument(description="Which queue.")]


@query(
    "What waits in one queue of the inbox, what has waited longest or is due first. What repeats something else waits with that.",
    Connection[Feedback],
    needs=Act.FEEDBACK_READ,
)
def inbox(
    info: Info,
    queue: Queue,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return feedback.inbox(info.context.session, info.context.viewer, queue, page)


@strawberry.input(description="What is said of an item of feedback: what is omitted stays, null clears.")
class TriageFeedbackInput:
    """Input of triageFeedback."""

    id: strawberry.ID = strawberry.field(description="The item.")
    kind: strawberry.Maybe[FeedbackKind | None] = strawberry.field(
        description="What it is. A complaint gets a reference at once, and stays a complaint."
    )
    severity: strawberry.Maybe[Severity | None] = strawberry.field(description="How much harm it speaks of.")
    attributes: strawberry.Maybe[list[QualityAttribute]] = strawberry.field(
        description="The qualities that it speaks of; SAFETY alarms at once, unless it is praise."
    )
    aspect: strawberry.Maybe[Aspect | None] = strawberry.field(
        description="Which of the questions that one asks of customers it answers."
    )
    audience: strawberry.Maybe[Audience | None] = strawberry.field(
        description="Whom the words may be shown to where they are quoted: EMPLOYEES, CUSTOMERS or PUBLIC."
    )
    sentiment: strawberry.Maybe[Sentiment | None] = strawberry.field(description="How they feel.")
    sentiment_source: strawberry.Maybe[SentimentSource | None] = strawberry.field(
        description="Who says so; HUMAN unless given."
    )
    confirm_sentiment: strawberry.Maybe[bool] = strawberry.field(
        description="Confirm what a program says of how they feel, so that it counts."
    )
    status: strawberry.Maybe[FeedbackStatus] = strawberry.field(
        description="Where it goes: TRIAGED, IN_PROGRESS, CLOSED or REOPENED. It is TRIAGED once it was sorted."
    )
    note: strawberry.Maybe[str | None] = strawberry.field(description="Why it closes without a reply, if it does.")
    version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read; a newer one is a conflict."
    )


@strawberry.input(description="Who sees to an item of feedback: a colleague or a group, or nobody in particular.")
class AssignFeedbackInput:
    """Input of assignFeedback."""

    id: strawberry.ID = strawberry.field(description="The item.")
    person: strawberry.ID | None = strawberry.field(description="A colleague.", default=None)
    group: strawberry.ID | None = strawberry.field(description="A group.", default=None)


@strawberry.type(description="An item of feedback that was sorted or given to somebody.")
class TriagePayload(Payload):
    """Answer of triageFeedback and assignFeedback."""

    feedback: Feedback | None = strawberry.field(description="The item as it is now.", default=None)
    current: Feedback | None = strawberry.field(
        description="After a conflict: the item as somebody else left it.", default=None
    )


@mutation("Sort what a customer said. The words stay as they are.", TriagePayload, needs=Act.FEEDBACK_WRITE)
def triage_feedback(info: Info, input: TriageFeedbackInput) -> Mapping[str, object]:
    said = given(input, but=("id",))
    version = said.pop("version", None)
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "Feedback")
    return {"feedback": triaging.triage(session, viewer, uid, cast(Triage, said), version=version)}


@mutation(
    "Give what a customer said to a colleague or a group, who are told; with neither it is nobody's again.",
    TriagePayload,
    needs=Act.FEEDBACK_WRITE,
)
def assign_feedback(info: Info, input: AssignFeedbackInput) -> Mapping[str, object]:
    person = uid_of(input.person, "Person", "person") if input.person else None
    group = uid_of(input.group, "FunctionalGroup", "group") if input.group else None
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "Feedback")
    return {"feedback": triaging.assign(session, viewer, uid, person=person, group=group)}


QUERIES = [inbox]
MUTATIONS = [triage_feedback, assign_feedback]
