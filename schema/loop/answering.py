"""Answering customers: the drafts, telling them, what was told, and how well the loop is closed."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

import strawberry

from knowledge.database import Page
from knowledge.errors import Invalid, NotFound
from knowledge.feedback import by_uids, themes
from knowledge.loop import answering, closure, responses, rewards
from knowledge.loop.answering import Said, Subject
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.estimates import Estimate, estimated
from schema.fields import After, Before, First, Id, Last, given, shown
from schema.loop.responses import LoopResponse, ResponseReach, Reward, reached
from schema.nodes import parts, uid_of
from schema.paging import Connection
from schema.words import Audience, Decision, LoopKind, ResponseState


@strawberry.input(description="Which answers are wanted; what is left out does not matter.")
class ResponseFilter:
    """Filter of answers."""

    loops: list[LoopKind] | None = strawberry.field(description="For any of these.", default=None)
    decisions: list[Decision] | None = strawberry.field(description="With any of these decisions.", default=None)
    states: list[ResponseState] | None = strawberry.field(description="In any of these states.", default=None)
    feedback: strawberry.ID | None = strawberry.field(description="To this item.", default=None)
    theme: strawberry.ID | None = strawberry.field(description="To this theme.", default=None)
    late: bool | None = strawberry.field(
        description="Where true, those whose promise should have been kept by now.", default=None
    )


Filter = Annotated[ResponseFilter | None, strawberry.argument(description="Which answers.")]
Days = Annotated[int, strawberry.argument(description="Of what was received in so many days, 1 to 366.")]


def _wanted(filter: ResponseFilter | None) -> responses.Filter | None:
    if filter is None:
        return None
    found: dict[str, Any] = {}
    for name in ("loops", "decisions", "states"):
        if (values := getattr(filter, name)) is not None:
            found[name] = tuple(values)
    for name, type in (("feedback", "Feedback"), ("theme", "Theme")):
        if (id := getattr(filter, name)) is not None:
            found[name] = uid_of(id, type, name)
    return responses.Filter(**found, is_late=bool(filter.late))


@query(
    "What was answered and what is being written, the latest changed first; customers and strangers see what was told to them.",
    Connection[LoopResponse],
    needs=Act.FEEDBACK_READ,
    name="responses",
)
def all_responses(
    info: Info,
    filter: Filter = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return responses.listing(info.context.session, info.context.viewer, page, filter=_wanted(filter))


@query("One answer.", LoopResponse | None, needs=Act.FEEDBACK_READ)
def response(info: Info, id: Id) -> Any:
    found = parts(id)
    return responses.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@query(
    "You said, we did: what was heard, decided and done, as far as it is for the viewer's audience, the latest told first.",
    Connection[LoopResponse],
    needs=Act.ENTRIES_READ,
)
def loop(info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
    return responses.told_of(info.context.session, info.context.viewer, Page(first, after, last, before))


@strawberry.type(
    description="What became of the feedback of a period to which a reply was due and whose time for it is over."
)
class Closure:
    """Figures of the loop."""

    told: Estimate = shown("The share whose authors were told what was decided.", lambda row, _: estimated(row.told))
    in_time: Estimate = shown("The share that was told in time.", lambda row, _: estimated(row.in_time))
    hours: Estimate = shown(
        "The median of the hours until they were told; null while less than half were.",
        lambda row, _: estimated(row.hours),
    )


@query(
    "How well the loop is closed; null for customers and strangers.",
    Closure | None,
    needs=Act.FEEDBACK_READ,
    name="closure",
)
def how_closed(info: Info, days: Days = 90) -> Any:
    if not 1 <= days <= 366:
        raise Invalid("From one day to a year.", "days")
    return closure.closure(info.context.session, info.context.viewer, days=days)


@strawberry.input(
    description="An answer to exactly one of: what customers said, a theme, an insight. It is told at once unless it is to stay a draft."
)
class RespondInput:
    """Input of respond."""

    feedback: list[strawberry.ID] | None = strawberry.field(
        description="What customers said; one item or up to 50 that are answered alike.", default=None
    )
    theme: strawberry.ID | None = strawberry.field(description="A theme: everyone who spoke of it.", default=None)
    insight: EntryRef | None = strawberry.field(
        description="An insight: everyone whose words are its evidence.", default=None
    )
    heard: str = strawberry.field(description="What was heard, at most 2,000 characters.")
    decision: Decision = strawberry.field(description="What was decided.")
    why: strawberry.Maybe[str | None] = strawberry.field(description="Why; needed where it will not be done.")
    practice: strawberry.Maybe[EntryRef | None] = strawberry.field(description="A best practice that came of it.")
    initiative: strawberry.Maybe[EntryRef | None] = strawberry.field(description="An initiative that came of it.")
    loop: strawberry.Maybe[LoopKind] = strawberry.field(
        description="Whom it is for; INNER for feedback and OUTER for a theme or an insight unless given."
    )
    audience: strawberry.Maybe[Audience] = strawberry.field(
        description="Who reads it besides: EMPLOYEES for INNER and CUSTOMERS for OUTER unless given; never GROUP."
    )
    publish: bool = strawberry.field(description="Whether to tell them at once.", default=True)


@strawberry.input(description="A draft written anew: what is omitted stays, null clears.")
class UpdateResponseInput:
    """Input of updateResponse."""

    id: strawberry.ID = strawberry.field(description="The draft.")
    heard: strawberry.Maybe[str] = strawberry.field(description="What was heard.")
    decision: strawberry.Maybe[Decision] = strawberry.field(description="What was decided.")
    why: strawberry.Maybe[str | None] = strawberry.field(description="Why.")
    practice: strawberry.Maybe[EntryRef | None] = strawberry.field(description="A best practice that came of it.")
    initiative: strawberry.Maybe[EntryRef | None] = strawberry.field(description="An initiative that came of it.")
    audience: strawberry.Maybe[Audience] = strawberry.field(description="Who reads it besides.")
    version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read; a newer one is a conflict."
    )


@strawberry.input(description="An answer that is told.")
class PublishResponseInput:
    """Input of publishResponse."""

    id: strawberry.ID = strawberry.field(description="The answer.")


@strawberry.type(description="An answer as it is now.")
class ResponsePayload(Payload):
    """Answer of respond, updateResponse and publishResponse."""

    response: LoopResponse | None = strawberry.field(description="The answer.", default=None)
    reach: ResponseReach | None = strawberry.field(
        description="Where it was told just now: whom that reached.", default=None
    )
    current: LoopResponse | None = strawberry.field(
        description="After a conflict: the draft as somebody else left it.", default=None
    )


def _said(info: Info, input: Any, *but: str) -> Said:
    said: dict[str, Any] = given(input, but=("feedback", "theme", "insight", "publish", "id", "version", *but))
    for field in ("practice", "initiative"):
        if said.get(field) is not None:
            said[field] = named(info.context.session, info.context.viewer, said[field], field)
    return cast(Said, said)


def _subject(info: Info, input: RespondInput) -> Subject:
    session, viewer = info.context.session, info.context.viewer
    uids = [uid_of(id, "Feedback", "feedback") for id in input.feedback or ()]
    found = {row.uid: row for row in by_uids(session, viewer, uids)}
    if len(found) < len(set(uids)):
        raise NotFound("There is no such feedback.", "feedback")
    theme, insight = None, None
    if input.theme is not None:
        theme = themes.by_theme(session, viewer, uid_of(input.theme, "Theme", "theme"))
        if theme is None:
            raise NotFound("There is no such theme.", "theme")
    if input.insight is not None:
        insight = named(session, viewer, input.insight, "insight")
    return Subject([found[uid] for uid in dict.fromkeys(uids)], theme, insight)


def _published(info: Info, uid: Any) -> Mapping[str, object]:
    done = answering.publish(info.context.session, info.context.viewer, uid, info.context.contact)
    return {"response": done.response, "reach": reached(done.reach, info)}


@mutation(
    "Answer what customers said. Everyone behind it is told once: who asked, and of those who did not whoever agreed to be written to. "
    "What is answered by name is then answered; the case of a complaint goes along.",
    ResponsePayload,
    needs=Act.FEEDBACK_WRITE,
)
def respond(info: Info, input: RespondInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    drafted = answering.draft(session, viewer, _subject(info, input), _said(info, input))
    return _published(info, drafted.uid) if input.publish else {"response": drafted}


@mutation("Write a draft of an answer anew; what was told is not unsaid.", ResponsePayload, needs=Act.FEEDBACK_WRITE)
def update_response(info: Info, input: UpdateResponseInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "LoopResponse")
    version = input.version.value if input.version is not None else None
    said = _said(info, input)
    return {"response": answering.update_draft(info.context.session, info.context.viewer, uid, said, version=version)}


@mutation(
    "Tell everyone behind an answer, each once: told again, it reaches only those who have come since.",
    ResponsePayload,
    needs=Act.FEEDBACK_WRITE,
)
def publish_response(info: Info, input: PublishResponseInput) -> Mapping[str, object]:
    return _published(info, uid_of(input.id, "LoopResponse"))


@strawberry.input(description="Something for a customer who told us something.")
class GiveRewardInput:
    """Input of giveReward. It asks for nothing that was said: thanks do not depend on it."""

    feedback: strawberry.ID = strawberry.field(description="What they told us, whatever it was.")
    what: str = strawberry.field(description="What they are given, at most 200 characters.")


@strawberry.type(description="What was given.")
class RewardPayload(Payload):
    """Answer of giveReward."""

    reward: Reward | None = strawberry.field(description="The reward.", default=None)


@mutation(
    "Write down what a customer was given for telling us something, once for each thing told, whatever it was.",
    RewardPayload,
    needs=Act.FEEDBACK_WRITE,
)
def give_reward(info: Info, input: GiveRewardInput) -> Mapping[str, object]:
    uid = uid_of(input.feedback, "Feedback", "feedback")
    return {"reward": rewards.give(info.context.session, info.context.viewer, uid, input.what)}


QUERIES = [all_responses, response, loop, how_closed]
MUTATIONS = [respond, update_response, publish_response, give_reward]
