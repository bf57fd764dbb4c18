"""Outcome records: what was measured of a practice or an initiative, and what may be said of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import strawberry

from knowledge import customers, outcomes, people
from knowledge.database import Session
from knowledge.errors import NotFound
from knowledge.estimates import Sample
from knowledge.outcomes import Measured, Where
from knowledge.people import Act, Viewer
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.people import FunctionalGroup, Person
from schema.words import Comparison, MetricKind, Stage, Verdict


@strawberry.type(description="What was measured on one side of a comparison.")
class MeasuredSide:
    """A sample."""

    n: int = shown("How many were observed.")
    value: float = strawberry.field(
        description="Their share or their mean; a duration in the unit that the metric names.",
        deprecation_reason="A figure leaves with what it rests on: read `figure`.",
    )
    deviation: float | None = shown("The standard deviation, where it is known.")
    figure: Estimate = shown(
        "Their share or their mean, with its interval; a duration in the unit that the metric names."
    )


def _side(row: outcomes.OutcomeRow, side: Sample | None) -> MeasuredSide | None:
    if side is None:
        return None
    return MeasuredSide(
        n=side.n, value=side.value, deviation=side.deviation, figure=estimated(outcomes.figure(row, side))
    )


@strawberry.type(description="What was measured of a practice or an initiative. For colleagues only.")
class OutcomeRecord(Node):
    """An outcome."""

    entry: Entry | None = shown("What was tried.", lambda row, info: outcomes.entry_of(row, info.context.viewer))
    author: Person | None = shown("Who wrote it down.", lambda row, _: outcomes.author_of(row))
    customer: Customer | None = shown(
        "The customer it was tried with, where it was one.",
        lambda row, info: outcomes.customer_of(row, info.context.viewer),
    )
    customer_name: str | None = shown("Their name, without reading the whole of them.")
    stage: Stage | None = shown("On which rung the customers stood.")
    segment: str | None = shown("With which kind of customers, in words.")
    group: FunctionalGroup | None = shown("The colleagues it was tried among.", lambda row, _: outcomes.group_of(row))
    group_name: str | None = shown("Their name, without reading the whole of them.")
    from_on: date = shown("The first day.")
    to_on: date = shown("The last day.")
    metric: str = shown("What was measured.")
    metric_kind: MetricKind = shown("What kind of figure it is.")
    before: MeasuredSide | None = shown("Before, or in the other group.", lambda row, _: _side(row, row.before))
    after: MeasuredSide | None = shown("After.", lambda row, _: _side(row, row.after))
    change: Estimate = shown("After minus before.", lambda row, _: estimated(outcomes.change(row)))
    comparison: Comparison = shown("What it is held against.")
    verdict: Verdict = shown("What whoever measured says came of it.")
    wording: str = shown("What may be claimed, in words, and no more.", lambda row, _: outcomes.in_words(row))
    note: str = shown("What else is to be said; may be empty.")
    created_at: datetime = shown("When it was written down.")
    removable: bool = shown(
        "Whether the viewer may take it back.", lambda row, info: outcomes.may_withdraw(row, info.context.viewer)
    )


@strawberry.input(description="What was measured on one side.")
class MeasuredInput:
    """Nested in the input of recordOutcome."""

    n: int = strawberry.field(description="How many were observed, at least 1.")
    value: float = strawberry.field(description="Their share from 0 to 1, or their mean.")
    deviation: float | None = strawberry.field(
        description="The standard deviation; needed for a mean, not for a share.", default=None
    )


@strawberry.input(description="What was measured of a practice or an initiative.")
class RecordOutcomeInput:
    """Input of recordOutcome."""

    practice: EntryRef = strawberry.field(description="Which practice or initiative.")
    customer: CustomerRef | None = strawberry.field(description="With which customer, if with one.", default=None)
    stage: Stage | None = strawberry.field(description="On which rung they stood.", default=None)
    segment: str | None = strawberry.field(
        description="With which kind of customers, in at most 80 characters.", default=None
    )
    group: strawberry.ID | None = strawberry.field(description="Among which group of colleagues.", default=None)
    from_: date = strawberry.field(name="from", description="The first day.")
    to: date = strawberry.field(description="The last day.")
    metric: str = strawberry.field(description="What was measured, with its unit, in 1 to 120 characters.")
    kind: MetricKind = strawberry.field(description="What kind of figure it is.")
    before: MeasuredInput | None = strawberry.field(description="Before, or in the other group.", default=None)
    after: MeasuredInput | None = strawberry.field(description="After.", default=None)
    comparison: Comparison = strawberry.field(description="What it is held against.")
    verdict: Verdict = strawberry.field(description="What came of it.")
    note: str | None = strawberry.field(
        description="What else is to be said, in at most 2,000 characters.", default=None
    )


@strawberry.type(description="An outcome that was recorded or taken back.")
class OutcomePayload(Payload):
    """Answer of recordOutcome and withdrawOutcome."""

    outcome: OutcomeRecord | None = strawberry.field(description="The outcome that was recorded.", default=None)
    entry: Entry | None = strawberry.field(description="The entry as it stands now.", default=None)


@strawberry.input(description="An outcome to take back.")
class WithdrawOutcomeInput:
    """Input of withdrawOutcome."""

    id: strawberry.ID = strawberry.field(description="The outcome.")


def _sample(given: MeasuredInput | None) -> Sample | None:
    return Sample(given.n, given.value, given.deviation) if given is not None else None


def _where(session: Session, viewer: Viewer, input: RecordOutcomeInput) -> Where:
    customer = customers.find(session, viewer, reference(input.customer)) if input.customer else None
    if input.customer is not None and customer is None:
        raise NotFound("There is no such customer.", "customer")
    uid = uid_of(input.group, "FunctionalGroup", "group") if input.group else None
    group = people.group_by_uid(session, viewer, uid) if uid else None
    if uid is not None and group is None:
        raise NotFound("There is no such group.", "group")
    return Where(customer, input.stage, input.segment or "", group)


@mutation(
    "Write down what was measured. A verdict that somebody was harmed contests the entry at once.",
    OutcomePayload,
    needs=Act.ENTRIES_WRITE,
)
def record_outcome(info: Info, input: RecordOutcomeInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.practice, "practice")
    measured = Measured(
        from_on=input.from_,
        to_on=input.to,
        metric=input.metric,
        kind=input.kind,
        before=_sample(input.before),
        after=_sample(input.after),
        comparison=input.comparison,
    )
    where = _where(session, viewer, input)
    outcome = outcomes.record(session, viewer, entry, measured, input.verdict, where=where, note=input.note or "")
    return {"outcome": outcome, "entry": outcomes.entry_of(outcome, viewer)}


@mutation("Take back an outcome: whoever wrote it down, and those who curate.", OutcomePayload, needs=Act.ENTRIES_WRITE)
def withdraw_outcome(info: Info, input: WithdrawOutcomeInput) -> Mapping[str, Any]:
    uid = uid_of(input.id, "OutcomeRecord")
    return {"entry": outcomes.withdraw(info.context.session, info.context.viewer, uid)}


MUTATIONS = [record_outcome, withdraw_outcome]
