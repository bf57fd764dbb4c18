"""Reactions by one click, and whether an entry was useful."""

from collections.abc import Mapping
from typing import Any

import strawberry

from knowledge.community import comments, reactions, votes
from knowledge.errors import Invalid, NotFound
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.community.comments import Comment
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.nodes import uid_of
from schema.words import ReactionKind


@strawberry.input(description="A reaction to an entry or to a comment: exactly one of the two.")
class ReactInput:
    """Input of react and unreact."""

    kind: ReactionKind = strawberry.field(description="What is said.")
    entry: EntryRef | None = strawberry.field(description="The entry.", default=None)
    comment: strawberry.ID | None = strawberry.field(description="The comment.", default=None)


@strawberry.type(description="What was reacted to.")
class ReactPayload(Payload):
    """Answer of react and unreact."""

    entry: Entry | None = strawberry.field(description="The entry, where it was one.", default=None)
    comment: Comment | None = strawberry.field(description="The comment, where it was one.", default=None)


@strawberry.input(description="Whether an entry was useful.")
class RateEntryInput:
    """Input of rateEntry."""

    entry: EntryRef = strawberry.field(description="The entry.")
    useful: bool | None = strawberry.field(
        description="Whether it was; takes the place of what was said before, and null takes that back.", default=None
    )


@strawberry.type(description="An entry that was rated.")
class RateEntryPayload(Payload):
    """Answer of rateEntry."""

    entry: Entry | None = strawberry.field(description="The entry.", default=None)


def _reacted(info: Info, input: ReactInput, to_entry: Any, to_comment: Any) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    if (input.entry is None) == (input.comment is None):
        raise Invalid("Name either an entry or a comment.", "entry")
    if input.entry is not None:
        entry = named(session, viewer, input.entry, "entry")
        to_entry(session, viewer, entry, input.kind)
        return {"entry": entry}
    uid = uid_of(input.comment or "", "Comment", "comment")
    found = comments.by_uid(session, viewer, uid)
    if found is None or found.body is None:
        raise NotFound("There is no such comment.", "comment")
    to_comment(session, viewer, found, input.kind)
    return {"comment": comments.by_uid(session, viewer, uid)}


@mutation("React to an entry or a comment; doing it again changes nothing.", ReactPayload, needs=Act.COMMUNITY_WRITE)
def react(info: Info, input: ReactInput) -> Mapping[str, object]:
    return _reacted(info, input, reactions.react_to_entry, reactions.react_to_comment)


@mutation("Take a reaction back; where there is none nothing changes.", ReactPayload, needs=Act.COMMUNITY_WRITE)
def unreact(info: Info, input: ReactInput) -> Mapping[str, object]:
    return _reacted(info, input, reactions.take_back_from_entry, reactions.take_back_from_comment)


@mutation("Say whether an entry was useful; it is counted without names.", RateEntryPayload, needs=Act.COMMUNITY_WRITE)
def rate_entry(info: Info, input: RateEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    votes.rate(session, viewer, entry, input.useful)
    return {"entry": entry}


MUTATIONS = [react, unreact, rate_entry]
