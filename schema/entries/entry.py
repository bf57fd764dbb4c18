"""Entries of every kind: the interface that all share, tags, links, revisions and lists."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import attachments, entries, outcomes, people, standing, words
from knowledge import series as told_series
from knowledge.community import comments, flags, follows, shares, suggestions
from knowledge.database import NOTHING, neighbours
from knowledge.entries import links, listing, practising, revisions, tags
from knowledge.initiatives import InitiativeRow
from knowledge.insights import InsightRow
from knowledge.people import Act
from knowledge.practices import PracticeRow
from knowledge.uses import Used
from knowledge.vision import VisionRow
from knowledge.words import FollowState
from schema.context import Info
from schema.entries import chained
from schema.entries import company as beside
from schema.entries import related as nearby
from schema.entries.company import KindCount, RelatedTag, TagMerging
from schema.entries.linked import BacklinkConnection, told
from schema.entries.outline import Heading, outlined
from schema.entries.related import RelatedEntry
from schema.estimates import Estimate
from schema.fields import asked, listed, shown
from schema.nodes import Node, type_of
from schema.paging import Connection
from schema.people import FunctionalGroup, Person
from schema.words import Audience, EntryAct, Freshness, GroupKind, Kind, LinkKind, RevisionState, Stage, Status

if TYPE_CHECKING:
    from schema.attachments import Attachment
    from schema.community.comments import Comment, ReactionCount
    from schema.community.flags import Flag
    from schema.community.shares import ShareLink
    from schema.community.suggestions import SuggestedEdit
    from schema.entries.differences import Difference
    from schema.evidence import Evidence, EvidenceList
    from schema.initiatives import InitiativeFacts
    from schema.insights import InsightClaim
    from schema.loop.responses import LoopResponse
    from schema.outcomes import OutcomeRecord
    from schema.practices import PracticeParts
    from schema.principles import Principle
    from schema.series import SeriesPlace
    from schema.uses import UseConnection
    from schema.vision import VisionText


LazyEvidenceList = Annotated["EvidenceList", strawberry.lazy("schema.evidence")]
LazyPrinciple = Annotated["Principle", strawberry.lazy("schema.principles")]
LazyPracticeParts = Annotated["PracticeParts", strawberry.lazy("schema.practices")]
LazyInsightClaim = Annotated["InsightClaim", strawberry.lazy("schema.insights")]
LazyVisionText = Annotated["VisionText", strawberry.lazy("schema.vision")]
LazySeriesPlace = Annotated["SeriesPlace", strawberry.lazy("schema.series")]
LazyInitiativeFacts = Annotated["InitiativeFacts", strawberry.lazy("schema.initiatives")]
LazyDifference = Annotated["Difference", strawberry.lazy("schema.entries.differences")]

Since = Annotated[int | None, strawberry.argument(description="The number of an earlier revision.")]
From = Annotated[
    int | None,
    strawberry.argument(
        name="from",
        description="The number of the earlier one; unless given, what is published where `to` is newer, else the one before.",
    ),
]
To = Annotated[int, strawberry.argument(description="The number of the later one.")]
LazyUseConnection = Annotated["UseConnection", strawberry.lazy("schema.uses")]
LazyOutcome = Annotated["OutcomeRecord", strawberry.lazy("schema.outcomes")]
LazyAttachment = Annotated["Attachment", strawberry.lazy("schema.attachments")]


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
    following: bool = shown(
        "Whether the viewer follows it.", lambda row, info: follows.is_followed(row, info.context.viewer)
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


def _difference_of_revision(parent: strawberry.Parent[Any], info: Info, since: Since = None):  # type: ignore[no-untyped-def]
    return revisions.difference_of_revision(parent, info.context.viewer, since)


def _difference_of_entry(parent: strawberry.Parent[Any], info: Info, to: To, from_: From = None):  # type: ignore[no-untyped-def]
    return revisions.difference_of_entry(parent, info.context.viewer, from_, to)


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
    submitted_at: datetime | None = shown("When it was last sent for review.")
    scheduled_for: datetime | None = shown("When it is to be published, or was wished to be.")
    excerpt: str = shown(
        "What it says in plain words, at most 240 characters.", lambda row, _: entries.reviewing.excerpt_of(row)
    )
    version: int | None = shown(
        "Which published version it is, counted from 1; null while it has not been published.",
        lambda row, _: row.version or None,
    )

    difference: LazyDifference | None = asked(
        "What changed in it: since the revision of that number, or since what is published, or else the one before. "
        "Null where the viewer may not read that.",
        _difference_of_revision,
    )


def _links(row: Any, viewer: people.Viewer) -> list[Link]:
    edits = entries.may_edit(viewer, row)
    return [
        Link(kind=kind, entry=far, removable=edits and far.is_set)  # type: ignore[arg-type]
        for kind, far in links.links_of(row, viewer)
    ]


def _beside(row: Any, info: Info, what: str) -> bool:
    return standing.may_have(row, info.context.viewer, what)


@strawberry.type(description="How many people have to approve the latest revision of an entry, and who has.")
class Approvals:
    """Where what is not published yet stands."""

    needed: int = shown("How many approvals it needs.", lambda row, _: entries.approving.standing_of(row).needed)
    given: int = shown("How many it has.", lambda row, _: entries.approving.standing_of(row).given)
    by: list[Person] = shown("Whose, the first first.", lambda row, _: entries.approving.people_of(row))


@strawberry.type(description="Why an entry is in doubt.")
class Contested:
    """What speaks against an entry."""

    why: str = shown("What speaks against it.", lambda row, _: row.contested_why or "")
    at: datetime | None = shown("Since when.", lambda row, _: row.contested_at)
    by: Person | None = shown(
        "Who recorded that, where it was somebody in particular.",
        lambda row, _: neighbours(row, people.loaded, "contested_by_id"),
    )


def _inside(row: Any, info: Any) -> Any:
    return row if info.context.viewer.is_inside else None


def _contested(row: Any, info: Any) -> Any:
    told = info.context.viewer.may(Act.FEEDBACK_READ) and row.freshness is words.Freshness.CONTESTED
    return row if told else None


@strawberry.type(description="How many found an entry useful; nobody is named.")
class Usefulness:
    """The votes on one entry."""

    useful: int = shown("How many said yes.")
    not_useful: int = shown("How many said no.")
    mine: bool | None = shown("What the viewer said; null where they said nothing.")


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
    outline: list[Heading] = shown("The headings of the text.", outlined)
    language: str = shown("The language's code.")
    audience: Audience = shown("Who it is for.")
    audience_groups: list[FunctionalGroup] = shown(
        "The groups it is for, where its audience is GROUP.", lambda row, _: listing.audience_groups(row)
    )
    functions: list[GroupKind] = shown("The functions it concerns.", lambda row, _: listing.functions_of(row))
    stages: list[Stage] = shown("The rungs of the ladder it serves.", lambda row, _: listing.stages_of(row))
    principles: list[LazyPrinciple] = shown(
        "The principles it puts into practice.", lambda row, info: practising.principles_of(row, info.context.viewer)
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
    excerpt: str = shown(
        "What it says in plain words, at most 240 characters.",
        lambda row, _: entries.reviewing.excerpt_of_entry(row),
    )
    approvals: Approvals | None = shown(
        "Who approves what is not published yet; null where there is nothing, and for those who may not see it.",
        lambda row, info: row if listing.latest_of(row, info.context.viewer) else None,
    )
    scheduled_for: datetime | None = shown(
        "When what is not published yet is to be; null for those who may not see it.",
        lambda row, info: getattr(listing.latest_of(row, info.context.viewer), "scheduled_for", None),
    )
    successor: Annotated["Entry", strawberry.lazy("schema.entries.entry")] | None = shown(
        "What takes its place, where it is obsolete.", lambda row, info: links.successor_of(row, info.context.viewer)
    )
    successor_note: str | None = shown("Why something else takes its place.")
    contested: Contested | None = shown(
        "What puts it in doubt; null where nothing does, and for those who may not read what customers said.",
        _contested,
    )
    verifier_person: Person | None = shown(
        "Who is asked to verify it; for colleagues.",
        lambda row, info: _inside(row, info) and neighbours(row, people.loaded, "verifier_person_id"),
    )
    verifier_group: FunctionalGroup | None = shown(
        "The group whose members are asked to verify it; for colleagues.",
        lambda row, info: _inside(row, info) and entries.freshness.verifying_group(row),
    )
    verify_days: int | None = shown("For how many days a verification holds, where that was set for it.")
    holds_for: int = shown(
        "For how many days a verification holds.", lambda row, _: entries.freshness.holds_for(row).days
    )

    # The community's part.
    comments: Connection[Annotated["Comment", strawberry.lazy("schema.community.comments")]] = listed(
        "The conversations on it, the latest active first, each by the comment that began it.",
        lambda row, info, page: comments.threads_of(row, info.context.viewer, page),
    )
    comment_count: int = shown(
        "How many comments the viewer may read.", lambda row, info: standing.comments_on(row, info.context.viewer)
    )
    reactions: list[Annotated["ReactionCount", strawberry.lazy("schema.community.comments")]] = shown(
        "What readers said to it with one click.", lambda row, info: standing.reactions_of(row, info.context.viewer)
    )
    usefulness: Usefulness = shown(
        "How many found it useful.", lambda row, info: standing.usefulness_of(row, info.context.viewer)
    )
    suggestions: Connection[Annotated["SuggestedEdit", strawberry.lazy("schema.community.suggestions")]] = listed(
        "The suggested edits that wait, the newest first: all of them for those who edit it, else one's own.",
        lambda row, info, page: suggestions.open_of(row, info.context.viewer, page),
    )
    suggestion_count: int | None = shown(
        "How many suggested edits wait; null for those who may not edit it.",
        lambda row, info: standing.suggestions_on(row, info.context.viewer),
    )
    flags: Connection[Annotated["Flag", strawberry.lazy("schema.community.flags")]] = listed(
        "What readers find wrong with it or with comments on it and is not settled: for its owner and those who curate, else one's own.",
        lambda row, info, page: flags.open_of(row, info.context.viewer, page),
    )
    flag_count: int | None = shown(
        "How many flags wait; null for those who may not settle them.",
        lambda row, info: standing.flags_on(row, info.context.viewer),
    )
    urn: str = shown("Its name for all time, as feeds use it: urn:uuid:….", lambda row, _: f"urn:uuid:{row.uid}")
    following: bool = shown(
        "Whether the viewer follows it.",
        lambda row, info: standing.follow_of(row, info.context.viewer) is FollowState.FOLLOWING,
    )
    muted: bool = shown(
        "Whether the viewer wants to hear nothing of it.",
        lambda row, info: standing.follow_of(row, info.context.viewer) is FollowState.MUTED,
    )
    shareable: bool = shown(
        "Whether the viewer may make a share link for it.", lambda row, info: shares.may_share(row, info.context.viewer)
    )
    share_links: list[Annotated["ShareLink", strawberry.lazy("schema.community.shares")]] = shown(
        "The links by which it can be read without an account: all for those who may edit it, their own for other colleagues.",
        lambda row, info: shares.links_of(row, info.context.viewer) if _beside(row, info, "shares") else (),
    )

    note: str | None = shown(
        "What was changed last in what is shown, and why; null for customers and strangers.",
        lambda row, info: row.note if info.context.viewer.is_inside else None,
    )
    difference: LazyDifference | None = asked(
        "What changed from one revision to another. Null where the viewer may not read one of them.",
        _difference_of_entry,
    )
    uses: LazyUseConnection = listed(
        "Who used it and what came of it, the latest first, and what that comes to; for colleagues, and of practices.",
        lambda row, info, page: Used(row, info.context.viewer, page, _beside(row, info, "uses")),
    )
    outcomes: Connection[LazyOutcome] = listed(
        "What was measured of it, the latest first; for colleagues, and of practices and initiatives.",
        lambda row, info, page: (
            outcomes.of_entry(row, info.context.viewer, page) if _beside(row, info, "outcomes") else NOTHING
        ),
    )
    attachments: list[LazyAttachment] = shown(
        "Its pictures and files by name; outsiders see those that were there when what they read was published.",
        lambda row, info: attachments.of_entry(row, info.context.viewer) if _beside(row, info, "attachments") else [],
    )
    series: list[LazySeriesPlace] = shown(
        "The series it is a chapter of, each with its place in it.",
        lambda row, info: told_series.places_of(row, info.context.viewer) if _beside(row, info, "series") else [],
    )

    cited_by: Connection[Annotated["Evidence", strawberry.lazy("schema.evidence")]] = listed(
        "Where it is evidence itself, on entries that the viewer may see, the latest first; for colleagues.",
        chained.citing,
    )
    responses: Connection[Annotated["LoopResponse", strawberry.lazy("schema.loop.responses")]] = listed(
        "The answers to customers that name it, as the insight they answer or as what came of it, the latest first.",
        chained.answers,
    )
    customers_told: Estimate = shown("How many customers were told what came of it; for colleagues.", chained.told)

    @classmethod
    def resolve_type(cls, obj: Any, *_: Any) -> str:
        """Which kind an entry is."""
        return type_of(obj)
