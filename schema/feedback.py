"""Feedback: what customers said, in their words."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from knowledge import beside, estimates, evidence, feedback
from knowledge.community import promotions
from knowledge.database import NOTHING, Page, is_alone
from knowledge.errors import NotFound
from knowledge.feedback import FeedbackRow, Said, complaints, merging, themes, triaging
from knowledge.loop import replies, responses, rewards
from knowledge.people import Act
from knowledge.search import strips
from knowledge.surveys import verifying
from knowledge.words import Audience as Audiences
from knowledge.words import Stance as Stances
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.entries.naming import EntryRef, named
from schema.estimates import Estimate, estimated
from schema.evidence import Evidence
from schema.fields import After, Before, First, Id, Last, asked, given, listed, shown
from schema.nodes import Node, parts
from schema.paging import Connection
from schema.people import FunctionalGroup, Person
from schema.words import (
    Aspect,
    Audience,
    Channel,
    FeedbackKind,
    FeedbackStatus,
    QualityAttribute,
    Sentiment,
    SentimentSource,
    Severity,
    Stage,
    Stance,
)

if TYPE_CHECKING:
    from schema.community.promotions import Promotion
    from schema.complaints import ComplaintCase
    from schema.loop.responses import FeedbackReply, LoopResponse, Reward
    from schema.sorting import Theme
    from schema.verifying import OthersAsked


HowMany = Annotated[int, strawberry.argument(description="How many, 1 to 20.")]


def _similar(parent: strawberry.Parent[Any], info: Info, first: HowMany = 6) -> Any:
    viewer = info.context.viewer
    if not viewer.may(Act.FEEDBACK_READ) or not is_alone(parent):
        return []
    found = strips.similar(info.context.session, viewer, parent.verbatim, count=min(max(first, 1), 20) + 1)
    return [row for row in found if row.id != parent.id][: min(max(first, 1), 20)]


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
    sentiment: Sentiment | None = shown("How they feel, if that is known.")
    sentiment_source: SentimentSource | None = shown("Who says so.")
    sentiment_counts: bool = shown(
        "Whether that is counted: what a program says, only once a colleague has confirmed it.",
        lambda row, _: row.is_counted,
    )
    attributes: list[QualityAttribute] = shown(
        "The qualities that they speak of.",
        lambda row, _: feedback.attributes_of(row) if beside.may_have(row, "attributes") else (),
    )
    aspect: Aspect | None = shown("Which of the questions that one asks of customers it answers.")
    audience: Audience = shown(
        "Whom the words may be shown to where they are quoted; until then colleagues alone read them.",
        lambda row, _: row.audience or Audiences.EMPLOYEES,
    )
    group: FunctionalGroup | None = shown("The group that passed it on.", lambda row, _: feedback.group_of(row))
    assignee: Person | None = shown("The colleague who sees to it.", lambda row, _: feedback.assignee_of(row))
    assigned_group: FunctionalGroup | None = shown(
        "The group that sees to it.", lambda row, _: feedback.assigned_group_of(row)
    )
    due_at: datetime | None = shown("When the next word is due to the customer; null where none is.")
    overdue: bool = shown("Whether that has passed.", lambda row, _: feedback.is_overdue(row))
    closing_note: str | None = shown(
        "Why it was closed without a reply; for colleagues.",
        lambda row, info: row.closing_note if info.context.viewer.may(Act.FEEDBACK_READ) else None,
    )
    version: int = shown("Counts its changes; hand it back to learn of those that others made meanwhile.")
    promoted_from: Annotated["Promotion", strawberry.lazy("schema.community.promotions")] | None = shown(
        "The post or comment that it was, where the viewer may see that.",
        lambda row, info: promotions.behind(row, info.context.viewer) if beside.may_have(row, "promotion") else None,
    )
    complaint: Annotated["ComplaintCase", strawberry.lazy("schema.complaints")] | None = shown(
        "The case of a complaint.",
        lambda row, _: complaints.case_of(row) if beside.may_have(row, "complaint") else None,
    )
    next_status: list[FeedbackStatus] = shown(
        "Where it may be moved by hand from here.", lambda row, _: triaging.ways_of(row)
    )
    duplicate_of: Annotated["Feedback", strawberry.lazy("schema.feedback")] | None = shown(
        "What it is joined to, because it says the same.",
        lambda row, info: merging.duplicate_of(row, info.context.viewer),
    )
    duplicates: Connection[Annotated["Feedback", strawberry.lazy("schema.feedback")]] = listed(
        "What is joined to it, the latest first.",
        lambda row, info, page: (
            merging.duplicates_of(row, info.context.viewer, page) if beside.may_have(row, "duplicates") else NOTHING
        ),
    )
    voices: Estimate = shown(
        "How many say so, with all that is joined to it: messages, and distinct customers behind them.",
        lambda row, info: estimated(_voices(row, info)),
    )
    prevalence: Estimate = shown(
        "The share of the customers heard in the last ninety days who say so, with all that is joined to it.",
        lambda row, info: estimated(merging.prevalence_of(row, info.context.viewer)),
    )
    checks: list[Annotated["OthersAsked", strawberry.lazy("schema.verifying")]] = shown(
        "Each time that others were asked whether they feel the same, the latest first.",
        lambda row, info: verifying.checks(row, info.context.viewer) if beside.may_have(row, "checks") else (),
    )
    similar: list[Annotated["Feedback", strawberry.lazy("schema.feedback")]] = asked(
        "What others said in much the same words, the most alike first; only of an item that is asked for by itself.",
        _similar,
    )
    themes: list[Annotated["Theme", strawberry.lazy("schema.sorting")]] = shown(
        "What it is about.",
        lambda row, info: themes.of_item(row, info.context.viewer) if beside.may_have(row, "themes") else (),
    )
    evidence: list[Evidence] = shown(
        "What it is evidence of.",
        lambda row, info: evidence.of_feedback(row, info.context.viewer) if beside.may_have(row, "evidence") else (),
    )
    answers: list[Annotated["LoopResponse", strawberry.lazy("schema.loop.responses")]] = shown(
        "What was answered to it, the first first; customers read what was told to them.",
        lambda row, info: responses.of_item(row, info.context.viewer) if beside.may_have(row, "answers") else (),
    )
    replies: list[Annotated["FeedbackReply", strawberry.lazy("schema.loop.responses")]] = shown(
        "What whoever said it replied to that, the first first.",
        lambda row, _: replies.of_item(row) if beside.may_have(row, "replies") else (),
    )
    reward: Annotated["Reward", strawberry.lazy("schema.loop.responses")] | None = shown(
        "What they were given for telling us, whatever it was.",
        lambda row, info: rewards.of_item(row, info.context.viewer) if beside.may_have(row, "reward") else None,
    )


def _voices(row: FeedbackRow, info: Info) -> estimates.Estimate:
    """For colleagues; a customer is told of their own message alone."""
    return (
        merging.voices_of(row, info.context.viewer)
        if info.context.viewer.may(Act.FEEDBACK_READ)
        else estimates.count(1)
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
    attributes: list[QualityAttribute] | None = strawberry.field(
        description="That speaks of any of these qualities.", default=None
    )
    groups: list[strawberry.ID] | None = strawberry.field(description="Passed on by any of these groups.", default=None)
    themes: list[strawberry.ID] | None = strawberry.field(description="About any of these themes.", default=None)


Filter = Annotated[FeedbackFilter | None, strawberry.argument(description="Which feedback.")]


def _wanted(filter: FeedbackFilter | None) -> feedback.Filter | None:
    if filter is None:
        return None
    found: dict[str, Any] = {name: value for name, value in vars(filter).items() if value is not None}
    for name in ("kinds", "channels", "status", "stages", "attributes"):
        if name in found:
            found[name] = tuple(found[name])
    for name, type_name in (("groups", "FunctionalGroup"), ("themes", "Theme")):
        if name in found:
            named = [known for each in found[name] if (known := parts(each)) is not None]
            found[name] = tuple(uid for which, uid in named if which == type_name)
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
    return beside.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


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
    sentiment: strawberry.Maybe[Sentiment | None] = strawberry.field(description="How they feel.")
    sentiment_source: strawberry.Maybe[SentimentSource | None] = strawberry.field(
        description="Who says so; HUMAN unless given."
    )
    attributes: strawberry.Maybe[list[QualityAttribute]] = strawberry.field(
        description="The qualities that they speak of."
    )
    aspect: strawberry.Maybe[Aspect | None] = strawberry.field(
        description="Which of the questions that one asks of customers it answers."
    )
    audience: strawberry.Maybe[Audience | None] = strawberry.field(
        description="Whom the words may be shown to where they are quoted: EMPLOYEES, CUSTOMERS or PUBLIC."
    )
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
