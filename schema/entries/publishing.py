"""The rest of an entry's life: put on the schedule and taken off it, superseded, and what has to be approved by how many."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from knowledge.entries import approving, publishing, scheduling
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.entries.writing import EntryInput, EntryPayload
from schema.fields import shown
from schema.nodes import uid_of
from schema.words import Audience, Kind


@strawberry.type(
    description="How many people other than its author approve an entry before it goes out to an audience."
)
class ApprovalRule:
    """A rule as it applies."""

    kind: Kind | None = shown("Of which kind; null where it holds for every kind without a rule of its own.")
    audience: Audience = shown("For whom.")
    needed: int = shown("How many approvals; with 0 its author publishes it.")
    is_own: bool = shown("Whether it was set here; otherwise it is what the product comes with.")


@strawberry.input(description="When an entry is to be published.")
class ScheduleEntryInput:
    """Input of scheduleEntry."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    at: datetime = strawberry.field(description="The moment, within the next two years.")


@strawberry.input(description="An entry, and what takes its place.")
class ObsoleteEntryInput:
    """Input of obsoleteEntry."""

    id: strawberry.ID = strawberry.field(description="The entry that is obsolete.")
    successor: EntryRef = strawberry.field(description="The published entry that takes its place.")
    note: str | None = strawberry.field(description="Why, for its readers, at most 300 characters.", default=None)


@strawberry.input(description="How many approvals an audience needs.")
class SetApprovalRuleInput:
    """Input of setApprovalRule."""

    kind: Kind | None = strawberry.field(description="Of which kind; of every kind unless given.", default=None)
    audience: Audience = strawberry.field(description="For whom.")
    needed: int | None = strawberry.field(
        description="From 0, which is none, to 5; null takes the rule away.", default=None
    )


@strawberry.type(description="A rule that was set.")
class ApprovalRulePayload(Payload):
    """Answer of setApprovalRule."""

    rule: ApprovalRule | None = strawberry.field(description="The rule that applies now.", default=None)


@query(
    "How many approvals each audience needs: for any kind first, then for the kinds that have a rule of their own.",
    list[ApprovalRule],
    needs=Act.ENTRIES_WRITE,
)
def approval_rules(info: Info) -> Any:
    return approving.rules(info.context.session) if info.context.viewer.may(Act.ENTRIES_WRITE) else []


@mutation("Say how many people approve what is for an audience.", ApprovalRulePayload, needs=Act.ADMIN)
def set_approval_rule(info: Info, input: SetApprovalRuleInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"rule": approving.set_rule(session, viewer, input.audience, kind=input.kind, needed=input.needed)}


@mutation(
    "Have the latest revision published at a moment, or at another one than was set; whoever may publish it may do so.",
    EntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def schedule_entry(info: Info, input: ScheduleEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": scheduling.schedule(session, viewer, uid_of(input.id, "Entry"), input.at)}


@mutation("Take an entry off the schedule.", EntryPayload, needs=Act.ENTRIES_WRITE)
def unschedule_entry(info: Info, input: EntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": scheduling.unschedule(session, viewer, uid_of(input.id, "Entry"))}


@mutation(
    "Say which entry takes the place of another; the other stays readable and leads there.",
    EntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def obsolete_entry(info: Info, input: ObsoleteEntryInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    uid = uid_of(input.id, "Entry")
    successor = named(session, viewer, input.successor, "successor")
    return {"entry": publishing.obsolete(session, viewer, uid, successor, note=input.note or "")}


QUERIES = [approval_rules]
MUTATIONS = [set_approval_rule, schedule_entry, unschedule_entry, obsolete_entry]
