"""A leader plans, launches and helps an initiative by GraphQL alone; its pages stay cheap, and a customer sees nothing of all that."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from frontend.asking import document
from knowledge import evidence
from knowledge.database import Database
from knowledge.initiatives import progress
from knowledge.people import Viewer
from knowledge.words import Audience, Health, InitiativeStatus, Kind, Role, Stance
from schema.nodes import global_id, id_of
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_group, a_survey, a_viewer, an_entry, some_feedback

SLUGS = ("first", "second", "third", "fourth")
PLANNED = {
    "status": InitiativeStatus.PLANNED,
    "reach": 40,
    "impact": 3,
    "effort": 6.0,
    "planned_completion": date(2027, 1, 1),
}


def a_firm(session: Session) -> dict[str, Any]:
    margit, ines = a_viewer(session, role=Role.LEADER), a_viewer(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    aim = an_entry(session, margit, kind=Kind.VISION, slug="aim")
    found = an_entry(session, margit, kind=Kind.BEST_PRACTICE)
    for slug in SLUGS:
        entry = an_entry(session, margit, kind=Kind.INITIATIVE, slug=slug, audience=Audience.CUSTOMERS, detail=PLANNED)
        evidence.attach(
            session, margit, entry, some_feedback(session, ines, customer=a_customer(session)), Stance.SUPPORTS
        )
        evidence.attach(session, margit, entry, found, Stance.SUPPORTS)
        progress.post(session, margit, entry, Health.AT_RISK, "Three seals leak.")
    group = a_group(session)
    survey = a_survey(session)
    from knowledge.surveys import reading

    return {
        "margit": margit, "ines": ines, "rosa": rosa, "aim": aim, "group": id_of("FunctionalGroup", group.uid),
        "question": global_id(reading.questions_of(survey)[0]), "ines_id": id_of("Person", ines.uid or aim.uid),
    }  # fmt: skip


def mutate(ask: Ask, viewer: Viewer, name: str, answer: str, **input: Any) -> Any:
    kind = f"{name[0].upper()}{name[1:]}Input"
    source = f"mutation M($input: {kind}!) {{ done: {name}(input: $input) {{ {answer} errors {{ field message }} }} }}"
    return ask.data(source, viewer, input=input)["done"]


PAGES: dict[str, dict[str, bool]] = {
    "initiatives/plan": {},
    "initiatives/planning": {},
    "initiatives/worth": {},
    "initiatives/scores": {"choosing": False},
}


@ON_ONE_ENGINE
def test_an_initiative_is_planned_launched_and_helped_and_its_pages_stay_cheap(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    firm = database.write(a_firm)
    margit, ines = firm["margit"], firm["ines"]
    for slug in SLUGS:
        served = [{"step": "CAPABILITIES"}, {"step": "FLAWLESS_EXECUTION"}]
        capacity = [{"group": firm["group"], "percent": 60}]
        which = {"initiative": {"slug": slug}}
        plan = {"sponsor": firm["ines_id"], "vision": {"slug": "aim"}, "serves": served, "capacity": capacity}
        told = mutate(ask, margit, "planInitiative", "warnings", **which, **plan)
        assert told["errors"] == []
        assert bool(told["warnings"]) == (slug != "first")
        made = mutate(ask, margit, "addMilestone", "milestone { id version }", **which, title="Done", due="2026-12-01")
        assert mutate(ask, margit, "reachMilestone", "milestone { doneOn }", id=made["milestone"]["id"])["milestone"][
            "doneOn"
        ]
        mutate(
            ask, margit, "changeScope", "change { to }", **which, **{"from": "A kit", "to": "Some kits", "why": "Time."}
        )
        mutate(ask, margit, "measureInitiative", "initiative { id }", **which, questions=[firm["question"]])
        raised = mutate(ask, ines, "raiseIssue", "issue { id state }", **which, title="It leaks", severity="HIGH")
        taken = mutate(ask, ines, "takeOnIssue", "issue { state owner { name } }", id=raised["issue"]["id"])
        assert taken["issue"]["state"] == "MITIGATING"
        launched = mutate(
            ask, margit, "moveInitiative", "initiative { initiativeStatus moves }", **which, status="LAUNCHED"
        )
        assert launched["initiative"] == {
            "initiativeStatus": "LAUNCHED",
            "moves": ["COMPLETED", "ON_HOLD", "CANCELLED"],
        }

    statements.clear()
    board = ask.data(document("initiatives/initiatives"), margit, filter={}, sort="PRIORITY_DESC")
    assert len(board["initiatives"]["nodes"]) == 4
    assert board["initiatives"]["nodes"][0]["priority"]["score"] == pytest.approx(4.0)
    assert (board["initiativeCapacity"][0]["running"], board["initiativeCapacity"][0]["over"]) == (240, True)
    assert len(statements) <= 12, [each[:90] for each in statements]
    for name, more in PAGES.items():
        statements.clear()
        page = ask.data(document(name), margit, slug="first", **more)
        assert page["entry"]["moves"]
        assert len(statements) <= 12, (name, [each[:90] for each in statements])
    assert len(ask.data("{ issuesWaiting { title initiative { slug } } }", ines)["issuesWaiting"]) == 4


SECRET = """{ entry(slug: "first") { title difference(to: 1) { fields { field } }
... on Initiative { initiativeStatus tradeOff contribution reach impact effort cadenceDays
progressOverdue progressDue priority { score } moves progressAudiences sponsor { name } serves { step } capacity { percent }
milestones { title } scopeChanges { to } issues { title } openIssues { title } mayRaiseIssue measures { text } latestProgress { summary }
progress { nodes { summary } } } } initiativeCapacity { running } issuesWaiting { title } }"""


@ON_ONE_ENGINE
def test_a_customer_sees_how_it_stands_for_them_and_nothing_of_the_plan(database: Database, ask: Ask) -> None:
    firm = database.write(a_firm)
    which = {"initiative": {"slug": "first"}}
    mutate(ask, firm["ines"], "raiseIssue", "issue { id }", **which, title="It leaks", severity="LOW")
    said = mutate(
        ask, firm["margit"], "postProgress", "offersHelp progress { audience }",
        **which, health="OFF_TRACK", summary="Four weeks later.", audience="CUSTOMERS",
    )  # fmt: skip

    seen = ask.data(SECRET, firm["rosa"])

    assert said == {"offersHelp": True, "progress": {"audience": "CUSTOMERS"}, "errors": []}
    assert seen.pop("initiativeCapacity") == seen.pop("issuesWaiting") == []
    entry = seen["entry"]
    changed = {each["field"] for each in entry.pop("difference")["fields"]}
    assert "initiative.plannedCompletion" in changed
    assert not changed & {"initiative.reach", "initiative.impact", "initiative.effort"}
    assert {entry.pop("title") != "", entry.pop("initiativeStatus")} == {True, "PLANNED"}
    assert entry.pop("latestProgress") == {"summary": "Four weeks later."}
    assert entry.pop("progress") == {"nodes": [{"summary": "Four weeks later."}]}
    assert {name: value for name, value in entry.items() if value} == {}

    asked = '{ entry(slug: "first") { ... on Initiative { health latestProgress { summary } } } }'
    told = ask.data(asked, firm["rosa"])["entry"]
    mutate(ask, firm["margit"], "postProgress", "offersHelp", **which, health="AT_RISK", summary="Among us.")
    after = ask.data(asked, firm["rosa"])["entry"]

    assert told == {"health": "OFF_TRACK", "latestProgress": {"summary": "Four weeks later."}}
    assert after == {**told, "health": None}  # an older colour holds no longer, and which one does is among colleagues
