"""The story that the sample tells by its numbers: what helped, whom one hears too loudly, who was told, and which belief was wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontend import examples
from knowledge import people
from knowledge.database import Database
from knowledge.estimates import Caveat
from knowledge.feedback import rankings
from knowledge.people import OPERATOR
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.surveys import verifying
from knowledge.words import Loudness, SurveyPurpose
from tests.asking import Ask
from tests.conftest import fresh_sqlite


@pytest.fixture(scope="module")
def told(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("story")
    database = Database(fresh_sqlite(sample_template, folder))
    index = EmbeddedIndex(folder / "index")
    following.reconcile(database, index)
    yield Ask(database, index)
    index.close()
    database.close()


def test_the_first_by_messages_is_ninth_by_customers_and_the_valve_is_first(told: Ask) -> None:
    with told.database.reading() as session:
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
    with told.database.reading() as session:
        (check,) = verifying.checks(loudest.theme, OPERATOR)
    assert (check.survey.purpose, check.asked, check.result.n) == (SurveyPurpose.VERIFICATION, 110, 73)
    assert check.words == "0 of 73: fewer than 5 in 100 at 95 %."


def test_one_query_of_the_explorer_tells_the_whole_story(told: Ask) -> None:
    with told.database.reading() as session:
        margit = people.by_email(session, "margit@example.com")
    assert margit is not None
    example = examples.all_of_them()["story"]

    story: Any = told.data(example.document, people.viewer_for(margit), **json.loads(example.variables))

    (practice,) = story["search"]["nodes"]
    assert practice["title"].startswith("Third failure: replace first")
    assert practice["helpedInWords"] == "helped 6 of 7 (49 to 97 %); harmed 1; untested with first-time customers"
    evidence = practice["evidence"]
    assert [evidence[side]["distinctVoices"] for side in ("supporting", "contradicting")] == [8, 1]
    assert practice["uses"]["overall"]["harmed"]["n"] == 1
    (loudest,), (widest,) = story["loudest"]["themes"], story["widest"]["themes"]
    assert (loudest["theme"]["name"], loudest["byMessages"], loudest["byCustomers"]) == ("App sign-in", 1, 9)
    assert loudest["theme"]["checks"][0]["words"].startswith("0 of 73")
    assert (loudest["messages"]["n"], round(loudest["loudest"]["value"] * 32)) == (32, 29)
    assert (widest["theme"]["name"], widest["byCustomers"]) == ("Reaching the descaling valve", 1)
    assert (widest["prevalence"]["distinctVoices"], widest["prevalence"]["n"]) == (23, 180)
    (hotel,) = story["hotel"]["nodes"]
    assert (hotel["customer"]["name"], len(hotel["answers"])) == ("Grand Hotel Miramont", 1)
    (response,) = story["complaint"]["responses"]["nodes"]
    assert (story["complaint"]["customersTold"]["n"], response["deliveries"]["totalCount"]) == (23, 23)
    assert (response["initiative"]["title"], response["initiative"]["health"]) == ("Valve to the front", "AT_RISK")
    (reopened,) = story["reopened"]["nodes"]
    assert "still leaks" in reopened["replies"][0]["text"]
    assert len(story["visionTrace"]["refuted"]) == 1
    carried = [each for step in story["visionTrace"]["steps"] for each in step["initiatives"]]
    standing = {each["initiative"]["title"]: each["initiative"]["freshness"] for each in carried}
    assert story["visionTrace"]["vision"]["freshness"] == "CONTESTED"
    assert standing == {"Valve to the front": "CONTESTED", "A tested machine in every depot": "CONTESTED"}
    assert any(each["shaken"] for each in carried)
