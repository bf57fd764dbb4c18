"""What people look for in vain and who waits for it; and the words that mean the same to the search."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from knowledge.database import Page
from knowledge.listening import awaiting, gaps
from knowledge.people import Act
from knowledge.search import synonyms as synonym_list
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.fields import After, Before, First, Last, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.words import Kind


@strawberry.type(
    description="Something that at least three people looked for within a month and did not find. Nobody is named, and a search of "
    "fewer people is nobody's business."
)
class Gap(Node):
    """A gap."""

    query: str = shown("What was looked for, in the words that most people used.", lambda row, _: row.wording)
    people: int = shown("How many people looked for it in vain, in the month with most of them.")
    last_on: date = shown("The day on which somebody last did.")
    taken: bool = shown("Whether somebody is writing about it, or has.", lambda row, _: row.draft_id is not None)
    draft: Entry | None = shown(
        "What was begun about it, as far as the viewer may see it.",
        lambda row, info: gaps.draft_of(row, info.context.viewer),
    )
    answer: Entry | None = shown(
        "What answers it, as far as the viewer may see it.", lambda row, info: gaps.answer_of(row, info.context.viewer)
    )
    answered_at: datetime | None = shown(
        "When it was answered; if three more people look in vain since, it is open again."
    )


@strawberry.type(
    description="Something that the viewer looked for and wants to hear of when it is answered. Nobody else is told of it."
)
class AwaitedAnswer(Node):
    """What somebody waits for."""

    query: str = shown("What they look for.")
    since: datetime = shown("Since when.", lambda row, _: row.created_at)


@strawberry.type(description="The words that mean the same to the search.")
class Synonyms:
    """The list of those who curate."""

    text: str = shown("A group to a line, its words with commas between.")
    version: str = shown("Tells one state of the list from another; hand it back as `base` when changing the list.")


Answered = Annotated[bool, strawberry.argument(description="Those that have been answered, instead of the open ones.")]


@query(
    "What people look for in vain, by most people first; for colleagues.",
    Connection[Gap],
    needs=Act.FEEDBACK_READ,
    name="gaps",
)
def all_gaps(
    info: Info,
    answered: Answered = False,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return gaps.listing(info.context.session, info.context.viewer, page, answered=answered)


@query(
    "The words that mean the same to the search; null for those who do not curate.",
    Synonyms | None,
    needs=Act.ENTRIES_CURATE,
)
def synonyms(info: Info) -> Any:
    return synonym_list.as_written(info.context.session, info.context.viewer)


@strawberry.input(description="A gap, and what is to be written about it.")
class TakeGapInput:
    """Input of takeGap."""

    id: strawberry.ID = strawberry.field(description="The gap.")
    kind: Kind = strawberry.field(description="BEST_PRACTICE, or QUESTION to ask those who may know.")


@strawberry.input(description="A gap, and what answers it.")
class AnswerGapInput:
    """Input of answerGap."""

    id: strawberry.ID = strawberry.field(description="The gap.")
    entry: EntryRef = strawberry.field(description="A published entry that answers it.")


@strawberry.type(description="A gap after something was done about it.")
class GapPayload(Payload):
    """Answer of takeGap and answerGap."""

    gap: Gap | None = strawberry.field(description="The gap.", default=None)
    entry: Entry | None = strawberry.field(
        description="The draft that was made, or the entry that answers it.", default=None
    )


@strawberry.input(description="What one looks for.")
class AwaitAnswerInput:
    """Input of awaitAnswer."""

    query: str = strawberry.field(description="The query, as it was searched for.")


@strawberry.input(description="What one does not wait for any more.")
class StopAwaitingInput:
    """Input of stopAwaiting."""

    id: strawberry.ID = strawberry.field(description="The id of the awaited answer.")


@strawberry.type(description="What the viewer waits for.")
class AwaitedPayload(Payload):
    """Answer of awaitAnswer and stopAwaiting."""

    awaited: AwaitedAnswer | None = strawberry.field(
        description="What they wait for now; null after taking it back.", default=None
    )


@strawberry.input(description="The whole list of words that mean the same.")
class SetSynonymsInput:
    """Input of setSynonyms."""

    text: str = strawberry.field(
        description="A group to a line, its words with commas between; at most 500 lines of 2 to 12 words."
    )
    base: str | None = strawberry.field(
        description="The version that was changed; a newer one is a conflict.", default=None
    )


@strawberry.type(description="The list after it.")
class SynonymsPayload(Payload):
    """Answer of setSynonyms."""

    synonyms: Synonyms | None = strawberry.field(description="The list as it is now.", default=None)
    current: Synonyms | None = strawberry.field(
        description="After a conflict: the list as somebody else left it.", default=None
    )


@mutation("Begin a draft about a gap, titled with what was looked for.", GapPayload, needs=Act.ENTRIES_WRITE)
def take_gap(info: Info, input: TakeGapInput) -> Mapping[str, object]:
    gap, entry = gaps.take(info.context.session, info.context.viewer, uid_of(input.id, "Gap"), input.kind)
    return {"gap": gap, "entry": entry}


@mutation(
    "Say that an entry answers a gap: it closes, and those who wait for it and may read the entry are told.",
    GapPayload,
    needs=Act.ENTRIES_WRITE,
)
def answer_gap(info: Info, input: AnswerGapInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    return {"gap": gaps.answer(session, viewer, uid_of(input.id, "Gap"), entry), "entry": entry}


@mutation("Be told once when there is an answer to a query.", AwaitedPayload, needs=Act.COMMUNITY_WRITE)
def await_answer(info: Info, input: AwaitAnswerInput) -> Mapping[str, object]:
    return {"awaited": awaiting.wait(info.context.session, info.context.viewer, input.query)}


@mutation("Wait for an answer no longer.", AwaitedPayload, needs=Act.COMMUNITY_WRITE)
def stop_awaiting(info: Info, input: StopAwaitingInput) -> Mapping[str, object]:
    awaiting.let_be(info.context.session, info.context.viewer, uid_of(input.id, "AwaitedAnswer"))
    return {}


@mutation("Change the words that mean the same to the search.", SynonymsPayload, needs=Act.ENTRIES_CURATE)
def set_synonyms(info: Info, input: SetSynonymsInput) -> Mapping[str, object]:
    return {"synonyms": synonym_list.write(info.context.session, info.context.viewer, input.text, base=input.base)}


QUERIES = [all_gaps, synonyms]
MUTATIONS = [take_gap, answer_gap, await_answer, stop_awaiting, set_synonyms]
