"""What customers were answered and told, as lines: answers, what these answer, deliveries, replies and rewards."""

from collections.abc import Sequence

from knowledge.feedback.themes import Theme
from knowledge.loop.replies import FeedbackReply
from knowledge.loop.responses import Delivery, LoopResponse, ResponseItem
from knowledge.loop.rewards import Reward
from knowledge.transfer.lines import CUSTOMER, ENTRY, FEEDBACK, GROUP, PERSON, Lines, Plain, Target, To, plain

_HERE = {"version": "made anew where it is read"}
_MAIL = dict.fromkeys(
    ("mail_tries", "mail_due_at", "mail_failure"),
    "of the mail server of one installation, which alone sends the letter",
)


def closed() -> Sequence[Lines]:
    """In the order in which one refers to the other."""
    answer = To("response_id", "answer", Target(LoopResponse, "uid"))
    return (
        Lines(
            "loop_response",
            LoopResponse,
            (
                *plain("uid", "loop", "state", "heard", "decision", "why", "audience"),
                To("theme_id", "theme", Target(Theme, "key")),
                To("insight_id", "insight", ENTRY),
                To("practice_id", "practice", ENTRY),
                To("initiative_id", "initiative", ENTRY),
                To("author_id", "author", PERSON),
                To("group_id", "group", GROUP),
                *plain("created_at", "updated_at", "published_at", "promised_by", "kept_at", "sample"),
            ),
            key=("uid",),
            left_out=_HERE,
        ),
        Lines(
            "loop_response_item",
            ResponseItem,
            (answer, To("feedback_id", "feedback", FEEDBACK), Plain("named")),
            key=("response_id", "feedback_id"),
        ),
        Lines(
            "delivery",
            Delivery,
            (
                Plain("uid"),
                answer,
                To("customer_id", "customer", CUSTOMER),
                *plain("channel", "asked", "made_at", "read_at", "mail", "mailed_at"),
            ),
            key=("response_id", "customer_id"),
            left_out=_MAIL,
        ),
        Lines(
            "feedback_reply",
            FeedbackReply,
            (
                Plain("uid"),
                To("feedback_id", "feedback", FEEDBACK),
                To("customer_id", "customer", CUSTOMER),
                To("person_id", "person", PERSON),
                *plain("text", "at"),
            ),
            key=("uid",),
        ),
        Lines(
            "reward",
            Reward,
            (
                Plain("uid"),
                To("customer_id", "customer", CUSTOMER),
                To("feedback_id", "feedback", FEEDBACK),
                *plain("what", "given_at"),
                To("given_by_id", "by", PERSON),
            ),
            key=("feedback_id",),
        ),
    )
