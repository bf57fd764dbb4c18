"""The story that the sample tells by its numbers: the loudest theme is one hotel, and the valve is what most customers speak of."""

from knowledge.database import Database
from knowledge.estimates import Caveat
from knowledge.feedback import rankings
from knowledge.people import OPERATOR
from knowledge.surveys import verifying
from knowledge.words import Loudness, SurveyPurpose


def test_the_first_by_messages_is_ninth_by_customers_and_the_valve_is_first(storied: Database) -> None:
    with storied.reading() as session:
        by_messages = rankings.ranking(session, OPERATOR, by=Loudness.MESSAGES)
        by_customers = rankings.ranking(session, OPERATOR)

    loudest, widest = by_messages.themes[0], by_customers.themes[0]
    assert (loudest.theme.name, loudest.by_messages, loudest.by_customers) == ("App sign-in", 1, 9)
    assert (loudest.loud.voices.items, loudest.loud.voices.largest) == (32, 29)
    assert Caveat.DOMINATED in loudest.loud.voices.prevalence.warnings
    assert (widest.theme.name, widest.by_customers) == ("Reaching the descaling valve", 1)
    valve = widest.loud.voices.prevalence
    assert (valve.distinct_voices, valve.n, by_customers.heard.distinct_voices) == (23, 180, 180)
    assert (widest.loud.voices.is_pattern, loudest.loud.voices.is_pattern) == (True, False)
    with storied.reading() as session:
        (check,) = verifying.checks(loudest.theme, OPERATOR)
    assert (check.survey.purpose, check.asked, check.result.n) == (SurveyPurpose.VERIFICATION, 110, 73)
    assert check.words == "0 of 73: fewer than 5 in 100 at 95 %."
