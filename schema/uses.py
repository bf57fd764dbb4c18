"""Uses: "I used it", who says so, and with which customers it worked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import strawberry

from knowledge import uses
from knowledge.people import Act
from knowledge.uses import With
from knowledge.words import UseResult as Results
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.nodes import Node, id_of, uid_of
from schema.paging import Connection
from schema.people import Person
from schema.words import GroupKind, Stage, UseResult


@strawberry.type(description="One time that somebody used a practice, and what came of it.")
class Use(Node):
    """A use."""

    entry: Entry | None = shown("What was used.", lambda row, info: uses.entry_of(row, info.context.viewer))
    person: Person | None = shown("Who used it.", lambda row, _: uses.person_of(row))
    stage: Stage | None = shown("On which rung the customer stood.")
    segment: str | None = shown("With which kind of customers, in words.")
    function: GroupKind | None = shown("In which function.")
    result: UseResult = shown("What came of it.")
    note: str = shown("What else is to be said; may be empty.")
    used_on: date = shown("On which day.")
    created_at: datetime = shown("When it was recorded.")
    mine: bool = shown(
        "Whether the viewer recorded it and may take it back.",
        lambda row, info: row.person_id is not None and row.person_id == info.context.viewer.id,
    )


def _count(result: Results) -> Any:
    return lambda row, _: estimated(row.told(result))


@strawberry.type(
    description="What came of using a practice with one kind of customers in one function: of each person the latest word."
)
class UseSummary:
    """One line of a summary."""

    stage: Stage | None = shown("The rung; null where none was named.", lambda row, _: row.among.stage)
    segment: str | None = shown(
        "The kind of customers; null where none was named.", lambda row, _: row.among.segment or None
    )
    function: GroupKind | None = shown("The function; null where it is not known.", lambda row, _: row.among.function)
    people: Estimate = shown("How many people used it.", lambda row, _: estimated(row.people))
    worked: Estimate = shown("The share of them for whom it worked.", lambda row, _: estimated(row.worked))
    worked_for: Estimate = shown("For how many it worked.", _count(Results.WORKED))
    partly: Estimate = shown("For how many it worked in part.", _count(Results.PARTLY))
    did_not: Estimate = shown("For how many it did not work.", _count(Results.DID_NOT))
    harmed: Estimate = shown("How many say that it did harm.", _count(Results.HARMED))
    mine: strawberry.ID | None = shown(
        "The viewer's own use among them, to be taken back.", lambda row, _: row.mine and id_of("Use", row.mine)
    )


@strawberry.type(description="A page of the uses of a practice, and what all of them come to.")
class UseConnection(Connection[Use]):
    """Relay's connection with the summary beside it."""

    overall: UseSummary = shown(
        "Of each person the latest word, with whomever it was.", lambda found, _: found.told.overall
    )
    summary: list[UseSummary] = shown(
        "The same by kind of customers and function, the most used first.", lambda found, _: found.told.cells
    )


@strawberry.input(description="What came of using a practice.")
class RecordUseInput:
    """Input of recordUse."""

    practice: EntryRef = strawberry.field(description="Which practice.")
    result: UseResult = strawberry.field(description="What came of it.")
    stage: Stage | None = strawberry.field(description="On which rung the customer stood.", default=None)
    segment: str | None = strawberry.field(
        description="With which kind of customers, in at most 80 characters.", default=None
    )
    function: GroupKind | None = strawberry.field(
        description="In which function; that of the viewer's group unless given.", default=None
    )
    used_on: date | None = strawberry.field(description="On which day; today unless given.", default=None)
    note: str | None = strawberry.field(description="What else is to be said, in at most 500 characters.", default=None)


@strawberry.type(description="A use that was recorded or taken back.")
class UsePayload(Payload):
    """Answer of recordUse and withdrawUse."""

    use: Use | None = strawberry.field(description="The use that was recorded.", default=None)
    entry: Entry | None = strawberry.field(description="The practice as it stands now.", default=None)


@strawberry.input(description="A use to take back.")
class WithdrawUseInput:
    """Input of withdrawUse."""

    id: strawberry.ID = strawberry.field(description="The use.")


@mutation(
    "Say what came of using a practice. That it did harm contests the practice at once.",
    UsePayload,
    needs=Act.ENTRIES_WRITE,
)
def record_use(info: Info, input: RecordUseInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    practice = named(session, viewer, input.practice, "practice")
    among = With(input.stage, input.segment or "", input.function)
    use = uses.record(
        session, viewer, practice, input.result, among=among, note=input.note or "", used_on=input.used_on
    )
    return {"use": use, "entry": uses.entry_of(use, viewer)}


@mutation("Take back a use that one recorded oneself.", UsePayload, needs=Act.ENTRIES_WRITE)
def withdraw_use(info: Info, input: WithdrawUseInput) -> Mapping[str, object]:
    return {"entry": uses.withdraw(info.context.session, info.context.viewer, uid_of(input.id, "Use"))}


MUTATIONS = [record_use, withdraw_use]
