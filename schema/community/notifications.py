"""Notifications: what the viewer is told of, and how they want it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.community import centre, follows
from knowledge.errors import Invalid
from knowledge.people import Act
from knowledge.words import Reason as Reasons
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry
from schema.fields import shown
from schema.nodes import Node, id_of, uid_of
from schema.people import Person, Viewer
from schema.words import Reason

if TYPE_CHECKING:
    from schema.community.appreciations import Appreciation
    from schema.feedback import Feedback


@strawberry.type(
    description="Something that happened to or around an entry, once or several times, and that concerns the viewer."
)
class Notification(Node):
    """A notification. Several of one reason on one entry are one, as long as they are unread."""

    reason: Reason = shown("What the viewer is told of.")
    actor: Person | None = shown(
        "Who did the latest of it; null where nobody is named.", lambda row, _: centre.actor_of(row)
    )
    entry: Entry | None = shown("The entry, as it is now.", lambda row, info: centre.entry_of(row, info.context.viewer))
    feedback: Annotated["Feedback", strawberry.lazy("schema.feedback")] | None = shown(
        "What a customer said, if it happened around that and not around an entry.",
        lambda row, info: centre.feedback_of(row, info.context.viewer),
    )
    appreciation: Annotated["Appreciation", strawberry.lazy("schema.community.appreciations")] | None = shown(
        "The thanks, where the viewer is told of those.",
        lambda row, info: centre.thanks_of(row, info.context.viewer),
    )
    about: strawberry.ID = shown(
        "The id of what it happened to: the entry, or something on it.",
        lambda row, _: id_of(row.about_type, row.about_uid),
    )
    count: int = shown("How often it happened.")
    others: int = shown("How many other people did it, too.", lambda row, _: max(row.actors - 1, 0))
    at: datetime = shown("When it last happened.")
    read_at: datetime | None = shown("When it was read.")
    seen: bool = shown("Whether it was read.")


@strawberry.type(description="Whether the viewer wants to be told of something.")
class NotificationSetting:
    """One setting."""

    reason: Reason = strawberry.field(description="Of what.")
    on: bool = strawberry.field(description="Whether they want to be told.")


def settings_of(info: Info) -> list[NotificationSetting]:
    """The viewer's settings, one for each reason."""
    off = centre.unwanted(info.context.session, info.context.viewer)
    return [NotificationSetting(reason=reason, on=reason not in off) for reason in Reasons]


@strawberry.input(one_of=True, description="Which notifications were read: exactly one of these.")
class MarkReadInput:
    """Input of markRead."""

    ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        description="These, each with those that it stood for when it was shown; at most 100."
    )
    all: strawberry.Maybe[bool] = strawberry.field(description="All of them; true.")
    up_to: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="All that were there when this one was the newest."
    )


@strawberry.input(description="How one wants to be told; what is omitted stays as it is.")
class NotificationSettingsInput:
    """Input of setNotifications."""

    reasons: strawberry.Maybe[list[Reason]] = strawberry.field(
        description="All the reasons for which to be told, and no others."
    )
    follows_by_itself: strawberry.Maybe[bool] = strawberry.field(
        description="Whether to follow one's own entries and what one comments on without asking."
    )


@strawberry.type(description="The viewer after it.")
class NotificationsPayload(Payload):
    """Answer of markRead and setNotifications."""

    viewer: Viewer | None = strawberry.field(description="The viewer, with what is unread now.", default=None)


@mutation("Mark notifications as read.", NotificationsPayload, needs=Act.PROFILE_WRITE)
def mark_read(info: Info, input: MarkReadInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    if input.ids is not None:
        if len(input.ids.value) > 100:
            raise Invalid("Name at most 100 at a time.", "ids")
        centre.mark(session, viewer, [uid_of(id, "Notification", "ids") for id in input.ids.value])
    elif input.up_to is not None:
        centre.mark_all(session, viewer, up_to=uid_of(input.up_to.value, "Notification", "upTo"))
    else:
        assert input.all is not None
        if not input.all.value:
            raise Invalid("Say true, or name some.", "all")
        centre.mark_all(session, viewer)
    return {"viewer": viewer}


@mutation("Say of what one wants to be told.", NotificationsPayload, needs=Act.PROFILE_WRITE)
def set_notifications(info: Info, input: NotificationSettingsInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    reasons: Any = input.reasons
    if reasons is not None:
        centre.choose(session, viewer, frozenset(reasons.value))
    if input.follows_by_itself is not None:
        follows.prefer(session, viewer, by_itself=input.follows_by_itself.value)
    return {"viewer": viewer}


MUTATIONS = [mark_read, set_notifications]
