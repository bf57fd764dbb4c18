"""Answers to what customers said, who was told of them, what they replied, and what they were given."""

from datetime import datetime
from typing import Annotated, Any, cast

import strawberry

from knowledge import estimates
from knowledge.loop import answering, deliveries, replies, responses, rewards
from knowledge.loop.deliveries import Reach as Reached
from knowledge.loop.responses import ResponseRow
from knowledge.people import Act
from schema.context import Info
from schema.customers import Customer
from schema.entries.entry import Entry
from schema.estimates import Estimate, estimated
from schema.feedback import Feedback
from schema.fields import listed, shown
from schema.nodes import Node
from schema.paging import Connection
from schema.people import FunctionalGroup, Person
from schema.sorting import Theme
from schema.words import Audience, Decision, DeliveryChannel, LoopKind, MailState, ResponseState


@strawberry.type(description="A customer who is told of an answer; nobody is told twice of the same.")
class Delivery(Node):
    """A delivery."""

    response: Annotated["LoopResponse", strawberry.lazy("schema.loop.responses")] | None = shown(
        "What they are told.", lambda row, info: deliveries.response_of(row, info.context.viewer)
    )
    customer: Customer | None = shown("Who.", lambda row, info: deliveries.customer_of(row, info.context.viewer))
    channel: DeliveryChannel = shown("How.")
    asked: bool = shown("Whether they had asked for a word; otherwise they agreed to be told unasked.")
    made_at: datetime = shown("When it was there for them.")
    read_at: datetime | None = shown("When it was known that they had read it, because they replied.")
    mail: MailState | None = shown("Of a letter, what has become of it.")
    mailed_at: datetime | None = shown("When the mail server took the letter.")


@strawberry.type(description="Whom telling an answer would reach as things stand.")
class ResponseReach:
    """Counts of customers."""

    to_tell: Estimate = strawberry.field(description="Customers who will be told.")
    told: Estimate = strawberry.field(description="Customers who have been told.")
    withheld: Estimate = strawberry.field(
        description="Customers who did not ask and have not agreed to be written to: they are not told."
    )
    gone: Estimate = strawberry.field(description="Customers who are not to be reached any more.")
    unnamed: Estimate = strawberry.field(
        description="Messages behind it that name nobody; their authors read it by their code."
    )
    often: list[Customer] = strawberry.field(
        description="Customers who then hear more from us, unasked, than is meant to be: a warning. At most 20."
    )


def reached(found: Reached, info: Info) -> ResponseReach:
    """A reach as it leaves the product."""
    counts = {name: _counted(len(getattr(found, name))) for name in ("to_tell", "told", "withheld", "gone")}
    often = deliveries.named(info.context.session, info.context.viewer, found.often[:20])
    return ResponseReach(
        **counts, unnamed=_counted(found.unnamed, voices=min(found.unnamed, 1)), often=cast(Any, often)
    )


def _reach(row: ResponseRow, info: Info) -> ResponseReach:
    context = info.context
    return reached(answering.reach_of(context.session, context.viewer, row, context.contact), info)


@strawberry.type(
    description="An answer to what customers said: what was heard, what was decided, and why. It is written as a draft and then told."
)
class LoopResponse(Node):
    """An answer."""

    loop: LoopKind = shown("Whom it is for.")
    state: ResponseState = shown("Whether it has been told.")
    heard: str = shown("What was heard.")
    decision: Decision = shown("What was decided.")
    why: str = shown("Why; empty where nothing is said of it.")
    audience: Audience = shown("Who reads it under “you said, we did”, besides those who were told.")
    feedback: list[Feedback] = shown(
        "What it names that the viewer may read.", lambda row, info: responses.items_of(row, info.context.viewer)
    )
    theme: Theme | None = shown(
        "The theme that it answers; for colleagues.", lambda row, info: responses.theme_of(row, info.context.viewer)
    )
    insight: Entry | None = shown(
        "The insight that it answers.", lambda row, info: responses.entry_of(row, info.context.viewer, "insight")
    )
    practice: Entry | None = shown(
        "The practice that came of it.", lambda row, info: responses.entry_of(row, info.context.viewer, "practice")
    )
    initiative: Entry | None = shown(
        "The initiative that came of it.", lambda row, info: responses.entry_of(row, info.context.viewer, "initiative")
    )
    author: Person | None = shown("Who answered.", lambda row, _: responses.author_of(row))
    group: FunctionalGroup | None = shown("Their group, as it was then.", lambda row, _: responses.group_of(row))
    created_at: datetime = shown("When it was begun.")
    updated_at: datetime = shown("When it last changed.")
    published_at: datetime | None = shown("When it was told; null for a draft.")
    promised_by: datetime | None = shown("By when another word is meant to follow, where one was promised.")
    kept_at: datetime | None = shown("When that word came.")
    late: bool = shown("Whether it should have come by now.", lambda row, _: row.is_late)
    reach: ResponseReach = shown("Whom telling it would reach as things stand; for colleagues.", _reach)
    deliveries: Connection[Delivery] = listed(
        "Who was told, the latest first; customers see their own.",
        lambda row, info, page: deliveries.of_response(row, info.context.viewer, page),
    )
    sample: bool = shown("Whether it is part of the sample.")
    version: int = shown("Counts its changes; hand it back to learn of those that others made meanwhile.")


@strawberry.type(description="What whoever said something replied to the answer. It is never changed.")
class FeedbackReply(Node):
    """A reply."""

    text: str = shown("Their words.")
    at: datetime = shown("When.")
    person: Person | None = shown(
        "Who signed in and said it; null where nobody is named.", lambda row, _: replies.person_of(row)
    )


@strawberry.type(description="What a customer was given for telling us something, whatever it was that they told.")
class Reward(Node):
    """A reward."""

    what: str = shown("What was given.")
    given_at: datetime = shown("When.")
    giver: Person | None = shown(
        "Who gave it; for colleagues.",
        lambda row, info: rewards.giver_of(row) if info.context.viewer.may(Act.FEEDBACK_READ) else None,
    )
    customer: Customer | None = shown("To whom.", lambda row, info: rewards.customer_of(row, info.context.viewer))


def _counted(n: int, *, voices: int | None = None) -> Estimate:
    return estimated(estimates.count(n, voices=voices))
