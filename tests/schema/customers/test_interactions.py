from typing import Any

import pytest
from sqlmodel import Session

from knowledge.customers import interactions
from knowledge.database import Database, Page
from knowledge.people import OPERATOR, Viewer
from knowledge.words import GroupKind, Phase, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_group, a_touchpoint, a_viewer, an_interaction, some_feedback

LOG = "mutation ($input: LogInteractionInput!) { logInteraction(input: $input) { interaction { id } errors { field code message } } }"


def fifty_customers(session: Session) -> Viewer:
    viewer = a_viewer(session)
    places = [a_touchpoint(session) for _ in range(3)]
    for number in range(50):
        customer = a_customer(session)
        for place in places:
            an_interaction(session, viewer, customer, at=place, positive=number % 2 == 0)
        some_feedback(session, viewer, customer=customer)
    return viewer


def test_fifty_customers_with_stage_last_interaction_and_open_feedback_cost_at_most_six_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(fifty_customers)
    statements.clear()

    found = ask.data(
        """{ customers(first: 50) { nodes { name stage
             lastInteraction { at note touchpoint { name phase } person { name } }
             openFeedback(first: 3) { nodes { verbatim } } } } }""",
        viewer,
    )["customers"]["nodes"]

    assert len(found) == 50
    assert all(node["lastInteraction"]["touchpoint"] and node["openFeedback"]["nodes"] for node in found)
    assert len(statements) <= 6


@pytest.mark.parametrize("kind", GroupKind)
def test_w1_employees_of_every_function_log_and_read_interactions(session: Session, kind: GroupKind) -> None:
    viewer = a_viewer(session, group=a_group(session, kind=kind))
    customer = a_customer(session)

    an_interaction(session, viewer, customer, note="They laughed.")

    assert [row.note for row in interactions.of_customer(customer, viewer, Page()).rows] == ["They laughed."]


def test_three_fields_are_enough_and_the_page_tells_the_life_cycle(database: Database, ask: Ask) -> None:
    def world(session: Session) -> tuple[Any, ...]:
        customer = a_customer(session)
        place = a_touchpoint(session, name="Call for help", phase=Phase.SUPPORT)
        return customer, place, a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=customer)

    customer, place, viewer, themselves = database.write(world)
    asked = {"customer": {"id": global_id(customer)}, "touchpoint": {"name": "call for HELP"}, "note": "It drips."}

    assert ask.data(LOG, viewer, input=asked)["logInteraction"]["errors"] == []
    assert ask.data(LOG, viewer, input={**asked, "positive": True})["logInteraction"]["errors"] == []

    query = """query ($id: ID!) { customer(ref: {id: $id}) {
        lifeCycle { phase count positive { n value } } interactions { totalCount nodes { note person { name } } }
        transitions { nodes { toStage cause } } } myLastContact touchpoints { name positive { n value low } } }"""
    found = ask.data(query, viewer, id=global_id(customer))
    met = {each["phase"]: each for each in found["customer"]["lifeCycle"]}
    assert next(iter(met)) == "AWARENESS"
    assert (met["SUPPORT"]["count"], met["SUPPORT"]["positive"]) == (2, {"n": 1, "value": 1.0})
    assert met["EXIT"]["count"] == 0
    assert found["customer"]["interactions"]["totalCount"] == 2
    assert found["customer"]["transitions"]["nodes"] == [{"toStage": "SUSPECT", "cause": "MANUAL"}]
    assert found["myLastContact"] is not None
    assert found["touchpoints"][0]["positive"]["n"] == 1
    # What was noted of a customer is for colleagues.
    node = "query ($id: ID!) { node(id: $id) { id } }"
    logged = ask.data(LOG, viewer, input=asked)["logInteraction"]["interaction"]["id"]
    assert ask.data(node, viewer, id=logged)["node"] == {"id": logged}
    assert ask.data(node, themselves, id=logged)["node"] is None
    assert ask.data(node, themselves, id=global_id(place))["node"] is None


def test_what_cannot_be_logged_is_refused_with_all_that_is_wrong(database: Database, ask: Ask) -> None:
    def world(session: Session) -> tuple[Any, ...]:
        return a_customer(session), a_touchpoint(session), a_viewer(session), a_viewer(session, role=Role.CUSTOMER)

    customer, place, viewer, stranger = database.write(world)
    asked = {"customer": {"id": global_id(customer)}, "touchpoint": {"id": global_id(place)}}

    wrong = ask.data(LOG, viewer, input={**asked, "note": "x" * 2_001, "at": "2999-01-01T00:00:00Z", "source": "crm"})[
        "logInteraction"
    ]["errors"]
    nowhere = ask.data(LOG, viewer, input={**asked, "touchpoint": {"name": "On the moon"}})["logInteraction"]["errors"]

    assert {each["field"] for each in wrong} == {"note", "at", "externalId"}
    assert [(each["field"], each["code"]) for each in nowhere] == [("touchpoint", "NOT_FOUND")]
    assert ask.data(LOG, stranger, input=asked)["logInteraction"]["errors"][0]["code"] in ("NOT_FOUND", "NOT_ALLOWED")


def test_logging_what_another_system_has_logged_already_changes_nothing(session: Session) -> None:
    customer, place = a_customer(session), a_touchpoint(session)

    first = an_interaction(session, OPERATOR, customer, at=place, source="crm", external_id="1", note="Called.")
    again = an_interaction(session, OPERATOR, customer, at=place, source="crm", external_id="1", note="Called again.")

    assert (again.uid, again.note) == (first.uid, "Called.")
