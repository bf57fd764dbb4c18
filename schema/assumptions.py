"""What a vision takes for granted, how that is tested, and what was found."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from knowledge.people import Act
from knowledge.vision import assumptions, placing
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.fields import given, shown
from schema.nodes import Node, uid_of
from schema.people import Person
from schema.words import AssumptionDomain, AssumptionState, VisionStepKey

if TYPE_CHECKING:
    from schema.evidence import Evidence
    from schema.vision import Vision

LazyVision = Annotated["Vision", strawberry.lazy("schema.vision")]
SomeEvidence = Annotated["Evidence", strawberry.lazy("schema.evidence")]


def _evidence(row: Any, info: Info) -> Any:
    vision = assumptions.vision_of(row, info.context.viewer)
    return placing.evidence_at(vision, info.context.viewer, assumption=row) if vision is not None else ()


@strawberry.type(description="Something that a vision takes for granted about the world outside; for colleagues.")
class Assumption(Node):
    """An assumption."""

    vision: LazyVision | None = shown(
        "The vision that rests on it.", lambda row, info: assumptions.vision_of(row, info.context.viewer)
    )
    statement: str = shown("What is taken for granted.")
    domain: AssumptionDomain = shown("What it is about.")
    state: AssumptionState = shown("How far it has been tested.")
    test: str = shown("How it is tested, and the sign that would prove it wrong; may be empty.")
    found: str = shown("What was found; may be empty.")
    step: VisionStepKey | None = shown("The step of the vision that it carries; null for all of it.")
    owner: Person | None = shown("Who looks after it.", lambda row, _: assumptions.owner_of(row))
    review_by: date | None = shown("By which day it is to be looked at again.")
    due: bool = shown("Whether that day is over.", lambda row, _: row.is_due)
    settled_at: datetime | None = shown("When it was found to hold or not to hold.")
    updated_at: datetime = shown("When anything of it changed last.")
    version: int = shown("Counts its changes; name it when you change it, and nobody's words are lost.")
    evidence: list[SomeEvidence] = shown("The vision's evidence that was attached at it, the latest first.", _evidence)
    assessable: bool = shown(
        "Whether the viewer may say how far it has been tested.",
        lambda row, info: assumptions.may_assess(row, info.context.viewer),
    )


@strawberry.type(description="An assumption that was written down or judged.")
class AssumptionPayload(Payload):
    """Answer of addAssumption, updateAssumption and assessAssumption."""

    assumption: Assumption | None = strawberry.field(description="The assumption as it is now.", default=None)


@strawberry.input(description="Something that a vision takes for granted.")
class AddAssumptionInput:
    """Input of addAssumption."""

    vision: EntryRef = strawberry.field(description="The vision.")
    statement: str = strawberry.field(description="What is taken for granted, 1 to 500 characters.")
    domain: AssumptionDomain | None = strawberry.field(description="OTHER unless given.", default=None)
    test: str | None = strawberry.field(
        description="How it is tested, and the sign that would prove it wrong, at most 1,000 characters.", default=None
    )
    step: VisionStepKey | None = strawberry.field(description="The step that it carries.", default=None)
    owner: strawberry.ID | None = strawberry.field(description="The colleague who looks after it.", default=None)
    review_by: date | None = strawberry.field(description="By which day it is looked at again.", default=None)


@strawberry.input(description="An assumption said anew; what is omitted stays as it is, null clears.")
class UpdateAssumptionInput:
    """Input of updateAssumption."""

    id: strawberry.ID = strawberry.field(description="The assumption.")
    version: int | None = strawberry.field(
        description="The version that was read; another one is a CONFLICT. Whatever is there unless given.",
        default=None,
    )
    statement: strawberry.Maybe[str] = strawberry.field(description="What is taken for granted, 1 to 500 characters.")
    domain: strawberry.Maybe[AssumptionDomain] = strawberry.field(description="What it is about.")
    test: strawberry.Maybe[str | None] = strawberry.field(description="How it is tested, at most 1,000 characters.")
    step: strawberry.Maybe[VisionStepKey | None] = strawberry.field(description="The step that it carries.")
    owner: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="The colleague who looks after it.")
    review_by: strawberry.Maybe[date | None] = strawberry.field(description="By which day it is looked at again.")


@strawberry.input(description="How far an assumption has been tested.")
class AssessAssumptionInput:
    """Input of assessAssumption."""

    id: strawberry.ID = strawberry.field(description="The assumption.")
    state: AssumptionState = strawberry.field(description="How far it has been tested.")
    found: str | None = strawberry.field(
        description="What was found, at most 1,000 characters; SUPPORTED and REFUTED need it.", default=None
    )


def _wanted(input: Any, *but: str) -> assumptions.Wanted:
    found = given(input, but=but)
    if found.get("owner") is not None:
        found["owner"] = uid_of(found["owner"], "Person", "owner")
    return cast(assumptions.Wanted, found)


@mutation(
    "Write down something that a vision takes for granted: whoever may edit the vision.",
    AssumptionPayload,
    needs=Act.VISION_WRITE,
)
def add_assumption(info: Info, input: AddAssumptionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    vision = named(session, viewer, input.vision, "vision")
    return {"assumption": assumptions.add(session, viewer, vision, _wanted(input, "vision"))}


@mutation("Say an assumption anew: whoever may edit the vision.", AssumptionPayload, needs=Act.VISION_WRITE)
def update_assumption(info: Info, input: UpdateAssumptionInput) -> Mapping[str, object]:
    uid, wanted = uid_of(input.id, "Assumption"), _wanted(input, "id", "version")
    changed = assumptions.update(info.context.session, info.context.viewer, uid, wanted, version=input.version)
    return {"assumption": changed}


@mutation(
    "Say how far an assumption has been tested: who looks after it, and whoever may edit the vision. Refuting it contests the vision "
    "and the published initiatives that carry it out, at once; they stay contested until somebody verifies them.",
    AssumptionPayload,
    needs=Act.ENTRIES_WRITE,
)
def assess_assumption(info: Info, input: AssessAssumptionInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Assumption")
    judged = assumptions.assess(info.context.session, info.context.viewer, uid, input.state, found=input.found or "")
    return {"assumption": judged}


MUTATIONS = [add_assumption, update_assumption, assess_assumption]
