"""Posts by colleagues and customers in one space: lists of them, writing them, questions and their answers, and moderation."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from knowledge.community import asking, posts
from knowledge.database import Page
from knowledge.entries import hiding
from knowledge.people import Act
from schema.atomic import mutation, query
from schema.community.asking import QuestionInput, whom
from schema.context import Info
from schema.entries.writing import EntryInput, EntryPayload
from schema.fields import After, Before, First, Last
from schema.kinds import Post
from schema.nodes import uid_of
from schema.paging import Connection
from schema.words import Audience, Kind, Teller


@strawberry.input(description="Which posts are wanted; what is left out does not matter.")
class PostFilter:
    """Filter of posts."""

    kinds: list[Kind] | None = strawberry.field(
        description="Any of these kinds, of stories, ideas, questions and lessons.", default=None
    )
    by: Teller | None = strawberry.field(description="Whose they are.", default=None)
    waiting: bool = strawberry.field(
        description="Only questions that wait for an answer, what has waited longest first.", default=False
    )
    asked_of_me: bool = strawberry.field(description="Only questions to the viewer or to their group.", default=False)


Wanted = Annotated[PostFilter | None, strawberry.argument(description="Which posts.")]


@query(
    "Stories, ideas, questions and lessons that are published, the newest first.",
    Connection[Post],
    needs=Act.ENTRIES_READ,
    name="posts",
)
def all_posts(
    info: Info,
    filter: Wanted = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page, asked = Page(first, after, last, before), filter or PostFilter()
    kinds = tuple(asked.kinds) if asked.kinds is not None else hiding.POSTS
    wanted = posts.Filter(kinds, asked.by, asked.waiting, asked.asked_of_me)
    return posts.listing(info.context.session, info.context.viewer, page, wanted)


@strawberry.input(description="Something to tell, to try or to ask.")
class CreatePostInput:
    """Input of createPost."""

    kind: Kind = strawberry.field(description="STORY, IDEA or QUESTION; colleagues also LESSON.")
    title: str = strawberry.field(description="The title, or the question; 1 to 200 characters.")
    body: str = strawberry.field(description="The text in Markdown; a question may do without.", default="")
    audience: Audience | None = strawberry.field(
        description="Who may read it; EMPLOYEES unless given, and CUSTOMERS where a customer writes.",
        default=None,
    )
    language: str | None = strawberry.field(description="The language's code; en unless given.", default=None)
    question: QuestionInput | None = strawberry.field(description="Whom a question asks; for colleagues.", default=None)


@strawberry.input(description="Other words for a post of one's own.")
class UpdatePostInput:
    """Input of updatePost."""

    id: strawberry.ID = strawberry.field(description="The post.")
    base_revision: int = strawberry.field(description="The number of the latest revision that this was written over.")
    title: str = strawberry.field(description="The title, 1 to 200 characters.")
    body: str = strawberry.field(description="The text in Markdown.")


@strawberry.input(description="A post that is to be hidden, and why.")
class HidePostInput:
    """Input of hidePost."""

    id: strawberry.ID = strawberry.field(description="The post.")
    reason: str = strawberry.field(description="Why, at most 300 characters; its author reads it.")


@strawberry.input(description="The comment that answers a question.")
class AcceptAnswerInput:
    """Input of acceptAnswer."""

    comment: strawberry.ID = strawberry.field(description="The comment.")


@mutation(
    "Write for the community. It is out at once where nothing has to be approved, else it waits for somebody who curates.",
    EntryPayload,
    needs=Act.COMMUNITY_WRITE,
)
def create_post(info: Info, input: CreatePostInput) -> Mapping[str, Any]:
    asked = whom(input.question) if input.question is not None else None
    said: Any = {"title": input.title, "body": input.body, "audience": input.audience, "language": input.language}
    return {"entry": posts.post(info.context.session, info.context.viewer, input.kind, **said, whom=asked)}


@mutation(
    "Find other words for a post of one's own, as a customer; colleagues use updateEntry. Readers have the former words until the "
    "new ones are approved.",
    EntryPayload,
    needs=Act.COMMUNITY_WRITE,
)
def update_post(info: Info, input: UpdatePostInput) -> Mapping[str, Any]:
    session, viewer, uid = info.context.session, info.context.viewer, uid_of(input.id, "Entry")
    row = posts.mend(session, viewer, uid, base=input.base_revision, title=input.title, body=input.body)
    return {"entry": row}


@mutation(
    "Hide a post from all but its author and those who curate. Also needs entries:curate.",
    EntryPayload,
    needs=Act.COMMUNITY_WRITE,
)
def hide_post(info: Info, input: HidePostInput) -> Mapping[str, Any]:
    session, viewer = info.context.session, info.context.viewer
    return {"entry": hiding.hide(session, viewer, uid_of(input.id, "Entry"), input.reason)}


@mutation("Show a hidden post again. Also needs entries:curate.", EntryPayload, needs=Act.COMMUNITY_WRITE)
def unhide_post(info: Info, input: EntryInput) -> Mapping[str, Any]:
    return {"entry": hiding.unhide(info.context.session, info.context.viewer, uid_of(input.id, "Entry"))}


@mutation(
    "Say which comment answers a question: whoever asked it, and those who curate. It takes the place of another one.",
    EntryPayload,
    needs=Act.COMMUNITY_WRITE,
)
def accept_answer(info: Info, input: AcceptAnswerInput) -> Mapping[str, Any]:
    uid = uid_of(input.comment, "Comment", "comment")
    return {"entry": asking.accept(info.context.session, info.context.viewer, uid)}


@mutation("Say that a question is not answered after all; the same people.", EntryPayload, needs=Act.COMMUNITY_WRITE)
def unaccept_answer(info: Info, input: EntryInput) -> Mapping[str, Any]:
    return {"entry": asking.unaccept(info.context.session, info.context.viewer, uid_of(input.id, "Entry"))}


QUERIES = [all_posts]
MUTATIONS = [create_post, update_post, hide_post, unhide_post, accept_answer, unaccept_answer]
