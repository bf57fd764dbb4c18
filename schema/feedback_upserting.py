"""Many items of feedback at once, each answered by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import strawberry

from knowledge.feedback import upserting
from knowledge.feedback.receiving import Said
from knowledge.feedback.upserting import Kept
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.bulk import UpsertResult, answered
from schema.context import Info
from schema.customers import CustomerRef, reference
from schema.fields import given
from schema.words import Aspect, Audience, Channel, FeedbackKind, QualityAttribute, Sentiment, SentimentSource, Severity


@strawberry.input(
    description="What a customer said, as another system has it. What is omitted of an item that is known stays."
)
class UpsertFeedbackRow:
    """One of the rows of upsertFeedback."""

    source: str = strawberry.field(description="The system.")
    external_id: str = strawberry.field(description="What it calls this.")
    verbatim: str = strawberry.field(description="The customer's words; of an item that is known, the same words.")
    channel: Channel = strawberry.field(description="How it was heard.")
    kind: strawberry.Maybe[FeedbackKind | None] = strawberry.field(description="What it is.")
    severity: strawberry.Maybe[Severity | None] = strawberry.field(description="How much harm it speaks of.")
    language: strawberry.Maybe[str | None] = strawberry.field(description="The language's code.")
    customer: strawberry.Maybe[CustomerRef | None] = strawberry.field(description="Who said it.")
    anonymous: strawberry.Maybe[bool] = strawberry.field(description="Whether to keep neither customer nor reporter.")
    occurred_at: strawberry.Maybe[datetime | None] = strawberry.field(description="When it was said.")
    sentiment: strawberry.Maybe[Sentiment | None] = strawberry.field(description="How they feel.")
    sentiment_source: strawberry.Maybe[SentimentSource | None] = strawberry.field(description="Who says so.")
    attributes: strawberry.Maybe[list[QualityAttribute]] = strawberry.field(description="The qualities it speaks of.")
    aspect: strawberry.Maybe[Aspect | None] = strawberry.field(description="What it tells us.")
    audience: strawberry.Maybe[Audience | None] = strawberry.field(description="Whom the words may be shown to.")


@strawberry.input(description="Items of feedback from another system.")
class UpsertFeedbackInput:
    """Input of upsertFeedback."""

    rows: list[UpsertFeedbackRow] = strawberry.field(description="At most 250.")


@strawberry.type(description="What came of the rows, in their order.")
class UpsertFeedbackPayload(Payload):
    """Answer of upsertFeedback."""

    results: list[UpsertResult] = strawberry.field(description="One for each row.", default_factory=list)


def _said(row: UpsertFeedbackRow) -> Said:
    said = given(row)
    if said.get("customer") is not None:
        said["customer"] = reference(said["customer"])
    return cast(Said, said)


def _result(index: int, kept: Kept) -> UpsertResult:
    return answered("Feedback", index, kept.item.uid if kept.item else None, kept.is_new, kept.problems)


@mutation(
    "Record many items of feedback, or bring their labels up to date: matched by source and identifier, each row by itself.",
    UpsertFeedbackPayload,
    needs=Act.FEEDBACK_WRITE,
)
def upsert_feedback(info: Info, input: UpsertFeedbackInput) -> Mapping[str, object]:
    kept = upserting.upsert(info.context.session, info.context.viewer, [_said(row) for row in input.rows])
    return {"results": [_result(index, each) for index, each in enumerate(kept)]}


MUTATIONS = [upsert_feedback]
