"""Tags as curators keep them: what they mean, other words for them, and merging two that are one."""

from collections.abc import Mapping
from typing import cast

import strawberry

from knowledge.entries import curating, tags
from knowledge.entries.tags import TagRow
from knowledge.errors import NotFound
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Tag
from schema.fields import given
from schema.nodes import uid_of


@strawberry.input(one_of=True, description="A tag, named in exactly one way.")
class TagRef:
    """Exactly one of the three."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="By id.")
    slug: strawberry.Maybe[str] = strawberry.field(description="By slug; a former one does too.")
    name: strawberry.Maybe[str] = strawberry.field(description="By name, or by another word for it.")


@strawberry.input(description="A tag that changes: what is omitted stays as it is, null clears.")
class UpdateTagInput:
    """Input of updateTag."""

    id: strawberry.ID = strawberry.field(description="The tag.")
    name: strawberry.Maybe[str] = strawberry.field(
        description="Its name, at most 60 characters; the former one becomes a synonym and its address redirects."
    )
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="What it means here, at most 500 characters."
    )
    synonyms: strawberry.Maybe[list[str] | None] = strawberry.field(
        description="All other words for it, at most 30; whoever types or searches one of them means the tag."
    )


@strawberry.input(description="Two tags that are one.")
class MergeTagsInput:
    """Input of mergeTags."""

    from_: TagRef = strawberry.field(
        description="The tag that goes: its name becomes a synonym, its address redirects.", name="from"
    )
    into: TagRef = strawberry.field(description="The tag that stays.")


@strawberry.type(description="A tag that was changed.")
class TagPayload(Payload):
    """Answer of mutations on tags."""

    tag: Tag | None = strawberry.field(description="The tag as it is now.", default=None)


def _named(info: Info, ref: TagRef, field: str) -> TagRow:
    session, viewer = info.context.session, info.context.viewer
    if ref.slug is not None:
        found = tags.by_slug(session, viewer, ref.slug.value)
    elif ref.name is not None:
        found = tags.by_name(session, viewer, ref.name.value)
    else:
        assert ref.id is not None
        found = tags.by_uid(session, viewer, uid_of(ref.id.value, "Tag", field))
    if found is None:
        raise NotFound("There is no such tag.", field)
    return found


@mutation(
    "Say what a tag means, how it is called and by which other words it is found.",
    TagPayload,
    needs=Act.ENTRIES_CURATE,
)
def update_tag(info: Info, input: UpdateTagInput) -> Mapping[str, object]:
    wanted = cast(curating.Wanted, given(input, but=("id",)))
    return {"tag": curating.update_tag(info.context.session, info.context.viewer, uid_of(input.id, "Tag"), wanted)}


@mutation(
    "Make two tags one: every revision with the first has the second, and the first's words find it.",
    TagPayload,
    needs=Act.ENTRIES_CURATE,
)
def merge_tags(info: Info, input: MergeTagsInput) -> Mapping[str, object]:
    gone, kept = _named(info, input.from_, "from"), _named(info, input.into, "into")
    return {"tag": curating.merge(info.context.session, info.context.viewer, gone.uid, kept.uid)}


MUTATIONS = [update_tag, merge_tags]
