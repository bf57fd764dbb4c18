"""What a vision answers to the guiding questions: as it is read, and as it is written."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge.database import Session
from knowledge.entries import EntryRow, listing, mentions
from knowledge.people import Viewer
from knowledge.vision import placing, reading
from knowledge.vision.answers import PREFIX, Answer, AnswerRow
from schema.entries.linked import LazyEntry
from schema.entries.naming import EntryRef, named
from schema.fields import shown

if TYPE_CHECKING:
    from schema.evidence import Evidence

SomeEvidence = Annotated["Evidence", strawberry.lazy("schema.evidence")]


class _Answered:
    """An answer beside its vision, which finds its evidence and its links."""

    def __init__(self, vision: EntryRow, row: AnswerRow) -> None:
        self.vision, self.row = vision, row


def _own(name: str, description: str) -> Any:
    return shown(description, lambda answered, _: getattr(answered.row, name))


@strawberry.type(
    description="What a vision answers to one guiding question. A question without an answer is 'not yet'."
)
class VisionAnswer:
    """An answer."""

    question: str = _own("question", "The key of the question.")
    text: str = _own("text", "The answer in Markdown; may be empty.")
    html: str = shown(
        "The answer as safe HTML.",
        lambda answered, info: mentions.told(answered.vision, answered.row.text_html, info.context.viewer),
    )
    degree: int | None = _own("degree", "To what degree, from 1, not at all, to 7, entirely; null where none is given.")
    not_yet: bool = _own("not_yet", "Whether it says that there is no answer yet; the text says what it waits for.")
    customers_view: bool = _own("customers_view", "Whether it tells how customers see it, with evidence from them.")
    links: list[LazyEntry] = shown(
        "The entries that it points to, as far as the viewer may see them, by title.",
        lambda answered, info: reading.links_of(answered.row, info.context.viewer),
    )
    evidence: list[SomeEvidence] = shown(
        "The vision's evidence that was attached at this answer, the latest first.",
        lambda answered, info: placing.evidence_at(
            answered.vision, info.context.viewer, question=answered.row.question
        ),
    )


def answers_of(vision: EntryRow, viewer: Viewer) -> Sequence[_Answered]:
    """The answers of a vision, for colleagues."""
    return [_Answered(vision, row) for row in reading.answers_of(vision)] if viewer.is_inside else ()


def drafted_of(vision: EntryRow, viewer: Viewer) -> Sequence[_Answered]:
    """The answers of its newest revision, for colleagues who may read that."""
    latest = listing.latest_of(vision, viewer)
    if latest is None or not viewer.is_inside:
        return answers_of(vision, viewer)
    return [_Answered(vision, row) for row in reading.answers_in(latest)]


@strawberry.input(
    description="An answer to one guiding question, in place of the one that was there; without anything it takes that back."
)
class VisionAnswerInput:
    """Nested in the inputs of visions."""

    question: str = strawberry.field(description="The key of the question.")
    text: str | None = strawberry.field(description="The answer in Markdown, at most 4,000 characters.", default=None)
    degree: int | None = strawberry.field(description="From 1, not at all, to 7, entirely.", default=None)
    links: list[EntryRef] | None = strawberry.field(description="At most 10 entries that it points to.", default=None)
    not_yet: bool = strawberry.field(description="Whether there is no answer yet.", default=False)
    customers_view: bool = strawberry.field(
        description="Whether it tells how customers see it: to be published it needs evidence from them.", default=False
    )


def kept(session: Session, viewer: Viewer, answers: Sequence[VisionAnswerInput]) -> Mapping[str, Answer | None]:
    """Answers as `writing` takes them; refuses NOT_FOUND for what they point to and the viewer may not see."""
    return {f"{PREFIX}{each.question.strip()}": _kept(session, viewer, each) for each in answers}


def _kept(session: Session, viewer: Viewer, given: VisionAnswerInput) -> Answer | None:
    field = f"vision.answers.{given.question}"
    slugs = tuple(named(session, viewer, ref, field).slug for ref in given.links or ())
    return Answer(given.text or "", given.degree, given.not_yet, given.customers_view, slugs).stripped()
