"""What became of posts and comments: feedback, or the draft of a practice."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import people
from knowledge.community import comments, promoting, promotions
from knowledge.community.comments import CommentRow
from knowledge.database import Session, neighbours
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotFound
from knowledge.people import Act, Viewer
from schema.atomic import Payload, mutation
from schema.context import Info
from schema.entries.naming import EntryRef, named
from schema.fields import shown
from schema.nodes import id_of, uid_of
from schema.people import Person
from schema.words import FeedbackKind

if TYPE_CHECKING:
    from schema.community.comments import Comment
    from schema.entries.entry import Entry
    from schema.feedback import Feedback

AnEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]
AComment = Annotated["Comment", strawberry.lazy("schema.community.comments")]
SomeFeedback = Annotated["Feedback", strawberry.lazy("schema.feedback")]


@strawberry.type(description="That a post or a comment was taken up, and what it became.")
class Promotion:
    """A promotion."""

    post: AnEntry | None = shown(
        "The post, or the entry that the comment is on.",
        lambda row, info: promotions.post_of(row, info.context.viewer),
    )
    comment: AComment | None = shown(
        "The comment, where it was one.", lambda row, info: promotions.comment_of(row, info.context.viewer)
    )
    author: Person | None = shown(
        "Who wrote what was taken up.", lambda row, info: promotions.author_of(row, info.context.viewer)
    )
    feedback: SomeFeedback | None = shown(
        "What it became, where that is feedback.", lambda row, info: promotions.feedback_of(row, info.context.viewer)
    )
    practice: AnEntry | None = shown(
        "What it became, where that is a practice that the viewer may see.",
        lambda row, info: promotions.practice_of(row, info.context.viewer),
    )
    feedback_id: strawberry.ID | None = shown(
        "The id of the feedback, where it is listed with what was taken up: it costs less than the whole.",
        lambda row, _: id_of("Feedback", row.feedback_uid) if getattr(row, "feedback_uid", None) else None,
    )
    practice_slug: str | None = shown(
        "The practice's name in addresses, in the same case.", lambda row, _: getattr(row, "practice_slug", None)
    )
    practice_title: str | None = shown(
        "The practice's title, in the same case.", lambda row, _: getattr(row, "practice_title", None)
    )
    by: Person | None = shown(
        "Who took it up; for colleagues.",
        lambda row, info: neighbours(row, people.loaded, "person_id") if info.context.viewer.is_inside else None,
    )
    at: datetime = shown("When.", lambda row, _: row.created_at)


@strawberry.input(description="A post or a comment that is to become feedback: exactly one of the two.")
class PromoteToFeedbackInput:
    """Input of promoteToFeedback."""

    entry: EntryRef | None = strawberry.field(description="The post.", default=None)
    comment: strawberry.ID | None = strawberry.field(description="The comment.", default=None)
    kind: FeedbackKind | None = strawberry.field(
        description="What it is; what a post of its kind usually is unless given.", default=None
    )


@strawberry.input(description="A post or a comment that a practice is to begin with: exactly one of the two.")
class PromoteToPracticeInput:
    """Input of promoteToPractice."""

    entry: EntryRef | None = strawberry.field(description="The post.", default=None)
    comment: strawberry.ID | None = strawberry.field(description="The comment.", default=None)
    title: str = strawberry.field(description="What the practice is called, 1 to 200 characters.")


@strawberry.type(description="What a post or a comment became as feedback.")
class PromoteToFeedbackPayload(Payload):
    """Answer of promoteToFeedback."""

    feedback: SomeFeedback | None = strawberry.field(description="The feedback.", default=None)


@strawberry.type(description="The practice that begins with a post or a comment.")
class PromoteToPracticePayload(Payload):
    """Answer of promoteToPractice."""

    practice: AnEntry | None = strawberry.field(description="The draft.", default=None)


def _promoted(
    session: Session, viewer: Viewer, input: PromoteToFeedbackInput | PromoteToPracticeInput
) -> tuple[EntryRow, CommentRow | None]:
    if (input.entry is None) == (input.comment is None):
        raise Invalid("Name either a post or a comment.", "entry")
    if input.entry is not None:
        return named(session, viewer, input.entry, "entry"), None
    found = comments.by_uid(session, viewer, uid_of(input.comment or "", "Comment", "comment"))
    entry = comments.entry_of(found, viewer) if found is not None else None
    if found is None or entry is None:
        raise NotFound("There is no such comment.", "comment")
    return entry, found


@mutation(
    "Write down as feedback what somebody posted or said, word for word and from its author; doing it again answers what is there. "
    "Also needs feedback:read.",
    PromoteToFeedbackPayload,
    needs=Act.FEEDBACK_WRITE,
)
def promote_to_feedback(info: Info, input: PromoteToFeedbackInput) -> Mapping[str, Any]:
    session, viewer = info.context.session, info.context.viewer
    entry, comment = _promoted(session, viewer, input)
    return {"feedback": promoting.to_feedback(session, viewer, entry, comment, kind=input.kind)}


@mutation(
    "Begin a practice with what somebody posted or said: a draft that links to it. A customer's words become its evidence, which also "
    "needs feedback:write and feedback:read. Doing it again answers what is there.",
    PromoteToPracticePayload,
    needs=Act.ENTRIES_WRITE,
)
def promote_to_practice(info: Info, input: PromoteToPracticeInput) -> Mapping[str, Any]:
    session, viewer = info.context.session, info.context.viewer
    entry, comment = _promoted(session, viewer, input)
    return {"practice": promoting.to_practice(session, viewer, entry, comment, title=input.title)}


MUTATIONS = [promote_to_feedback, promote_to_practice]
