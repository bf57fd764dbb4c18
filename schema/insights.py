"""Insights: a claim, what it may be called, and how far it has been tested."""

from collections.abc import Mapping
from datetime import date

import strawberry

from knowledge import entries, feedback
from knowledge.errors import Invalid, NotFound
from knowledge.evidence import claiming, promoting
from knowledge.feedback import themes
from knowledge.insights import InsightRow
from knowledge.people import Act
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry
from schema.fields import shown
from schema.nodes import uid_of
from schema.segments import Segment
from schema.sorting import Theme
from schema.words import InsightKind, InsightState


@strawberry.type(description="A claim about customers that stands beside its evidence.")
class Insight(Entry):
    """An insight."""

    claim: str = shown("The claim in one sentence.", lambda row, _: entries.detail_of(row, InsightRow).claim)
    state: InsightState = shown("How far it has been tested.", lambda row, _: claiming.state_of(row))
    insight_kind: InsightKind = shown(
        "What it may be called: a pattern that not enough customers speak for is shown as an observation, and a recommendation that "
        "rests on no supported insight as a hypothesis.",
        lambda row, info: claiming.kind_of(row, info.context.viewer),
    )
    claimed_kind: InsightKind = shown(
        "What its author calls it.", lambda row, _: entries.detail_of(row, InsightRow).kind
    )
    kind_reason: str | None = shown(
        "Why it may not be called what its author calls it; null where it may.",
        lambda row, info: claiming.why_not(row, info.context.viewer),
    )
    review_by: date | None = shown(
        "By which day it is to be looked at again.", lambda row, _: entries.detail_of(row, InsightRow).review_by
    )
    stale: bool = shown("Whether that day is over.", lambda row, _: claiming.is_stale(row))
    segments: list[Segment] = shown(
        "The segments of customers that it is about; for colleagues.",
        lambda row, info: claiming.segments_of(row, info.context.viewer),
    )
    themes: list[Theme] = shown(
        "The themes that it is about; for colleagues.", lambda row, info: claiming.themes_of(row, info.context.viewer)
    )
    assessable: bool = shown(
        "Whether the viewer may say how far it has been tested.",
        lambda row, info: claiming.may_assess(row, info.context.viewer),
    )


@strawberry.type(description="The claim of one revision of an insight.")
class InsightClaim:
    """The claim as it was written."""

    claim: str = shown("The claim in one sentence.")
    state: InsightState = shown("How far it had been tested.")
    kind: InsightKind = shown("What its author called it.")
    review_by: date | None = shown("By which day it was to be looked at again.")


@strawberry.input(description="What an insight claims.")
class InsightInput:
    """Nested in the inputs of entries."""

    claim: strawberry.Maybe[str] = strawberry.field(
        description="One sentence that evidence could support or contradict, at most 500 characters."
    )
    kind: strawberry.Maybe[InsightKind] = strawberry.field(
        description="What it claims to be; an observation unless given."
    )
    review_by: strawberry.Maybe[date | None] = strawberry.field(description="By which day it is to be looked at again.")


@strawberry.input(description="How far an insight has been tested.")
class AssessInsightInput:
    """Input of assessInsight."""

    id: strawberry.ID = strawberry.field(description="The insight.")
    state: InsightState = strawberry.field(
        description="UNTESTED, SUPPORTED or REFUTED; the others come about by what speaks against it and what takes its place."
    )
    note: str | None = strawberry.field(description="What was found, at most 300 characters.", default=None)


@strawberry.input(description="What an insight is about.")
class AimInsightInput:
    """Input of aimInsight."""

    id: strawberry.ID = strawberry.field(description="The insight.")
    segments: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        description="All the segments of customers that it is about; those it has unless given."
    )
    themes: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        description="All the themes that it is about; those it has unless given."
    )


@strawberry.type(description="An insight that was begun, judged or aimed.")
class InsightPayload(Payload):
    """Answer of assessInsight, aimInsight and promoteToInsight."""

    insight: Insight | None = strawberry.field(description="The insight as it is now.", default=None)


@mutation(
    "Say how far an insight has been tested: its owner, whoever verifies it, and those who curate. What is refuted is contested.",
    InsightPayload,
    needs=Act.ENTRIES_WRITE,
)
def assess_insight(info: Info, input: AssessInsightInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Entry")
    found = claiming.assess(info.context.session, info.context.viewer, uid, input.state, note=input.note or "")
    return {"insight": found}


@mutation("Say which segments and themes an insight is about.", InsightPayload, needs=Act.ENTRIES_WRITE)
def aim_insight(info: Info, input: AimInsightInput) -> Mapping[str, object]:
    wanted = {
        name: [uid_of(id, type, name) for id in given.value] if given is not None else None
        for name, type, given in (("segments", "Segment", input.segments), ("themes", "Theme", input.themes))
    }
    found = claiming.aim(info.context.session, info.context.viewer, uid_of(input.id, "Entry"), **wanted)
    return {"insight": found}


@strawberry.input(
    description="An insight that begins with what was said: by one customer, or by all who speak of a theme."
)
class PromoteToInsightInput:
    """Input of promoteToInsight."""

    feedback: strawberry.ID | None = strawberry.field(description="What one customer said.", default=None)
    theme: strawberry.ID | None = strawberry.field(
        description="Or a theme: the first words of every customer behind it, of at most 50.", default=None
    )
    title: str = strawberry.field(description="The insight's title, 1 to 200 characters.")
    claim: str = strawberry.field(description="What it claims, in one sentence of at most 500 characters.")


@mutation(
    "Draft an insight out of what was said, which is its evidence from the beginning. Also needs feedback:read.",
    InsightPayload,
    needs=Act.ENTRIES_WRITE,
)
def promote_to_insight(info: Info, input: PromoteToInsightInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    if (input.feedback is None) == (input.theme is None):
        raise Invalid("Name what one customer said, or a theme.", "feedback")
    texts = {"title": input.title, "claim": input.claim}
    if input.feedback is not None:
        item = feedback.by_uid(session, viewer, uid_of(input.feedback, "Feedback", "feedback"))
        if item is None:
            raise NotFound("There is no such feedback.", "feedback")
        return {"insight": promoting.from_item(session, viewer, item, **texts)}
    theme = themes.by_theme(session, viewer, uid_of(input.theme or "", "Theme", "theme"))
    if theme is None:
        raise NotFound("There is no such theme.", "theme")
    return {"insight": promoting.from_theme(session, viewer, theme, **texts)}


MUTATIONS = [assess_insight, aim_insight, promote_to_insight]
