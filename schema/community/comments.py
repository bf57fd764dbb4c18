"""Conversations on entries: reading them, taking part, and what curators do about them."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import people
from knowledge.community import comments, mentions, promotions, questions, quotes, speaking
from knowledge.database import Page, neighbours
from knowledge.errors import Invalid, NotFound
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.fields import After, Before, First, Id, Last, shown
from schema.nodes import Node, parts, uid_of
from schema.paging import Connection
from schema.people import Person
from schema.words import CommentAct, CommentAudience, ReactionKind

if TYPE_CHECKING:
    from schema.community.promotions import Promotion
    from schema.entries.entry import Entry

AnEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]
AComment = Annotated["Comment", strawberry.lazy("schema.community.comments")]


@strawberry.type(description="How many reacted in one way.")
class ReactionCount:
    """One kind of reaction to one thing."""

    kind: ReactionKind = shown("The way.")
    count: int = shown("How many people.")
    mine: bool = shown("Whether the viewer is one of them.")


@strawberry.type(description="What somebody said about an entry, or in answer to another comment on it.")
class Comment(Node):
    """A comment."""

    entry: AnEntry | None = shown("The entry it is on.", lambda row, info: comments.entry_of(row, info.context.viewer))
    thread: AComment = shown(
        "The comment that began the conversation.", lambda row, info: comments.first_of(row, info.context.viewer)
    )
    depth: int = shown("1 for what begins a conversation, up to 4.")
    audience: CommentAudience = shown("Who reads it, of those who read the entry.")
    body: str | None = shown("The words in Markdown; null where they were removed or hidden.")
    body_html: str | None = shown("The words as safe HTML, people who are called in them set off.")
    quote: str | None = shown(
        "The words of the entry that it is about; null where it is about the whole.", lambda row, _: row.quote or None
    )
    quote_is_current: bool = shown(
        "Whether those words still stand in the entry; if not, it is about an earlier wording.",
        lambda row, info: quotes.is_current(row, info.context.viewer),
    )
    author: Person | None = shown("Who said it.", lambda row, _: comments.author_of(row))
    mentions: list[Person] = shown(
        "Who is called in it, for those who may list people.",
        lambda row, info: mentions.mentioned_in(row, info.context.viewer),
    )
    created_at: datetime = shown("When it was said.")
    edited_at: datetime | None = shown("When its author last mended it.")
    resolved_at: datetime | None = shown("When the conversation that it began was settled.")
    resolved_by: Person | None = shown(
        "Who settled it.", lambda row, _: neighbours(row, people.loaded, "resolved_by_id")
    )
    removed_at: datetime | None = shown("When its author took it away.")
    hidden_at: datetime | None = shown("When somebody who curates hid it.")
    hidden_reason: str | None = shown("Why, for its author and for those who curate.")
    reactions: list[ReactionCount] = shown("What people said to it with one click.")
    replies: list[AComment] = shown(
        "The answers to it, the oldest first; at most 200 in a conversation.",
        lambda row, info: comments.replies_of(row, info.context.viewer),
    )
    accepted: bool = shown(
        "Whether it is the accepted answer to the question that it is on.",
        lambda row, info: questions.is_accepted(row, info.context.viewer),
    )
    acceptable: bool = shown(
        "Whether the viewer may accept it as the answer.",
        lambda row, info: questions.may_accept(row, info.context.viewer),
    )
    promotions: list[Annotated["Promotion", strawberry.lazy("schema.community.promotions")]] = shown(
        "What it became, as far as the viewer may see that.",
        lambda row, info: promotions.of(row, info.context.viewer),
    )
    may: list[CommentAct] = shown(
        "What the viewer may do to it now.", lambda row, info: comments.allowed(row, info.context.viewer)
    )


@strawberry.input(description="What is to be said, about an entry or in answer to a comment: exactly one of the two.")
class CommentInput:
    """Input of comment."""

    body: str = strawberry.field(
        description="The words in Markdown, at most 10,000 characters; @name calls a colleague."
    )
    entry: EntryRef | None = strawberry.field(description="The entry, to begin a conversation.", default=None)
    parent: strawberry.ID | None = strawberry.field(description="The comment that this answers.", default=None)
    quote: str | None = strawberry.field(
        description="The words of the entry that this is about, as they stand there; at most 300 characters.",
        default=None,
    )
    audience: CommentAudience | None = strawberry.field(
        description="Who is to read it. Colleagues write INSIDE unless they say otherwise, customers READERS; "
        "a reply is never for more than the comment that it answers.",
        default=None,
    )


@strawberry.input(description="Other words for a comment of one's own.")
class UpdateCommentInput:
    """Input of updateComment."""

    id: strawberry.ID = strawberry.field(description="The comment.")
    body: str = strawberry.field(description="The words in Markdown, at most 10,000 characters.")


@strawberry.input(description="A comment.")
class CommentRefInput:
    """Input of the acts that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The comment.")


