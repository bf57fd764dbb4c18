"""Share links: what somebody without an account reads by a secret address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge import entries
from knowledge.community import shares
from knowledge.insights import InsightRow
from knowledge.people import Act
from knowledge.practices import PracticeRow
from knowledge.vision import VisionRow
from knowledge.words import Kind as Kinds
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.entry import Entry, LazyInsightClaim, LazyPracticeParts, LazyVisionText
from schema.entries.linked import told
from schema.entries.naming import EntryRef, named
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.words import Kind


@strawberry.type(
    description="A secret address by which one entry can be read without an account; the secret is shown once."
)
class ShareLink(Node):
    """A share link without its secret."""

    created_at: datetime = shown("When it was made.")
    expires_at: datetime = shown("When it ends.")


def _detail(kind: Kinds, row_class: Any) -> Any:
    return lambda row, _: entries.detail_of(row, row_class) if row.kind is kind else None


@strawberry.type(description="What a share link shows of an entry: what is published, and nobody's name.")
class SharedEntry:
    """The published words of an entry."""

    kind: Kind = shown("What it is.")
    title: str = shown("The title.")
    summary: str = shown("What it says in at most 160 characters; may be empty.")
    body_html: str = told("body_html", "The text as safe HTML.")
    language: str = shown("The language's code.")
    practice: LazyPracticeParts | None = shown(
        "The six parts of a best practice.", _detail(Kinds.BEST_PRACTICE, PracticeRow)
    )
    insight: LazyInsightClaim | None = shown("The claim of an insight.", _detail(Kinds.INSIGHT, InsightRow))
    vision: LazyVisionText | None = shown("The vision's own words.", _detail(Kinds.VISION, VisionRow))
    published_at: datetime | None = shown("When it was first published.")
    updated_at: datetime = shown("When it last changed.")
    expires_at: datetime = shown("When the link ends.", lambda row, _: row.share_expires_at)


Token = Annotated[str, strawberry.argument(description="The secret part of the link's address.")]


@query(
    "What a share link shows; null where it has ended, or the entry is no longer for customers or for everyone.",
    SharedEntry | None,
)
def shared(info: Info, token: Token) -> Any:
    return shares.reading(info.context.session, token)


@strawberry.input(description="An entry to be read without an account.")
class CreateShareLinkInput:
    """Input of createShareLink."""

    entry: EntryRef = strawberry.field(description="The entry: published for customers or for everyone.")
    expires_at: datetime | None = strawberry.field(
        description="When the link ends: in 30 days unless given, after a year at the latest.", default=None
    )


@strawberry.input(description="A link to end.")
class RevokeShareLinkInput:
    """Input of revokeShareLink."""

    id: strawberry.ID = strawberry.field(description="The link.")


@strawberry.type(description="A link that was made or ended.")
class ShareLinkPayload(Payload):
    """Answer of createShareLink and revokeShareLink."""

    share_link: ShareLink | None = strawberry.field(description="The link as it is listed.", default=None)
    path: str | None = strawberry.field(
        description="The address, from the root: shown now and never again.", default=None
    )
    entry: Entry | None = strawberry.field(description="The entry.", default=None)


@mutation(
    "Make a secret address by which an entry can be read without an account.", ShareLinkPayload, needs=Act.ENTRIES_WRITE
)
def create_share_link(info: Info, input: CreateShareLinkInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    secret, row = shares.create(session, viewer, entry, expires_at=input.expires_at)
    return {"share_link": row, "path": f"/shared/{secret}", "entry": entry}


@mutation("End a share link at once.", ShareLinkPayload, needs=Act.ENTRIES_WRITE)
def revoke_share_link(info: Info, input: RevokeShareLinkInput) -> Mapping[str, object]:
    entry = shares.revoke(info.context.session, info.context.viewer, uid_of(input.id, "ShareLink"))
    return {"entry": entry}


QUERIES = [shared]
MUTATIONS = [create_share_link, revoke_share_link]
