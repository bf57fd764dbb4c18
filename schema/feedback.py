"""Feedback: what customers said, in their words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

import strawberry

from knowledge import evidence, feedback
from knowledge.database import Page
from knowledge.errors import NotFound
from knowledge.feedback import Said
from knowledge.people import Act
from knowledge.words import Stance as Stances
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.entries.naming import EntryRef, named
from schema.evidence import Evidence
from schema.fields import After, Before, First, Id, Last, given, shown
from schema.nodes import Node, parts
from schema.paging import Connection
from schema.people import Person
from schema.words import Channel, FeedbackKind, FeedbackStatus, Severity, Stage, Stance


@strawberry.type(description="One thing that a customer said. The words are never changed.")
class Feedback(Node):
    """A verbatim with how it reached us."""

    verbatim: str = shown("The customer's words.")
    language: str | None = shown("The language's code, if known.")
    channel: Channel = shown("How it reached us.")
    kind: FeedbackKind | None = shown("What it is, if somebody has said so.")
    severity: Severity | None = shown("How much harm it speaks of, if somebody has said so.")
    status: FeedbackStatus = shown("Where it is on its way to an answer.")
    anonymous: bool = shown("Whether it names nobody.")
    customer: Customer | None = shown(
        "Who said it, as far as that is known.", lambda row, info: feedback.customer_of(row, info.context.viewer)
    )
    reporter: Person | None = shown("The colleague who wrote it down.", lambda row, _: feedback.reporter_of(row))
    occurred_at: datetime | None = shown("When it was said, if known.")
    received_at: datetime = shown("When it was written down here.")
    source: str | None = shown("The system that this record comes from.")
    external_id: str | None = shown("Its identifier there.")
    sample: bool = shown("Whether it is part of the sample.")
    evidence: list[Evidence] = shown(
        "What it is evidence of.", lambda row, info: evidence.of_feedback(row, info.context.viewer)
    )


@strawberry.input(description="Which feedback is wanted; what is left out does not matter.")
class FeedbackFilter:
    """Filter of feedback."""

    kinds: list[FeedbackKind] | None = strawberry.field(description="Of any of these kinds.", default=None)
    channels: list[Channel] | None = strawberry.field(description="By any of these channels.", default=None)
    status: list[FeedbackStatus] | None = strawberry.field(description="In any of these states.", default=None)
    stages: list[Stage] | None = strawberry.field(description="From customers on any of these rungs.", default=None)
    customer: strawberry.ID | None = strawberry.field(description="From this customer.", default=None)
    received_after: datetime | None = strawberry.field(description="Received after this moment.", default=None)
    received_before: datetime | None = strawberry.field(description="Received before this moment.", default=None)
    words: str | None = strawberry.field(description="With all of these words, or parts of words.", default=None)


Filter = Annotated[FeedbackFilter | None, strawberry.argument(description="Which feedback.")]


def _wanted(filter: FeedbackFilter | None) -> feedback.Filter | None:
    if filter is None:
        return None
    found: dict[str, Any] = {name: value for name, value in vars(filter).items() if value is not None}
    for name in ("kinds", "channels", "status", "stages"):
        if name in found:
            found[name] = tuple(found[name])
    if filter.customer is not None and (known := parts(filter.customer)) is not None:
        found["customer"] = known[1]
    return feedback.Filter(**found)


@query(
    "What customers said, the latest received first.", Connection[Feedback], needs=Act.FEEDBACK_READ, name="feedback"
)
def all_feedback(
    info: Info,
    filter: Filter = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return feedback.listing(info.context.session, info.context.viewer, page, filter=_wanted(filter))


@query("One thing that a customer said.", Feedback | None, needs=Act.FEEDBACK_READ)
def feedback_item(info: Info, id: Id) -> Any:
    found = parts(id)
    return feedback.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@strawberry.input(description="What a customer said. Only the words and the channel are needed.")
class CreateFeedbackInput:
    """Input of createFeedback."""

    verbatim: str = strawberry.field(description="Their words, at most 20,000 characters.")
    channel: Channel = strawberry.field(description="How it reached us.")
    kind: strawberry.Maybe[FeedbackKind | None] = strawberry.field(description="What it is.")
    severity: strawberry.Maybe[Severity | None] = strawberry.field(description="How much harm it speaks of.")
    language: strawberry.Maybe[str | None] = strawberry.field(description="The language's code.")
    customer: strawberry.Maybe[CustomerRef | None] = strawberry.field(description="Who said it.")
    customer_name: strawberry.Maybe[str | None] = strawberry.field(
        description="Who said it, by a name that fits exactly one customer."
    )
    anonymous: strawberry.Maybe[bool] = strawberry.field(description="Whether to keep neither customer nor reporter.")
    occurred_at: strawberry.Maybe[datetime | None] = strawberry.field(description="When it was said.")
    source: strawberry.Maybe[str | None] = strawberry.field(description="The system that the record comes from.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(description="Its identifier there.")
    entry: strawberry.Maybe[EntryRef | None] = strawberry.field(description="An entry that it is evidence of.")
    stance: strawberry.Maybe[Stance | None] = strawberry.field(
        description="What it does to that entry's claim; CONTEXT unless given."
    )


@strawberry.type(description="Feedback that was recorded.")
class FeedbackPayload(Payload):
    """Answer of createFeedback."""

    feedback: Feedback | None = strawberry.field(description="What was recorded.", default=None)


@mutation("Record what a customer said.", FeedbackPayload, needs=Act.FEEDBACK_WRITE)
def create_feedback(info: Info, input: CreateFeedbackInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    said = given(input, but=("entry", "stance"))
    if said.get("customer") is not None:
        said["customer"] = reference(said["customer"])
    ref = input.entry.value if input.entry is not None else None
    entry = named(session, viewer, ref, "entry") if ref is not None else None
    item = feedback.record(session, viewer, cast(Said, said))
    if entry is not None:
        stance = (input.stance.value if input.stance is not None else None) or Stances.CONTEXT
        if not viewer.may(Act.FEEDBACK_READ):
            raise NotFound("There is no such feedback.", "entry")
        evidence.attach(session, viewer, entry, item, stance)
    return {"feedback": item}


QUERIES = [all_feedback, feedback_item]
MUTATIONS = [create_feedback]
