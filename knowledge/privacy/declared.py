"""What is personal, column by column: every text of every table is declared here, and a test fails for one that is not.

A new table says three things: whether its rows are a customer's (`OWNED`, or why not in `NOT_THEIRS`), which of its columns may name
somebody (`FREE`), and which are words of the product that name nobody (`PLAIN`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto


class Through(StrEnum):
    """What a row points to that makes it a customer's: themselves, what they said, its case, a meeting with them, a person who
    signs in for them, or what such a person said."""

    CUSTOMER = auto()
    FEEDBACK = auto()
    CASE = auto()
    PERSON = auto()
    SUGGESTION = auto()
    TOKEN = auto()
    RESPONSE = auto()
    INTERACTION = auto()


@dataclass(frozen=True, slots=True)
class Owned:
    """Rows of a table that are a customer's: the column that says so, and what erasing leaves of them.

    `empties` are columns that say nothing afterwards; with `goes` nothing is left at all.
    """

    table: str
    column: str
    through: Through
    empties: tuple[str, ...] = ()
    goes: bool = False


_KEYS = ("source", "external_id")

OWNED: tuple[Owned, ...] = (
    # What is kept of a customer.
    Owned("applicability", "customer_id", Through.CUSTOMER),
    Owned("customer_transaction", "customer_id", Through.CUSTOMER, _KEYS),
    Owned("advocacy", "customer_id", Through.CUSTOMER, ("note", *_KEYS)),
    Owned("consent", "customer_id", Through.CUSTOMER, ("note",)),
    Owned("look", "customer_id", Through.CUSTOMER),
    Owned("data_request", "customer_id", Through.CUSTOMER, ("note", "answer")),
    Owned("characteristic_value", "customer_id", Through.CUSTOMER, goes=True),
    Owned("partnership_plan", "customer_id", Through.CUSTOMER, goes=True),
    Owned("service_relationship", "customer_id", Through.CUSTOMER),
    Owned("stage_transition", "customer_id", Through.CUSTOMER, ("reason", "evidence")),
    Owned("interaction", "customer_id", Through.CUSTOMER, ("note", *_KEYS)),
    Owned("need_rating", "customer_id", Through.CUSTOMER),
    Owned("segment_membership", "customer_id", Through.CUSTOMER),
    Owned("outcome_record", "customer_id", Through.CUSTOMER, ("note",)),
    # What they said, and what came of it.
    Owned("feedback", "customer_id", Through.CUSTOMER, ("verbatim", "closing_note", *_KEYS)),
    Owned(
        "complaint_case",
        "feedback_id",
        Through.FEEDBACK,
        ("decision", "root_cause", "action_taken", "none_found"),
    ),
    Owned("complaint_step", "case_id", Through.CASE, ("note",)),
    Owned("claim_code", "feedback_id", Through.FEEDBACK, goes=True),
    Owned("evidence", "feedback_id", Through.FEEDBACK),
    Owned("evidence", "interaction_id", Through.INTERACTION),
    Owned("feedback_attribute", "feedback_id", Through.FEEDBACK),
    Owned("feedback_theme", "feedback_id", Through.FEEDBACK),
    Owned("notification", "feedback_id", Through.FEEDBACK),
    # What they were told, what they said to it, and what they were given.
    Owned("delivery", "customer_id", Through.CUSTOMER, ("mail_failure",)),
    Owned("loop_response_item", "feedback_id", Through.FEEDBACK),
    Owned("feedback_reply", "feedback_id", Through.FEEDBACK, ("text",)),
    Owned("feedback_reply", "customer_id", Through.CUSTOMER, ("text",)),
    Owned("feedback_reply", "person_id", Through.PERSON, ("text",)),
    Owned("reward", "feedback_id", Through.FEEDBACK),
    Owned("reward", "customer_id", Through.CUSTOMER, ("what",)),
    # What they were asked in surveys, and what they answered: the numbers stay, so that no score moves.
    Owned("invitation", "customer_id", Through.CUSTOMER, ("mail_failure",)),
    Owned("invitation", "person_id", Through.PERSON, ("mail_failure",)),
    Owned("survey_answer", "response_id", Through.RESPONSE, ("text",)),
    Owned("survey_response", "customer_id", Through.CUSTOMER, _KEYS),
    Owned("survey_response", "person_id", Through.PERSON, _KEYS),
    # The people who sign in for them, and what those said and chose.
    Owned("person", "customer_id", Through.CUSTOMER),
    Owned("api_token_scope", "token_id", Through.TOKEN, goes=True),
    Owned("api_token", "person_id", Through.PERSON, goes=True),
    Owned("sign_in", "person_id", Through.PERSON, goes=True),
    Owned("visit", "person_id", Through.PERSON, goes=True),
    Owned("follow", "person_id", Through.PERSON, goes=True),
    Owned("follow_preference", "person_id", Through.PERSON, goes=True),
    Owned("notification_off", "person_id", Through.PERSON, goes=True),
    Owned("notification", "person_id", Through.PERSON, goes=True),
    Owned("awaited", "person_id", Through.PERSON, goes=True),
    Owned("share_link", "author_id", Through.PERSON, goes=True),
    Owned("comment", "author_id", Through.PERSON, ("body", "body_html", "quote")),
    Owned("suggestion", "author_id", Through.PERSON, ("note",)),
    Owned("suggestion_part", "suggestion_id", Through.SUGGESTION, ("text", "before")),
    Owned("flag", "person_id", Through.PERSON, ("note",)),
    Owned("use", "person_id", Through.PERSON, ("note", "segment")),
    Owned("vote", "person_id", Through.PERSON),
    Owned("entry_reaction", "person_id", Through.PERSON),
    Owned("comment_reaction", "person_id", Through.PERSON),
    Owned("comment_mention", "person_id", Through.PERSON),
    # Thanks to them and from them, and the letters that they chose.
    Owned("appreciation", "customer_id", Through.CUSTOMER, goes=True),
    Owned("appreciation", "from_id", Through.PERSON, goes=True),
    Owned("appreciation", "person_id", Through.PERSON, goes=True),
    Owned("digest", "person_id", Through.PERSON, goes=True),
    Owned("digest_choice", "person_id", Through.PERSON, goes=True),
    # What they posted; what others made of it `posting` takes away.
    Owned("promotion", "feedback_id", Through.FEEDBACK),
    Owned(
        "revision", "author_id", Through.PERSON, ("title", "summary", "body", "body_html", "source", "licence", "note")
    ),
    Owned("entry", "author_id", Through.PERSON),
)
"""In the order in which they may go: what points to something goes before it."""

NOT_THEIRS: Mapping[str, str] = {
    "customer.parent_id": "of those who belong to them, and are others",
    "customer.merged_into_id": "records that became theirs are erased with them, each as what it is",
    "customer_merge.from_id": "which records became one; the records themselves are erased",
    "customer_merge.into_id": "which records became one; the records themselves are erased",
    "segment_node.customer_id": "a rule that names them finds nobody any more",
    "survey.feedback_id": "what colleagues ask others after somebody spoke",
    "feedback.duplicate_of_id": "of those who said it too, and are others",
}
"""Columns that point to a customer or to feedback and do not make the row theirs, and why."""

FREE: frozenset[str] = frozenset(
    f"{table}.{column}"
    for table, columns in {
        "functional_group": "name",
        "job": "subject failure",
        "offering": "name source external_id",
        "synonym": "word",
        "tag": "name slug description",
        "tag_redirect": "slug",
        "tag_synonym": "name",
        "customer": "name email source external_id",
        "customer_transaction": "source external_id",
        "delivery": "mail_failure",
        "feedback_reply": "text",
        "loop_response": "heard why",
        "reward": "what",
        "person": "name email handle",
        "advocacy": "note source external_id",
        "api_token": "name",
        "characteristic": "name description",
        "characteristic_value": "text",
        "consent": "note",
        "data_request": "note answer",
        "look": "fields",
        "entry": "slug contested_why successor_note",
        "feedback": "verbatim source external_id closing_note",
        "need": "statement why",
        "partnership_plan": "title goal",
        "segment": "name description",
        "segment_node": "text",
        "series": "slug title description",
        "series_redirect": "slug",
        "service_relationship": "step",
        "sign_in": "device",
        "slug_redirect": "slug",
        "stage_need": "action",
        "stage_transition": "reason evidence",
        "template": "intro",
        "template_part": "text",
        "theme": "name key description",
        "touchpoint": "name",
        "activity_value": "before after",
        "attachment": "name alt",
        "attachment_name": "name",
        "awaited": "query",
        "comment": "body body_html quote hidden_reason",
        "complaint_case": "decision root_cause action_taken none_found",
        "complaint_step": "note",
        "flag": "note settlement",
        "hiding": "reason",
        "follow": "search query filters name",
        "initiative": "changes_from changes_to trade_off",
        "insight": "claim",
        "interaction": "note source external_id",
        "mention": "slug",
        "outcome_record": "segment metric note source external_id",
        "past_search": "query",
        "practice": "problem when do say avoid measure problem_html when_html do_html say_html avoid_html measure_html",
        "progress_update": "summary next source external_id",
        "revision": "title summary body body_html source licence note",
        "searched": "query",
        "snapshot": "name note",
        "sought": "subject wording",
        "suggestion": "note reason",
        "suggestion_part": "before text",
        "evidence": "document_title document_url excerpt",
        "use": "segment note source external_id",
        "survey": "title intro thanks frame source external_id",
        "survey_question": "text key",
        "survey_option": "label",
        "survey_answer": "text",
        "survey_response": "source external_id",
        "invitation": "mail_failure",
        "vision": "statement horizon what why what_html why_html",
        "vision_answer": "text text_html",
        "vision_answer_link": "slug",
        "assumption": "statement test found",
        "stakeholder": "name",
        "commitment": "statement",
        "personal_meaning": "text",
        "communication": "whom how came_of_it",
        "appreciation": "text",
        "digest": "mail_failure",
        "notice": "text",
        "critical_issue": "title wanted outcome",
        "milestone": "title",
        "scope_change": "changes_from changes_to why",
    }.items()
    for column in columns.split()
)
"""Texts in which anybody may have named somebody: names are looked for there when a customer is exported or erased."""

OTHERS: frozenset[str] = frozenset({"customer.name", "customer.email", "person.name", "person.email", "person.handle"})
"""Of these what is called the same is somebody else: they keep their names, and the addresses by which they sign in."""

PLAIN: Mapping[str, str] = {
    "activity.verb": "a word of the product",
    "activity.type": "a word of the product",
    "activity.request_id": "a number of a request",
    "activity_value.field": "a word of the product, or a name that a steward gave",
    "api_token.digest": "a digest",
    "api_token.hint": "the last characters of a secret",
    "api_token_scope.scope": "a word of the product",
    "attachment.media_type": "a word of the web",
    "attachment.sha256": "a digest",
    "attachment_content.sha256": "a digest; the bytes themselves are looked through",
    "change.type": "a word of the product",
    "change.verb": "a word of the product",
    "claim_code.digest": "a digest",
    "comment.renderer": "a version",
    "complaint_case.reference": "a number",
    "customer_merge_row.place": "a table and a column",
    "customer_merge_row.key": "a number",
    "feedback.language": "a code",
    "guiding_question.key": "of the library",
    "guiding_question.text": "of the library",
    "guiding_question.help": "of the library",
    "job.kind": "a word of the product",
    "notification.about_type": "a word of the product",
    "person.password": "a digest; it goes with the account",
    "revision.language": "a code",
    "revision.renderer": "a version",
    "searched.month": "a month",
    "searched.person": "a digest that changes with the month",
    "share_link.digest": "a digest",
    "sign_in.digest": "a digest",
    "sign_in_failure.account": "a digest, gone after a quarter of an hour",
    "suggestion_part.field": "a word of the product",
    "template_part.field": "a word of the product",
    "survey.language": "a code",
    "vision_step.title": "of the library",
    "vision_step.why": "of the library",
    "vision_answer.question": "of the library",
    "vision_answer_link.question": "of the library",
    "vision_evidence.question": "of the library",
    "initiative_step.question": "of the library",
}
"""Texts that name nobody, and what they are instead."""
