"""The home page: what changed since one was here, what waits for one, and the notice that a leader pins there."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import strawberry

from knowledge.community import notices
from knowledge.home import arriving
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.fields import shown
from schema.initiatives import Initiative
from schema.nodes import Node, uid_of
from schema.people import Person
from schema.principles import Principle
from schema.vision import Vision
from schema.words import WaitingKind


@strawberry.type(description="How much of one sort waits for the viewer.")
class Waiting:
    """What waits."""

    kind: WaitingKind = shown("What it is.")
    count: int = shown("How many.")
    since: datetime | None = shown("Since when the one waits that has waited longest.")
    entry: Entry | None = shown("The entry, where it is one.")


@strawberry.type(description="One thing that a leader pinned to every colleague's home page.")
class Notice(Node):
    """A notice."""

    text: str = shown("What it says.")
    entry: Entry | None = shown(
        "The entry it points to, if the viewer may see it.",
        lambda row, info: notices.entry_of(row, info.context.viewer),
    )
    author: Person | None = shown("Who pinned it.", lambda row, _: notices.author_of(row))
    pinned_at: datetime = shown("When it was pinned.")
    until: date | None = shown("The last day on which it hangs; null for as long as nobody takes it down.")
    may_take_down: bool = shown(
        "Whether the viewer may take it down.", lambda _, info: notices.may_pin(info.context.viewer)
    )


@strawberry.type(description="What the viewer finds who comes in.")
class Home:
    """The home page's own part; what else changed is in `entries` and `changes`."""

    since: datetime | None = shown(
        "When the viewer's visit before this one ended: what is later is new to them. Null at their first, and for strangers."
    )
    waiting: list[Waiting] = shown(
        "What waits for the viewer, what somebody else waits for first; nothing that is none."
    )
    vision: Vision | None = shown("The vision: the latest published that the viewer may see.")
    principle: Principle | None = shown("The principle whose week it is.")
    initiatives: list[Initiative] = shown("The initiatives that changed last, at most four.")
    notice: Notice | None = shown(
        "What a leader pinned, for colleagues.",
        lambda _, info: notices.pinned(info.context.session, info.context.viewer),
    )


@query("What the viewer finds who comes in.", Home, needs=Act.ENTRIES_READ)
def home(info: Info) -> Any:
    return arriving.home(info.context.session, info.context.viewer)


@strawberry.input(description="What is to hang on every colleague's home page.")
class PinNoticeInput:
    """Input of pinNotice."""

    text: str = strawberry.field(description="What it says, 1 to 300 characters.")
    entry: EntryRef | None = strawberry.field(description="The entry it points to.", default=None)
    until: date | None = strawberry.field(
        description="The last day on which it hangs; until somebody takes it down unless given.", default=None
    )


@strawberry.input(description="Which notice.")
class TakeDownNoticeInput:
    """Input of takeDownNotice."""

    id: strawberry.ID = strawberry.field(description="The notice.")


@strawberry.type(description="A notice that was pinned.")
class PinNoticePayload(Payload):
    """Answer of pinNotice."""

    notice: Notice | None = strawberry.field(description="The notice.", default=None)


@strawberry.type(description="A notice that was taken down.")
class TakeDownNoticePayload(Payload):
    """Answer of takeDownNotice."""

    taken_down_id: strawberry.ID | None = strawberry.field(description="The id of what is gone.", default=None)


@mutation(
    "Pin a notice to every colleague's home page, in the place of the one that hangs there: leaders.",
    PinNoticePayload,
    needs=Act.VISION_WRITE,
)
def pin_notice(info: Info, input: PinNoticeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry") if input.entry is not None else None
    return {"notice": notices.pin(session, viewer, input.text, entry=entry, until=input.until)}


@mutation("Take the notice down: leaders.", TakeDownNoticePayload, needs=Act.VISION_WRITE)
def take_down_notice(info: Info, input: TakeDownNoticeInput) -> Mapping[str, object]:
    notices.take_down(info.context.session, info.context.viewer, uid_of(input.id, "Notice"))
    return {"taken_down_id": input.id}


QUERIES = [home]
MUTATIONS = [pin_notice, take_down_notice]
