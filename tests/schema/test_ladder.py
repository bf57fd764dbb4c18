from datetime import timedelta
from typing import Any

from sqlmodel import Session

from knowledge import clock, customers
from knowledge.customers import Reference
from knowledge.database import Database
from knowledge.ladder import telling
from knowledge.ladder.moving import Move, move
from knowledge.people import OPERATOR, FunctionalGroup, Viewer
from knowledge.words import AdvocacyKind, GroupKind, Role, Stage
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_group, a_viewer, an_offering, bought

WHOLE = """{ ladder(days: 90) { stages { stage customers { n } } reviewDue { n }
    movements { fromStage toStage climbs customers { n } }
    conversions { stage onwards { n value low high basis warnings } lapsed { n value } } } }"""


def climbing(session: Session) -> Viewer:
    """Ten who came as first-time customers long ago; four of them went on lately, and three of another ten lapsed."""
    now = clock.now()
    for place in range(10):
        with clock.held(now - timedelta(days=200)):
            customer = a_customer(session)
            bought(session, customer)
        if place < 4:
            with clock.held(now - timedelta(days=20 + place)):
                bought(session, customer)
    with clock.held(now - timedelta(days=3)):
        for _ in range(2):
            bought(session, a_customer(session), days_ago=(5, 6))
    return a_viewer(session)


def test_shares_that_went_on_have_an_interval_and_too_few_have_none(database: Database, ask: Ask) -> None:
    viewer = database.write(climbing)

    found = ask.data(WHOLE, viewer)["ladder"]

    shares = {each["stage"]: each["onwards"] for each in found["conversions"]}
    first = shares["FIRST_TIME"]
    assert (first["n"], first["value"], first["basis"]) == (10, 0.4, "CENSUS")
    assert (round(first["low"], 4), round(first["high"], 4)) == (0.1682, 0.6873)
    assert shares["SUSPECT"] == {
        "n": 2, "value": None, "low": None, "high": None, "basis": "CENSUS", "warnings": ["TOO_FEW"]
    }  # fmt: skip
    moved = {(each["fromStage"], each["toStage"]): each["customers"]["n"] for each in found["movements"]}
    assert moved == {("FIRST_TIME", "REPEAT"): 4, ("SUSPECT", "REPEAT"): 2, (None, "SUSPECT"): 2}
    counts = {each["stage"]: each["customers"]["n"] for each in found["stages"]}
    assert (counts["FIRST_TIME"], counts["REPEAT"], sum(counts.values())) == (6, 6, 12)


MOVE = """mutation ($input: MoveCustomerInput!) { moveCustomer(input: $input) {
    customer { stage stageSource moves } current { stage } errors { field code message } } }"""
UPSERT = """mutation ($input: UpsertTransactionsInput!) { upsertTransactions(input: $input) {
    results { index id created errors { field code } } errors { field code } } }"""
ALL = """query ($id: ID!) { customers { nodes { name stage stageSource moves transitions { nodes {
    toStage cause reason evidence actor { name } } } transactions { totalCount nodes { kind offering { name } customer { name } } }
    advocacies { nodes { kind reporter { name } } } applicabilities { applies offering { name } } } }
    offerings { totalCount nodes { name } } transactions { totalCount } advocacies { totalCount } node(id: $id) { id }
    ladder { stages { customers { n } } } }"""


