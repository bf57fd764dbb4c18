"""The vision in its own words, and the seven steps with their guiding questions."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

import strawberry

from knowledge import entries, vision
from knowledge.entries import listing, mentions, snapshots
from knowledge.people import Act
from knowledge.vision import (
    VisionRow,
    assumptions,
    commitments,
    communications,
    lacking,
    meanings,
    public_part,
    reading,
    versions,
)
from knowledge.vision.questions import questions_of
from schema.answers import VisionAnswer, VisionAnswerInput, answers_of, drafted_of
from schema.assumptions import Assumption
from schema.atomic import Payload, mutation, query
from schema.commitments import Communication, PersonalMeaning, Stakeholder
from schema.context import Info
from schema.entries.differences import Difference
from schema.entries.entry import Entry, Revision
from schema.entries.linked import told
from schema.entries.naming import EntryRef, named
from schema.entries.snapshots import Snapshot
from schema.estimates import Estimate, estimated
from schema.fields import asked, given, shown
from schema.words import AnswerKind, Audience, VisionStepKey

FromName = Annotated[
    str | None, strawberry.argument(name="from", description="The earlier one; what is published, or the one before.")
]
FromVersion = Annotated[int, strawberry.argument(description="The earlier version.", name="from")]
ToVersion = Annotated[int, strawberry.argument(description="The later version.")]
ToName = Annotated[str, strawberry.argument(description="The later one.")]


def _word(name: str, description: str) -> Any:
    return shown(description, lambda row, _: getattr(entries.detail_of(row, VisionRow), name))


def _html(name: str, description: str) -> Any:
    def found(row: Any, info: Any) -> str:
        return mentions.told(row, getattr(entries.detail_of(row, VisionRow), name), info.context.viewer)

    return shown(description, found)


def _difference_by_name(parent: strawberry.Parent[Any], info: Info, to: ToName, from_: FromName = None):  # type: ignore[no-untyped-def]
    return snapshots.difference(parent, info.context.viewer, from_, to)


def _difference_of_versions(  # type: ignore[no-untyped-def]
    parent: strawberry.Parent[Any], info: Info, from_: FromVersion, to: ToVersion
):
    return versions.difference(parent, info.context.viewer, from_, to)


def _for_viewer(of: Any) -> Any:
    return lambda row, info: of(row, info.context.viewer)


@strawberry.type(description="Where the company is going, what that means, and why.")
class Vision(Entry):
    """A vision."""

    statement: str = _word("statement", "The vision in a sentence.")
    horizon: str | None = _word("horizon", "By when.")
    what: str = _word("what", "What will be different, in Markdown.")
    why: str = _word("why", "Why, in Markdown.")
    what_html: str = _html("what_html", "What will be different, as safe HTML.")
    why_html: str = _html("why_html", "Why, as safe HTML.")
    version: int | None = shown(
        "How many times a vision in this entry has been published; null before the first.",
        lambda row, _: listing.version_of(row),
    )
    snapshots: list[Snapshot] = shown(
        "The revisions that were given a name, as far as the viewer may read them, the newest first.",
        lambda row, info: snapshots.of_entry(row, info.context.viewer),
    )

    difference_by_name: Difference | None = asked(
        "What changed from one revision to another, each by the name of its snapshot or by its number. "
        "Null where there is none such that the viewer may read.",
        _difference_by_name,
    )

    # What stands behind it; all of it for colleagues alone.
    answers: list[VisionAnswer] = shown(
        "What it answers to the guiding questions; a question that is not here is 'not yet'.", _for_viewer(answers_of)
    )
    drafted: list[VisionAnswer] = shown(
        "The answers of the newest revision that the viewer may read, published or not; what is edited starts from them.",
        _for_viewer(drafted_of),
    )
    gaps: list[str] = shown("What it still lacks, a sentence each.", _for_viewer(lacking.gaps))
    assumptions: list[Assumption] = shown(
        "What it takes for granted, the refuted first.", _for_viewer(assumptions.of_vision)
    )
    stakeholders: list[Stakeholder] = shown(
        "Who has a stake in it, those whom it cannot do without first.", _for_viewer(commitments.stakeholders_of)
    )
    commitment_coverage: Estimate = shown(
        "The share of the key stakeholders who stand behind the version that is out.",
        lambda row, info: estimated(commitments.coverage(row, info.context.viewer)),
    )
    my_meaning: PersonalMeaning | None = shown("What it means to the viewer.", _for_viewer(meanings.mine))
    meanings: list[PersonalMeaning] = shown(
        "What the version that is out means to groups and to colleagues, at most 100.",
        lambda row, info: meanings.of_vision(row, info.context.viewer)[: meanings.SHOWN],
    )
    meaning_coverage: Estimate = shown(
        "The share of all colleagues who said what the version that is out means to them.",
        lambda row, info: estimated(meanings.coverage(row, info.context.viewer)),
    )
    group_meaning_coverage: Estimate = shown(
        "The share of the functional groups of which somebody said what it means to the group.",
        lambda row, info: estimated(meanings.group_coverage(row, info.context.viewer)),
    )
    communications: list[Communication] = shown(
        "To whom it was told, the latest first.", _for_viewer(communications.of_vision)
    )
    public_part: Annotated["Vision", strawberry.lazy("schema.vision")] | None = shown(
        "The entry that says it to those outside, if the viewer may see one.", _for_viewer(reading.public_part_of)
    )
    part_of: Annotated["Vision", strawberry.lazy("schema.vision")] | None = shown(
        "The vision whose public part this is, if the viewer may see that.", _for_viewer(reading.whole_of)
    )
    versions: list[Revision] = shown(
        "The revisions that were published, as far as the viewer may read them, the newest first.",
        _for_viewer(versions.of_vision),
    )
    difference_of_versions: Difference | None = asked(
        "What changed from one published version to another. Null where there is none such that the viewer may read.",
        _difference_of_versions,
    )


@strawberry.type(description="A vision's own words in one revision.")
class VisionText:
    """The words as they were written."""

    statement: str = shown("The vision in a sentence.")
    horizon: str | None = shown("By when.")
    what: str = shown("What will be different, in Markdown.")
    why: str = shown("Why, in Markdown.")
    what_html: str = told("what_html", "What will be different, as safe HTML.")
    why_html: str = told("why_html", "Why, as safe HTML.")


@strawberry.input(description="A vision's own words; what is omitted stays as it is.")
class VisionInput:
    """Nested in the inputs of entries."""

    statement: strawberry.Maybe[str] = strawberry.field(description="The vision in a sentence, at most 500 characters.")
    horizon: strawberry.Maybe[str | None] = strawberry.field(description="By when, at most 100 characters.")
    what: strawberry.Maybe[str] = strawberry.field(description="What will be different, in Markdown.")
    why: strawberry.Maybe[str] = strawberry.field(description="Why, in Markdown.")
    answers: strawberry.Maybe[list[VisionAnswerInput]] = strawberry.field(
        description="Answers to guiding questions, at most 30; those that are not given stay as they are."
    )


@strawberry.type(description="A question that a vision answers, or says 'not yet' to.")
class GuidingQuestion:
    """One of the thirty."""

    key: str = shown("Its name among the thirty.")
    text: str = shown("The question.")
    answer: AnswerKind = shown("How it is answered.")
    help: str = shown("What a good answer contains.")


@strawberry.type(description="One of the seven steps from a vision to its execution.")
class VisionStep:
    """One of the seven."""

    key: VisionStepKey = shown("Which step it is.")
    title: str = shown("The step in a few words.")
    why: str = shown("Why it is taken.")
    questions: list[GuidingQuestion] = shown("Its guiding questions, in order.", lambda row, _: questions_of(row))


@query(
    "The vision: the latest published that the viewer may see; for those outside its public part.",
    Vision | None,
    needs=Act.ENTRIES_READ,
    name="vision",
)
def the_vision(info: Info) -> Any:
    return reading.current(info.context.session, info.context.viewer)


Step = Annotated[VisionStepKey | None, strawberry.argument(description="Only this one.")]


@query("The seven steps with their thirty guiding questions.", list[VisionStep], needs=Act.ENTRIES_READ)
def vision_steps(info: Info, step: Step = None) -> Any:
    found = vision.steps(info.context.session) if info.context.viewer.may(Act.ENTRIES_READ) else []
    return [row for row in found if step in (None, row.key)]


@strawberry.input(
    description="The public part of a vision: what it says to those outside, in words that are meant for them."
)
class WritePublicPartInput:
    """Input of writePublicPart."""

    vision: EntryRef = strawberry.field(description="The vision.")
    base_revision: int | None = strawberry.field(
        description="The number of the latest revision of the public part that this was written over, where there is one.",
        default=None,
    )
    audience: Audience | None = strawberry.field(
        description="CUSTOMERS or PUBLIC; CUSTOMERS unless given.", default=None
    )
    title: str | None = strawberry.field(description="Its title; that of the vision unless given.", default=None)
    summary: strawberry.Maybe[str | None] = strawberry.field(description="In at most 160 characters.")
    statement: str | None = strawberry.field(description="The vision in a sentence.", default=None)
    horizon: strawberry.Maybe[str | None] = strawberry.field(description="By when.")
    what: str | None = strawberry.field(description="What will be different for them, in Markdown.", default=None)
    why: str | None = strawberry.field(description="Why, in Markdown.", default=None)
    note: strawberry.Maybe[str | None] = strawberry.field(description="What changed and why, at most 300 characters.")


@strawberry.type(description="The public part of a vision.")
class PublicPartPayload(Payload):
    """Answer of writePublicPart."""

    part: Vision | None = strawberry.field(description="The public part as it is now.", default=None)


@mutation(
    "Write the public part of a vision, or a new revision of it: an entry of its own, which goes out once somebody other than its "
    "author has approved it. Nothing else of the vision is seen outside.",
    PublicPartPayload,
    needs=Act.VISION_WRITE,
)
def write_public_part(info: Info, input: WritePublicPartInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    whole = named(session, viewer, input.vision, "vision")
    said = cast(public_part.Said, given(input, but=("vision", "base_revision")))
    return {"part": public_part.write(session, viewer, whole, said, base_revision=input.base_revision)}


QUERIES = [the_vision, vision_steps]
MUTATIONS = [write_public_part]
