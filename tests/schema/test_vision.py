"""The vision as an integration writes and reads it, and how much of it each reader is given."""

from typing import Any

from sqlmodel import Session

from frontend.asking import document
from knowledge.people import Viewer
from knowledge.vision.questions import GuidingQuestion, Step, install
from knowledge.words import AnswerKind, Role, VisionStep
from schema.nodes import global_id, id_of
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_group, a_viewer, an_entry, some_feedback

CREATE = """mutation ($answers: [VisionAnswerInput!]!) { createEntry(input: { kind: VISION, title: "Coffee", vision: {
  statement: "Coffee.", what: "No café waits.", why: "It is their living.", answers: $answers } }) {
  entry { id slug revision } errors { field code message } } }"""
PUBLISH = """mutation ($id: ID!) { publishEntry(input: { id: $id }) { errors { field code message } } }"""
UPDATE = """mutation ($id: ID!, $base: Int!, $vision: VisionInput!, $publish: Boolean!) { updateEntry(input: { id: $id,
  baseRevision: $base, vision: $vision, publish: $publish }) { entry { revision } errors { field code message }
  merge { clean fields { name shape yours theirs clashes { yours } } } } }"""
ATTACH = """mutation ($slug: String!, $said: ID!, $question: String, $assumption: ID) { attachEvidence(input: { entry: { slug: $slug },
  feedback: $said, stance: SUPPORTS, question: $question, assumption: $assumption }) { errors { field code } } }"""
BEHIND = """{ vision { slug title statement version freshness gaps
  answers { question text html degree notYet customersView links { slug } evidence { quote } }
  assumptions { statement state found due evidence { quote } } stakeholders { key person { name } commitments { version state } }
  commitmentCoverage { n value } meanings { text person { name } group { name } } myMeaning { text }
  meaningCoverage { n value population } communications { whom } versions { version note } publicPart { slug }
  differenceOfVersions(from: 1, to: 2) { fields { field parts { kind text } } } } }"""


PLACES: dict[str, dict[str, object]] = {
    "step": {"step": "CAPABILITIES", "guide": "step-capabilities"},
    "versions": {"from": 1, "to": 2, "comparing": True},
}


def did(ask: Ask, viewer: Viewer, act: str, given: str, answer: str = "vision { slug }") -> Any:
    found = ask.data(
        f"mutation {{ {act}(input: {{ {given} }}) {{ {answer} errors {{ field code message }} }} }}", viewer
    )
    return found[act]


def people(session: Session) -> dict[str, Viewer]:
    group = a_group(session)
    keys = ("why-they-return", "good-work-is-seen", "told-to-customers", "skills-to-learn")
    asked = [
        GuidingQuestion(step_id=1, place=place, key=key, text=key, answer=AnswerKind.TEXT)
        for place, key in enumerate(keys)
    ]
    install(session, [(Step(id=1, key=VisionStep.CAPABILITIES, title="Abilities", why=""), asked)])
    return {
        "margit": a_viewer(session, role=Role.LEADER, name="Margit", group=group),
        "tomas": a_viewer(session, role=Role.ADMIN),
        "ines": a_viewer(session, name="Ines", group=group),
        "rosa": a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session)),
    }


