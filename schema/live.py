"""What is heard as it happens: the root fields of subscriptions, and the place in the log from which one goes on."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge import changes
from knowledge.people import Act
from schema.atomic import query
from schema.context import Info
from schema.entries.entry import Entry
from schema.feedback import Feedback
from schema.fields import shown
from schema.initiatives import ProgressUpdate
from schema.nodes import Node, id_of

After = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor: all that changed after it comes first, in order, and then what changes from now on."
    ),
]
Ids = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(
        description="Of these alone, at most 100. One that the viewer may not see is told as deleted at once."
    ),
]
These = Annotated[
    list[strawberry.ID],
    strawberry.argument(
        description="Of these, at most 100. One that the viewer may not see is told as deleted at once."
    ),
]
Initiatives = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Of these initiatives alone, at most 100.")
]


def _cursor() -> Any:
    return shown("Where to go on after this change: hand it in as `after`.")


def _at() -> Any:
    return shown("When it changed.")


@strawberry.type(description="An entry that was written, published, verified, linked or otherwise changed.")
class EntryChange:
    """Told by entryChanged."""

    cursor: str = _cursor()
    at: datetime = _at()
    id: strawberry.ID = shown("The entry's id.", lambda event, _: id_of("Entry", event.uid))
    deleted: bool = shown("Whether it went out of the viewer's sight; then `entry` is null.")
    entry: Entry | None = shown("The entry as the viewer may read it now.", lambda event, _: event.node)


@strawberry.type(description="Something that a customer said and that has just been written down.")
class FeedbackReceipt:
    """Told by feedbackReceived."""

    cursor: str = _cursor()
    at: datetime = _at()
    feedback: Feedback = shown("What was said.", lambda event, _: event.node)


@strawberry.type(description="An initiative's owner or a leader said where it stands.")
class InitiativeProgress:
    """Told by initiativeProgressed."""

    cursor: str = _cursor()
    at: datetime = _at()
    progress: ProgressUpdate = shown("The update.", lambda event, _: event.node)


@strawberry.type(description="One of several things changed, or went out of sight.")
class NodeChange:
    """Told by nodeChanged."""

    cursor: str = _cursor()
    at: datetime = _at()
    id: strawberry.ID = shown("Its id.", lambda event, _: id_of(event.type, event.uid))
    deleted: bool = shown("Whether it went out of the viewer's sight; then `node` is null.")
    node: Node | None = shown("The thing as the viewer may read it now.")


def _told(info: Info, **arguments: object) -> Any:
    """What there is to tell; before there is anything, what is asked for is noted."""
    return info.root_value(**arguments)  # type: ignore[misc]


@query("Each change of an entry that the viewer may read.", EntryChange, needs=Act.ENTRIES_READ)
def entry_changed(info: Info, ids: Ids = None, after: After = None) -> Any:
    return _told(info, ids=ids, after=after)


@query("Whatever customers say, as it is written down.", FeedbackReceipt, needs=Act.FEEDBACK_READ)
def feedback_received(info: Info, after: After = None) -> Any:
    return _told(info, ids=None, after=after)


@query("Each update of where an initiative stands.", InitiativeProgress, needs=Act.ENTRIES_READ)
def initiative_progressed(info: Info, initiatives: Initiatives = None, after: After = None) -> Any:
    return _told(info, ids=initiatives, after=after)


@query(
    "Changes of what one is looking at: entries and feedback, reactions apart, so that a page can say that it is behind.",
    NodeChange,
    needs=Act.ENTRIES_READ,
)
def node_changed(info: Info, ids: These, after: After = None) -> Any:
    return _told(info, ids=ids, after=after)


@query(
    "The place in the log of changes as of this answer: whoever subscribes after it misses nothing.",
    str,
    needs=Act.ENTRIES_READ,
)
def cursor(info: Info) -> Any:
    return changes.head_of_answer(info.context.session).cursor


QUERIES = [cursor]
SUBSCRIPTIONS = [entry_changed, feedback_received, initiative_progressed, node_changed]
