"""Writing entries and moving them through their life."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import strawberry

from knowledge.community import asking
from knowledge.entries import EntryRow, freshness, links, publishing, writing
from knowledge.entries.kinds import DETAILS
from knowledge.entries.writing import Changes
from knowledge.errors import Invalid
from knowledge.people import Act
from schema.answers import kept
from schema.atomic import Payload, mutation
from schema.community.asking import QuestionInput, whom
from schema.context import Info
from schema.entries.differences import Merge
from schema.entries.entry import Entry, Revision
from schema.entries.naming import EntryRef, named
from schema.fields import given
from schema.initiatives import InitiativeInput
from schema.insights import InsightInput
from schema.nodes import uid_of
from schema.practices import PracticeInput
from schema.principles import PrincipleInput
from schema.vision import VisionInput
from schema.words import Audience, GroupKind, Kind, LinkKind, Stage

_NESTED = tuple(detail.name for detail in DETAILS.values())


@strawberry.input(description="A new entry.")
class CreateEntryInput:
    """Input of createEntry."""

    kind: Kind = strawberry.field(description="What it is; this never changes.")
    title: str = strawberry.field(description="The title, 1 to 200 characters.")
    slug: strawberry.Maybe[str | None] = strawberry.field(
        description="Its name in addresses; made from the title unless given."
    )
    summary: strawberry.Maybe[str | None] = strawberry.field(description="What it says, in at most 160 characters.")
    body: strawberry.Maybe[str | None] = strawberry.field(
        description="The text in Markdown; [[slug]] links to another entry."
    )
    tags: strawberry.Maybe[list[str] | None] = strawberry.field(
        description="Tags by name, at most 20; new ones are made."
    )
    language: strawberry.Maybe[str | None] = strawberry.field(description="The language's code; en unless given.")
    audience: strawberry.Maybe[Audience | None] = strawberry.field(description="Who it is for; EMPLOYEES unless given.")
    audience_groups: strawberry.Maybe[list[strawberry.ID] | None] = strawberry.field(
        description="The groups, where the audience is GROUP."
    )
    functions: strawberry.Maybe[list[GroupKind] | None] = strawberry.field(description="The functions it concerns.")
    stages: strawberry.Maybe[list[Stage] | None] = strawberry.field(description="The rungs of the ladder it serves.")
    principles: strawberry.Maybe[list[int] | None] = strawberry.field(
        description="The numbers of the principles it puts into practice."
    )
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="Who answers for it; the viewer unless given."
    )
    source: strawberry.Maybe[str | None] = strawberry.field(description="Where it comes from, if from elsewhere.")
    licence: strawberry.Maybe[str | None] = strawberry.field(description="Under which terms.")
    note: strawberry.Maybe[str | None] = strawberry.field(description="What changed and why, at most 300 characters.")
    practice: strawberry.Maybe[PracticeInput] = strawberry.field(description="The six parts of a best practice.")
    insight: strawberry.Maybe[InsightInput] = strawberry.field(description="The claim of an insight.")
    vision: strawberry.Maybe[VisionInput] = strawberry.field(description="A vision's own words.")
    initiative: strawberry.Maybe[InitiativeInput] = strawberry.field(description="The facts of an initiative.")
    principle: strawberry.Maybe[PrincipleInput] = strawberry.field(description="Which of the twelve a principle is.")
    question: strawberry.Maybe[QuestionInput | None] = strawberry.field(
        description="Whom a question asks; null asks nobody in particular."
    )
    publish: bool = strawberry.field(
        description="Whether to publish it at once; if that is refused nothing is written.", default=False
    )


@strawberry.input(description="A new revision of an entry: what is omitted stays as it is, null clears.")
class UpdateEntryInput:
    """Input of updateEntry."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    base_revision: int = strawberry.field(description="The number of the latest revision that this was written over.")
    title: strawberry.Maybe[str] = strawberry.field(description="The title, 1 to 200 characters.")
    slug: strawberry.Maybe[str] = strawberry.field(description="Its name in addresses; the former one redirects.")
    summary: strawberry.Maybe[str | None] = strawberry.field(description="What it says, in at most 160 characters.")
    body: strawberry.Maybe[str | None] = strawberry.field(description="The text in Markdown.")
    tags: strawberry.Maybe[list[str] | None] = strawberry.field(description="All its tags by name.")
    language: strawberry.Maybe[str | None] = strawberry.field(description="The language's code.")
    audience: strawberry.Maybe[Audience | None] = strawberry.field(
        description="Who it is for, once this revision is published."
    )
    audience_groups: strawberry.Maybe[list[strawberry.ID] | None] = strawberry.field(
        description="All its groups, where the audience is GROUP."
    )
    functions: strawberry.Maybe[list[GroupKind] | None] = strawberry.field(description="All the functions it concerns.")
    stages: strawberry.Maybe[list[Stage] | None] = strawberry.field(description="All the rungs it serves.")
    principles: strawberry.Maybe[list[int] | None] = strawberry.field(
        description="All the principles it puts into practice."
    )
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who answers for it.")
    source: strawberry.Maybe[str | None] = strawberry.field(description="Where it comes from.")
    licence: strawberry.Maybe[str | None] = strawberry.field(description="Under which terms.")
    note: strawberry.Maybe[str | None] = strawberry.field(description="What changed and why, at most 300 characters.")
    practice: strawberry.Maybe[PracticeInput] = strawberry.field(
        description="The parts of a best practice that change."
    )
    insight: strawberry.Maybe[InsightInput] = strawberry.field(description="The claim of an insight.")
    vision: strawberry.Maybe[VisionInput] = strawberry.field(description="The words of a vision that change.")
    initiative: strawberry.Maybe[InitiativeInput] = strawberry.field(
        description="The facts of an initiative that change."
    )
    principle: strawberry.Maybe[PrincipleInput] = strawberry.field(description="Which of the twelve a principle is.")
    question: strawberry.Maybe[QuestionInput | None] = strawberry.field(
        description="Whom a question asks; null asks nobody in particular."
    )
    publish: bool = strawberry.field(
        description="Whether to publish it at once; if that is refused nothing is written.", default=False
    )


