"""Surveys as programs and people ask them: drawn up, asked, answered by a link, and never shown one by one where that was promised."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import Session

from frontend.asking import document
from knowledge import surveys
from knowledge.database import Database, Page
from knowledge.people import OPERATOR, Viewer
from knowledge.surveys import bank
from knowledge.words import Anonymity, InvitationKind, Role, SurveyAudience, SurveyMetric
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_link, a_response, a_survey, a_viewer, a_wave, agreed

ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])
CLOSED = Viewer(reads_public=False)
FORM = """query ($token: String!) { surveyForm(token: $token) {
  title known over answered questions { id metric text options lowest highest } answers { number text choices } } }"""
ANSWER = """mutation ($input: AnswerSurveyInput!) { answerSurvey(input: $input) {
  token editableUntil thanks errors { field code message } } }"""
READ = """query ($id: ID!) { survey(id: $id) { title state questions { key } waves {
  number kind invited { n } answered { n } token
  responses(first: 10) { totalCount nodes { customer { name } stage answers { number text choices } } } } } }"""
UPSERT = """mutation ($input: UpsertSurveyResponsesInput!) { upsertSurveyResponses(input: $input) {
  results { index created errors { field code } } errors { code } } }"""


def done(ask: Ask, name: str, viewer: Viewer, /, **input: Any) -> Mapping[str, Any]:
    type = {"openSurvey": "Survey", "closeSurvey": "Survey"}.get(name, name[0].upper() + name[1:])
    shown = "survey { id state questions { key aspect } }" if "Survey" in name else "wave { id number seed }"
    document = f"mutation ($input: {type}Input!) {{ {name}(input: $input) {{ {shown} errors {{ field code }} }} }}"
    answer: Mapping[str, Any] = ask.data(document, viewer, input=input)[name]
    return answer


def test_a_leader_takes_a_survey_of_the_bank_asks_and_reads_what_was_answered(database: Database, ask: Ask) -> None:
    def begin(session: Session) -> tuple[Viewer, Any]:
        customer = a_customer(session, name="Miramont")
        agreed(session, customer)
        return a_viewer(session, role=Role.LEADER), customer

    margit, customer = database.write(begin)

    drawn = done(ask, "createSurvey", margit, bank="attitudes", title="What we mean to you this year")["survey"]
    done(ask, "openSurvey", margit, id=drawn["id"])
    wave = done(ask, "openWave", margit, survey=drawn["id"], kind="RANDOM", seed=7)["wave"]
    invited = ask.data(
        "mutation ($input: InviteInput!) { invite(input: $input) { wave { invited { n } } reach { able { n } withheld { n } } } }",
        margit,
        input={"wave": wave["id"], "size": 5},
    )["invite"]
    with database.reading() as session:
        row = surveys.waves_of(surveys.listing(session, margit, Page()).rows[0])[0]
        token = a_link(session, row, customer=customer)
    form = ask.data(FORM, CLOSED, token=token)["surveyForm"]
    said = [{"question": form["questions"][0]["id"], "text": "It runs."}]
    answered = ask.data(ANSWER, CLOSED, input={"token": token, "answers": said})["answerSurvey"]
    again = ask.data(FORM, CLOSED, token=answered["token"])["surveyForm"]
    found = ask.data(READ, margit, id=drawn["id"])["survey"]

    assert [question["aspect"] for question in drawn["questions"]] == [
        "WHY_BUY",
        "HOW_USED",
        "OPINION",
        "WHY_US",
        "PERFORMANCE",
    ]
    assert (wave["number"], wave["seed"], invited["reach"]["able"]["n"]) == (1, 7, 1)
    assert (form["known"], form["answered"], again["answers"][0]["text"]) == (True, False, "It runs.")
    assert (answered["errors"], bool(answered["thanks"])) == ([], True)
    assert found["waves"][0]["answered"] == {"n": 1}
    assert found["waves"][0]["responses"]["nodes"] == [
        {
            "customer": {"name": "Miramont"},
            "stage": "SUSPECT",
            "answers": [{"number": None, "text": "It runs.", "choices": []}],
        }
    ]


@ON_SQLITE
@pytest.mark.parametrize("anonymity", [Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS])
def test_what_one_person_answered_unnamed_is_shown_to_nobody(
    database: Database, ask: Ask, anonymity: Anonymity
) -> None:
    def begin(session: Session) -> tuple[Viewer, str, str]:
        customer = a_customer(session)
        agreed(session, customer)
        text: surveys.Asked = {"metric": SurveyMetric.TEXT, "text": "Why?"}
        survey = a_survey(session, text, anonymity=anonymity)
        wave = a_wave(session, survey)
        surveys.invite(session, OPERATOR, wave.uid)
        token = a_response(session, a_link(session, wave, customer=customer), "A secret word.").token
        return a_viewer(session, role=Role.ADMIN), global_id(survey), token

    admin, id, token = database.write(begin)

    found = ask.data(READ, admin, id=id)["survey"]["waves"][0]

    assert (found["invited"], found["answered"]) == ({"n": 1}, {"n": None})
    assert found["responses"] == {"totalCount": 0, "nodes": []}
    assert ask.data("{ feedback { totalCount } }", admin)["feedback"]["totalCount"] == 0
    assert ask.data(FORM, CLOSED, token=token)["surveyForm"]["answers"][0]["text"] == "A secret word."


@ON_SQLITE
def test_customers_and_strangers_read_no_survey_but_by_their_link(database: Database, ask: Ask) -> None:
    def begin(session: Session) -> tuple[Viewer, Viewer, str, str]:
        customer = a_customer(session)
        agreed(session, customer)
        wave = a_wave(session, a_survey(session))
        surveys.invite(session, OPERATOR, wave.uid)
        rosa = a_viewer(session, role=Role.CUSTOMER, customer=customer)
        return rosa, a_viewer(session), global_id(wave), a_link(session, wave, customer=customer)

    rosa, ines, wave, token = database.write(begin)
    everything = "query ($id: ID!) { surveys { totalCount } surveyBank { key } node(id: $id) { id } }"
    due = "{ surveysDue { title token } }"

    for viewer in (rosa, Viewer()):
        assert ask.data(everything, viewer, id=wave) == {"surveys": {"totalCount": 0}, "surveyBank": [], "node": None}
    assert ask.data(everything, ines, id=wave)["surveys"]["totalCount"] == 1
    assert [each["token"] for each in ask.data(due, rosa)["surveysDue"]] == [token]
    assert ask.data(due, ines) == ask.data(due, Viewer()) == {"surveysDue": []}
    assert ask.data(FORM, CLOSED, token=token[:-1])["surveyForm"] is None
    for name, input in (("openWave", {"survey": wave, "kind": "SELF"}), ("endWave", {"id": wave})):
        assert [error["code"] for error in done(ask, name, rosa, **input)["errors"]] == ["NOT_FOUND"]


@ON_SQLITE
def test_what_is_hostile_is_refused_with_the_field_named(database: Database, ask: Ask) -> None:
    def begin(session: Session) -> str:
        asked: list[surveys.Asked] = [
            {"metric": SurveyMetric.RECOMMENDATION_0_10, "text": "Would you?"},
            {"metric": SurveyMetric.TEXT, "text": "Why?"},
            {"metric": SurveyMetric.SINGLE, "text": "Which?", "options": ["A", "B"]},
        ]
        return a_link(session, a_wave(session, a_survey(session, *asked), kind=InvitationKind.SELF))

    token = database.write(begin)
    ids = [question["id"] for question in ask.data(FORM, CLOSED, token=token)["surveyForm"]["questions"]]
    wrong = [
        {"question": ids[0], "number": 11},
        {"question": ids[1], "text": "x" * 4_001},
        {"question": ids[2], "choices": [1, 2]},
        {"question": ids[0], "number": 1},
        {"question": ids[2], "choices": [9]},
    ]

    found = ask.data(ANSWER, CLOSED, input={"token": token, "answers": wrong})["answerSurvey"]
    stray = ask.data(ANSWER, CLOSED, input={"token": "x", "answers": []})["answerSurvey"]
    nothing = ask.data(ANSWER, CLOSED, input={"token": token, "answers": [{"question": "nonsense"}]})["answerSurvey"]

    assert [error["field"] for error in found["errors"]] == [
        "answers[0].number",
        "answers[1].text",
        "answers[2].choices",
        "answers[3].question",
        "answers[4].question",
    ]
    assert [(error["field"], error["code"]) for error in stray["errors"]] == [("token", "NOT_FOUND")]
    assert [error["field"] for error in nothing["errors"]] == ["answers[0].question"]


def test_answers_of_another_system_come_in_once(database: Database, ask: Ask) -> None:
    def begin(session: Session) -> tuple[Viewer, str, str, str]:
        survey = a_survey(session, anonymity=Anonymity.IDENTIFIED)
        wave, customer = a_wave(session, survey), a_customer(session)
        (question,) = surveys.questions_of(survey)
        return a_viewer(session, role=Role.LEADER), global_id(wave), global_id(question), global_id(customer)

    margit, wave, question, customer = database.write(begin)

    def brought(number: int, key: str = "r-1") -> list[tuple[bool, list[str]]]:
        row = {"source": "tool", "externalId": key, "wave": wave, "customer": {"id": customer}}
        rows = [{**row, "answers": [{"question": question, "number": number}]}]
        results = ask.data(UPSERT, margit, input={"rows": rows})["upsertSurveyResponses"]["results"]
        return [(each["created"], [error["field"] for error in each["errors"]]) for each in results]

    assert brought(9) == [(True, [])]
    assert brought(9) == [(False, [])]
    assert brought(7) == [(False, [])]
    assert brought(11) == [(False, ["answers[0].number"])]
    assert brought(5, "r-2") == [(False, ["customer"])]


def test_the_bank_asks_six_questions_of_trust_unnamed_and_five_of_attitude() -> None:
    found = {each.key: each.said for each in bank.bank()}
    pulses = [found["trust-colleagues"], found["trust-customers"]]

    assert [len(said["questions"]) for said in pulses] == [4, 2]
    assert {said["anonymity"] for said in pulses} == {Anonymity.ANONYMOUS}
    assert [said["audience"] for said in pulses] == [SurveyAudience.INTERNAL, SurveyAudience.EXTERNAL]
    keys = [{question["key"] for question in said["questions"]} for said in pulses]
    assert keys[1] < keys[0]  # so that colleagues and customers are set beside one another
    assert len(found["attitudes"]["questions"]) == 5


@ON_SQLITE
def test_a_survey_with_many_waves_and_answers_costs_as_many_statements_as_one(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    def begin(session: Session) -> tuple[Viewer, str]:
        text: surveys.Asked = {"metric": SurveyMetric.TEXT, "text": "Why?"}
        several: surveys.Asked = {"metric": SurveyMetric.MULTI, "text": "Which?", "options": ["A", "B"]}
        survey = a_survey(session, text, several, anonymity=Anonymity.IDENTIFIED)
        for _ in range(4):
            token = a_link(session, a_wave(session, survey, kind=InvitationKind.SELF))
            for number in range(6):
                a_response(session, token, f"Words {number}.", (1, 2))
        for _ in range(5):
            a_survey(session)
        return a_viewer(session, role=Role.LEADER), global_id(survey)

    margit, id = database.write(begin)
    counts = []
    for name, variables in (("surveys/one", {"id": id}), ("surveys/surveys", {})):
        statements.clear()
        ask.data(document(name), margit, **variables)
        counts.append(len(statements))

    assert max(counts) <= 12, counts
