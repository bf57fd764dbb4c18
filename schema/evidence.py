"""Evidence: what customers said, attached to entries; and the estimates that count it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import entries, evidence, feedback, standing, words
from knowledge.entries import EntryRow
from knowledge.errors import NotFound
from knowledge.people import Act
from knowledge.words import Stance as Stances
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.estimates import Estimate
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.people import Person
from schema.words import Channel, Stance

if TYPE_CHECKING:
    from schema.feedback import Feedback

SomeFeedback = Annotated["Feedback", strawberry.lazy("schema.feedback")]


def _tally(entry: EntryRow, info: Info) -> evidence.Tally:
    if not standing.may_have(entry, info.context.viewer, "evidence"):
        return evidence.Tally()
    return evidence.tally_of(entry, info.context.viewer)


def _items(entry: EntryRow, info: Info) -> Sequence[evidence.EvidenceRow]:
    if not standing.may_have(entry, info.context.viewer, "evidence"):
        return ()
    return evidence.of_entry(entry, info.context.viewer)


def _voices(stance: Stances | None = None) -> Any:
    def counted(entry: EntryRow, info: Info) -> Estimate:
        found = _tally(entry, info).voices(stance)
        return Estimate(n=found.items, distinct_voices=found.customers, basis=words.Basis.SELF_SELECTED)

    return counted


@strawberry.type(description="What customers said for and against an entry, and how many of them.")
class EvidenceList:
    """The evidence of one entry."""

    items: list[Annotated["Evidence", strawberry.lazy("schema.evidence")]] = shown(
        "The evidence, the latest first.", _items
    )
    voices: Estimate = shown("The distinct customers behind all of it.", _voices())
    supporting: Estimate = shown("Those behind what supports it.", _voices(Stances.SUPPORTS))
    contradicting: Estimate = shown("Those behind what contradicts it.", _voices(Stances.CONTRADICTS))
    channels: list[Channel] = shown(
        "The ways by which they were heard.", lambda entry, info: _tally(entry, info).channels
    )


@strawberry.type(description="A quote from what a customer said, and what it does to an entry's claim.")
class Evidence(Node):
    """A piece of evidence."""

    stance: Stance = shown("What it does to the claim.")
    quote: str = shown("The customer's words.")
    weight: int = shown("How much it weighs, 1 to 3.")
    channel: Channel = shown("How the customer was heard.")
    feedback: SomeFeedback | None = shown(
        "What it is quoted from.", lambda row, info: evidence.feedback_of(row, info.context.viewer)
    )
    entry: Entry | None = shown(
        "The entry it is attached to; null where the viewer may not see that.",
        lambda row, info: evidence.entry_of(row, info.context.viewer),
    )
    author: Person | None = shown("Who attached it.", lambda row, _: evidence.author_of(row))
    created_at: datetime = shown("When it was attached.")
    removable: bool = shown(
        "Whether the viewer may take it off.", lambda row, info: evidence.may_detach(row, info.context.viewer)
    )


@strawberry.input(description="What a customer said, to be attached to an entry.")
class AttachEvidenceInput:
    """Input of attachEvidence."""

    entry: EntryRef = strawberry.field(description="The entry.")
    feedback: strawberry.ID = strawberry.field(description="What the customer said.")
    stance: Stance = strawberry.field(description="What it does to the entry's claim.")
    quote: str | None = strawberry.field(
        description="The words that matter, exactly as they were said; all of them unless given.", default=None
    )


@strawberry.type(description="Evidence that was attached.")
class EvidencePayload(Payload):
    """Answer of attachEvidence and detachEvidence."""

    evidence: Evidence | None = strawberry.field(description="The piece that was attached.", default=None)
    entry: Entry | None = strawberry.field(description="The entry as it stands now.", default=None)


@strawberry.input(description="A piece of evidence to take off.")
class DetachEvidenceInput:
    """Input of detachEvidence."""

    id: strawberry.ID = strawberry.field(description="The piece of evidence.")


@mutation(
    "Attach what a customer said to an entry. Also needs feedback:read.", EvidencePayload, needs=Act.ENTRIES_WRITE
)
def attach_evidence(info: Info, input: AttachEvidenceInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    item = feedback.by_uid(session, viewer, uid_of(input.feedback, "Feedback", "feedback"))
    if item is None:
        raise NotFound("There is no such feedback.", "feedback")
    piece = evidence.attach(session, viewer, entry, item, input.stance, quote=input.quote)
    return {"evidence": piece, "entry": entries.by_uid(session, viewer, entry.uid)}


@mutation("Take a piece of evidence off its entry.", EvidencePayload, needs=Act.ENTRIES_WRITE)
def detach_evidence(info: Info, input: DetachEvidenceInput) -> Mapping[str, object]:
    entry = evidence.detach(info.context.session, info.context.viewer, uid_of(input.id, "Evidence"))
    return {"entry": entry}


MUTATIONS = [attach_evidence, detach_evidence]
