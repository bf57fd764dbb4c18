"""Planning, moving and helping initiatives."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from knowledge import clock
from knowledge.database import Session
from knowledge.entries import EntryRow
from knowledge.initiatives import capacity, issues, life, measures, milestones, planning
from knowledge.initiatives.planning import Plan
from knowledge.people import Act, Viewer
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.initiatives import Initiative
from schema.nodes import uid_of
from schema.planned import CriticalIssue, GroupLoad, Milestone, ScopeChange
from schema.words import InitiativeStatus, IssueState, Severity, VisionStepKey


@query(
    "What the initiatives ask of each group together, the most asked first, for colleagues. Over 100 % somebody has promised too much.",
    list[GroupLoad],
    needs=Act.ENTRIES_READ,
)
def initiative_capacity(info: Info) -> Any:
    return list(capacity.loads(info.context.session, info.context.viewer))


@query("Which day it is here, in UTC, for whoever draws a calendar.", date, needs=Act.ENTRIES_READ)
def today(info: Info) -> Any:  # noqa: ARG001  as every root field
    return clock.today()


@query(
    "What stands in the way of initiatives and waits for the viewer, the gravest first.",
    list[CriticalIssue],
    needs=Act.ENTRIES_READ,
)
def issues_waiting(info: Info, most: Annotated[int, strawberry.argument(description="How many, 1 to 50.")] = 5) -> Any:
    return list(issues.waiting_for(info.context.session, info.context.viewer, max(1, min(most, 50))))


@strawberry.type(description="An initiative that was planned or moved.")
class InitiativePayload(Payload):
    """Answer of planInitiative, moveInitiative and measureInitiative."""

    initiative: Initiative | None = strawberry.field(description="The initiative as it is now.", default=None)
    warnings: list[str] = strawberry.field(
        description="What is to be minded, such as a group that is asked for more than it has.", default_factory=list
    )


@strawberry.input(description="A step of the vision, or one of its guiding questions.")
class ServedStepInput:
    """Nested in planInitiative."""

    step: VisionStepKey = strawberry.field(description="The step.")
    question: str | None = strawberry.field(
        description="The key of a question; the step as a whole without.", default=None
    )


@strawberry.input(description="How much of a group's time it takes.")
class CapacityInput:
    """Nested in planInitiative."""

    group: strawberry.ID = strawberry.field(description="The group.")
    percent: int = strawberry.field(description="In percent of what it has for initiatives, 0 to 100; 0 takes it off.")


@strawberry.input(
    description="What an initiative is for and what it takes; what is omitted stays as it is, null clears."
)
class PlanInitiativeInput:
    """Input of planInitiative."""

    initiative: EntryRef = strawberry.field(description="Which initiative.")
    sponsor: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Who clears the way for it.")
    vision: strawberry.Maybe[EntryRef | None] = strawberry.field(description="The vision that it carries out.")
    serves: strawberry.Maybe[list[ServedStepInput] | None] = strawberry.field(
        description="All steps and questions that it serves."
    )
    capacity: strawberry.Maybe[list[CapacityInput] | None] = strawberry.field(
        description="All groups whose time it takes."
    )


def _planned(session: Session, viewer: Viewer, input: PlanInitiativeInput) -> Plan:
    plan = Plan()
    if input.sponsor is not None:
        plan["sponsor"] = uid_of(input.sponsor.value, "Person", "sponsor") if input.sponsor.value else None
    if input.vision is not None:
        plan["vision"] = named(session, viewer, input.vision.value, "vision") if input.vision.value else None
    if input.serves is not None:
        served = input.serves.value or []
        plan["steps"] = [{"step": each.step, "question": each.question or ""} for each in served]
    if input.capacity is not None:
        taken = input.capacity.value or []
        plan["capacity"] = {uid_of(each.group, "FunctionalGroup", "capacity"): each.percent for each in taken}
    return plan


def _minded(session: Session, viewer: Viewer, initiative: EntryRow) -> list[str]:
    taken = [each.id for each in planning.capacity_of(initiative, viewer)]
    return [each.message for each in capacity.warnings(session, viewer, taken)] if taken else []


@mutation(
    "Say what an initiative is for and what it takes: its owner, or a leader. It warns where a group is asked for more than it has.",
    InitiativePayload,
    needs=Act.ENTRIES_WRITE,
)
def plan_initiative(info: Info, input: PlanInitiativeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    done = planning.plan(session, viewer, initiative, _planned(session, viewer, input))
    return {"initiative": done, "warnings": _minded(session, viewer, done)}


@strawberry.input(description="Where an initiative goes.")
class MoveInitiativeInput:
    """Input of moveInitiative."""

    initiative: EntryRef = strawberry.field(description="Which initiative.")
    status: InitiativeStatus = strawberry.field(description="Where it goes; `moves` says where it may.")
    on: date | None = strawberry.field(
        description="When it was launched or completed; today unless given.", default=None
    )
    why: str | None = strawberry.field(
        description="Why, in at most 300 characters; needed to hold or to cancel it.", default=None
    )


@mutation(
    "Take an initiative to another state: its owner, or a leader. To be launched it needs an owner, a priority, and the day by which it is "
    "to be complete.",
    InitiativePayload,
    needs=Act.ENTRIES_WRITE,
)
def move_initiative(info: Info, input: MoveInitiativeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    done = life.move(session, viewer, initiative, input.status, on=input.on, why=input.why or "")
    return {"initiative": done, "warnings": _minded(session, viewer, done)}


@strawberry.input(description="Which scores an initiative means to move.")
class MeasureInitiativeInput:
    """Input of measureInitiative."""

    initiative: EntryRef = strawberry.field(description="Which initiative.")
    questions: list[strawberry.ID] = strawberry.field(
        description="All questions of surveys whose scores these are, at most 8."
    )


@mutation(
    "Say which scores an initiative means to move: its owner, or a leader.", InitiativePayload, needs=Act.ENTRIES_WRITE
)
def measure_initiative(info: Info, input: MeasureInitiativeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    uids = [uid_of(each, "SurveyQuestion", "questions") for each in input.questions]
    return {"initiative": measures.measure_by(session, viewer, initiative, uids)}


@strawberry.type(description="A milestone that was set, changed, reached or dropped.")
class MilestonePayload(Payload):
    """Answer of the mutations of milestones."""

    milestone: Milestone | None = strawberry.field(description="The milestone; null once it is dropped.", default=None)
    initiative: Initiative | None = strawberry.field(description="Its initiative, once it is dropped.", default=None)
    current: Milestone | None = strawberry.field(
        description="The milestone as it is, where somebody changed it meanwhile.", default=None
    )


@strawberry.input(description="Something that is to be done by a day.")
class AddMilestoneInput:
    """Input of addMilestone."""

    initiative: EntryRef = strawberry.field(description="Of which initiative.")
    title: str = strawberry.field(description="What is to be done, in 1 to 200 characters.")
    due: date = strawberry.field(description="By when.")


@mutation("Set a milestone: the initiative's owner, or a leader.", MilestonePayload, needs=Act.ENTRIES_WRITE)
def add_milestone(info: Info, input: AddMilestoneInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    return {"milestone": milestones.add(session, viewer, initiative, input.title, input.due)}


@strawberry.input(description="A milestone in other words, or for another day; what is omitted stays.")
class UpdateMilestoneInput:
    """Input of updateMilestone."""

    id: strawberry.ID = strawberry.field(description="The milestone.")
    version: int | None = strawberry.field(
        description="The version that was read; a mismatch is a conflict.", default=None
    )
    title: str | None = strawberry.field(description="What is to be done.", default=None)
    due: date | None = strawberry.field(description="By when.", default=None)


@mutation("Change a milestone: the initiative's owner, or a leader.", MilestonePayload, needs=Act.ENTRIES_WRITE)
def update_milestone(info: Info, input: UpdateMilestoneInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Milestone")
    session, viewer = info.context.session, info.context.viewer
    done = milestones.change(session, viewer, uid, version=input.version, title=input.title, due=input.due)
    return {"milestone": done}


@strawberry.input(description="A milestone that is done.")
class ReachMilestoneInput:
    """Input of reachMilestone."""

    id: strawberry.ID = strawberry.field(description="The milestone.")
    on: date | None = strawberry.field(description="When it was done; today unless given.", default=None)


@mutation(
    "Say that a milestone is done: the initiative's owner, or a leader.", MilestonePayload, needs=Act.ENTRIES_WRITE
)
def reach_milestone(info: Info, input: ReachMilestoneInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"milestone": milestones.reach(session, viewer, uid_of(input.id, "Milestone"), on=input.on)}


@strawberry.input(description="A milestone.")
class MilestoneInput:
    """Input of reopenMilestone and dropMilestone."""

    id: strawberry.ID = strawberry.field(description="The milestone.")


@mutation("Say that a milestone is not done after all.", MilestonePayload, needs=Act.ENTRIES_WRITE)
def reopen_milestone(info: Info, input: MilestoneInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"milestone": milestones.reopen(session, viewer, uid_of(input.id, "Milestone"))}


@mutation("Take a milestone off the plan.", MilestonePayload, needs=Act.ENTRIES_WRITE)
def drop_milestone(info: Info, input: MilestoneInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"initiative": milestones.drop(session, viewer, uid_of(input.id, "Milestone"))}


@strawberry.type(description="A change of what an initiative is to do.")
class ChangeScopePayload(Payload):
    """Answer of changeScope."""

    change: ScopeChange | None = strawberry.field(description="The change.", default=None)


@strawberry.input(description="What an initiative was to do and is to do from now on.")
class ChangeScopeInput:
    """Input of changeScope."""

    initiative: EntryRef = strawberry.field(description="Which initiative.")
    from_: str = strawberry.field(name="from", description="What it was to do, in 1 to 500 characters.")
    to: str = strawberry.field(description="What it is to do from now on, in 1 to 500 characters.")
    why: str = strawberry.field(description="Why, in 1 to 1,000 characters.")


@mutation(
    "Write down that an initiative is to do something else from now on, and why. It is never changed afterwards.",
    ChangeScopePayload,
    needs=Act.ENTRIES_WRITE,
)
def change_scope(info: Info, input: ChangeScopeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    return {"change": milestones.change_scope(session, viewer, initiative, input.from_, input.to, input.why)}


@strawberry.type(description="What stands in an initiative's way, as it is now.")
class IssuePayload(Payload):
    """Answer of the mutations of critical issues."""

    issue: CriticalIssue | None = strawberry.field(description="The issue.", default=None)


@strawberry.input(description="What stands in the way, and what would help.")
class RaiseIssueInput:
    """Input of raiseIssue."""

    initiative: EntryRef = strawberry.field(description="In the way of which initiative.")
    title: str = strawberry.field(description="What is in the way, in 1 to 200 characters.")
    severity: Severity = strawberry.field(
        description="How much it harms; from HIGH on those who lead are told as well."
    )
    wanted: str | None = strawberry.field(description="What would help, in at most 1,000 characters.", default=None)
    due: date | None = strawberry.field(description="By when it has to be out of the way.", default=None)


@mutation(
    "Ask for help with an initiative: every colleague may. Its owner, its sponsor and its followers are told.",
    IssuePayload,
    needs=Act.ENTRIES_WRITE,
)
def raise_issue(info: Info, input: RaiseIssueInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    initiative = named(session, viewer, input.initiative, "initiative")
    wanted = input.wanted or ""
    return {
        "issue": issues.ask_for_help(
            session, viewer, initiative, input.title, input.severity, wanted=wanted, due=input.due
        )
    }


@strawberry.input(description="Who sees to an issue.")
class TakeOnIssueInput:
    """Input of takeOnIssue."""

    id: strawberry.ID = strawberry.field(description="The issue.")
    person: strawberry.ID | None = strawberry.field(
        description="Who sees to it; oneself unless given. Whoever carries the initiative may name a colleague.",
        default=None,
    )
    due: date | None = strawberry.field(description="By when; as it was unless given.", default=None)


@mutation("See to what stands in the way of an initiative.", IssuePayload, needs=Act.ENTRIES_WRITE)
def take_on_issue(info: Info, input: TakeOnIssueInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    person: UUID | None = uid_of(input.person, "Person", "person") if input.person else None
    return {"issue": issues.take_on(session, viewer, _issue(input.id), person=person, due=input.due)}


def _issue(id: str) -> UUID:
    return uid_of(id, "CriticalIssue")


@strawberry.input(description="What came of an issue.")
class SettleIssueInput:
    """Input of settleIssue."""

    id: strawberry.ID = strawberry.field(description="The issue.")
    state: IssueState = strawberry.field(description="RESOLVED or ACCEPTED.")
    outcome: str = strawberry.field(description="What came of it, in 1 to 1,000 characters.")


@mutation(
    "Say what came of an issue: who took it on or raised it, the initiative's owner, and leaders.",
    IssuePayload,
    needs=Act.ENTRIES_WRITE,
)
def settle_issue(info: Info, input: SettleIssueInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"issue": issues.settle(session, viewer, _issue(input.id), input.state, outcome=input.outcome)}


@strawberry.input(description="An issue that stands in the way again.")
class ReopenIssueInput:
    """Input of reopenIssue."""

    id: strawberry.ID = strawberry.field(description="The issue.")


@mutation(
    "Say that an issue stands in the way again, or hand back what one took on.", IssuePayload, needs=Act.ENTRIES_WRITE
)
def reopen_issue(info: Info, input: ReopenIssueInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"issue": issues.reopen(session, viewer, _issue(input.id))}


QUERIES = [initiative_capacity, issues_waiting, today]
MUTATIONS = [
    plan_initiative,
    move_initiative,
    measure_initiative,
    add_milestone,
    update_milestone,
    reach_milestone,
    reopen_milestone,
    drop_milestone,
    change_scope,
    raise_issue,
    take_on_issue,
    settle_issue,
    reopen_issue,
]