@ON_ONE_ENGINE
def test_a_vision_is_answered_tested_and_stood_behind(ask: Ask, statements: list[str]) -> None:
    database = ask.database
    who = database.write(people)
    margit, tomas, ines, rosa = who["margit"], who["tomas"], who["ines"], who["rosa"]
    said = database.write(lambda session: some_feedback(session, ines, customer=a_customer(session)))
    practice = database.write(lambda session: an_entry(session, ines))
    answers = [
        {
            "question": "why-they-return",
            "text": "They *ring* once.",
            "customersView": True,
            "links": [{"slug": practice.slug}],
        },
        {"question": "good-work-is-seen", "degree": 5},
        {"question": "told-to-customers", "notYet": True},
    ]

    vision = ask.data(CREATE, margit, answers=answers)["createEntry"]["entry"]
    here = f'vision: {{ slug: "{vision["slug"]}" }}'
    first = {"id": vision["id"], "base": 1, "publish": False}
    unheard = ask.data(PUBLISH, margit, id=vision["id"])["publishEntry"]["errors"]
    ask.data(ATTACH, margit, slug=vision["slug"], said=global_id(said), question="why-they-return")
    heard = ask.data(PUBLISH, margit, id=vision["id"])["publishEntry"]["errors"]
    taken = did(ask, margit, "addAssumption", f'{here} statement: "Cafés own machines."', "assumption { id version }")
    assumption = taken["assumption"]
    ask.data(ATTACH, ines, slug=vision["slug"], said=global_id(said), assumption=assumption["id"])
    found = 'state: REFUTED, found: "Half of them rent."'
    by_others = did(ask, ines, "assessAssumption", f'id: "{assumption["id"]}", {found}', "assumption { state }")
    unsaid = did(ask, margit, "assessAssumption", f'id: "{assumption["id"]}", state: REFUTED', "assumption { state }")
    did(ask, margit, "assessAssumption", f'id: "{assumption["id"]}", {found}', "assumption { state }")
    assert ines.uid is not None
    person = id_of("Person", ines.uid)
    stake = f'{here} person: "{person}", key: true'
    did(ask, margit, "addStakeholder", stake, "stakeholder { id }")
    did(ask, ines, "commitToVision", f'{here} state: COMMITTED, version: 1, statement: "Mondays."')
    did(ask, ines, "sayMeaning", f'{here} text: "I ring back."')
    did(ask, ines, "sayMeaning", f'{here} text: "We ring back.", forGroup: true')
    did(ask, ines, "recordCommunication", f'{here} whom: "Three cafés", how: "At the counter", audience: CUSTOMERS')

    # Two hands, in two browsers: each mends another answer, and then both the same one.
    one = {"answers": [{"question": "good-work-is-seen", "degree": 6}], "why": "It is their living, and ours."}
    two = {"answers": [{"question": "good-work-is-seen", "degree": 4}]}
    ask.data(UPDATE, margit, **first, vision=one)
    clash = ask.data(UPDATE, margit, **first, vision=two)["updateEntry"]
    apart = ask.data(
        UPDATE, margit, **first, vision={"answers": [{"question": "skills-to-learn", "text": "Descaling."}]}
    )
    again = ask.data(UPDATE, margit, id=vision["id"], base=2, publish=True, vision=two)["updateEntry"]
    late = did(ask, ines, "commitToVision", f"{here} version: 1")

    seen = ask.data(BEHIND, ines)["vision"]
    assert [each["field"] for each in unheard] == ["vision.answers.why-they-return"]  # [V2]
    assert heard == []
    assert [each["code"] for each in by_others["errors"]] == ["NOT_ALLOWED"]
    assert [each["field"] for each in unsaid["errors"]] == ["found"]
    assert [each["code"] for each in clash["errors"] + late["errors"]] == ["CONFLICT", "CONFLICT"]
    assert [each["name"] for each in clash["merge"]["fields"] if each["clashes"]] == ["vision.degree.good-work-is-seen"]
    assert apart["updateEntry"]["merge"]["clean"]
    assert again["errors"] == []
    assert {each["question"]: each["degree"] for each in seen["answers"]} == {
        "good-work-is-seen": 4, "told-to-customers": None, "why-they-return": None
    }  # fmt: skip
    (returning,) = (each for each in seen["answers"] if each["customersView"])
    assert (returning["html"], returning["links"]) == ("<p>They <em>ring</em> once.</p>", [{"slug": practice.slug}])
    assert [each["quote"] for each in returning["evidence"]] == [said.verbatim]
    assert [(each["state"], len(each["evidence"])) for each in seen["assumptions"]] == [("REFUTED", 1)]
    assert (seen["freshness"], seen["version"]) == ("CONTESTED", 2)
    assert "Nobody" not in " ".join(seen["gaps"])
    assert len(seen["gaps"]) == 3
    assert seen["stakeholders"] == [
        {"key": True, "person": {"name": "Ines"}, "commitments": [{"version": 1, "state": "COMMITTED"}]}
    ]
    assert (seen["commitmentCoverage"], seen["meanings"], seen["myMeaning"]) == ({"n": 1, "value": 0.0}, [], None)
    assert (seen["meaningCoverage"]["value"], seen["meaningCoverage"]["population"]) == (0.0, 3)
    assert [each["version"] for each in seen["versions"]] == [2, 1]
    changed = {each["field"] for each in seen["differenceOfVersions"]["fields"]}
    assert changed == {"vision.why", "vision.degree.good-work-is-seen"}
    assert seen["communications"] == [{"whom": "Three cafés"}]

    # Those outside are given the public part, once a second pair of eyes has approved it, and nothing else.
    part = f'{here} statement: "Coffee at opening time.", what: "Help by noon.", why: "You asked."'
    written = did(ask, margit, "writePublicPart", part, "part { id slug audience answers { text } }")["part"]
    alone = ask.data(PUBLISH, margit, id=written["id"])["publishEntry"]["errors"]
    before = ask.data(BEHIND, rosa)["vision"]
    did(ask, margit, "submitEntry", f'id: "{written["id"]}"', "entry { id }")
    approved = ask.data(PUBLISH, tomas, id=written["id"])["publishEntry"]["errors"]
    outside = ask.data(BEHIND, rosa)["vision"]
    assert [each["code"] for each in alone] == ["NOT_ALLOWED"]
    assert approved == []
    assert before is None
    assert (outside["slug"], outside["statement"]) == (written["slug"], "Coffee at opening time.")
    for name in ("gaps", "answers", "assumptions", "stakeholders", "meanings", "communications"):
        assert outside[name] == []
    assert outside["commitmentCoverage"]["n"] == outside["meaningCoverage"]["n"] == 0
    assert ask.data(BEHIND, ines)["vision"]["publicPart"] == {"slug": written["slug"]}
    assert ask.data(f'{{ entry(slug: "{vision["slug"]}") {{ id }} node(id: "{assumption["id"]}") {{ id }} }}', rosa) == {
        "entry": None, "node": None
    }  # fmt: skip
    leak = f'id: "{vision["id"]}", baseRevision: 3, audience: PUBLIC'
    assert [each["field"] for each in did(ask, margit, "updateEntry", leak, "entry { id }")["errors"]] == ["audience"]

    # Every page of it costs at most twelve statements, and a customer is shown none of them but the first.
    for page in ("vision", "step", "assumptions", "gaps", "behind", "versions", "public"):
        statements.clear()
        ask.data(document(f"vision/{page}"), margit, **{"slug": vision["slug"], **PLACES.get(page, {})})
        assert len(statements) <= (11 if page == "vision" else 12), (
            page,
            statements,
        )  # with progress there is one more
