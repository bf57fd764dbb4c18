"""Initiatives and their honest progress."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import entries, people, words
from knowledge.database import Page, Session
from knowledge.errors import NotFound
from knowledge.initiatives import InitiativeRow, cadence, issues, life, milestones, planning, priority, progress
from knowledge.initiatives.priority import Wanted
from knowledge.people import Act, Viewer
from knowledge.words import Status
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.fields import After, Before, First, Last, listed, shown
from schema.nodes import Node, uid_of
from schema.paging import Connection
from schema.people import Person
from schema.planned import (
    CapacityShare,
    CriticalIssue,
    InitiativeMeasure,
    Milestone,
    Priority,
    ScopeChange,
    ServedStep,
    measures_of,
)
from schema.words import (
    Audience,
    Contribution,
    Health,
    Horizon,
    InitiativeKind,
    InitiativeSort,
    InitiativeStatus,
    VisionStepKey,
)

if TYPE_CHECKING:
    from schema.vision import Vision

LazyVision = Annotated["Vision", strawberry.lazy("schema.vision")]


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
    audience: Audience = shown("For whom it is: colleagues, or as many more as the initiative is for.")


def _inside(found: Any) -> Any:
    return lambda row, info: found(row, info) if info.context.viewer.is_inside else None


def _own(name: str, description: str) -> Any:
    return shown(
        f"{description} For colleagues.", _inside(lambda row, _: getattr(entries.detail_of(row, InitiativeRow), name))
    )


def _audiences(row: Any, info: Info) -> Any:
    allowed = row.status is Status.PUBLISHED and entries.acts.may_post(info.context.viewer, row)
    return list(progress.audiences_of(row)) if allowed else []


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
    health: Health | None = shown(
        "The colour of the latest update; null before the first, and where that one is not for the viewer.",
        lambda row, info: progress.health_of(row, info.context.viewer),
    )
    latest_progress: ProgressUpdate | None = shown(
        "The latest update that is for the viewer; null before the first.",
        lambda row, info: progress.latest(row, info.context.viewer),
    )
    progress: Connection[ProgressUpdate] = listed(
        "The updates that are for the viewer, the latest first.",
        lambda row, info, page: progress.log(row, info.context.viewer, page),
    )
    initiative_horizon: Horizon | None = _fact("horizon", "How far ahead it pays.")
    trade_off: str | None = _own("trade_off", "What is left undone for it.")
    contribution: Contribution | None = _own("contribution", "Whether customers have something of it.")
    reach: int | None = _own("reach", "How many customers it touches in a quarter.")
    impact: int | None = _own("impact", "How much it changes for each of them, from 1 to 5.")
    effort: float | None = _own("effort", "How many weeks of one person's work it takes.")
    cadence_days: int | None = shown(
        "Every how many days progress is due, for colleagues.", _inside(lambda row, _: cadence.cadence_of(row))
    )
    progress_overdue: bool | None = shown(
        "Whether it is launched and has been silent for longer than that, for colleagues.",
        _inside(lambda row, _: cadence.is_stale(row)),
    )
    progress_due: datetime | None = shown(
        "When progress is due, for colleagues; null unless it is launched.",
        _inside(lambda row, _: getattr(cadence.beat_of(row), "due", None)),
    )
    priority: Priority | None = shown(
        "What it is worth beside others, for colleagues.",
        lambda row, info: priority.priority_of(row, info.context.viewer),
    )
    moves: list[InitiativeStatus] = shown(
        "Where the viewer may take it now.", lambda row, info: list(life.moves_of(row, info.context.viewer))
    )
    progress_audiences: list[Audience] = shown(
        "For whom the viewer may post progress; empty for whoever may not post it.", _audiences
    )
    sponsor: Person | None = shown(
        "Who clears the way for it, for colleagues.", lambda row, info: planning.sponsor_of(row, info.context.viewer)
    )
    vision: LazyVision | None = shown(
        "The vision that it carries out.", lambda row, info: planning.vision_of(row, info.context.viewer)
    )
    serves: list[ServedStep] = shown(
        "The steps and guiding questions of the vision that it serves, for colleagues.",
        lambda row, info: list(planning.steps_of(row)) if info.context.viewer.is_inside else [],
    )
    capacity: list[CapacityShare] = shown(
        "The groups whose time it takes, for colleagues.",
        lambda row, info: list(planning.capacity_of(row, info.context.viewer)),
    )
    milestones: list[Milestone] = shown(
        "What is to be done by when, for colleagues.",
        lambda row, info: list(milestones.milestones_of(row, info.context.viewer)),
    )
    scope_changes: list[ScopeChange] = shown(
        "What it was to do and is to do since, the latest first, for colleagues.",
        lambda row, info: list(milestones.scope_of(row, info.context.viewer)),
    )
    issues: list[CriticalIssue] = shown(
        "What stands or stood in its way, for colleagues: what still does first.",
        lambda row, info: list(issues.issues_of(row, info.context.viewer)),
    )
    open_issues: list[CriticalIssue] = shown(
        "What stands in its way, the gravest first, for colleagues.",
        lambda row, info: list(issues.open_issues(row, info.context.viewer)),
    )
    may_raise_issue: bool = shown(
        "Whether the viewer may ask for help with it.",
        lambda row, info: issues.may_raise(row, info.context.viewer),
    )
    measures: list[InitiativeMeasure] = shown(
        "The scores that it means to move, before its launch and since, for colleagues.",
        lambda row, info: list(measures_of(row, info)),
    )


def _of_revision(name: str, description: str) -> Any:
    return shown(f"{description} For colleagues.", _inside(lambda row, _: getattr(row, name)))


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
    horizon: Horizon | None = shown("How far ahead it pays.")
    trade_off: str | None = _of_revision("trade_off", "What is left undone for it.")
    reach: int | None = _of_revision("reach", "How many customers it touches in a quarter.")
    impact: int | None = _of_revision("impact", "How much it changes for each of them, from 1 to 5.")
    effort: float | None = _of_revision("effort", "How many weeks of one person's work it takes.")
    contribution: Contribution | None = _of_revision("contribution", "Whether customers have something of it.")
    cadence_days: int | None = _of_revision("cadence_days", "Every how many days progress is due.")


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
    horizon: strawberry.Maybe[Horizon | None] = strawberry.field(description="How far ahead it pays.")
    trade_off: strawberry.Maybe[str | None] = strawberry.field(description="What is left undone for it.")
    reach: strawberry.Maybe[int | None] = strawberry.field(description="How many customers it touches in a quarter.")
    impact: strawberry.Maybe[int | None] = strawberry.field(
        description="How much it changes for each of them, from 1 to 5."
    )
    effort: strawberry.Maybe[float | None] = strawberry.field(
        description="How many weeks of one person's work it takes."
    )
    contribution: strawberry.Maybe[Contribution | None] = strawberry.field(
        description="Whether customers have something of it."
    )
    cadence_days: strawberry.Maybe[int | None] = strawberry.field(
        description="Every how many days progress is due, 1 to 365; 30 unless given."
    )


@strawberry.input(description="Which initiatives are wanted; what is left out does not matter.")
class InitiativeFilter:
    """Filter of initiatives."""

    kinds: list[InitiativeKind] | None = strawberry.field(description="Any of these kinds.", default=None)
    status: list[InitiativeStatus] | None = strawberry.field(description="In any of these states.", default=None)
    horizons: list[Horizon] | None = strawberry.field(description="Paying as far ahead as any of these.", default=None)
    contributions: list[Contribution] | None = strawberry.field(
        description="Contributing so, for colleagues.", default=None
    )
    steps: list[VisionStepKey] | None = strawberry.field(
        description="Serving any of these steps, for colleagues.", default=None
    )
    owner: strawberry.ID | None = strawberry.field(description="Owned by this person.", default=None)
    vision: EntryRef | None = strawberry.field(description="Carrying out this vision.", default=None)
    priority_at_least: float | None = strawberry.field(
        description="With at least this priority, for colleagues.", default=None
    )


Filter = Annotated[InitiativeFilter | None, strawberry.argument(description="Which initiatives.")]
Sorted = Annotated[InitiativeSort, strawberry.argument(description="In which order.")]


def _wanted(session: Session, viewer: Viewer, filter: InitiativeFilter | None) -> Wanted:
    if filter is None:
        return Wanted()
    owner = people.person_by_uid(session, viewer, uid_of(filter.owner, "Person", "owner")) if filter.owner else None
    carried = named(session, viewer, filter.vision, "vision") if filter.vision else None
    return Wanted(
        tuple(filter.kinds or ()),
        tuple(filter.status or ()),
        tuple(filter.horizons or ()),
        tuple(filter.contributions or ()) if viewer.is_inside else (),
        tuple(filter.steps or ()),
        (owner.id if owner else -1) if filter.owner else None,
        carried.id if carried else None,
        filter.priority_at_least,
    )


@query("Initiatives, the latest changed first.", Connection[Initiative], needs=Act.ENTRIES_READ, name="initiatives")
def all_initiatives(
    info: Info,
    filter: Filter = None,
    sort: Sorted = InitiativeSort.UPDATED_DESC,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    session, viewer = info.context.session, info.context.viewer
    page = Page(first, after, last, before)
    return priority.listing(session, viewer, page, wanted=_wanted(session, viewer, filter), sort=sort)


@strawberry.input(description="Where an initiative stands.")
class PostProgressInput:
    """Input of postProgress."""

    initiative: EntryRef = strawberry.field(description="Which initiative.")
    health: Health = strawberry.field(description="The honest colour; it costs nothing.")
    summary: str = strawberry.field(description="Where it stands, 1 to 1,000 characters.")
    percent: int | None = strawberry.field(description="How much is done, 0 to 100.", default=None)
    next: str | None = strawberry.field(description="What comes next.", default=None)
    audience: Audience | None = strawberry.field(
        description="EMPLOYEES unless given; CUSTOMERS or PUBLIC where the initiative itself is for them.", default=None
    )


@strawberry.type(description="An update that was posted.")
class PostProgressPayload(Payload):
    """Answer of postProgress."""

    progress: ProgressUpdate | None = strawberry.field(description="The update.", default=None)
    offers_help: bool = strawberry.field(
        description="Whether the colour is one after which one is offered to ask for help: raiseIssue does that.",
        default=False,
    )


@mutation("Say where an initiative stands: its owner, or a leader.", PostProgressPayload, needs=Act.ENTRIES_WRITE)
def post_progress(info: Info, input: PostProgressInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    if initiative is None:
        raise NotFound("There is no such initiative.", "initiative")
    posted = progress.post(
        session,
        viewer,
        initiative,
        input.health,
        input.summary,
        percent=input.percent,
        next=input.next,
        audience=input.audience or words.Audience.EMPLOYEES,
    )
    return {"progress": posted, "offers_help": progress.calls_for_help(posted.health)}


QUERIES = [all_initiatives]
MUTATIONS = [post_progress]
