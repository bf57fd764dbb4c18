"""The kinds of entry that have little but what all share: what people write for the community, notes and guides."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import standing
from knowledge.community import echoing, posts, promotions, questions
from knowledge.entries import hiding
from schema.context import Info
from schema.entries.entry import Entry
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.people import FunctionalGroup, Person
from schema.words import AnswerState

if TYPE_CHECKING:
    from schema.community.comments import Comment
    from schema.community.promotions import Promotion

APromotion = Annotated["Promotion", strawberry.lazy("schema.community.promotions")]
AComment = Annotated["Comment", strawberry.lazy("schema.community.comments")]


def _hidden(row: Any, info: Info) -> str | None:
    found = hiding.of(row, info.context.viewer)
    return found.reason if found is not None else None


def _voices(row: Any, info: Info) -> Estimate | None:
    found = echoing.voices_of(row, info.context.viewer)
    return estimated(found) if found is not None else None


@strawberry.interface(description="What people write for the community, colleagues and customers alike.")
class Post(Entry):
    """A story, an idea, a question or a lesson."""

    voices: Estimate | None = shown(
        "How many distinct customers wrote it or say the same; null for those who may not read what customers said.",
        _voices,
    )
    promotions: list[APromotion] = shown(
        "What it became, as far as the viewer may see that.",
        lambda row, info: (
            promotions.of(row, info.context.viewer) if standing.may_have(row, info.context.viewer, "promotions") else []
        ),
    )
    hidden_reason: str | None = shown("Why it is hidden, for its author and for those who curate.", _hidden)
    mendable: bool = shown(
        "Whether the viewer, a customer, may find other words for it by updatePost.",
        lambda row, info: posts.may_mend(row, info.context.viewer),
    )


@strawberry.type(description="Something that happened.")
class Story(Post):
    """A story."""


@strawberry.type(description="Something to try.")
class Idea(Post):
    """An idea."""


@strawberry.type(description="Something somebody wants to know.")
class Question(Post):
    """A question."""

    asked_person: Person | None = shown(
        "The colleague whom it asks; for colleagues.", lambda row, info: questions.person_of(row, info.context.viewer)
    )
    asked_group: FunctionalGroup | None = shown(
        "The group that it asks; for colleagues.", lambda row, info: questions.group_of(row, info.context.viewer)
    )
    asked_name: str | None = shown(
        "What the colleague or the group is called whom it asks; for colleagues.",
        lambda row, info: questions.name_of(row, info.context.viewer),
    )
    answer_state: AnswerState = shown(
        "How far it has come, as far as the viewer may know.",
        lambda row, info: questions.state_of(row, info.context.viewer),
    )
    waiting_since: datetime | None = shown(
        "Since when it waits for an answer; null where it does not.",
        lambda row, info: questions.waiting_since(row, info.context.viewer),
    )
    waiting_days: int | None = shown(
        "For how many days it has waited; null where it does not.",
        lambda row, info: questions.waiting_days(row, info.context.viewer),
    )
    answer: AComment | None = shown(
        "The answer that was accepted.", lambda row, info: questions.answer_of(row, info.context.viewer)
    )


@strawberry.type(description="What a product must do, for every group of its users.")
class Requirements(Entry):
    """A requirements note."""


@strawberry.type(description="A mistake worth telling.")
class Lesson(Post):
    """A lesson."""


@strawberry.type(description="How something is done.")
class Guide(Entry):
    """A guide."""
