"""The open ear: anybody who may tells something, and asks by their code what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import strawberry

from knowledge.feedback import spam, telling
from knowledge.feedback.telling import Told
from knowledge.loop import replies, responses
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.fields import given
from schema.words import CaseStage, Decision, FeedbackKind, FeedbackStatus, Sentiment


@query(
    "What a form to tell something brings back: a time that is signed. Null for those who may not tell anything.",
    str | None,
    needs=Act.FEEDBACK_TELL,
)
def tell_token(info: Info) -> Any:
    return spam.issued(info.context.secret) if info.context.viewer.may(Act.FEEDBACK_TELL) else None


@strawberry.input(description="What somebody tells. Only the words and the token are needed.")
class TellInput:
    """Input of tell."""

    verbatim: str = strawberry.field(description="Their words, at most 20,000 characters.")
    token: str = strawberry.field(description="What tellToken answered, at least three seconds and at most a day ago.")
    kind: strawberry.Maybe[FeedbackKind | None] = strawberry.field(
        description="What it is. A complaint gets a reference at once."
    )
    sentiment: strawberry.Maybe[Sentiment | None] = strawberry.field(description="How they feel, as they say.")
    language: strawberry.Maybe[str | None] = strawberry.field(description="The language's code.")
    safety: strawberry.Maybe[bool] = strawberry.field(description="Whether somebody could get hurt.")
    anonymous: strawberry.Maybe[bool] = strawberry.field(
        description="Whether they stay unnamed; strangers do. Nothing of who they are is then kept."
    )
    website: strawberry.Maybe[str | None] = strawberry.field(description="Left empty by people; machines fill it in.")


@strawberry.type(description="What was told is kept.")
class TellPayload(Payload):
    """Answer of tell."""

    reference: str | None = strawberry.field(description="Of a complaint, its reference.", default=None)
    code: str | None = strawberry.field(
        description="For whoever stays unnamed: by this they alone learn what came of it. It is shown once.",
        default=None,
    )
    received_at: datetime | None = strawberry.field(description="When it was received.", default=None)


@strawberry.input(description="The code that was shown when something was told.")
class ClaimFeedbackInput:
    """Input of claimFeedback."""

    code: str = strawberry.field(description="The code, however it is spaced.")


@strawberry.type(description="An answer to anonymous words, as their author reads it.")
class ClaimedAnswer:
    """An answer."""

    heard: str = strawberry.field(description="What was heard.")
    decision: Decision = strawberry.field(description="What was decided.")
    why: str = strawberry.field(description="Why; empty where nothing is said of it.")
    at: datetime = strawberry.field(description="When it was told.")


@strawberry.type(description="What the author replied.")
class ClaimedReply:
    """A reply."""

    text: str = strawberry.field(description="Their words.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type(description="What came of anonymous words, as their author may know it.")
class ClaimedFeedback:
    """What the code opens."""

    verbatim: str = strawberry.field(description="Their words.")
    received_at: datetime = strawberry.field(description="When they were received.")
    status: FeedbackStatus = strawberry.field(description="Where it is on its way to an answer.")
    reference: str | None = strawberry.field(description="Of a complaint, its reference.")
    stage: CaseStage | None = strawberry.field(description="Of a complaint, where it is.")
    decision: str | None = strawberry.field(description="Of a complaint, what was decided, once it may be told.")
    answers: list[ClaimedAnswer] = strawberry.field(description="What was answered, the first first.")
    replies: list[ClaimedReply] = strawberry.field(description="What the author replied, the first first.")


@strawberry.type(description="What a code opens.")
class ClaimPayload(Payload):
    """Answer of claimFeedback."""

    claimed: ClaimedFeedback | None = strawberry.field(description="What came of it.", default=None)


@mutation(
    "Tell the company something, by name or unnamed; for customers, colleagues and, if the installation allows, strangers.",
    TellPayload,
    needs=Act.FEEDBACK_TELL,
)
def tell(info: Info, input: TellInput) -> Mapping[str, object]:
    context, said = info.context, given(input, but=("token", "website"))
    website = input.website.value if input.website is not None else None
    spam.check(context.secret, input.token, website or "")
    if context.throttle is not None:
        context.throttle.pass_through(context.caller)
    told = telling.tell(context.session, context.viewer, cast(Told, said))
    reference = told.case.reference if told.case is not None else None
    return {"reference": reference, "code": told.code, "received_at": told.item.received_at}


@mutation(
    "Ask by a code what came of something that was told unnamed. It changes nothing, and is a mutation so that the code stands in no "
    "address.",
    ClaimPayload,
    needs=Act.FEEDBACK_TELL,
)
def claim_feedback(info: Info, input: ClaimFeedbackInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    found, item = telling.claimed(session, viewer, input.code), telling.claimed_item(session, viewer, input.code)
    fields = ("verbatim", "received_at", "status", "reference", "stage", "decision")
    answers = [
        ClaimedAnswer(heard=row.heard, decision=row.decision, why=row.why, at=row.published_at)
        for row in responses.to_author(item)
        if row.published_at is not None
    ]
    said = [ClaimedReply(text=row.text, at=row.at) for row in replies.of_item(item)]
    whole = ClaimedFeedback(**{name: getattr(found, name) for name in fields}, answers=answers, replies=said)
    return {"claimed": whole}


QUERIES = [tell_token]
MUTATIONS = [tell, claim_feedback]
