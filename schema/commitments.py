"""Who stands behind a vision, what it means to them, and to whom it was told."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from knowledge.database import neighbours
from knowledge.people import Act, loaded
from knowledge.vision import commitments, communications, meanings
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.people import FunctionalGroup, Person
from schema.words import Audience, CommitmentState

if TYPE_CHECKING:
    from schema.vision import Vision

LazyVision = Annotated["Vision", strawberry.lazy("schema.vision")]


@strawberry.type(
    description="Where a stakeholder stood towards one version of the vision, as it was given; never changed afterwards."
)
class Commitment:
    """A commitment."""

    version: int = shown("The version that it was given to.")
    state: CommitmentState = shown("Where they stood.")
    statement: str = shown("What they said; may be empty.")
    expires_on: date | None = shown("Until when it holds.")
    expired: bool = shown("Whether that day is over.", lambda row, _: row.is_expired)
    given_at: datetime = shown("When it was given.")
    recorded_by: Person | None = shown("Who wrote it down.", lambda row, _: commitments.recorded_by(row))


@strawberry.type(description="Someone whose support a vision needs, or who gave theirs; for colleagues.")
class Stakeholder(Node):
    """A colleague, a group, or somebody outside by name."""

    person: Person | None = shown("The colleague, where it is one.", lambda row, _: commitments.person_of(row))
    group: FunctionalGroup | None = shown("The group, where it is one.", lambda row, _: commitments.group_of(row))
    name: str | None = shown("Their name, where it is somebody outside.")
    key: bool = shown("Whether the vision cannot do without them.")
    commitments: list[Commitment] = shown(
        "All that they gave, to the newest version and the latest first.",
        lambda row, _: commitments.commitments_of(row),
    )


@strawberry.type(description="What a version of the vision means to a colleague or a group, in their own words.")
class PersonalMeaning:
    """An answer to: what does it mean to me?"""

    person: Person | None = shown("The colleague, where it is one.", lambda row, _: meanings.person_of(row))
    group: FunctionalGroup | None = shown("The group, where it is one.", lambda row, _: meanings.group_of(row))
    text: str = shown("What it means to them.")
    version: int = shown("The version that they read.")
    updated_at: datetime = shown("When it was said last.")


@strawberry.type(
    description="An occasion on which the what or the why of a vision was told to somebody; for colleagues."
)
class Communication:
    """An occasion."""

    version: int = shown("The version that was told.")
    audience: Audience = shown("Who those were to whom it was told.")
    whom: str = shown("To whom, in words.")
    told_on: date = shown("When.")
    how: str = shown("How.")
    what: bool = shown("Whether the what was told.")
    why: bool = shown("Whether the why was told.")
    came_of_it: str = shown("What came of it; may be empty.")
    author: Person | None = shown("Who wrote it down.", lambda row, _: neighbours(row, loaded, "author_id"))


@strawberry.type(description="A vision, with who stands behind it.")
class VisionPayload(Payload):
    """Answer of what is said about a vision."""

    vision: LazyVision | None = strawberry.field(description="The vision as it stands now.", default=None)


@strawberry.type(description="A stakeholder, with what they gave.")
class StakeholderPayload(Payload):
    """Answer of addStakeholder and recordCommitment."""

    stakeholder: Stakeholder | None = strawberry.field(description="The stakeholder.", default=None)


@strawberry.input(description="Someone who has a stake in a vision; exactly one of person, group and name is given.")
class AddStakeholderInput:
    """Input of addStakeholder."""

    vision: EntryRef = strawberry.field(description="The vision.")
    person: strawberry.ID | None = strawberry.field(description="A colleague.", default=None)
    group: strawberry.ID | None = strawberry.field(description="A group.", default=None)
    name: str | None = strawberry.field(
        description="Somebody outside, by a name of at most 120 characters.", default=None
    )
    key: bool = strawberry.field(description="Whether the vision cannot do without them.", default=False)


@strawberry.input(description="A stakeholder who is none any more.")
class RemoveStakeholderInput:
    """Input of removeStakeholder."""

    id: strawberry.ID = strawberry.field(description="The stakeholder.")


@strawberry.input(description="Where the viewer stands towards a vision.")
class CommitToVisionInput:
    """Input of commitToVision."""

    vision: EntryRef = strawberry.field(description="The vision.")
    state: CommitmentState = strawberry.field(
        description="Where they stand; COMMITTED unless given.", default=CommitmentState.COMMITTED
    )
    statement: str | None = strawberry.field(description="In their words, at most 1,000 characters.", default=None)
    expires_on: date | None = strawberry.field(description="Until when it holds.", default=None)
    version: int | None = strawberry.field(
        description="The version that was read; another one is a CONFLICT. The one that is out unless given.",
        default=None,
    )


@strawberry.input(description="Where a stakeholder stands towards a vision.")
class RecordCommitmentInput:
    """Input of recordCommitment."""

    stakeholder: strawberry.ID = strawberry.field(description="The stakeholder.")
    state: CommitmentState = strawberry.field(description="Where they stand.")
    statement: str | None = strawberry.field(description="In their words, at most 1,000 characters.", default=None)
    expires_on: date | None = strawberry.field(description="Until when it holds.", default=None)
    version: int | None = strawberry.field(
        description="The version that was read; another one is a CONFLICT. The one that is out unless given.",
        default=None,
    )


@strawberry.input(description="What a vision means to the viewer, or to their group.")
class SayMeaningInput:
    """Input of sayMeaning."""

    vision: EntryRef = strawberry.field(description="The vision.")
    text: str = strawberry.field(
        description="In their own words, at most 1,000 characters; nothing takes back what was said."
    )
    for_group: bool = strawberry.field(
        description="Whether it is said for the group that they belong to.", default=False
    )
    version: int | None = strawberry.field(
        description="The version that was read; another one is a CONFLICT. The one that is out unless given.",
        default=None,
    )


@strawberry.input(description="That a vision was told to somebody.")
class RecordCommunicationInput:
    """Input of recordCommunication."""

    vision: EntryRef = strawberry.field(description="The vision.")
    whom: str = strawberry.field(description="To whom, in 1 to 200 characters.")
    how: str = strawberry.field(description="How, in 1 to 200 characters.")
    audience: Audience = strawberry.field(description="Who those were.", default=Audience.EMPLOYEES)
    told_on: date | None = strawberry.field(description="When; today unless given.", default=None)
    version: int | None = strawberry.field(description="Which version; the one that is out unless given.", default=None)
    what: bool = strawberry.field(description="Whether the what was told.", default=True)
    why: bool = strawberry.field(description="Whether the why was told.", default=True)
    came_of_it: str | None = strawberry.field(description="What came of it, at most 1,000 characters.", default=None)


@mutation(
    "Say who has a stake in a vision, and whether it cannot do without them: whoever may edit the vision.",
    StakeholderPayload,
    needs=Act.VISION_WRITE,
)
def add_stakeholder(info: Info, input: AddStakeholderInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    vision = named(session, viewer, input.vision, "vision")
    added = commitments.add(
        session,
        viewer,
        vision,
        person=uid_of(input.person, "Person", "person") if input.person else None,
        group=uid_of(input.group, "FunctionalGroup", "group") if input.group else None,
        name=input.name,
        key=input.key,
    )
    return {"stakeholder": added}


@mutation("Take a stakeholder off a vision; what they gave stays as given.", VisionPayload, needs=Act.VISION_WRITE)
def remove_stakeholder(info: Info, input: RemoveStakeholderInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Stakeholder")
    return {"vision": commitments.remove(info.context.session, info.context.viewer, uid)}


@mutation(
    "Say where one stands oneself towards the version of a vision that is out. What was given to a version stays given to it.",
    VisionPayload,
    needs=Act.ENTRIES_WRITE,
)
def commit_to_vision(info: Info, input: CommitToVisionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    vision = named(session, viewer, input.vision, "vision")
    commitments.give(
        session,
        viewer,
        vision,
        input.state,
        statement=input.statement or "",
        expires_on=input.expires_on,
        version=input.version,
    )
    return {"vision": vision}


@mutation(
    "Write down where a stakeholder stands: they themselves, one of the group, and whoever may edit the vision.",
    StakeholderPayload,
    needs=Act.ENTRIES_WRITE,
)
def record_commitment(info: Info, input: RecordCommitmentInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.stakeholder, "Stakeholder", "stakeholder")
    said = {"statement": input.statement or "", "expires_on": input.expires_on, "version": input.version}
    commitments.record(session, viewer, uid, input.state, **said)  # type: ignore[arg-type]
    return {"stakeholder": commitments.by_uid(session, viewer, uid)}


@mutation(
    "Say what the version of a vision that is out means to oneself, or to one's group.",
    VisionPayload,
    needs=Act.ENTRIES_WRITE,
)
def say_meaning(info: Info, input: SayMeaningInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    vision = named(session, viewer, input.vision, "vision")
    say = meanings.say_for_group if input.for_group else meanings.say
    say(session, viewer, vision, input.text, version=input.version)
    return {"vision": vision}


@mutation("Write down that a vision was told to somebody, and what came of it.", VisionPayload, needs=Act.ENTRIES_WRITE)
def record_communication(info: Info, input: RecordCommunicationInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    vision = named(session, viewer, input.vision, "vision")
    told = communications.Told(
        whom=input.whom,
        how=input.how,
        audience=input.audience,
        told_on=input.told_on,
        version=input.version,
        what=input.what,
        why=input.why,
        came_of_it=input.came_of_it or "",
    )
    communications.record(session, viewer, vision, told)
    return {"vision": vision}


MUTATIONS = [
    add_stakeholder,
    remove_stakeholder,
    commit_to_vision,
    record_commitment,
    say_meaning,
    record_communication,
]
