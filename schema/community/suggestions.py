"""Suggested edits: proposing new words for an entry, and deciding about them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from knowledge import people
from knowledge.community import suggesting, suggestions
from knowledge.database import neighbours
from knowledge.entries import publishing
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.differences import DifferencePart
from schema.entries.naming import EntryRef, named
from schema.fields import given, shown
from schema.insights import InsightInput
from schema.nodes import Node, uid_of
from schema.people import Person
from schema.practices import PracticeInput
from schema.vision import VisionInput
from schema.words import FieldShape, SuggestionState

if TYPE_CHECKING:
    from schema.entries.entry import Entry

AnEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]
_NESTED = ("practice", "insight", "vision")


@strawberry.type(description="What one part of an entry said when an edit was suggested, and what it should say.")
class SuggestedPart:
    """One part of a suggestion."""

    field: str = shown("The part by its name in updateEntry, such as body or practice.do.")
    before: str = shown("What it said, in Markdown.")
    text: str = shown("What it should say.")
    label: str = shown("What people call the part.", lambda row, _: suggesting.field_of(row).label)
    shape: FieldShape = shown("How it is written.", lambda row, _: suggesting.field_of(row).shape)
    parts: list[DifferencePart] = shown(
        "What changes: what is SAME or REMOVED is what it said, what is SAME or ADDED what it should say.",
        lambda row, info: suggesting.changes_of(info.context.session, row),
    )


@strawberry.type(description="New words for an entry, proposed by somebody who reads it.")
class SuggestedEdit(Node):
    """A suggested edit."""

    entry: AnEntry | None = shown("The entry.", lambda row, info: suggestions.entry_of(row, info.context.viewer))
    base_revision: int = shown("The revision over which it was written.")
    parts: list[SuggestedPart] = shown("What is to change.", lambda row, _: suggestions.parts_of(row))
    note: str = shown("Why; may be empty.")
    author: Person | None = shown("Who suggests it.", lambda row, _: suggestions.author_of(row))
    state: SuggestionState = shown("What became of it.")
    reason: str | None = shown("Why it was declined.", lambda row, _: row.reason or None)
    created_at: datetime = shown("When it was suggested.")
    decided_at: datetime | None = shown("When it was taken or declined.")
    decided_by: Person | None = shown(
        "Who took or declined it.", lambda row, _: neighbours(row, people.loaded, "decided_by_id")
    )
    may_decide: bool = shown(
        "Whether the viewer may take or decline it now.",
        lambda row, info: suggestions.may_decide(row, info.context.viewer),
    )


@strawberry.input(description="New words for parts of an entry; what is omitted, or as it was, stays as it is.")
class SuggestEditInput:
    """Input of suggestEdit."""

    entry: EntryRef = strawberry.field(description="The entry.")
    base_revision: int = strawberry.field(description="The number of the revision that this was written over.")
    title: strawberry.Maybe[str] = strawberry.field(description="The title, 1 to 200 characters.")
    summary: strawberry.Maybe[str] = strawberry.field(description="The summary, at most 160 characters.")
    body: strawberry.Maybe[str] = strawberry.field(description="The text in Markdown.")
    practice: strawberry.Maybe[PracticeInput] = strawberry.field(description="Parts of a best practice.")
    insight: strawberry.Maybe[InsightInput] = strawberry.field(description="The claim of an insight.")
    vision: strawberry.Maybe[VisionInput] = strawberry.field(description="The words of a vision.")
    note: str = strawberry.field(description="Why, at most 300 characters.", default="")


@strawberry.input(description="A suggestion that is to be taken.")
class TakeSuggestionInput:
    """Input of takeSuggestion."""

    id: strawberry.ID = strawberry.field(description="The suggestion.")
    publish: bool = strawberry.field(
        description="Whether to publish the new revision at once; if that is refused nothing is written.", default=False
    )


@strawberry.input(description="A suggestion that is to be declined, and why.")
class DeclineSuggestionInput:
    """Input of declineSuggestion."""

    id: strawberry.ID = strawberry.field(description="The suggestion.")
    reason: str = strawberry.field(description="Why, at most 300 characters; whoever suggested it reads it.")


@strawberry.type(description="A suggestion that was made or decided.")
class SuggestionPayload(Payload):
    """Answer of every mutation on suggestions."""

    suggestion: SuggestedEdit | None = strawberry.field(description="The suggestion as it is now.", default=None)
    entry: AnEntry | None = strawberry.field(description="The entry as it is now.", default=None)


def _texts(input: SuggestEditInput) -> Iterator[tuple[str, str]]:
    for name, text in given(input, but=("entry", "base_revision", "note", *_NESTED)).items():
        yield name, text
    for name in _NESTED:
        if (nested := getattr(input, name)) is not None:
            yield from ((f"{name}.{part}", text or "") for part, text in given(nested.value).items())


@mutation("Propose new words for an entry that one may read.", SuggestionPayload, needs=Act.COMMUNITY_WRITE)
def suggest_edit(info: Info, input: SuggestEditInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    texts = dict(_texts(input))
    made = suggesting.suggest(session, viewer, entry, input.base_revision, texts, note=input.note)
    return {"suggestion": made, "entry": entry}


@mutation(
    "Make a suggestion a new revision, in the suggester's credit: who edits the entry. Also needs entries:write.",
    SuggestionPayload,
    needs=Act.COMMUNITY_WRITE,
)
def take_suggestion(info: Info, input: TakeSuggestionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.id, "SuggestedEdit")
    found = suggestions.by_uid(session, viewer, uid)
    entry = suggestions.entry_of(found, viewer) if found is not None else None
    taken = suggesting.take(session, viewer, uid)
    if input.publish and entry is not None:
        return {"suggestion": taken, "entry": publishing.publish(session, viewer, entry.uid)}
    return {"suggestion": taken, "entry": suggestions.entry_of(taken, viewer)}


@mutation(
    "Leave the entry as it is, and say why to whoever suggested the edit: who edits the entry.",
    SuggestionPayload,
    needs=Act.COMMUNITY_WRITE,
)
def decline_suggestion(info: Info, input: DeclineSuggestionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    declined = suggesting.decline(session, viewer, uid_of(input.id, "SuggestedEdit"), input.reason)
    return {"suggestion": declined, "entry": suggestions.entry_of(declined, viewer)}


MUTATIONS = [suggest_edit, take_suggestion, decline_suggestion]
