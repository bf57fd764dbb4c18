"""Restoring an earlier revision, and naming one."""

from collections.abc import Mapping

import strawberry

from knowledge.entries import publishing, restoring, snapshots
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.snapshots import Snapshot
from schema.entries.writing import UpdateEntryPayload
from schema.nodes import uid_of


@strawberry.input(description="An earlier revision that is to stand again.")
class RestoreRevisionInput:
    """Input of restoreRevision."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    revision: int = strawberry.field(description="The number of the revision whose words are wanted back.")
    base_revision: int = strawberry.field(description="The number of the newest revision that was seen.")
    note: str | None = strawberry.field(
        description="Why, at most 300 characters; says which one was restored unless given.", default=None
    )
    publish: bool = strawberry.field(
        description="Whether to publish it at once; if that is refused nothing is written.", default=False
    )


@strawberry.input(description="A name for a revision of a vision.")
class NameSnapshotInput:
    """Input of nameSnapshot."""

    entry: strawberry.ID = strawberry.field(description="The vision.")
    revision: int = strawberry.field(description="The number of the revision.")
    name: str = strawberry.field(description="The name, at most 80 characters and not just a number; unlike any other.")
    note: str | None = strawberry.field(
        description="What is worth knowing of it, at most 300 characters.", default=None
    )


@strawberry.type(description="A snapshot that was named.")
class SnapshotPayload(Payload):
    """Answer of nameSnapshot."""

    snapshot: Snapshot | None = strawberry.field(description="The snapshot.", default=None)


@mutation(
    "Make a new revision that says what an earlier one said: its author, its owner, or a curator. Nothing is rewritten.",
    UpdateEntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def restore_revision(info: Info, input: RestoreRevisionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.id, "Entry")
    row = restoring.restore(session, viewer, uid, input.revision, input.base_revision, note=input.note)
    return {"entry": publishing.publish(session, viewer, row.uid) if input.publish else row}


@mutation(
    "Name a revision of a vision, so that it is found again: whoever may edit the vision.",
    SnapshotPayload,
    needs=Act.VISION_WRITE,
)
def name_snapshot(info: Info, input: NameSnapshotInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.entry, "Entry", "entry")
    return {"snapshot": snapshots.name(session, viewer, uid, input.revision, called=input.name, note=input.note)}


MUTATIONS = [restore_revision, name_snapshot]
