"""The vision in its own words, and the seven steps with their guiding questions."""

from typing import Annotated, Any

import strawberry

from knowledge import entries, vision
from knowledge.database import Page
from knowledge.entries import listing, mentions, snapshots
from knowledge.people import Act
from knowledge.vision import VisionRow
from knowledge.vision.questions import questions_of
from knowledge.words import Kind
from schema.atomic import query
from schema.context import Info
from schema.entries.differences import Difference
from schema.entries.entry import Entry
from schema.entries.linked import told
from schema.entries.snapshots import Snapshot
from schema.fields import asked, shown
from schema.words import AnswerKind, VisionStepKey

FromName = Annotated[
    str | None, strawberry.argument(name="from", description="The earlier one; what is published, or the one before.")
]
ToName = Annotated[str, strawberry.argument(description="The later one.")]


def _word(name: str, description: str) -> Any:
    return shown(description, lambda row, _: getattr(entries.detail_of(row, VisionRow), name))


def _html(name: str, description: str) -> Any:
    def found(row: Any, info: Any) -> str:
        return mentions.told(row, getattr(entries.detail_of(row, VisionRow), name), info.context.viewer)

    return shown(description, found)


def _difference_by_name(parent: strawberry.Parent[Any], info: Info, to: ToName, from_: FromName = None):  # type: ignore[no-untyped-def]
    return snapshots.difference(parent, info.context.viewer, from_, to)


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
    "The vision: the latest published that the viewer may see.", Vision | None, needs=Act.ENTRIES_READ, name="vision"
)
def the_vision(info: Info) -> Any:
    wanted = listing.Filter(kinds=(Kind.VISION,))
    found = listing.listing(
        info.context.session, info.context.viewer, Page(first=1), filter=wanted, sort=listing.Sort.PUBLISHED_DESC
    )
    return found.rows[0] if found.rows else None


@query("The seven steps with their thirty guiding questions.", list[VisionStep], needs=Act.ENTRIES_READ)
def vision_steps(info: Info) -> Any:
    return vision.steps(info.context.session) if info.context.viewer.may(Act.ENTRIES_READ) else []


QUERIES = [the_vision, vision_steps]
