"""Feedback that says the same, and what feedback is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.database import Page
from knowledge.feedback import merging, rankings, themes
from knowledge.people import Act
from knowledge.surveys import verifying
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.feedback import FeedbackPayload
from schema.fields import After, Before, First, Last, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection

if TYPE_CHECKING:
    from schema.ranking import ThemeHeard
    from schema.verifying import OthersAsked


@strawberry.type(description="Something that customers speak of, in the company's own words.")
class Theme(Node):
    """A theme."""

    name: str = shown("What it is called.")
    description: str = shown("What is meant by it.")
    created_at: datetime = shown("When it was begun.")
    updated_at: datetime = shown("When its name or description last changed.")
    version: int = shown("Counts these changes; hand it back to learn of those that others made meanwhile.")
    voices: Estimate = shown(
        "How many speak of it: messages, and distinct customers behind them.",
        lambda row, info: estimated(themes.voices_of(row, info.context.viewer)),
    )
    lately: Annotated["ThemeHeard", strawberry.lazy("schema.ranking")] | None = shown(
        "The theme among those of the last ninety days; null where nobody spoke of it.",
        lambda row, info: rankings.lately(row, info.context.viewer),
    )
    checks: list[Annotated["OthersAsked", strawberry.lazy("schema.verifying")]] = shown(
        "Each time that others were asked whether they feel the same, the latest first.",
        lambda row, info: verifying.checks(row, info.context.viewer),
    )


@query("What customers speak of, by name.", Connection[Theme], needs=Act.FEEDBACK_READ, name="themes")
def all_themes(info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
    return themes.listing(info.context.session, info.context.viewer, Page(first, after, last, before))


@strawberry.input(description="An item that says the same as another.")
class MergeFeedbackInput:
    """Input of mergeFeedback."""

    id: strawberry.ID = strawberry.field(description="The item that repeats something.")
    into: strawberry.ID = strawberry.field(description="What it repeats, with which it is seen to from now on.")


@strawberry.input(description="An item that is joined to another.")
class UnmergeFeedbackInput:
    """Input of unmergeFeedback."""

    id: strawberry.ID = strawberry.field(description="The item.")


@strawberry.input(description="What an item is about.")
class ThemeFeedbackInput:
    """Input of themeFeedback."""

    id: strawberry.ID = strawberry.field(description="The item.")
    themes: list[str] = strawberry.field(description="All its themes by name, at most 12; one that is new is begun.")


@strawberry.input(description="What a theme is called and means; what is omitted stays.")
class UpdateThemeInput:
    """Input of updateTheme."""

    id: strawberry.ID = strawberry.field(description="The theme.")
    name: str | None = strawberry.field(description="Its name, 1 to 80 characters.", default=None)
    description: str | None = strawberry.field(description="What is meant, at most 500 characters.", default=None)
    version: int | None = strawberry.field(
        description="The version that was read; a newer one is a conflict.", default=None
    )


@strawberry.type(description="A theme that was changed.")
class ThemePayload(Payload):
    """Answer of updateTheme."""

    theme: Theme | None = strawberry.field(description="The theme as it is now.", default=None)
    current: Theme | None = strawberry.field(
        description="After a conflict: the theme as somebody else left it.", default=None
    )


@mutation(
    "Join an item to one that says the same. It keeps its voice and its state, and is seen to with that one.",
    FeedbackPayload,
    needs=Act.FEEDBACK_WRITE,
)
def merge_feedback(info: Info, input: MergeFeedbackInput) -> Mapping[str, object]:
    uid, into = uid_of(input.id, "Feedback"), uid_of(input.into, "Feedback", "into")
    return {"feedback": merging.merge(info.context.session, info.context.viewer, uid, into)}


@mutation("Take an item apart from another: it is as it was.", FeedbackPayload, needs=Act.FEEDBACK_WRITE)
def unmerge_feedback(info: Info, input: UnmergeFeedbackInput) -> Mapping[str, object]:
    return {"feedback": merging.unmerge(info.context.session, info.context.viewer, uid_of(input.id, "Feedback"))}


@mutation("Say what an item is about.", FeedbackPayload, needs=Act.FEEDBACK_WRITE)
def theme_feedback(info: Info, input: ThemeFeedbackInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Feedback")
    return {"feedback": themes.assign(info.context.session, info.context.viewer, uid, input.themes)}


@mutation("Say what a theme is called and means.", ThemePayload, needs=Act.FEEDBACK_WRITE)
def update_theme(info: Info, input: UpdateThemeInput) -> Mapping[str, object]:
    changes = {"name": input.name, "description": input.description}
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "Theme")
    return {"theme": themes.update(session, viewer, uid, version=input.version, **changes)}


QUERIES = [all_themes]
MUTATIONS = [merge_feedback, unmerge_feedback, theme_feedback, update_theme]
