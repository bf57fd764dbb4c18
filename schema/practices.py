"""Best practices: the six parts."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import entries, proof, standing
from knowledge.community import promotions
from knowledge.entries import EntryRow, mentions
from knowledge.practices import PracticeRow
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.linked import told
from schema.estimates import Estimate, estimated
from schema.fields import shown

if TYPE_CHECKING:
    from schema.community.promotions import Promotion


def _part(name: str, description: str) -> Any:
    return shown(description, lambda row, _: getattr(entries.detail_of(row, PracticeRow), name))


def _html(name: str, description: str) -> Any:
    def found(row: Any, info: Any) -> str:
        return mentions.told(row, getattr(entries.detail_of(row, PracticeRow), name), info.context.viewer)

    return shown(description, found)


def _helped(row: EntryRow, info: Info) -> proof.Helped:
    return proof.helped(row, info.context.viewer)


@strawberry.type(description="Something that worked, in six parts, ready to use while the customer is on the phone.")
class BestPractice(Entry):
    """A best practice."""

    helped: Estimate = shown(
        "Of the colleagues who tried it, the share whom it helped: of everybody the latest word, a use or an outcome. For colleagues.",
        lambda row, info: estimated(_helped(row, info).share),
    )
    helped_in_words: str | None = shown(
        "The same as a line, with those it is meant for and nobody has tried it with; null for those outside.",
        lambda row, info: proof.in_words(row, info.context.viewer) if info.context.viewer.is_inside else None,
    )
    problem: str = _part("problem", "Which problem it solves, in Markdown.")
    when: str = _part("when", "When it applies, in Markdown.")
    do: str = _part("do", "What to do, in Markdown.")
    say: str = _part("say", "Words to say, in Markdown.")
    avoid: str = _part("avoid", "What to leave alone, in Markdown.")
    measure: str = _part("measure", "How to see whether it helped, in Markdown.")
    problem_html: str = _html("problem_html", "Which problem it solves, as safe HTML.")
    when_html: str = _html("when_html", "When it applies, as safe HTML.")
    do_html: str = _html("do_html", "What to do, as safe HTML.")
    say_html: str = _html("say_html", "Words to say, as safe HTML.")
    avoid_html: str = _html("avoid_html", "What to leave alone, as safe HTML.")
    measure_html: str = _html("measure_html", "How to see whether it helped, as safe HTML.")
    promoted_from: Annotated["Promotion", strawberry.lazy("schema.community.promotions")] | None = shown(
        "The post or comment that it began with, where the viewer may see that.",
        lambda row, info: (
            promotions.behind(row, info.context.viewer)
            if standing.may_have(row, info.context.viewer, "promotions")
            else None
        ),
    )


@strawberry.type(description="The six parts of one revision of a best practice.")
class PracticeParts:
    """The parts as they were written."""

    problem: str = shown("Which problem it solves, in Markdown.")
    when: str = shown("When it applies, in Markdown.")
    do: str = shown("What to do, in Markdown.")
    say: str = shown("Words to say, in Markdown.")
    avoid: str = shown("What to leave alone, in Markdown.")
    measure: str = shown("How to see whether it helped, in Markdown.")
    problem_html: str = told("problem_html", "Which problem it solves, as safe HTML.")
    when_html: str = told("when_html", "When it applies, as safe HTML.")
    do_html: str = told("do_html", "What to do, as safe HTML.")
    say_html: str = told("say_html", "Words to say, as safe HTML.")
    avoid_html: str = told("avoid_html", "What to leave alone, as safe HTML.")
    measure_html: str = told("measure_html", "How to see whether it helped, as safe HTML.")


@strawberry.input(description="The six parts of a best practice, in Markdown; what is omitted stays as it is.")
class PracticeInput:
    """Nested in the inputs of entries."""

    problem: strawberry.Maybe[str] = strawberry.field(description="Which problem it solves; searched like the title.")
    when: strawberry.Maybe[str] = strawberry.field(description="When it applies.")
    do: strawberry.Maybe[str] = strawberry.field(description="What to do.")
    say: strawberry.Maybe[str] = strawberry.field(description="Words to say.")
    avoid: strawberry.Maybe[str] = strawberry.field(description="What to leave alone.")
    measure: strawberry.Maybe[str] = strawberry.field(description="How to see whether it helped.")
