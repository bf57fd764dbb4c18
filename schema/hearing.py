"""How the company listens: its channels, what reaches whom, and what is raised."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge.feedback import themes
from knowledge.listening import channels
from knowledge.people import Act
from schema.atomic import query
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.sorting import Theme
from schema.words import Channel, GroupKind, Reach, Stage


@strawberry.type(description="A channel, and when customers were last heard by it.")
class ChannelHeard:
    """A channel."""

    channel: Channel = shown("The channel.")
    last_at: datetime | None = shown("When something last came by it; null if nothing ever did.")
    said: Estimate = shown("How much came by it: messages, and distinct customers.", lambda it, _: estimated(it.said))
    silent: bool = shown("Whether nothing has come by it for 30 days.", lambda it, _: it.is_silent)


@strawberry.type(
    description="What customers on one rung said by one channel in the past year, and what of it reaches a function."
)
class KnowledgeCell:
    """A cell of the map; it names nobody."""

    stage: Stage | None = shown("The rung; null where it is not known who spoke.")
    channel: Channel = shown("The channel.")
    said: Estimate = shown("How much was said.", lambda it, _: estimated(it.said))
    used: Estimate = shown(
        "How much of it is evidence on what concerns the function.", lambda it, _: estimated(it.used)
    )
    reach: Reach = shown(
        "How many of the function had to do with it: wrote it down, sorted it, were asked to see to it."
    )


@strawberry.type(description="How many practices a function has for the customers on a rung.")
class KnowledgeRung:
    """A rung of the map."""

    stage: Stage = shown("The rung.")
    practices: Estimate = shown(
        "How many practices, of those the viewer may read.", lambda it, _: estimated(it.practices)
    )


@strawberry.type(
    description="The right-to-know map of one function: where there is no practice, no evidence, no reader."
)
class KnowledgeMap:
    """What reaches one function."""

    function: GroupKind = shown("The function.")
    cells: list[KnowledgeCell] = shown("By rung and channel; where nothing was said there is no cell.")
    rungs: list[KnowledgeRung] = shown("Every rung with its practices.")


Function = Annotated[GroupKind, strawberry.argument(description="The function.")]
Count = Annotated[int, strawberry.argument(description="How many, 1 to 50.")]


@query(
    "Every channel with when it was last heard, those that were never heard at the end.",
    list[ChannelHeard],
    needs=Act.FEEDBACK_READ,
)
def channels_heard(info: Info) -> Any:
    return channels.heard(info.context.session, info.context.viewer)


@query("What of the past year reaches a function, by rung and channel.", KnowledgeMap, needs=Act.FEEDBACK_READ)
def right_to_know(info: Info, function: Function) -> Any:
    return channels.right_to_know(info.context.session, info.context.viewer, function)


@query("What most customers speak of, by distinct customers and not by messages.", list[Theme], needs=Act.FEEDBACK_READ)
def raised_themes(info: Info, first: Count = 10) -> Any:
    return themes.raised(info.context.session, info.context.viewer, count=min(max(first, 1), 50))


QUERIES = [channels_heard, right_to_know, raised_themes]