@strawberry.input(description="A comment that is to be hidden, and why.")
class HideCommentInput:
    """Input of hideComment."""

    id: strawberry.ID = strawberry.field(description="The comment.")
    reason: str = strawberry.field(description="Why, at most 300 characters; its author reads it.")


@strawberry.type(description="A comment that was written or changed.")
class CommentPayload(Payload):
    """Answer of every mutation on comments."""

    comment: Comment | None = strawberry.field(description="The comment as it is now.", default=None)


@query(
    "What was last said on published entries, the newest first.",
    Connection[Comment],
    needs=Act.ENTRIES_READ,
    name="comments",
)
def newest_comments(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Any:
    return comments.newest(info.context.session, info.context.viewer, Page(first, after, last, before))


@query(
    "One comment with its conversation; null where there is none that the viewer may see.",
    Comment | None,
    needs=Act.ENTRIES_READ,
)
def comment_item(info: Info, id: Id) -> Any:
    found = parts(id)
    return comments.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@mutation("Say something about an entry, or answer a comment on it.", CommentPayload, needs=Act.COMMUNITY_WRITE)
def comment(info: Info, input: CommentInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    said: Any = {"body": input.body, "audience": input.audience, "quote": input.quote}
    if (input.entry is None) == (input.parent is None):
        raise Invalid("Name either the entry or the comment that this answers.", "entry")
    if input.entry is not None:
        return {"comment": speaking.comment(session, viewer, named(session, viewer, input.entry, "entry"), **said)}
    to = comments.by_uid(session, viewer, uid_of(input.parent or "", "Comment", "parent"))
    if to is None:
        raise NotFound("There is no such comment.", "parent")
    return {"comment": speaking.reply(session, viewer, to, **said)}


@mutation("Mend one's own words.", CommentPayload, needs=Act.COMMUNITY_WRITE)
def update_comment(info: Info, input: UpdateCommentInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Comment")
    return {"comment": speaking.update(info.context.session, info.context.viewer, uid, input.body)}


@mutation(
    "Take one's own comment away; its place stays while it has replies.", CommentPayload, needs=Act.COMMUNITY_WRITE
)
def remove_comment(info: Info, input: CommentRefInput) -> Mapping[str, object]:
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "Comment")
    speaking.remove(session, viewer, uid)
    return {"comment": comments.by_uid(session, viewer, uid)}


@mutation(
    "Call a conversation settled: whoever began it, the entry's author and owner, and those who curate.",
    CommentPayload,
    needs=Act.COMMUNITY_WRITE,
)
def resolve_comment(info: Info, input: CommentRefInput) -> Mapping[str, object]:
    return {"comment": speaking.resolve(info.context.session, info.context.viewer, uid_of(input.id, "Comment"))}


@mutation("Call a conversation open again; the same people.", CommentPayload, needs=Act.COMMUNITY_WRITE)
def reopen_comment(info: Info, input: CommentRefInput) -> Mapping[str, object]:
    return {"comment": speaking.reopen(info.context.session, info.context.viewer, uid_of(input.id, "Comment"))}


@mutation(
    "Hide a comment from all but its author and those who curate. Also needs entries:curate.",
    CommentPayload,
    needs=Act.COMMUNITY_WRITE,
)
def hide_comment(info: Info, input: HideCommentInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Comment")
    return {"comment": speaking.hide(info.context.session, info.context.viewer, uid, input.reason)}


@mutation(
    "Show a hidden comment again. Also needs entries:curate.",
    CommentPayload,
    needs=Act.COMMUNITY_WRITE,
)
def unhide_comment(info: Info, input: CommentRefInput) -> Mapping[str, object]:
    return {"comment": speaking.unhide(info.context.session, info.context.viewer, uid_of(input.id, "Comment"))}


QUERIES = [newest_comments, comment_item]
MUTATIONS = [
    comment,
    update_comment,
    remove_comment,
    resolve_comment,
    reopen_comment,
    hide_comment,
    unhide_comment,
]
