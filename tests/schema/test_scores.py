from pathlib import Path

import pytest
from sqlmodel import Session

from frontend.asking import document
from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.search.embedded import EmbeddedIndex
from knowledge.surveys.survey import Survey
from knowledge.words import Anonymity, Role, SurveyAudience, SurveyMetric
from schema.nodes import id_of
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.asking import Ask
from tests.factories import a_customer, a_viewer, an_entry

SCORES = """{ scores { surveys { id title least waves { waits response { n value } } questions { text unit latest { score { n value low high
    grade } change { value method } changeWording } trend { score { n suppressed value } parts { label share { value } }
    cells(by: STAGE) { name score { n suppressed } } } } } pairs { key } trustAlongLoyalty { trust { text } } }
    loyaltyGrid { customers { n } } }"""
OWN = "query ($id: ID!) { customer(ref: { id: $id }) { name scores { question answer metric } } }"


@pytest.fixture
def world(sqlite: Database) -> Database:
    """Two surveys with three waves each, one of which is not over."""

    def asked(session: Session) -> None:
        named = a_scored_survey(
            session, SurveyMetric.RECOMMENDATION_0_10, SurveyMetric.SINGLE, options=("price", "people")
        )
        guests = [a_customer(session) for _ in range(12)]
        quiet = a_scored_survey(
            session, SurveyMetric.DEGREE_1_7, audience=SurveyAudience.INTERNAL, anonymity=Anonymity.ANONYMOUS
        )
        for days in (90, 50, 3):
            a_wave_of_answers(session, named, [9, 10, 8] * 4, [1, 2] * 6, by=guests, silent=3, days_ago=days)
            a_wave_of_answers(session, quiet, [5, 6, 4, 7] * 2, days_ago=days)

    sqlite.write(asked)
    return sqlite


def test_scores_are_told_to_colleagues_alone_each_with_what_it_can_carry(world: Database, tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "index")
    ask = Ask(world, index)
    eva = world.write(a_viewer)
    guest = world.write(lambda session: a_viewer(session, role=Role.CUSTOMER))

    seen = ask.data(SCORES, eva)
    for viewer in (guest, Viewer()):
        hidden = ask.data(SCORES, viewer)
        assert hidden["scores"] == {"surveys": [], "pairs": [], "trustAlongLoyalty": None}
        assert hidden["loyaltyGrid"] is None

    quiet, named = seen["scores"]["surveys"]
    assert [each["waits"] for each in quiet["waves"]] == [False, False, True]
    assert [each["score"]["suppressed"] for each in quiet["questions"][0]["trend"]] == [False, False, True]
    latest = named["questions"][0]["latest"]
    assert (latest["score"]["n"], latest["score"]["grade"], latest["changeWording"]) == (
        12,
        "C",
        "no evidence of change",
    )
    assert named["waves"][0]["response"] == {"n": 15, "value": 0.8}
    assert [part["share"]["value"] for part in named["questions"][1]["trend"][0]["parts"]] == [0.5, 0.5]
    index.close()


def test_what_a_customer_answered_by_name_is_on_their_page(database: Database, ask: Ask) -> None:
    def answered(session: Session) -> Viewer:
        guest = a_customer(session, name="Miramont")
        for anonymity in (Anonymity.IDENTIFIED, Anonymity.CONFIDENTIAL):
            survey = a_scored_survey(session, SurveyMetric.CSAT_1_5, anonymity=anonymity)
            a_wave_of_answers(session, survey, [4], by=[guest])
        return a_viewer(session)

    viewer = database.write(answered)
    (customer,) = ask.data("{ customers { nodes { id } } }", viewer)["customers"]["nodes"]

    found = ask.data(OWN, viewer, id=customer["id"])["customer"]

    assert found["scores"] == [{"question": "Question 1?", "answer": 4, "metric": "CSAT_1_5"}]


PAGES = ("scores/scores", "scores/tile", "scores/one", "scores/table", "scores/loyalty")


def test_each_page_of_scores_asks_the_database_at_most_twelve_times(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    def asked(session: Session) -> Viewer:
        for _ in range(3):
            survey = a_scored_survey(session, SurveyMetric.CSAT_1_5, SurveyMetric.MULTI, options=("a", "b"))
            for days in (90, 60, 30):
                a_wave_of_answers(session, survey, [5] * 6, [1] * 6, days_ago=days)
        return a_viewer(session)

    viewer = database.write(asked)
    id = ask.data("{ scores { surveys { id } } }", viewer)["scores"]["surveys"][0]["id"]
    variables = {
        "scores/one": {"id": id, "by": "SEGMENT", "cut": True},
        "scores/table": {"id": id},
    }

    for name in PAGES:
        statements.clear()
        ask.data(document(name), viewer, **variables.get(name, {}))
        assert len(statements) <= 12, (name, statements)


TAKE = """mutation($entry: String!, $question: ID!, $wave: Int) { attachEvidence(input: { entry: { slug: $entry }, stance: SUPPORTS,
    result: { question: $question, wave: $wave } }) { evidence { id question figure { n value suppressed } } errors { code field } } }"""


def test_a_claim_rests_on_a_figure_as_it_stood_and_never_on_one_that_is_hidden(
    sqlite: Database, index: EmbeddedIndex
) -> None:
    def asked(session: Session) -> tuple[Viewer, Survey]:
        survey = a_scored_survey(session, SurveyMetric.CSAT_1_5, anonymity=Anonymity.CONFIDENTIAL)
        a_wave_of_answers(session, survey, [5, 4, 5, 4, 1, 2], days_ago=60)
        a_wave_of_answers(session, survey, [5, 4], days_ago=30)
        ines = a_viewer(session)
        an_entry(session, ines, slug="valve")
        session.expunge(survey)
        return ines, survey

    ask, (ines, survey) = Ask(sqlite, index), sqlite.write(asked)
    board = ask.data(
        "query($id: ID!) { surveyScores(survey: $id) { questions { id } } }", ines, id=id_of("Survey", survey.uid)
    )
    question = board["surveyScores"]["questions"][0]["id"]

    first = ask.data(TAKE, ines, entry="valve", question=question)["attachEvidence"]
    again = ask.data(TAKE, ines, entry="valve", question=question, wave=1)["attachEvidence"]
    hidden = ask.data(TAKE, ines, entry="valve", question=question, wave=2)["attachEvidence"]
    sqlite.write(lambda session: a_wave_of_answers(session, session.merge(survey), [1] * 9, days_ago=20) and None)
    shown = ask.data('{ entry(slug: "valve") { evidence { items { figure { n value } } } } }', ines)["entry"]
    pot = sqlite.write(lambda session: a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session)))

    assert first["evidence"]["figure"] == {"n": 6, "value": pytest.approx(4 / 6), "suppressed": False}
    assert (first["evidence"]["id"], again["errors"]) == (again["evidence"]["id"], [])
    assert (hidden["evidence"], hidden["errors"]) == (None, [{"code": "INVALID", "field": "result"}])
    assert shown["evidence"]["items"] == [{"figure": {"n": 6, "value": pytest.approx(4 / 6)}}]
    assert ask.data(TAKE, pot, entry="valve", question=question)["attachEvidence"]["evidence"] is None
