"""Surveys as lines: what is asked, each wave, who was asked, what was answered, and the figures that claims rest on."""

from collections.abc import Sequence

from knowledge.customers.segments import Segment
from knowledge.customers.touchpoints import Touchpoint
from knowledge.database import table_of
from knowledge.evidence import Evidence, SurveyResult
from knowledge.feedback.themes import Theme
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyOption, SurveyQuestion, Wave
from knowledge.transfer.lines import CUSTOMER, ENTRY, FEEDBACK, GROUP, PERSON, Lines, Plain, Target, To, plain

_MAIL = dict.fromkeys(
    ("mail_tries", "mail_due_at", "mail_failure"),
    "of the mail server of one installation, which alone sends the letter",
)
_SURVEY, _QUESTION, _OPTION = Target(Survey, "uid"), Target(SurveyQuestion, "uid"), Target(SurveyOption, "uid")
_WAVE, _RESPONSE, _ANSWER = Target(Wave, "uid"), Target(SurveyResponse, "uid"), Target(SurveyAnswer, "uid")
_RESULT = Target(SurveyResult, "uid")


def surveyed() -> Sequence[Lines]:
    """In the order in which one refers to the other."""
    return (*_asked(), *_answered(), *_rested_on())


def _asked() -> Sequence[Lines]:
    author = To("created_by_id", "by", PERSON)
    return (
        Lines(
            "survey",
            Survey,
            (
                *plain("uid", "title", "intro", "thanks", "language", "audience", "purpose", "anonymity", "state"),
                *plain("minimum_n", "population", "frame"),
                To("segment_id", "segment", Target(Segment, "name")),
                To("theme_id", "theme", Target(Theme, "key")),
                To("feedback_id", "feedback", FEEDBACK),
                To("touchpoint_id", "touchpoint", Target(Touchpoint, "name")),
                *plain("source", "external_id", "sample", "created_at"),
                author,
                Plain("updated_at"),
            ),
            key=("uid",),
            left_out={"version": "made anew where it is read"},
        ),
        Lines(
            "survey_question",
            SurveyQuestion,
            (
                Plain("uid"),
                To("survey_id", "survey", _SURVEY),
                *plain("position", "metric", "text", "key", "aspect", "required"),
            ),
            key=("uid",),
        ),
        Lines(
            "survey_option",
            SurveyOption,
            (Plain("uid"), To("question_id", "question", _QUESTION), *plain("position", "label")),
            key=("uid",),
        ),
        Lines(
            "wave",
            Wave,
            (
                Plain("uid"),
                To("survey_id", "survey", _SURVEY),
                *plain("number", "kind", "opens_at", "closes_at", "population", "seed", "created_at"),
                author,
            ),
            key=("uid",),
        ),
    )


def _answered() -> Sequence[Lines]:
    """Of what is anonymous the file says as little as the table."""
    customer, person = To("customer_id", "customer", CUSTOMER), To("person_id", "person", PERSON)
    wave, response = To("wave_id", "wave", _WAVE), To("response_id", "response", _RESPONSE)
    return (
        Lines(
            "invitation",
            Invitation,
            (Plain("uid"), wave, customer, person, *plain("kind", "answered", "created_at", "mail")),
            key=("uid",),
            left_out=_MAIL,
        ),
        Lines(
            "survey_response",
            SurveyResponse,
            (
                Plain("uid"),
                wave,
                customer,
                person,
                To("group_id", "group", GROUP),
                *plain("stage", "answered_at", "changed_at", "source", "external_id"),
            ),
            key=("uid",),
        ),
        Lines(
            "survey_answer",
            SurveyAnswer,
            (Plain("uid"), response, To("question_id", "question", _QUESTION), *plain("number", "text")),
            key=("uid",),
        ),
        Lines(
            "survey_choice",
            SurveyChoice,
            (To("answer_id", "answer", _ANSWER), To("option_id", "option", _OPTION)),
            order=("answer", "option"),
            key=("answer_id", "option_id"),
        ),
    )


def _rested_on() -> Sequence[Lines]:
    """Figures as they stood when somebody rested a claim on them, and what rests on them: all other evidence comes with its words."""
    return (
        Lines(
            "survey_result",
            SurveyResult,
            (
                Plain("uid"),
                To("question_id", "question", _QUESTION),
                To("wave_id", "wave", _WAVE),
                *plain("n", "value", "low", "high", "population", "basis", "method", "grade", "taken_at"),
                To("taken_by_id", "by", PERSON),
            ),
            key=("uid",),
        ),
        Lines(
            "evidence_result",
            Evidence,
            (
                Plain("uid"),
                To("entry_id", "entry", ENTRY),
                To("result_id", "result", _RESULT),
                *plain("stance", "weight", "created_at"),
                To("author_id", "author", PERSON),
            ),
            key=("uid",),
            left_out={
                **dict.fromkeys(("quote_start", "quote_end"), "a figure has no words"),
                **dict.fromkeys(
                    (
                        "feedback_id",
                        "interaction_id",
                        "cited_id",
                        "cited_revision_id",
                        "document_title",
                        "document_url",
                        "excerpt",
                    ),
                    "evidence from words is written with them, as lines of evidence",
                ),
            },
            those=table_of(Evidence).c.result_id.is_not(None),
        ),
    )
