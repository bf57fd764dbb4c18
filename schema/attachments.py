"""Attachments: the pictures and files of an entry. Their bytes come and go over addresses of their own."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from knowledge import attachments
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry
from schema.fields import given, shown
from schema.nodes import Node, uid_of
from schema.people import Person


@strawberry.type(description="A picture or a file of an entry.")
class Attachment(Node):
    """An attachment."""

    entry: Entry | None = shown(
        "What it is attached to.", lambda row, info: attachments.entry_of(row, info.context.viewer)
    )
    name: str = shown("What it is called, and how a text names it: attachment: and this.")
    media_type: str = shown("What it is, by its content.")
    size: int = shown("How many bytes it has.")
    sha256: str = shown("The SHA-256 of its bytes, in hexadecimal digits.")
    width: int | None = shown("Pixels across, where a page may show it.")
    height: int | None = shown("Pixels down, where a page may show it.")
    alt: str = shown("What the picture shows, for those who do not see it; empty as long as nobody said so.")
    url: str = shown("Where it is served, from the root.")
    author: Person | None = shown("Who attached it.", lambda row, _: attachments.author_of(row))
    created_at: datetime = shown("When it was attached.")


@strawberry.input(description="A change of an attachment: what is omitted stays.")
class UpdateAttachmentInput:
    """Input of updateAttachment."""

    id: strawberry.ID = strawberry.field(description="The attachment.")
    name: strawberry.Maybe[str] = strawberry.field(
        description="What it is called; its ending stays, and texts that use the former name still find it."
    )
    alt: strawberry.Maybe[str] = strawberry.field(description="What the picture shows, in at most 300 characters.")


@strawberry.input(description="An attachment to take off its entry.")
class RemoveAttachmentInput:
    """Input of removeAttachment."""

    id: strawberry.ID = strawberry.field(description="The attachment.")


@strawberry.type(description="An attachment that was changed or taken off.")
class AttachmentPayload(Payload):
    """Answer of updateAttachment and removeAttachment."""

    attachment: Attachment | None = strawberry.field(description="The attachment as it is now.", default=None)
    entry: Entry | None = strawberry.field(description="Its entry.", default=None)


@mutation("Rename an attachment, or say what its picture shows.", AttachmentPayload, needs=Act.ENTRIES_WRITE)
def update_attachment(info: Info, input: UpdateAttachmentInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    changes: attachments.Changes = given(input, but=("id",))  # type: ignore[assignment]
    item = attachments.update(session, viewer, uid_of(input.id, "Attachment"), changes)
    return {"attachment": item, "entry": attachments.entry_of(item, viewer)}


@mutation("Take an attachment off its entry.", AttachmentPayload, needs=Act.ENTRIES_WRITE)
def remove_attachment(info: Info, input: RemoveAttachmentInput) -> Mapping[str, object]:
    return {"entry": attachments.remove(info.context.session, info.context.viewer, uid_of(input.id, "Attachment"))}


MUTATIONS = [update_attachment, remove_attachment]
