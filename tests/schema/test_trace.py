"""The vision traced down to its evidence, as a page and an integration read it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from frontend.asking import document
from knowledge import evidence
from knowledge.database import Database
from knowledge.entries import links
from knowledge.initiatives import planning
from knowledge.people import Viewer
from knowledge.vision import assumptions, reading
from knowledge.vision.answers import Answer
from knowledge.vision.questions import GuidingQuestion, Step, install
from knowledge.words import AnswerKind, AssumptionState, Audience, Kind, LinkKind, Role, Stance, VisionStep
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_draft, a_viewer, an_entry, some_feedback

STEPS = (VisionStep.CAPABILITIES, VisionStep.FLAWLESS_EXECUTION)


def _steps() -> Any:
    for number, step in enumerate(STEPS, 1):
        questions = [
            GuidingQuestion(step_id=number, place=place, key=f"{key}-{number}", text=key, answer=AnswerKind.TEXT)
            for place, key in enumerate(("met", "bare", "open"), 1)
        ]
        yield Step(id=number, key=step, title=step.lower(), why=""), questions


def a_chain(session: Session) -> Mapping[str, Viewer]:
    """A vision with two steps: the first is carried out down to what a customer said, of the second nothing is."""
    margit, customer = a_viewer(session, role=Role.LEADER), a_customer(session)
    install(session, list(_steps()))
    ring, swap = an_entry(session, margit, title="Ring"), an_entry(session, margit, title="Swap")
    an_entry(session, margit, title="Bare")
    evidence.attach(session, margit, ring, some_feedback(session, margit, customer=customer), Stance.SUPPORTS)
    answers = {"answers.met-1": Answer("We ring.", links=(ring.slug,)), "answers.bare-1": Answer("Nobody yet.")}
    coffee = an_entry(session, margit, kind=Kind.VISION, title="Coffee", detail=answers)
    desk = an_entry(session, margit, kind=Kind.INITIATIVE, title="Desk")
    an_entry(session, margit, kind=Kind.INITIATIVE, title="Alone")
    hidden = a_draft(session, margit, kind=Kind.INITIATIVE, title="Hidden")
    against = an_entry(session, margit, title="Against")
    for each in (desk, hidden):
        served: planning.Served = {"step": VisionStep.CAPABILITIES, "question": "met-1"}
        planning.plan(session, margit, each, {"vision": coffee, "steps": [served]})
    links.link(session, margit, desk, ring, LinkKind.SUPPORTS)
    links.link(session, margit, swap, desk, LinkKind.EXAMPLE_OF)
    links.link(session, margit, against, desk, LinkKind.CONTRADICTS)
    return {
        "margit": margit,
        "ines": a_viewer(session),
        "rosa": a_viewer(session, role=Role.CUSTOMER, customer=customer),
        "nobody": Viewer(),
    }


def refute(session: Session, margit: Viewer) -> None:
    coffee = reading.current(session, margit)
    assert coffee is not None
    taken: assumptions.Wanted = {"statement": "People ring back.", "step": VisionStep.CAPABILITIES}
    doubt = assumptions.add(session, margit, coffee, taken)
    assumptions.assess(session, margit, doubt.uid, AssumptionState.REFUTED, found="They do not.")


def lacks(place: Mapping[str, Any]) -> list[str]:
    return [gap["what"] for gap in place["missing"]]


def test_the_trace_leads_from_the_vision_to_what_a_customer_said_and_names_every_gap(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    who = database.write(a_chain)
    statements.clear()

    found = ask.data(document("vision/trace"), who["ines"])["visionTrace"]
    asked = len(statements)

    first, second = found["steps"]
    met, bare, unanswered = first["questions"]
    (desk,) = met["initiatives"]
    assert (found["vision"]["title"], met["answer"]["html"], lacks(met)) == ("Coffee", "<p>We ring.</p>", [])
    assert (desk["initiative"]["title"], lacks(desk), desk["shaken"]) == ("Desk", [], False)
    assert {each["practice"]["title"]: lacks(each) for each in desk["practices"]} == {"Ring": [], "Swap": ["EVIDENCE"]}
    assert [each["practice"]["evidence"]["voices"]["distinctVoices"] for each in met["practices"]] == [1]
    assert (lacks(bare), lacks(unanswered)) == (["INITIATIVE"], ["ANSWER", "INITIATIVE"])
    assert (lacks(first), lacks(second)) == ([], ["INITIATIVE"])
    assert [each["title"] for each in found["withoutVision"]] == ["Alone"]
    assert {each["title"] for each in found["withoutEvidence"]} == {"Swap", "Bare", "Against"}
    assert [each["key"] for each in found["withoutInitiative"]] == ["bare-1", "open-1", "met-2", "bare-2", "open-2"]
    assert all(gap["words"].endswith(".") for gap in (*bare["missing"], *second["missing"]))
    assert asked <= 12, statements


@ON_ONE_ENGINE
def test_v3_what_stands_on_a_refuted_assumption_is_marked_and_nobody_outside_reads_the_trace(
    database: Database, ask: Ask
) -> None:
    who = database.write(a_chain)

    database.write(lambda session: refute(session, who["margit"]))
    found = ask.data(document("vision/trace"), who["ines"])["visionTrace"]

    first, second = found["steps"]
    assert [each["statement"] for each in found["refuted"]] == ["People ring back."]
    assert (len(first["refuted"]), second["refuted"]) == (1, [])
    assert first["questions"][0]["initiatives"][0]["shaken"]
    assert found["vision"]["freshness"] == "CONTESTED"
    for name in ("rosa", "nobody"):
        assert ask.data("{ visionTrace { vision { title } } }", who[name])["visionTrace"] is None
    other = '{ visionTrace(vision: { slug: "ring" }) { vision { title } } }'
    assert ask.data(other, who["ines"])["visionTrace"] is None


def many(session: Session) -> Viewer:
    margit = a_chain(session)["margit"]
    coffee = reading.current(session, margit)
    for number in range(10):
        each = an_entry(session, margit, kind=Kind.INITIATIVE)
        served: planning.Served = {"step": STEPS[number % 2], "question": ""}
        planning.plan(session, margit, each, {"vision": coffee, "steps": [served]})
        practice = an_entry(session, margit, audience=Audience.PUBLIC)
        links.link(session, margit, practice, each, LinkKind.SUPPORTS)
        item = some_feedback(session, margit, customer=a_customer(session))
        evidence.attach(session, margit, practice, item, Stance.SUPPORTS)
    return margit


@ON_ONE_ENGINE
def test_ten_initiatives_cost_the_statements_of_one(database: Database, ask: Ask, statements: list[str]) -> None:
    viewer = database.write(many)
    statements.clear()

    found = ask.data(document("vision/trace"), viewer)["visionTrace"]

    assert [len(each["initiatives"]) for each in found["steps"]] == [5, 5]
    assert len(statements) <= 12, statements
