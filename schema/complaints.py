"""Complaints: their cases, the steps these take, and what is due when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge.feedback import complaints, dues
from knowledge.feedback.complaints import Found
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.feedback import Feedback
from schema.fields import given, shown
from schema.nodes import Node, uid_of
from schema.people import Person
from schema.words import CaseStage, FeedbackKind


def _inside(info: Info) -> bool:
    return info.context.viewer.may(Act.FEEDBACK_READ)


def _for_us(text: str | None, info: Info) -> str | None:
    return text if _inside(info) else None


@strawberry.type(description="One step that the case of a complaint took.")
class ComplaintStep:
    """A step; steps are never changed."""

    from_stage: CaseStage = shown("Where it was.")
    to_stage: CaseStage = shown("Where it went.")
    note: str | None = shown("What was written down about it.")
    actor: Person | None = shown("Who took it.", lambda row, _: complaints.actor_of(row))
    at: datetime = shown("When.")


@strawberry.type(
    description="The case of a complaint: every complaint has one, with a reference, from the moment it is recorded."
)
class ComplaintCase(Node):
    """A case."""

    reference: str = shown("What the customer is told to name.")
    stage: CaseStage = shown("Where it is.")
    next_stages: list[CaseStage] = shown("Where it may go from here.", lambda row, _: complaints.STEPS[row.stage])
    decision: str | None = shown(
        "What was decided, as the customer is told; for customers once they were.",
        lambda row, info: row.decision if row.stage in complaints.TOLD or _inside(info) else None,
    )
    root_cause: str | None = shown("What caused it; for colleagues.", lambda row, info: _for_us(row.root_cause, info))
    action_taken: str | None = shown(
        "What was done, so that it does not happen again; for colleagues.",
        lambda row, info: _for_us(row.action_taken, info),
    )
    none_found: str | None = shown(
        "Why no cause was found, where none was; for colleagues.", lambda row, info: _for_us(row.none_found, info)
    )
    opened_at: datetime = shown("When it was received.")
    acknowledged_at: datetime | None = shown("When the customer learned that it was.")
    communicated_at: datetime | None = shown("When the customer was last told what was decided.")
    closed_at: datetime | None = shown("When it was closed; null while it is open.")
    updated_at: datetime = shown("When it last changed.")
    version: int = shown("Counts its changes; hand it back to learn of those that others made meanwhile.")
    steps: list[ComplaintStep] = shown(
        "Its way since it was opened, the first step first; for colleagues.",
        lambda row, info: complaints.steps_of(row) if _inside(info) else [],
    )
    feedback: Feedback | None = shown(
        "What was complained of.", lambda row, info: complaints.item_of(row, info.context.viewer)
    )


@strawberry.type(description="How many hours the company gives itself for a reply to one kind of feedback.")
class ReplyTime:
    """A rule, or what is usual."""

    kind: FeedbackKind = shown("The kind.")
    hours: int = shown("For the reply.")
    acknowledge_hours: int | None = shown("Until a complaint is acknowledged; null for other kinds.")
    is_own: bool = shown("Whether the company has said so; otherwise it is what is usual.")


Reference = Annotated[str, strawberry.argument(description="The reference that the customer names.")]


@query("A complaint by its reference.", ComplaintCase | None, needs=Act.FEEDBACK_READ)
def complaint(info: Info, reference: Reference) -> Any:
    return complaints.by_reference(info.context.session, info.context.viewer, reference)


@query("How soon replies are due, by kind.", list[ReplyTime], needs=Act.FEEDBACK_READ)
def reply_times(info: Info) -> Any:
    return dues.times(info.context.session)


@strawberry.input(
    description="What was found about a complaint, and where it goes. What is omitted stays, null clears."
)
class MoveComplaintInput:
    """Input of moveComplaint."""

    id: strawberry.ID = strawberry.field(description="The case.")
    stage: strawberry.Maybe[CaseStage | None] = strawberry.field(description="Where it goes; it stays unless given.")
    decision: strawberry.Maybe[str | None] = strawberry.field(description="What was decided, as the customer is told.")
    root_cause: strawberry.Maybe[str | None] = strawberry.field(description="What caused it.")
    action_taken: strawberry.Maybe[str | None] = strawberry.field(description="What was done about the cause.")
    none_found: strawberry.Maybe[str | None] = strawberry.field(description="Why no cause was found.")
    note: strawberry.Maybe[str | None] = strawberry.field(description="A word about this step.")
    version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read; a newer one is a conflict."
    )


@strawberry.type(description="A complaint that was moved.")
class ComplaintPayload(Payload):
    """Answer of moveComplaint."""

    complaint: ComplaintCase | None = strawberry.field(description="The case as it is now.", default=None)
    current: ComplaintCase | None = strawberry.field(
        description="After a conflict: the case as somebody else left it.", default=None
    )


@mutation(
    "Write what was found about a complaint, and take it a step on. It is never closed before the customer was told what was "
    "decided; a grave one, not without cause and action or why none was found.",
    ComplaintPayload,
    needs=Act.FEEDBACK_WRITE,
)
def move_complaint(info: Info, input: MoveComplaintInput) -> Mapping[str, object]:
    said: dict[str, Any] = given(input, but=("id",))
    stage, note, version = said.pop("stage", None), said.pop("note", None), said.pop("version", None)
    found: Found = said  # type: ignore[assignment]
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "ComplaintCase")
    return {"complaint": complaints.move(session, viewer, uid, stage, found, note=note or "", version=version)}


@strawberry.input(description="How soon replies to one kind are due.")
class SetReplyTimeInput:
    """Input of setReplyTime."""

    kind: FeedbackKind = strawberry.field(description="A kind to which a reply is due.")
    hours: int | None = strawberry.field(
        description="Hours for the reply, at most a year; null goes back to what is usual.", default=None
    )
    acknowledge_hours: int | None = strawberry.field(
        description="Of complaints, hours until it is acknowledged.", default=None
    )


@strawberry.type(description="How soon replies are due from now on.")
class ReplyTimePayload(Payload):
    """Answer of setReplyTime."""

    reply_time: ReplyTime | None = strawberry.field(description="What applies to the kind now.", default=None)


@mutation("Say how soon replies to a kind are due, from the next item on.", ReplyTimePayload, needs=Act.ENTRIES_CURATE)
def set_reply_time(info: Info, input: SetReplyTimeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    set_to = dues.set_time(session, viewer, input.kind, input.hours, acknowledge_hours=input.acknowledge_hours)
    return {"reply_time": set_to}


QUERIES = [complaint, reply_times]
MUTATIONS = [move_complaint, set_reply_time]