@strawberry.type(description="An entry that was written or moved.")
class EntryPayload(Payload):
    """Answer of every mutation on entries."""

    entry: Entry | None = strawberry.field(description="The entry as it is now.", default=None)


@strawberry.type(description="An entry with a new revision, or the newer one that was in the way.")
class UpdateEntryPayload(Payload):
    """Answer of updateEntry."""

    entry: Entry | None = strawberry.field(description="The entry as it is now.", default=None)
    current: Revision | None = strawberry.field(description="On a conflict, the newest revision.", default=None)
    merge: Merge | None = strawberry.field(
        description="On a conflict, what the newest revision and what was sent come to; null where the viewer may not read the newest.",
        default=None,
    )


@strawberry.input(description="An entry.")
class EntryInput:
    """Input of the acts that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The entry.")


@strawberry.input(description="An entry to be published.")
class PublishEntryInput:
    """Input of publishEntry."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    revision: int | None = strawberry.field(
        description="The number of the revision that was read; another one is a CONFLICT. The latest unless given.",
        default=None,
    )


@strawberry.input(description="An entry to be reviewed.")
class SubmitEntryInput:
    """Input of submitEntry."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    at: datetime | None = strawberry.field(
        description="When it is to be published, if it is approved before that; as soon as it is approved unless given.",
        default=None,
    )


@strawberry.input(description="An entry that still holds.")
class VerifyEntryInput:
    """Input of verifyEntry."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    note: str | None = strawberry.field(
        description="What was found, at most 300 characters; worth saying where the entry was contested.", default=None
    )
    revision: int | None = strawberry.field(
        description="The number of the revision that was read; another one is a CONFLICT. Whatever is out unless given.",
        default=None,
    )


@strawberry.input(description="What was submitted and read.")
class ApproveEntryInput:
    """Input of approveEntry."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    revision: int | None = strawberry.field(
        description="The number of the revision that was read; another one is a CONFLICT. Whatever was submitted unless given.",
        default=None,
    )


@strawberry.input(description="An entry, and what is to be said about it.")
class RequestChangesInput:
    """Input of requestChanges."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    note: str = strawberry.field(description="What should change, at most 300 characters.")
    revision: int | None = strawberry.field(
        description="The number of the revision that was read; another one is a CONFLICT. Whatever was submitted unless given.",
        default=None,
    )


@strawberry.input(description="How one entry stands to another.")
class LinkInput:
    """Input of linkEntries and unlinkEntries."""

    from_: EntryRef = strawberry.field(description="The entry that links.", name="from")
    to: EntryRef = strawberry.field(description="The entry that is linked to.")
    kind: LinkKind = strawberry.field(description="How the first stands to the second.")


