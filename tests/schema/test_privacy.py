import json
from dataclasses import replace

from knowledge.customers import characteristics
from knowledge.customers.characteristics import Value
from knowledge.database import Session
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.words import LookPurpose, Role, ValueKind
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_viewer, an_interaction, some_feedback

EMAIL, HOBBY = "moller@example.org", "Chess on Sundays"
PERSONAL = "personal(purpose: $purpose) { email accounts { name } characteristics { text characteristic { name } } }"
ONE = f"query One($id: ID!, $purpose: LookPurpose) {{ customer(ref: {{id: $id}}) {{ name masked {PERSONAL} }} }}"
LOOKS = "{ looks(first: 20) { nodes { purpose fields byProgram person { name } customer { name } } } }"


def a_world(session: Session) -> tuple[str, Viewer, Viewer, Viewer, str]:
    ann, admin = a_viewer(session, name="Ann"), a_viewer(session, role=Role.ADMIN)
    moller = a_customer(session, name="Café Møller", email=EMAIL)
    themselves = a_viewer(session, role=Role.CUSTOMER, customer=moller)
    hobby = characteristics.define(session, OPERATOR, {"name": "Hobby", "kind": ValueKind.TEXT, "personal": True})
    characteristics.tell(session, ann, moller, hobby, Value(text=HOBBY))
    said = some_feedback(session, ann, customer=moller, verbatim="The valve is out of reach again.")
    an_interaction(session, ann, moller, note="Met them at the fair.")
    return global_id(moller), ann, admin, themselves, global_id(said)


def test_g5_what_is_personal_is_masked_until_a_purpose_is_given_and_each_look_is_on_record(
    ask: Ask,
) -> None:
    id, ann, admin, themselves, _ = ask.database.write(a_world)
    program = replace(ann, scopes=frozenset({Act.CUSTOMERS_READ}), purpose=LookPurpose.CONTRACT)

    without = ask.data(ONE, ann, id=id)["customer"]
    nobody_looked = ask.data(LOOKS, admin)["looks"]["nodes"]
    with_one = ask.data(ONE, ann, id=id, purpose="COMPLAINT_HANDLING")["customer"]
    by_token = ask.data(ONE, program, id=id)["customer"]
    own = ask.data(ONE, themselves, id=id)["customer"]
    looks = ask.data(LOOKS, admin)["looks"]["nodes"]

    assert without["masked"] == ["e-mail", "people who sign in for them", "Hobby"]
    assert without["personal"] is None
    assert nobody_looked == []
    assert EMAIL in json.dumps(with_one)
    assert HOBBY in json.dumps(with_one)
    assert by_token["personal"] == own["personal"] == with_one["personal"]
    assert [(each["purpose"], each["byProgram"], each["person"]["name"]) for each in looks] == [
        ("CONTRACT", True, "Ann"),
        ("COMPLAINT_HANDLING", False, "Ann"),
    ]
    assert ask.data(LOOKS, ann)["looks"]["nodes"] == []
    mine = "query One($id: ID!) { customer(ref: {id: $id}) { looks { purpose } } }"
    assert len(ask.data(mine, themselves, id=id)["customer"]["looks"]) == 2
    assert ask.data(mine, ann, id=id)["customer"]["looks"] == []


def test_what_is_personal_of_many_customers_takes_as_many_statements_as_of_two(ask: Ask, statements: list[str]) -> None:
    id, ann, *_ = ask.database.write(a_world)
    ask.database.write(lambda session: [a_customer(session, email=f"{n}@example.org") for n in range(30)])
    many = f"query Many($purpose: LookPurpose) {{ customers(first: 50) {{ nodes {{ name {PERSONAL} consents {{ given }} }} }} }}"
    statements.clear()

    found = ask.data(many, ann, purpose="ANSWERING")

    assert len(found["customers"]["nodes"]) == 31
    assert len(statements) <= 8
    assert id


