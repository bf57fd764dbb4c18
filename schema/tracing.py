"""The vision traced down to its evidence: step, question, initiative, practice, evidence, and what is missing at each link."""

from typing import Annotated, Any

import strawberry

from knowledge.people import Act
from knowledge.vision import tracing
from schema.answers import VisionAnswer, answers_of
from schema.assumptions import Assumption
from schema.atomic import query
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.naming import EntryRef, named
from schema.fields import shown
from schema.initiatives import Initiative
from schema.missing import Missing
from schema.vision import GuidingQuestion, Vision, VisionStep

Of = Annotated[
    EntryRef | None, strawberry.argument(description="Which vision; the one that stands unless one is named.")
]


def _answer(traced: tracing.TracedQuestion, info: Info) -> Any:
    given = answers_of(traced.vision, info.context.viewer)
    return next((each for each in given if each.row.question == traced.question.key), None)


@strawberry.type(description="A practice in the trace; what it weighs is its own `evidence`.")
class TracedPractice:
    """A practice."""

    practice: Entry = shown("The practice.")
    missing: list[Missing] = shown("What is missing here.")


@strawberry.type(description="An initiative in the trace, with the practices that it rests on or brings about.")
class TracedInitiative:
    """An initiative."""

    initiative: Initiative = shown("The initiative.")
    practices: list[TracedPractice] = shown(
        "The practices that it links to or that link to it, whatever the link but one that contradicts."
    )
    shaken: bool = shown("Whether an assumption above it has been refuted.")
    missing: list[Missing] = shown("What is missing here.")


@strawberry.type(description="A guiding question in the trace.")
class TracedQuestion:
    """A question."""

    question: GuidingQuestion = shown("The question.")
    answer: VisionAnswer | None = shown("What the vision answers; null where nobody has answered.", _answer)
    initiatives: list[TracedInitiative] = shown("The initiatives that serve it, or to which its answer points.")
    practices: list[TracedPractice] = shown("The practices to which its answer points.")
    missing: list[Missing] = shown("What is missing here.")


@strawberry.type(description="A step in the trace.")
class TracedStep:
    """A step."""

    step: VisionStep = shown("The step.")
    refuted: list[Assumption] = shown("The assumptions that carry it and have been refuted.")
    questions: list[TracedQuestion] = shown("Its guiding questions, in their order.")
    initiatives: list[TracedInitiative] = shown("The initiatives that serve it as a whole.")
    missing: list[Missing] = shown("What is missing here.")


@strawberry.type(
    description="The chain from the vision to its evidence, for colleagues: vision, step, question, initiative, practice, evidence."
)
class VisionTrace:
    """The chain, and what hangs in the air beside it."""

    vision: Vision | None = shown("The vision; null where none has been published.")
    steps: list[TracedStep] = shown("The seven steps, in their order; none without a vision.")
    refuted: list[Assumption] = shown(
        "All assumptions of the vision that have been refuted: what stands on them is marked."
    )
    astray: list[TracedInitiative] = shown(
        "Initiatives that carry the vision out and name neither a step nor a question."
    )
    without_vision: list[Initiative] = shown("Published initiatives that carry out no vision; at most 20.")
    without_evidence: list[Entry] = shown("Published practices that nothing speaks for yet; at most 20.")
    without_initiative: list[GuidingQuestion] = shown("Questions that no initiative carries out.")


@query(
    "The vision traced down to its evidence, with what is missing at each link; null for whoever does not work here.",
    VisionTrace | None,
    needs=Act.ENTRIES_READ,
)
def vision_trace(info: Info, vision: Of = None) -> Any:
    session, viewer = info.context.session, info.context.viewer
    return tracing.trace(session, viewer, named(session, viewer, vision, "vision") if vision is not None else None)


QUERIES = [vision_trace]
