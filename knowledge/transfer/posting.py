"""What is known of posts beside their words, as lines: whom questions ask, which answers were accepted, what was hidden and promoted."""

from collections.abc import Sequence

from knowledge.community.promotions import Promotion
from knowledge.community.questions import AcceptedAnswer, Addressee
from knowledge.entries.hiding import Hiding
from knowledge.transfer.lines import ENTRY, FEEDBACK, GROUP, PERSON, Lines, Plain, To
from knowledge.transfer.restorable import COMMENT


def posted() -> Sequence[Lines]:
    """The tables of posts that are no words."""
    entry, comment = To("entry_id", "entry", ENTRY), To("comment_id", "comment", COMMENT)
    return (
        Lines(
            "addressee",
            Addressee,
            (entry, To("person_id", "person", PERSON), To("group_id", "group", GROUP)),
            order=("entry",),
            key=("entry_id",),
        ),
        Lines(
            "accepted_answer",
            AcceptedAnswer,
            (entry, comment, To("accepted_by_id", "accepted_by", PERSON), Plain("accepted_at")),
            order=("entry",),
            key=("entry_id",),
        ),
        Lines(
            "hiding",
            Hiding,
            (entry, Plain("reason"), Plain("hidden_at"), To("hidden_by_id", "hidden_by", PERSON)),
            order=("entry",),
            key=("entry_id",),
        ),
        Lines(
            "promotion",
            Promotion,
            (
                Plain("uid"),
                entry,
                comment,
                To("feedback_id", "feedback", FEEDBACK),
                To("practice_id", "practice", ENTRY),
                To("person_id", "by", PERSON),
                Plain("created_at", "at"),
            ),
            key=("uid",),
        ),
    )
