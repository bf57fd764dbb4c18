"""Following, and what the viewer follows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from knowledge import people
from knowledge.community import follows
from knowledge.community.follows import FollowRow, Relay, Search, Target
from knowledge.entries import EntryRow, tags
from knowledge.entries.tags import TagRow
from knowledge.errors import NotFound
from knowledge.people import Act
from knowledge.search.addresses import FILTERS
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry, Tag
from schema.entries.naming import EntryRef, named
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.people import FunctionalGroup, Person
from schema.search import SearchFilter
from schema.words import FollowTarget, Kind, SearchSort


@strawberry.type(description="A search that is saved: the viewer is told of what is new in it.")
class FollowedSearch:
    """The words and the address of a search."""

    query: str = shown("What was asked; may be empty where only filters were chosen.")
    url: str = shown("The address of its page, from the root.")
    name: str | None = shown("What the viewer calls it.")
    sort_by: SearchSort | None = shown("In which order its page shows it.", lambda row, _: row.sort)
    feed: str = shown("The address of its Atom feed, from the root; a feed reader adds its key.")


@strawberry.type(description="Something that the viewer follows; the field that its target names is there.")
class Follow(Node):
    """A follow."""

    target: FollowTarget = shown("What sort of thing it is.")
    entry: Entry | None = shown("The entry.", lambda row, info: follows.entry_of(row, info.context.viewer))
    tag: Tag | None = shown("The tag.", lambda row, _: follows.tag_of(row))
    kind: Kind | None = shown("The kind of entry.")
    person: Person | None = shown("The colleague.", lambda row, _: follows.person_of(row))
    group: FunctionalGroup | None = shown(
        "The group that is followed or listened to.", lambda row, _: follows.group_of(row)
    )
    search: FollowedSearch | None = shown("The search.", lambda row, _: row if row.query is not None else None)
    since: datetime = shown("Since when.", lambda row, _: row.created_at)


@strawberry.input(description="A search to save and follow. Only words and these filters are kept, no dates.")
class FollowSearchInput:
    """Part of FollowInput."""

    query: str = strawberry.field(description="What is searched for; every word has to be in what one is told of.")
    filter: SearchFilter | None = strawberry.field(description="What it is narrowed to.", default=None)
    name: str | None = strawberry.field(
        description="What to call it, at most 80 characters; given again, it is called so from now on.", default=None
    )
    sort_by: SearchSort | None = strawberry.field(description="In which order its page shows it.", default=None)


@strawberry.input(one_of=True, description="What is followed: exactly one thing.")
class FollowInput:
    """Input of follow."""

    entry: strawberry.Maybe[EntryRef] = strawberry.field(description="An entry.")
    tag: strawberry.Maybe[str] = strawberry.field(description="A tag, by slug.")
    kind: strawberry.Maybe[Kind] = strawberry.field(description="A kind of entry.")
    person: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A colleague: what they publish.")
    group: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A group: what its people publish.")
    search: strawberry.Maybe[FollowSearchInput] = strawberry.field(description="A search; fifty at most.")
    relay: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="A group: the customers' words that its people write down."
    )


@strawberry.input(one_of=True, description="What is no longer followed: exactly one thing, or the follow itself.")
class UnfollowInput:
    """Input of unfollow."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The follow.")
    entry: strawberry.Maybe[EntryRef] = strawberry.field(description="An entry; it is not followed again by itself.")
    tag: strawberry.Maybe[str] = strawberry.field(description="A tag, by slug.")
    kind: strawberry.Maybe[Kind] = strawberry.field(description="A kind of entry.")
    person: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A colleague.")
    group: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A group.")
    search: strawberry.Maybe[FollowSearchInput] = strawberry.field(description="A search.")
    relay: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A group whose people one listened to.")


@strawberry.type(description="What is followed now, or no more.")
class FollowPayload(Payload):
    """Answer of follow, unfollow and muteEntry."""

    follow: Follow | None = strawberry.field(description="The follow; null after unfollowing.", default=None)
    entry: Entry | None = strawberry.field(description="The entry, if it is one.", default=None)
    tag: Tag | None = strawberry.field(description="The tag, if it is one.", default=None)


@strawberry.input(description="An entry of which one wants to hear nothing.")
class MuteEntryInput:
    """Input of muteEntry."""

    entry: EntryRef = strawberry.field(description="The entry.")


def search_of(input: FollowSearchInput) -> Search:
    """A search as it is kept."""
    values = vars(input.filter) if input.filter is not None else {}
    kept = {name: [str(each) for each in values[name] or ()] for name in FILTERS if name in values}
    return Search(input.query, kept, input.name or "", input.sort_by)


def _target(info: Info, input: Any) -> Target:
    session, viewer = info.context.session, info.context.viewer
    found: Any = None
    field = next(name for name, value in vars(input).items() if value is not None)
    value = getattr(input, field).value
    match field:
        case "entry":
            return named(session, viewer, value, "entry")
        case "search":
            return search_of(value)
        case "kind":
            return value  # type: ignore[no-any-return]
        case "tag":
            found = tags.by_slug(session, viewer, value)
        case "person":
            found = people.person_by_uid(session, viewer, uid_of(value, "Person", "person"))
        case "group":
            found = people.group_by_uid(session, viewer, uid_of(value, "FunctionalGroup", "group"))
        case "relay":
            group = people.group_by_uid(session, viewer, uid_of(value, "FunctionalGroup", "relay"))
            found = Relay(group) if group is not None else None
    if found is None:
        raise NotFound(f"There is no such {'group' if field == 'relay' else field}.", field)
    return found  # type: ignore[no-any-return]


def _answer(target: Target | None, follow: FollowRow | None) -> Mapping[str, object]:
    entry = target if isinstance(target, EntryRow) else None
    tag = target if isinstance(target, TagRow) else None
    return {"follow": follow, "entry": entry, "tag": tag}


@mutation(
    "Follow something, and hear of what happens to it. Twice is the same as once.",
    FollowPayload,
    needs=Act.COMMUNITY_WRITE,
)
def follow(info: Info, input: FollowInput) -> Mapping[str, object]:
    target = _target(info, input)
    return _answer(target, follows.follow(info.context.session, info.context.viewer, target))


@mutation(
    "Stop following something; an entry is then not followed again by itself.", FollowPayload, needs=Act.COMMUNITY_WRITE
)
def unfollow(info: Info, input: UnfollowInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    if input.id is not None:
        follows.leave(session, viewer, uid_of(input.id.value, "Follow"))
        return _answer(None, None)
    target = _target(info, input)
    follows.unfollow(session, viewer, target)
    return _answer(target, None)


@mutation(
    "Hear nothing of an entry any more, whatever happens, until it is followed or unfollowed.",
    FollowPayload,
    needs=Act.PROFILE_WRITE,
)
def mute_entry(info: Info, input: MuteEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    follows.mute(session, viewer, entry)
    return _answer(entry, None)


MUTATIONS = [follow, unfollow, mute_entry]
