"""What becomes of feedback, as lines: its qualities and themes, the cases of complaints, and how soon replies are due."""

from collections.abc import Sequence

from knowledge.feedback import FeedbackAttribute
from knowledge.feedback.complaints import ComplaintCase, ComplaintStep
from knowledge.feedback.dues import ReplyTime
from knowledge.feedback.themes import FeedbackTheme, Theme
from knowledge.transfer.lines import FEEDBACK, PERSON, Lines, Plain, Target, To, plain

THEME = Target(Theme, "key")
_HERE = dict.fromkeys(("uid", "version"), "made anew where it is read")


def seen_to() -> Sequence[Lines]:
    """In the order in which one refers to the other."""
    of_item = To("feedback_id", "feedback", FEEDBACK)
    return (
        Lines("feedback_attribute", FeedbackAttribute, (of_item, Plain("attribute")), key=("feedback_id", "attribute")),
        Lines(
            "complaint_case",
            ComplaintCase,
            (
                of_item,
                *plain("reference", "stage", "decision", "root_cause", "action_taken", "none_found"),
                *plain("opened_at", "acknowledged_at", "communicated_at", "closed_at", "updated_at"),
            ),
            key=("feedback_id",),
            left_out=_HERE,
        ),
        Lines(
            "complaint_step",
            ComplaintStep,
            (
                Plain("uid"),
                To("case_id", "case", Target(ComplaintCase, "reference")),
                *plain("from_stage", "to_stage", "note", "at"),
                To("actor_id", "actor", PERSON),
            ),
            key=("uid",),
        ),
        Lines(
            "theme",
            Theme,
            (*plain("name", "key", "description", "created_at", "updated_at"), To("created_by_id", "by", PERSON)),
            key=("key",),
            left_out=_HERE,
        ),
        Lines(
            "feedback_theme",
            FeedbackTheme,
            (of_item, To("theme_id", "theme", THEME), To("person_id", "person", PERSON), Plain("at")),
            key=("feedback_id", "theme_id"),
        ),
        Lines("reply_time", ReplyTime, plain("kind", "hours", "acknowledge_hours"), order=("kind",), key=("kind",)),
    )