def test_customers_are_moved_and_dealings_told_over_the_api(database: Database, ask: Ask) -> None:
    viewer = database.write(a_viewer)
    customer = database.write(lambda session: a_customer(session, source="crm", external_id="7"))
    database.write(lambda session: an_offering(session, name="Machine"))
    whom = {"external": {"source": "crm", "externalId": "7"}}
    row = {"customer": whom, "kind": "PURCHASE", "occurredAt": clock.now().isoformat(), "offering": {"name": "Machine"}}
    rows = [{**row, "source": "crm", "externalId": "t1"}, {**row, "customer": {"id": "nobody"}}, {**row, "id": "none"}]

    told = ask.data(UPSERT, viewer, input={"rows": rows})["upsertTransactions"]
    day = (clock.now() + timedelta(days=10)).date().isoformat()
    wanted = {"customer": {"id": global_id(customer)}, "to": "REPEAT", "reason": "Ordered again.", "reviewOn": day}
    refused = ask.data(MOVE, viewer, input={**wanted, "to": "SUSPECT", "reason": ""})["moveCustomer"]
    conflict = ask.data(MOVE, viewer, input={**wanted, "believed": "CLIENT"})["moveCustomer"]
    moved = ask.data(MOVE, viewer, input=wanted)["moveCustomer"]

    assert [(each["created"], [error["field"] for error in each["errors"]]) for each in told["results"]] == [
        (True, []), (False, ["customer"]), (False, ["id"])
    ]  # fmt: skip
    assert {each["field"] for each in refused["errors"]} == {"to", "reason"}
    assert (conflict["errors"][0]["code"], conflict["current"]["stage"]) == ("CONFLICT", "FIRST_TIME")
    assert moved["customer"] == {"stage": "REPEAT", "stageSource": "MANUAL", "moves": ["CLIENT", "INACTIVE"]}


def a_world(session: Session) -> tuple[dict[str, Viewer], Any]:
    one, other = a_customer(session, name="One", stage=Stage.CLIENT), a_customer(session, name="Other")
    machine = an_offering(session, name="Machine")
    for each in (one, other):
        bought(session, each, days_ago=(3, 4), offering=machine)
        telling.advocacy(session, a_viewer(session), Reference(uid=each.uid), {"kind": AdvocacyKind.STORY})
    day = (clock.now() + timedelta(days=10)).date()
    move(session, a_viewer(session), Reference(uid=one.uid), Move(Stage.CLIENT, "Between ourselves.", day))
    found = customers.find(session, OPERATOR, Reference(uid=other.uid))
    groups: list[FunctionalGroup] = [a_group(session, kind=kind) for kind in GroupKind]
    viewers = {group.kind.value: a_viewer(session, group=group) for group in groups}
    viewers["customer"] = a_viewer(session, role=Role.CUSTOMER, customer=one)
    return viewers, found


def test_w1_colleagues_of_every_function_see_the_ladder_and_outsiders_nothing_of_it(
    database: Database, ask: Ask
) -> None:
    viewers, other = database.write(a_world)
    themselves, stranger = viewers.pop("customer"), Viewer()

    for viewer in viewers.values():
        found = ask.data(ALL, viewer, id=global_id(other))
        assert [each["name"] for each in found["customers"]["nodes"]] == ["One", "Other"]
        assert (found["transactions"]["totalCount"], found["advocacies"]["totalCount"]) == (4, 2)
        assert found["node"]
    own: Any = ask(ALL, themselves, id=global_id(other)).data
    nothing = ask(ALL, stranger, id=global_id(other)).data
    assert [each["name"] for each in own["customers"]["nodes"]] == ["One"]
    assert (own["transactions"]["totalCount"], own["advocacies"]["totalCount"], own["offerings"]["totalCount"]) == (
        2,
        1,
        0,
    )
    assert not any(word in str(own) for word in ("Other", "Between", "'reporter': {"))
    assert not any(word in str(nothing) for word in ("One", "Other", "Machine", "PURCHASE", "STORY"))
    mutation = 'mutation { recordAdvocacy(input: {customer: {email: "x@y"}, kind: STORY}) { errors { code } } }'
    for viewer in (themselves, stranger):
        refused: Any = ask(mutation, viewer)
        assert refused.errors or refused.data["recordAdvocacy"]["errors"]


def test_fifty_customers_with_all_of_the_ladder_cost_a_statement_a_kind(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    def make(session: Session) -> Viewer:
        machine = an_offering(session)
        for _ in range(30):
            customer = a_customer(session)
            bought(session, customer, offering=machine)
            telling.advocacy(session, OPERATOR, Reference(uid=customer.uid), {"kind": AdvocacyKind.STORY})
        return a_viewer(session)

    viewer = database.write(make)
    statements.clear()

    ask.data(
        """{ customers(first: 50) { nodes { moves transitions { nodes { reason actor { name } } }
        transactions { nodes { offering { name } } } advocacies { nodes { kind } } applicabilities { applies } } } }""",
        viewer,
    )

    assert len(statements) <= 8, statements
