"""Surveys as lines: what is asked, each wave, who was asked, and what was answered."""

from collections.abc import Sequence

from knowledge.customers.segments import Segment
from knowledge.customers.touchpoints import Touchpoint
from knowledge.feedback.themes import Theme
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyOption, SurveyQuestion, Wave
from knowledge.transfer.lines import CUSTOMER, FEEDBACK, GROUP, PERSON, Lines, Plain, Target, To, plain

_MAIL = dict.fromkeys(
    ("mail_tries", "mail_due_at", "mail_failure"),
    "of the mail server of one installation, which alone sends the letter",
)
_SURVEY, _QUESTION, _OPTION = Target(Survey, "uid"), Target(SurveyQuestion, "uid"), Target(SurveyOption, "uid")
_WAVE, _RESPONSE, _ANSWER = Target(Wave, "uid"), Target(SurveyResponse, "uid"), Target(SurveyAnswer, "uid")


def surveyed() -> Sequence[Lines]:
    """In the order in which one refers to the other."""
    return (*_asked(), *_answered())


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