def _changes(info: Info, input: CreateEntryInput | UpdateEntryInput, kind: Any) -> Changes:
    found = given(input, but=("id", "kind", "base_revision", "publish", "question", *_NESTED))
    if found.get("owner") is not None:
        found["owner"] = uid_of(found["owner"], "Person", "owner")
    if found.get("audience_groups") is not None:
        found["audience_groups"] = [uid_of(id, "FunctionalGroup", "audienceGroups") for id in found["audience_groups"]]
    for name in _NESTED:
        nested = getattr(input, name)
        if nested is None:
            continue
        if kind not in DETAILS or DETAILS[kind].name != name:
            raise Invalid(f"Only {name} entries have this.", name)
        found["detail"] = given(nested.value)
        if answers := found["detail"].pop("answers", None):
            found["detail"] |= kept(info.context.session, info.context.viewer, answers)
    return cast(Changes, found)


def _ask(info: Info, row: EntryRow, input: CreateEntryInput | UpdateEntryInput) -> None:
    """Say whom a question asks, where the input does."""
    if input.question is not None:
        asking.address(info.context.session, info.context.viewer, row, whom(input.question.value))


@mutation(
    "Write a new entry. Vision and principles also need vision:write, initiatives initiatives:write.",
    EntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def create_entry(info: Info, input: CreateEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    row = writing.create(session, viewer, input.kind, _changes(info, input, input.kind))
    _ask(info, row, input)
    return {"entry": publishing.publish(session, viewer, row.uid) if input.publish else row}


@mutation(
    "Write a new revision of an entry: its author, its owner, or a curator.",
    UpdateEntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def update_entry(info: Info, input: UpdateEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    before, _ = writing.editable(session, viewer, uid_of(input.id, "Entry"))
    row = writing.update(session, viewer, before.uid, input.base_revision, _changes(info, input, before.kind))
    _ask(info, row, input)
    return {"entry": publishing.publish(session, viewer, row.uid) if input.publish else row}


@mutation("Ask for review of the latest revision.", EntryPayload, needs=Act.ENTRIES_WRITE)
def submit_entry(info: Info, input: SubmitEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": publishing.submit(session, viewer, uid_of(input.id, "Entry"), at=input.at)}


@mutation(
    "Approve what was submitted; somebody other than its author. With the last approval that it needs it is published.",
    EntryPayload,
    needs=Act.ENTRIES_CURATE,
)
def approve_entry(info: Info, input: ApproveEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": publishing.approve(session, viewer, uid_of(input.id, "Entry"), number=input.revision)}


@mutation("Give what was submitted back to its author, saying what to change.", EntryPayload, needs=Act.ENTRIES_CURATE)
def request_changes(info: Info, input: RequestChangesInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.id, "Entry")
    return {"entry": publishing.request_changes(session, viewer, uid, input.note, number=input.revision)}


@mutation(
    "Publish the latest revision, of any kind, or bring back what was archived or superseded. What needs approval needs "
    "somebody other than its author.",
    EntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def publish_entry(info: Info, input: PublishEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": publishing.publish(session, viewer, uid_of(input.id, "Entry"), number=input.revision)}


@mutation("Take an entry out of every list; its revisions stay.", EntryPayload, needs=Act.ENTRIES_WRITE)
def archive_entry(info: Info, input: EntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": publishing.archive(session, viewer, uid_of(input.id, "Entry"))}


@mutation(
    "Vouch that an entry still holds: its owner, whoever is named for it, or a curator.",
    EntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def verify_entry(info: Info, input: VerifyEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.id, "Entry")
    return {"entry": freshness.verify(session, viewer, uid, note=input.note or "", number=input.revision)}


@mutation("Say how one entry stands to another.", EntryPayload, needs=Act.ENTRIES_WRITE)
def link_entries(info: Info, input: LinkInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    near, far = named(session, viewer, input.from_, "from"), named(session, viewer, input.to, "to")
    links.link(session, viewer, near, far, input.kind)
    return {"entry": near}


@mutation("Take such a link back.", EntryPayload, needs=Act.ENTRIES_WRITE)
def unlink_entries(info: Info, input: LinkInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    near, far = named(session, viewer, input.from_, "from"), named(session, viewer, input.to, "to")
    links.unlink(session, viewer, near, far, input.kind)
    return {"entry": near}


MUTATIONS = [
    create_entry,
    update_entry,
    submit_entry,
    approve_entry,
    request_changes,
    publish_entry,
    archive_entry,
    verify_entry,
    link_entries,
    unlink_entries,
]
