"""Flags: saying that something is wrong, and settling that."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import people
from knowledge.community import comments, flags
from knowledge.database import Page, neighbours
from knowledge.errors import Invalid, NotFound
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.community.comments import Comment
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.fields import After, Before, First, Last, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.people import Person
from schema.words import FlagOutcome, FlagReason, FlagState

if TYPE_CHECKING:
    from schema.entries.entry import Entry

AnEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]


@strawberry.type(description="What a reader finds wrong with an entry, or with a comment on it.")
class Flag(Node):
    """A flag."""

    entry: AnEntry | None = shown(
        "The entry that is flagged, or that the flagged comment is on.",
        lambda row, info: flags.entry_of(row, info.context.viewer),
    )
    comment: Comment | None = shown(
        "The comment that is flagged; null where it is the entry.",
        lambda row, info: flags.comment_of(row, info.context.viewer),
    )
    reason: FlagReason = shown("What is wrong.")
    note: str = shown("More about it; may be empty.")
    reporter: Person | None = shown(
        "Who flagged it; only for those who curate, and for themselves.",
        lambda row, info: flags.reporter_of(row, info.context.viewer),
    )
    state: FlagState = shown("What became of it.")
    settlement: str | None = shown("What was said when it was settled.", lambda row, _: row.settlement or None)
    created_at: datetime = shown("When it was flagged.")
    settled_at: datetime | None = shown("When it was settled.")
    settled_by: Person | None = shown("Who settled it.", lambda row, _: neighbours(row, people.loaded, "settled_by_id"))
    may_settle: bool = shown(
        "Whether the viewer may settle it now.", lambda row, info: flags.may_settle(row, info.context.viewer)
    )


@strawberry.input(description="What is wrong with an entry or with a comment: exactly one of the two.")
class FlagInput:
    """Input of flag."""

    reason: FlagReason = strawberry.field(description="What is wrong.")
    note: str = strawberry.field(description="More about it, at most 1,000 characters.", default="")
    entry: EntryRef | None = strawberry.field(description="The entry.", default=None)
    comment: strawberry.ID | None = strawberry.field(description="The comment.", default=None)


@strawberry.input(description="A flag, and whether it was right.")
class SettleFlagInput:
    """Input of settleFlag."""

    id: strawberry.ID = strawberry.field(description="The flag.")
    outcome: FlagOutcome = strawberry.field(description="Whether it was right.")
    note: str = strawberry.field(
        description="What was done, at most 300 characters; whoever flagged it reads it.", default=""
    )


@strawberry.type(description="A flag that was raised or settled.")
class FlagPayload(Payload):
    """Answer of flag and settleFlag."""

    flag: Flag | None = strawberry.field(description="The flag as it is now.", default=None)


States = Annotated[
    list[FlagState] | None, strawberry.argument(description="Only in one of these states; OPEN unless given.")
]


@query(
    "What readers find wrong, the newest first: all of it for those who curate, else what is on one's own entries or one's own.",
    Connection[Flag],
    needs=Act.COMMUNITY_WRITE,
    name="flags",
)
def all_flags(
    info: Info,
    states: States = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    wanted = (FlagState.OPEN,) if states is None else tuple(states)
    page = Page(first, after, last, before)
    return flags.listing(info.context.session, info.context.viewer, page, states=wanted)


@mutation(
    "Say that something is wrong with an entry or a comment; UNSAFE contests an entry at once.",
    FlagPayload,
    needs=Act.COMMUNITY_WRITE,
)
def flag(info: Info, input: FlagInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    if (input.entry is None) == (input.comment is None):
        raise Invalid("Name either an entry or a comment.", "entry")
    if input.entry is not None:
        entry = named(session, viewer, input.entry, "entry")
        return {"flag": flags.flag(session, viewer, entry, input.reason, note=input.note)}
    found = comments.by_uid(session, viewer, uid_of(input.comment or "", "Comment", "comment"))
    on = comments.entry_of(found, viewer) if found is not None else None
    if found is None or on is None or found.body is None:
        raise NotFound("There is no such comment.", "comment")
    return {"flag": flags.flag(session, viewer, on, input.reason, comment=found, note=input.note)}


@mutation(
    "Say whether a flag was right: the entry's owner, and those who curate.", FlagPayload, needs=Act.COMMUNITY_WRITE
)
def settle_flag(info: Info, input: SettleFlagInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    settled = flags.settle(session, viewer, uid_of(input.id, "Flag"), input.outcome, note=input.note)
    return {"flag": settled}


QUERIES = [all_flags]
MUTATIONS = [flag, settle_flag]
