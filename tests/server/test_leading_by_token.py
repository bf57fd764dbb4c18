from collections.abc import Mapping
from typing import Any

import pytest

from knowledge import people
from knowledge.people import OPERATOR, Act
from knowledge.people.permissions import ACTS
from knowledge.words import Role
from tests import factories
from tests.server.clients import PEOPLE, Client, Server

CREATE = "mutation($input: CreateEntryInput!) { done: createEntry(input: $input) { entry { id slug revision } errors { field message } } }"
UPDATE = "mutation($input: UpdateEntryInput!) { done: updateEntry(input: $input) { entry { id status } errors { field message } } }"
COMMIT = """mutation($input: CommitToVisionInput!) {
  done: commitToVision(input: $input) { vision { stakeholders { commitments { version statement } } } errors { field message } }
}"""
PART = "mutation($input: WritePublicPartInput!) { done: writePublicPart(input: $input) { part { id status } errors { field message } } }"
PROGRESS = "mutation($input: PostProgressInput!) { done: postProgress(input: $input) { progress { health } errors { field message } } }"
SEEN = """query($id: ID!, $initiative: ID!) {
  vision { title what why answers { text } assumptions { statement } meanings { text } stakeholders { name } communications { whom } }
  node(id: $id) { id }
  initiative: node(id: $initiative) { id }
  entries { nodes { title } }
  search(query: "roast") { nodes { __typename } }
  visionTrace { vision { slug } }
}"""


@pytest.fixture
def tokens(server: Server) -> Mapping[str, Client]:
    """Programs of a leader, of the one who approves, of an employee and of a customer, each with a token alone."""

    def add(session: Any) -> None:
        customer = factories.a_customer(session)
        person = people.add(session, OPERATOR, "rosa@example.org", "Rosa", Role.CUSTOMER)
        session.get_one(people.Person, person.id).customer_id = customer.id

    server.database.write(add)
    named = {
        name: server.token(f"{name}@example.org", *(ACTS[role] - {Act.ADMIN}))
        for name, role in {**PEOPLE, "rosa": Role.CUSTOMER}.items()
    }
    return {name: server.client(authorization=f"Bearer {secret}") for name, secret in named.items()}


def done(client: Client, document: str, **input: Any) -> Any:
    answer = client.ask(document, {"input": input}, loyalty_await_index="true").json()
    assert "errors" not in answer, answer
    assert answer["data"]["done"].pop("errors") == [], answer
    return next(iter(answer["data"]["done"].values()))


def test_a_leader_publishes_the_vision_and_its_progress_with_a_token_alone(tokens: Mapping[str, Client]) -> None:
    leo, ada, eva, rosa = (tokens[name] for name in ("leo", "ada", "eva", "rosa"))
    words = {"statement": "Nobody waits for a roast.", "what": "Every roast on time.", "why": "Cafés close without."}
    answer = {"question": "what-they-share", "text": "They open before seven."}

    vision = done(leo, CREATE, kind="VISION", title="The roast on time", vision={**words, "answers": [answer]})
    done(leo, UPDATE, id=vision["id"], baseRevision=1, note="As agreed", publish=True)
    committed = done(eva, COMMIT, vision={"id": vision["id"]}, statement="I ring before it is late.")
    second = {"what": "Every roast on time, and told when not.", "answers": [{**answer, "text": "Before six."}]}
    done(leo, UPDATE, id=vision["id"], baseRevision=2, vision=second, note="What customers asked", publish=True)
    again = done(eva, COMMIT, vision={"id": vision["id"]}, statement="I ring the evening before.")

    assert [each["version"] for each in committed["stakeholders"][0]["commitments"]] == [1]
    (stakeholder,) = again["stakeholders"]
    kept = {each["version"]: each["statement"] for each in stakeholder["commitments"]}
    assert kept == {1: "I ring before it is late.", 2: "I ring the evening before."}  # V4: as given

    carried = {"kind": "NEW", "status": "PROPOSED", "plannedCompletion": "2027-06-30"}
    initiative = done(leo, CREATE, kind="INITIATIVE", title="Roast by night", initiative=carried, publish=True)
    late = done(leo, PROGRESS, initiative={"id": initiative["id"]}, health="AT_RISK", summary="The roaster is late.")
    assert late == {"health": "AT_RISK"}

    asked = {"id": vision["id"], "initiative": initiative["id"]}
    before = rosa.ask(SEEN, asked).json()["data"]
    assert before["vision"] is None
    part = done(
        leo, PART, vision={"id": vision["id"]}, audience="CUSTOMERS", title="For you: the roast on time", **words
    )
    submit = "mutation($input: SubmitEntryInput!) { done: submitEntry(input: $input) { entry { status } errors { message } } }"
    assert done(leo, submit, id=part["id"]) == {
        "status": "IN_REVIEW"
    }  # E2: a second person reads what is for customers
    assert rosa.ask(SEEN, asked).json()["data"] == before
    approve = "mutation($input: ApproveEntryInput!) { done: approveEntry(input: $input) { entry { status } errors { message } } }"
    assert done(ada, approve, id=part["id"]) == {"status": "PUBLISHED"}

    seen = rosa.ask(SEEN, asked).json()["data"]
    assert seen["vision"] | {"what": "", "why": ""} == {
        "title": "For you: the roast on time",
        "what": "",
        "why": "",
        **{name: [] for name in ("answers", "assumptions", "meanings", "stakeholders", "communications")},
    }
    assert [row["title"] for row in seen["entries"]["nodes"]] == ["For you: the roast on time"]
    assert len(seen["search"]["nodes"]) == 1
    assert [seen[name] for name in ("node", "initiative", "visionTrace")] == [None] * 3
    assert leo.ask("{ vision { title version publicPart { title } } }").json()["data"]["vision"] == {
        "title": "The roast on time",
        "version": 2,
        "publicPart": {"title": "For you: the roast on time"},
    }
