"""Entries of every kind: the interface that all share, tags, links, revisions and lists."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import entries, people
from knowledge import series as told_series
from knowledge.database import neighbours
from knowledge.entries import links, listing, tags
from knowledge.initiatives import InitiativeRow
from knowledge.insights import InsightRow
from knowledge.markup.rendering import Reading
from knowledge.people import Act
from knowledge.practices import PracticeRow
from knowledge.vision import VisionRow
from schema.entries import company as beside
from schema.entries import related as nearby
from schema.entries.company import KindCount, RelatedTag, TagMerging
from schema.entries.linked import BacklinkConnection, told
from schema.entries.related import RelatedEntry
from schema.fields import listed, shown
from schema.nodes import Node, type_of
from schema.paging import Connection
from schema.people import FunctionalGroup, Person
from schema.words import Audience, EntryAct, Freshness, GroupKind, Kind, LinkKind, RevisionState, Stage, Status

if TYPE_CHECKING:
    from schema.evidence import EvidenceList
    from schema.initiatives import InitiativeFacts
    from schema.insights import InsightClaim
    from schema.practices import PracticeParts
    from schema.principles import Principle
    from schema.series import SeriesPlace
    from schema.vision import VisionText


LazyEvidenceList = Annotated["EvidenceList", strawberry.lazy("schema.evidence")]
LazyPrinciple = Annotated["Principle", strawberry.lazy("schema.principles")]
LazyPracticeParts = Annotated["PracticeParts", strawberry.lazy("schema.practices")]
LazyInsightClaim = Annotated["InsightClaim", strawberry.lazy("schema.insights")]
LazyVisionText = Annotated["VisionText", strawberry.lazy("schema.vision")]
LazySeriesPlace = Annotated["SeriesPlace", strawberry.lazy("schema.series")]
LazyInitiativeFacts = Annotated["InitiativeFacts", strawberry.lazy("schema.initiatives")]


@strawberry.type(description="A heading in a text.")
class Heading:
    """One line of an outline."""

    level: int = shown("2 for a main heading, up to 6.")
    anchor: str = shown("The id of the heading in the HTML.")
    text: str = shown("The heading without markup.")


@strawberry.type(description="A word that entries share.")
class Tag(Node):
    """A tag."""

    name: str = shown("The tag as it is written.")
    slug: str = shown("The tag as it stands in addresses.")
    description: str = shown("What it means here; may be empty.")
    entry_count: int = shown(
        "How many published entries with it the viewer may see.",
        lambda row, info: tags.entry_count(row, info.context.viewer),
    )
    entries: Connection[Annotated["Entry", strawberry.lazy("schema.entries.entry")]] = strawberry.field(
        resolver=beside.entries, description="The published entries that have it, the latest changed first."
    )
    synonyms: list[str] = shown(
        "Other words for it: whoever types or searches one of them means this tag.",
        lambda row, _: tags.synonyms_of(row),
    )
    kinds: list[KindCount] = shown("The kinds of those entries, the most frequent first.", beside.kinds)
    related: list[RelatedTag] = strawberry.field(
        resolver=beside.related,
        description="Tags that share entries with it more often than chance would have it; only what the viewer sees is counted.",
    )
    merging: TagMerging | None = strawberry.field(
        resolver=beside.merging,
        description="What merging it into the tag called so would do; null where there is no such other tag, and for those who "
        "may not.",
    )


@strawberry.type(description="An entry that another links to, or is linked from.")
class Link:
    """One end of a link."""

    kind: LinkKind = strawberry.field(description="How the one that links stands to the other.")
    entry: Annotated["Entry", strawberry.lazy("schema.entries.entry")] = strawberry.field(
        description="The other entry."
    )
    removable: bool = strawberry.field(
        description="Whether the viewer may take it back: those who may edit the entry, where somebody set it.",
        default=False,
    )


@strawberry.type(description="One complete, immutable state of what is written in an entry.")
class Revision(Node):
    """A revision."""

    number: int = shown("Counted from 1 within the entry.")
    state: RevisionState = shown("Where it is in its life.")
    title: str = shown("The title.")
    summary: str = shown("The summary.")
    body: str = shown("The body in Markdown.")
    body_html: str = told("body_html", "The body as safe HTML.")
    language: str = shown("The language's code.")
    audience: Audience = shown("Who it is for, once published.")
    audience_groups: list[FunctionalGroup] = shown(
        "The groups it is for, where its audience is GROUP.", lambda row, _: listing.revision_groups(row)
    )
    source: str | None = shown("Where it comes from, if from elsewhere.")
    licence: str | None = shown("Under which terms.")
    note: str = shown("What changed and why, or what a reviewer asks for.")
    tags: list[Tag] = shown("Its tags by name.", lambda row, _: tags.of_revision(row))
    author: Person | None = shown("Who saved it.", lambda row, _: neighbours(row, people.loaded, "author_id"))
    created_at: datetime = shown("When it was saved.")
    published_at: datetime | None = shown("When it was first published.")
    practice: LazyPracticeParts | None = shown(
        "The six parts, where it is of a best practice.", lambda row, _: entries.revision_detail(row, PracticeRow)
    )
    insight: LazyInsightClaim | None = shown(
        "The claim, where it is of an insight.", lambda row, _: entries.revision_detail(row, InsightRow)
    )
    vision: LazyVisionText | None = shown(
        "The vision's own words, where it is of a vision.", lambda row, _: entries.revision_detail(row, VisionRow)
    )
    initiative: LazyInitiativeFacts | None = shown(
        "The facts, where it is of an initiative.", lambda row, _: entries.revision_detail(row, InitiativeRow)
    )


def _links(row: Any, viewer: people.Viewer) -> list[Link]:
    edits = entries.may_edit(viewer, row)
    return [
        Link(kind=kind, entry=far, removable=edits and far.is_set)  # type: ignore[arg-type]
        for kind, far in links.links_of(row, viewer)
    ]


def _outline(row: Any, _: object) -> Any:
    reading = Reading()
    reading.feed(row.body_html)
    return reading.outline


@strawberry.interface(description="What all kinds of knowledge share.")
class Entry(Node):
    """An entry with the revision that its readers see."""

    kind: Kind = shown("What it is.")
    slug: str = shown("Its name in addresses; a former slug finds it too.")
    url: str = shown("The address of its page, from the root.")
    title: str = shown("The title.")
    summary: str = shown("What it says in at most 160 characters; may be empty.")
    body: str = shown("The text in Markdown.")
    body_html: str = told("body_html", "The text as safe HTML; links to entries as the viewer may follow them.")
    outline: list[Heading] = shown("The headings of the text.", _outline)
    language: str = shown("The language's code.")
    audience: Audience = shown("Who it is for.")
    audience_groups: list[FunctionalGroup] = shown(
        "The groups it is for, where its audience is GROUP.", lambda row, _: listing.audience_groups(row)
    )
    functions: list[GroupKind] = shown("The functions it concerns.", lambda row, _: listing.functions_of(row))
    stages: list[Stage] = shown("The rungs of the ladder it serves.", lambda row, _: listing.stages_of(row))
    principles: list[LazyPrinciple] = shown(
        "The principles it puts into practice.", lambda row, info: listing.principles_of(row, info.context.viewer)
    )
    status: Status = shown("Where it is in its life.")
    freshness: Freshness = shown("Whether someone has vouched for it lately.")
    verified_by: Person | None = shown(
        "Who vouched for it.", lambda row, _: neighbours(row, people.loaded, "verified_by_id")
    )
    verified_until: datetime | None = shown("Until when that holds.")
    tags: list[Tag] = shown("Its tags by name.", lambda row, _: tags.of_entry(row))
    author: Person | None = shown("Who wrote it first.", lambda row, _: neighbours(row, people.loaded, "author_id"))
    owner: Person | None = shown("Who answers for it.", lambda row, _: neighbours(row, people.loaded, "owner_id"))
    revision: int = shown("The number of the revision that is shown.")
    published_at: datetime | None = shown("When it was first published.")
    updated_at: datetime = shown("When it last changed.")
    created_at: datetime = shown("When it was begun.")
    source: str | None = shown("Where it comes from, if from elsewhere.")
    licence: str | None = shown("Under which terms.")
    sample: bool = shown("Whether it is part of the sample.")
    evidence: LazyEvidenceList | None = shown(
        "What customers said for and against it; null for those who may not read what customers said.",
        lambda row, info: row if info.context.viewer.may(Act.FEEDBACK_READ) else None,
    )
    links: list[Link] = shown(
        "What it links to, by title.",
        lambda row, info: _links(row, info.context.viewer),
    )
    backlinks: BacklinkConnection = listed(
        "What links to it, the latest changed first; each edge says how.",
        lambda row, info, page: links.backlinks_of(row, info.context.viewer, page),
    )
    revisions: Connection[Revision] = listed(
        "The revisions that the viewer may read, the newest first.",
        lambda row, info, page: listing.revisions_of(row, info.context.viewer, page),
    )
    latest: Revision | None = shown(
        "What is written and not published yet; null where there is nothing, and for those who may not edit the entry.",
        lambda row, info: listing.latest_of(row, info.context.viewer),
    )
    may: list[EntryAct] = shown(
        "What the viewer may do to it now.", lambda row, info: entries.acts.allowed(row, info.context.viewer)
    )
    related: list[RelatedEntry] = strawberry.field(
        resolver=nearby.related,
        description="The published entries nearest to it by links, tags, words and rungs, the nearest first.",
    )
    series: list[LazySeriesPlace] = shown(
        "The series it is a chapter of, each with its place in it.",
        lambda row, info: told_series.places_of(row, info.context.viewer),
    )

    @classmethod
    def resolve_type(cls, obj: Any, *_: Any) -> str:
        """Which kind an entry is."""
        return type_of(obj)
