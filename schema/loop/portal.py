"""What a customer sees and says of the loop: the answers to their own words, and their replies; by code for who stays unnamed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from knowledge import customers
from knowledge.loop import replies
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer
from schema.feedback import Feedback
from schema.nodes import uid_of


@query("The customer whom the viewer signs in for; null for everyone else.", Customer | None, needs=Act.FEEDBACK_TELL)
def portal(info: Info) -> Any:
    viewer = info.context.viewer
    return customers.by_ids(info.context.session, viewer, [viewer.customer_id]).get(viewer.customer_id)


@strawberry.input(description="What a customer replies to the answer to their own words.")
class ReplyInput:
    """Input of replyToAnswer."""

    feedback: strawberry.ID = strawberry.field(description="What they had said.")
    text: str = strawberry.field(description="What they say to the answer, at most 4,000 characters.")


@strawberry.type(description="What they had said, open again.")
class RepliedPayload(Payload):
    """Answer of replyToAnswer."""

    feedback: Feedback | None = strawberry.field(description="The item as it is now.", default=None)


@mutation(
    "Reply to the answer to one's own words: they are open again, and so is the case of a complaint. For customers who signed in "
    "themselves.",
    RepliedPayload,
    needs=Act.FEEDBACK_TELL,
)
def reply_to_answer(info: Info, input: ReplyInput) -> Mapping[str, object]:
    uid = uid_of(input.feedback, "Feedback", "feedback")
    return {"feedback": replies.reply(info.context.session, info.context.viewer, uid, input.text)}


@strawberry.input(description="What somebody who stays unnamed replies, by the code of their words.")
class ReplyByCodeInput:
    """Input of replyByCode."""

    code: str = strawberry.field(description="The code, however it is spaced.")
    text: str = strawberry.field(description="What they say to the answer, at most 4,000 characters.")


@strawberry.type(description="What they replied is kept.")
class ReplyByCodePayload(Payload):
    """Answer of replyByCode."""

    received_at: datetime | None = strawberry.field(description="When it was received.", default=None)


@mutation(
    "Reply by a code to the answer to words that were told unnamed: they are open again. Nothing of who replies is kept.",
    ReplyByCodePayload,
    needs=Act.FEEDBACK_TELL,
)
def reply_by_code(info: Info, input: ReplyByCodeInput) -> Mapping[str, object]:
    context = info.context
    if context.throttle is not None:
        context.throttle.pass_through(context.caller)
    item = replies.reply_by_code(context.session, context.viewer, input.code, input.text)
    return {"received_at": item.updated_at}


QUERIES = [portal]
MUTATIONS = [reply_to_answer, reply_by_code]
