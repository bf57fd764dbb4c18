"""Initiatives and their honest progress."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from knowledge import entries
from knowledge.database import Page
from knowledge.entries import listing
from knowledge.errors import NotFound
from knowledge.initiatives import InitiativeRow, progress
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.fields import After, Before, First, Last, listed, shown
from schema.nodes import Node
from schema.paging import Connection
from schema.people import Person
from schema.words import Health, InitiativeKind, InitiativeStatus


def _fact(name: str, description: str) -> Any:
    return shown(description, lambda row, _: getattr(entries.detail_of(row, InitiativeRow), name))


@strawberry.type(description="Where an initiative stands, as somebody said it at one time; never changed afterwards.")
class ProgressUpdate(Node):
    """An update."""

    initiative: Annotated["Initiative", strawberry.lazy("schema.initiatives")] = shown(
        "The initiative.", lambda row, info: progress.initiative_of(row, info.context.viewer)
    )
    health: Health = shown("The honest colour.")
    percent: int | None = shown("How much is done, 0 to 100.")
    summary: str = shown("Where it stands.")
    next: str | None = shown("What comes next.")
    author: Person | None = shown("Who said it.", lambda row, _: progress.author_of(row))
    created_at: datetime = shown("When.")


def _health(row: Any, info: Info) -> Any:
    latest = progress.latest(row, info.context.viewer)
    return latest.health if latest else None


@strawberry.type(description="What carries the vision out.")
class Initiative(Entry):
    """An initiative."""

    initiative_kind: InitiativeKind = _fact("kind", "Whether it runs already, changes or is new.")
    initiative_status: InitiativeStatus = _fact("status", "Where it is between being proposed and being done.")
    planned_launch: date | None = _fact("planned_launch", "When it is to start.")
    planned_completion: date | None = _fact("planned_completion", "When it is to be complete.")
    launched_on: date | None = _fact("launched_on", "When it started.")
    completed_on: date | None = _fact("completed_on", "When it was complete.")
    changes_from: str | None = _fact("changes_from", "What it was, where it changes.")
    changes_to: str | None = _fact("changes_to", "What it becomes, where it changes.")
    health: Health | None = shown("The colour of the latest update, for colleagues; null before the first.", _health)
    latest_progress: ProgressUpdate | None = shown(
        "The latest update, for colleagues; null before the first.",
        lambda row, info: progress.latest(row, info.context.viewer),
    )
    progress: Connection[ProgressUpdate] = listed(
        "The updates, the latest first, for colleagues.",
        lambda row, info, page: progress.log(row, info.context.viewer, page),
    )


@strawberry.type(description="The facts of one revision of an initiative.")
class InitiativeFacts:
    """The facts as they were written."""

    kind: InitiativeKind = shown("Whether it runs already, changes or is new.")
    status: InitiativeStatus = shown("Where it is between being proposed and being done.")
    planned_launch: date | None = shown("When it is to start.")
    planned_completion: date | None = shown("When it is to be complete.")
    launched_on: date | None = shown("When it started.")
    completed_on: date | None = shown("When it was complete.")
    changes_from: str | None = shown("What it was, where it changes.")
    changes_to: str | None = shown("What it becomes, where it changes.")


@strawberry.input(description="The facts of an initiative; what is omitted stays as it is, null clears.")
class InitiativeInput:
    """Nested in the inputs of entries."""

    kind: strawberry.Maybe[InitiativeKind] = strawberry.field(description="NEW unless given.")
    status: strawberry.Maybe[InitiativeStatus] = strawberry.field(description="PROPOSED unless given.")
    planned_launch: strawberry.Maybe[date | None] = strawberry.field(description="When it is to start.")
    planned_completion: strawberry.Maybe[date | None] = strawberry.field(description="When it is to be complete.")
    launched_on: strawberry.Maybe[date | None] = strawberry.field(description="When it started.")
    completed_on: strawberry.Maybe[date | None] = strawberry.field(description="When it was complete.")
    changes_from: strawberry.Maybe[str | None] = strawberry.field(description="What it was, where it changes.")
    changes_to: strawberry.Maybe[str | None] = strawberry.field(description="What it becomes, where it changes.")


@strawberry.input(description="Which initiatives are wanted; what is left out does not matter.")
class InitiativeFilter:
    """Filter of initiatives."""

    kinds: list[InitiativeKind] | None = strawberry.field(description="Any of these kinds.", default=None)
    status: list[InitiativeStatus] | None = strawberry.field(description="In any of these states.", default=None)


Filter = Annotated[InitiativeFilter | None, strawberry.argument(description="Which initiatives.")]


@query("Initiatives, the latest changed first.", Connection[Initiative], needs=Act.ENTRIES_READ, name="initiatives")
def all_initiatives(
    info: Info,
    filter: Filter = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    kinds = tuple(filter.kinds or ()) if filter else ()
    status = tuple(filter.status or ()) if filter else ()
    return listing.initiatives(info.context.session, info.context.viewer, page, kinds=kinds, status=status)


@strawberry.input(description="Where an initiative stands.")
class PostProgressInput:
    """Input of postProgress."""

    initiative: EntryRef = strawberry.field(description="Which initiative.")
    health: Health = strawberry.field(description="The honest colour; it costs nothing.")
    summary: str = strawberry.field(description="Where it stands, 1 to 1,000 characters.")
    percent: int | None = strawberry.field(description="How much is done, 0 to 100.", default=None)
    next: str | None = strawberry.field(description="What comes next.", default=None)


@strawberry.type(description="An update that was posted.")
class PostProgressPayload(Payload):
    """Answer of postProgress."""

    progress: ProgressUpdate | None = strawberry.field(description="The update.", default=None)


@mutation("Say where an initiative stands: its owner, or a leader.", PostProgressPayload, needs=Act.ENTRIES_WRITE)
def post_progress(info: Info, input: PostProgressInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    if initiative is None:
        raise NotFound("There is no such initiative.", "initiative")
    posted = progress.post(
        session, viewer, initiative, input.health, input.summary, percent=input.percent, next=input.next
    )
    return {"progress": posted}


QUERIES = [all_initiatives]
MUTATIONS = [post_progress]