def test_g4_whoever_is_restricted_is_shown_to_nobody_but_themselves_and_in_what_they_are_given(ask: Ask) -> None:
    id, ann, admin, themselves, said = ask.database.write(a_world)
    everywhere = """query Seen($id: ID!, $said: ID!) {
      customer(ref: {id: $id}) { name }
      customers(first: 50) { nodes { name } }
      node(id: $id) { id }
      said: node(id: $said) { id }
      feedback(first: 50) { nodes { verbatim } }
      transactions(first: 50) { nodes { id } }
    }"""
    restrict = "mutation R($id: ID!) { restrictCustomer(input: {customer: {id: $id}}) { errors { code } } }"
    lift = (
        "mutation L($id: ID!) { liftRestriction(input: {customer: {id: $id}}) { errors { code } customer { name } } }"
    )
    given = "query G($id: ID!) { dataExport(customer: {id: $id}) }"
    before = json.dumps(ask.data(everywhere, ann, id=id, said=said), ensure_ascii=False)

    refused = ask.data(restrict, ann, id=id)["restrictCustomer"]["errors"]
    done = ask.data(restrict, admin, id=id)["restrictCustomer"]["errors"]
    hidden = [json.dumps(ask.data(everywhere, viewer, id=id, said=said), ensure_ascii=False) for viewer in (ann, admin)]
    own = ask.data("{ ownCustomer { name restricted } }", themselves)["ownCustomer"]
    taken = ask.data(given, admin, id=id)["dataExport"]
    lifted = ask.data(lift, themselves, id=id)["liftRestriction"]

    assert "Møller" in before
    assert "valve" in before
    assert refused == [{"code": "NOT_ALLOWED"}]
    assert done == []
    for each in hidden:
        assert "Møller" not in each
        assert "valve" not in each
    assert own == {"name": "Café Møller", "restricted": True}
    assert "valve" in taken
    assert "Met them at the fair." in taken
    assert lifted == {"errors": [], "customer": {"name": "Café Møller"}}
    assert json.dumps(ask.data(everywhere, ann, id=id, said=said), ensure_ascii=False) == before


def test_requests_are_made_withdrawn_declined_and_done_by_those_who_may(ask: Ask) -> None:
    id, ann, admin, themselves, said = ask.database.write(a_world)
    make = """mutation M($id: ID!, $kind: DataRequestKind!, $note: String) {
      requestData(input: {customer: {id: $id}, kind: $kind, note: $note}) { errors { code field } request { id dueAt madeAt } } }"""
    settle = "mutation S($id: ID!) { settleDataRequest(input: {id: $id}) { errors { code } request { state } } }"
    decline = "mutation D($id: ID!, $answer: String) { declineDataRequest(input: {id: $id, answer: $answer}) { errors { code field } } }"
    queue = "{ dataRequests(first: 20) { nodes { id kind customer { name } overdue } } }"
    withdraw = "mutation W($id: ID!) { withdrawDataRequest(input: {id: $id}) { errors { code } request { state } } }"

    object_to = ask.data(make, themselves, id=id, kind="OBJECT")["requestData"]["errors"]
    erase = ask.data(make, themselves, id=id, kind="ERASE")["requestData"]["request"]["id"]
    twice = ask.data(make, ann, id=id, kind="ERASE")["requestData"]["errors"]
    access = ask.data(make, ann, id=id, kind="ACCESS")["requestData"]["request"]["id"]
    seen = [each["kind"] for each in ask.data(queue, admin)["dataRequests"]["nodes"]]
    refused = ask.data(settle, ann, id=access)["settleDataRequest"]["errors"]
    reasonless = ask.data(decline, admin, id=access)["declineDataRequest"]["errors"]
    withdrawn = ask.data(withdraw, ann, id=access)["withdrawDataRequest"]["request"]
    done = ask.data(settle, admin, id=erase)["settleDataRequest"]
    again = ask.data(settle, admin, id=erase)["settleDataRequest"]["errors"]

    assert object_to == [{"code": "INVALID", "field": "note"}]
    assert twice == [{"code": "CONFLICT", "field": ""}] or twice == [{"code": "CONFLICT", "field": None}]
    assert seen == ["ERASE", "ACCESS"]
    assert refused == [{"code": "NOT_ALLOWED"}]
    assert reasonless == [{"code": "INVALID", "field": "answer"}]
    assert withdrawn == {"state": "WITHDRAWN"}
    assert done == {"errors": [], "request": {"state": "DONE"}}
    assert again == [{"code": "CONFLICT"}]
    left = ask.data(
        "query L($id: ID!) { node(id: $id) { ... on Feedback { verbatim customer { name } } } }", ann, id=said
    )
    assert left["node"] == {"verbatim": "[erased]", "customer": None}
    assert ask.data(queue, ann)["dataRequests"]["nodes"] == []


def test_g1_consent_is_given_and_taken_back_by_one_mutation_and_by_nobody_for_others(ask: Ask) -> None:
    id, ann, _, themselves, _ = ask.database.write(a_world)
    other = global_id(ask.database.write(lambda session: a_customer(session, name="Another")))
    say = """mutation C($id: ID!, $given: Boolean!) {
      setConsent(input: {customer: {id: $id}, purpose: CONTACT, given: $given}) {
        errors { code } customer { consents { purpose given recordedBy { name } } consentLedger { given } } } }"""

    yes = ask.data(say, themselves, id=id, given=True)["setConsent"]["customer"]["consents"]
    no = ask.data(say, ann, id=id, given=False)["setConsent"]["customer"]
    refused = ask.data(say, themselves, id=other, given=True)["setConsent"]["errors"]

    assert [each["given"] for each in yes] == [True]
    assert no["consents"] == [{"purpose": "CONTACT", "given": False, "recordedBy": {"name": "Ann"}}]
    assert no["consentLedger"] == [{"given": False}, {"given": True}]
    assert refused == [{"code": "NOT_FOUND"}]
