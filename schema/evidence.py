"""Evidence: what customers said and what else is known, attached to entries; and the estimates that weigh it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import entries, evidence, feedback, standing, words
from knowledge.customers import interactions
from knowledge.database import Session
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotFound
from knowledge.people import Act, Viewer
from knowledge.vision import placing
from knowledge.words import Stance as Stances
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.nodes import Node, uid_of
from schema.people import Person
from schema.words import Channel, EvidenceTarget, PatternVerdict, Stance, SurveyMetric

if TYPE_CHECKING:
    from schema.feedback import Feedback
    from schema.interactions import Interaction

SomeFeedback = Annotated["Feedback", strawberry.lazy("schema.feedback")]


def _tally(entry: EntryRow, info: Info) -> evidence.Tally:
    if not standing.may_have(entry, info.context.viewer, "evidence"):
        return evidence.Tally()
    return evidence.tally_of(entry, info.context.viewer)


def _items(entry: EntryRow, info: Info) -> Sequence[evidence.EvidenceRow]:
    if not standing.may_have(entry, info.context.viewer, "evidence"):
        return ()
    return evidence.of_entry(entry, info.context.viewer)


def _weight(entry: EntryRow, info: Info) -> evidence.Weight:
    if not standing.may_have(entry, info.context.viewer, "evidence"):
        return evidence.NO_WEIGHT
    return evidence.weight_of(entry, info.context.viewer)


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
    prevalence: Estimate = shown(
        "The customers who say so, of all who were heard on anything from its first voice on, at least 90 days before its "
        "latest and 90 days after. It warns of few voices, of what may be rare, of loud ones, and where all were heard in one way only.",
        lambda entry, info: estimated(_weight(entry, info).prevalence),
    )
    verdict: PatternVerdict = shown(
        "Whether it may be said of customers in general.", lambda entry, info: _weight(entry, info).verdict
    )
    wording: str = shown(
        "The verdict as a sentence, with what it rests on.",
        lambda entry, info: evidence.in_words(_weight(entry, info)),
    )
    channels: list[Channel] = shown(
        "The ways by which they were heard.", lambda entry, info: _tally(entry, info).channels
    )


def _figure(row: evidence.EvidenceRow, info: Info) -> Estimate | None:
    found = evidence.result_of(row, info.context.viewer)
    return estimated(evidence.as_estimate(found)) if found is not None else None


def _asked(name: str) -> Any:
    """The question of the survey, or what it measures."""

    def found(row: evidence.EvidenceRow, info: Info) -> Any:
        return getattr(evidence.result_of(row, info.context.viewer), name, None)

    return found


@strawberry.type(description="A document elsewhere.")
class Document:
    """What is cited."""

    title: str = strawberry.field(description="What it is called.")
    url: str = strawberry.field(description="Where it is.")


@strawberry.type(
    description="What speaks for or against an entry's claim: a customer's words, a figure, an entry, a document."
)
class Evidence(Node):
    """A piece of evidence."""

    target: EvidenceTarget = shown("What it is taken from.")
    stance: Stance = shown("What it does to the claim.")
    quote: str = shown(
        "The words that matter, exactly as they stand there; may be empty where an entry or a figure is cited."
    )
    quote_start: int = shown("Where the quote begins in the words that it is from, counted in characters.")
    quote_end: int = shown("Where it ends.")
    weight: int = shown("How much it weighs, 1 to 3.")
    channel: Channel | None = shown("How the customer was heard; null for what is no customer's word.")
    feedback: SomeFeedback | None = shown(
        "The feedback it is quoted from.", lambda row, info: evidence.feedback_of(row, info.context.viewer)
    )
    interaction: Annotated["Interaction", strawberry.lazy("schema.interactions")] | None = shown(
        "The meeting it was noted at; for colleagues.",
        lambda row, info: evidence.interaction_of(row, info.context.viewer),
    )
    cites: Entry | None = shown(
        "The entry that it cites; null where the viewer may not see that.",
        lambda row, info: evidence.cited_of(row, info.context.viewer),
    )
    document: Document | None = shown(
        "The document that it cites.",
        lambda row, _: Document(title=row.document_title, url=row.document_url) if row.document_title else None,
    )
    figure: Estimate | None = shown(
        "What a survey's question came to, as it stood when it was attached; later answers do not move it.", _figure
    )
    question: str | None = shown("That question.", _asked("question"))
    metric: SurveyMetric | None = shown("What that question measures.", _asked("metric"))
    entry: Entry | None = shown(
        "The entry it is attached to; null where the viewer may not see that.",
        lambda row, info: evidence.entry_of(row, info.context.viewer),
    )
    author: Person | None = shown("Who attached it.", lambda row, _: evidence.author_of(row))
    created_at: datetime = shown("When it was attached.")
    removable: bool = shown(
        "Whether the viewer may take it off.", lambda row, info: evidence.may_detach(row, info.context.viewer)
    )


@strawberry.input(description="A document elsewhere, to be attached to an entry.")
class DocumentInput:
    """Nested in the input of attachEvidence."""

    title: str = strawberry.field(description="What it is called, in 1 to 200 characters.")
    url: str = strawberry.field(description="Its address on the web, in at most 500 characters.")
    excerpt: str | None = strawberry.field(
        description="What it says on the matter, in at most 1,000 characters.", default=None
    )


@strawberry.input(description="A figure of a survey. What is hidden, because too few answered, cannot be taken.")
class SurveyResultInput:
    """Nested in attachEvidence."""

    question: strawberry.ID = strawberry.field(description="The question.")
    wave: int | None = strawberry.field(
        description="Which time it was asked, from 1; the latest that has a figure unless given.", default=None
    )


@strawberry.input(description="What speaks for or against an entry; exactly one of what it may be taken from is named.")
class AttachEvidenceInput:
    """Input of attachEvidence."""

    entry: EntryRef = strawberry.field(description="The entry.")
    feedback: strawberry.ID | None = strawberry.field(description="What a customer said.", default=None)
    interaction: strawberry.ID | None = strawberry.field(
        description="The note of a meeting with a customer.", default=None
    )
    cites: EntryRef | None = strawberry.field(description="Another entry, which is published.", default=None)
    document: DocumentInput | None = strawberry.field(description="A document elsewhere.", default=None)
    result: SurveyResultInput | None = strawberry.field(
        description="What a question of a survey came to, kept as it stands now.", default=None
    )
    stance: Stance = strawberry.field(description="What it does to the entry's claim.")
    quote: str | None = strawberry.field(
        description="The words that matter, exactly as they were said; all of them unless given.", default=None
    )
    quote_start: int | None = strawberry.field(
        description="Where the quote begins, counted in characters from 0; where it stands first unless given.",
        default=None,
    )
    weight: int = strawberry.field(description="How much it weighs, 1 to 3.", default=1)
    assumption: strawberry.ID | None = strawberry.field(
        description="Of a vision, the assumption that it tests.", default=None
    )
    question: str | None = strawberry.field(
        description="Of a vision, the key of the guiding question whose answer it is about.", default=None
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


def _target(session: Session, viewer: Viewer, input: AttachEvidenceInput) -> evidence.Target:
    given = [input.feedback, input.interaction, input.cites, input.document, input.result]
    if sum(each is not None for each in given) != 1:
        raise Invalid("Name one thing that it is taken from.", "feedback")
    if input.document is not None:
        return evidence.Document(input.document.title, input.document.url, input.document.excerpt or "")
    if input.result is not None:
        question = uid_of(input.result.question, "SurveyQuestion", "result.question")
        return evidence.taken(session, viewer, question, input.result.wave)
    if input.cites is not None:
        return named(session, viewer, input.cites, "cites")
    found: evidence.Target | None
    if input.feedback is not None:
        found, name = feedback.by_uid(session, viewer, uid_of(input.feedback, "Feedback", "feedback")), "feedback"
    else:
        uid = uid_of(input.interaction or "", "Interaction", "interaction")
        found, name = interactions.by_uid(session, viewer, uid), "interaction"
    if found is None:
        raise NotFound(f"There is no such {name}.", name)
    return found


@mutation(
    "Attach to an entry what speaks for or against it. Also needs feedback:read.",
    EvidencePayload,
    needs=Act.ENTRIES_WRITE,
)
def attach_evidence(info: Info, input: AttachEvidenceInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    entry = named(session, viewer, input.entry, "entry")
    target = _target(session, viewer, input)
    piece = evidence.attach(
        session,
        viewer,
        entry,
        target,
        input.stance,
        quote=input.quote,
        start=input.quote_start,
        weight=input.weight,
    )
    if input.assumption is not None or input.question is not None:
        about = uid_of(input.assumption, "Assumption", "assumption") if input.assumption is not None else None
        placing.place(session, viewer, entry, piece, assumption=about, question=input.question)
    return {"evidence": piece, "entry": entries.by_uid(session, viewer, entry.uid)}


@strawberry.input(
    description="Where within a vision a piece of its evidence belongs; exactly one of assumption and question is given."
)
class PlaceEvidenceInput:
    """Input of placeEvidence."""

    evidence: strawberry.ID = strawberry.field(description="The piece of evidence of a vision.")
    assumption: strawberry.ID | None = strawberry.field(description="The assumption that it tests.", default=None)
    question: str | None = strawberry.field(
        description="The key of the guiding question whose answer it is about.", default=None
    )


@mutation(
    "Say what within a vision a piece of its evidence is about: an assumption, or the answer to a guiding question. Also needs "
    "feedback:read.",
    EvidencePayload,
    needs=Act.ENTRIES_WRITE,
)
def place_evidence(info: Info, input: PlaceEvidenceInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    piece = evidence.by_uid(session, viewer, uid_of(input.evidence, "Evidence", "evidence"))
    entry = evidence.entry_of(piece, viewer) if piece is not None else None
    if piece is None or entry is None:
        raise NotFound("There is no such evidence.", "evidence")
    if (input.assumption is None) == (input.question is None):
        raise Invalid("Name an assumption or a question.", "question")
    about = uid_of(input.assumption, "Assumption", "assumption") if input.assumption is not None else None
    placing.place(session, viewer, entry, piece, assumption=about, question=input.question)
    return {"evidence": piece, "entry": entry}


@mutation("Take a piece of evidence off its entry.", EvidencePayload, needs=Act.ENTRIES_WRITE)
def detach_evidence(info: Info, input: DetachEvidenceInput) -> Mapping[str, object]:
    entry = evidence.detach(info.context.session, info.context.viewer, uid_of(input.id, "Evidence"))
    return {"entry": entry}


MUTATIONS = [attach_evidence, place_evidence, detach_evidence]
