"""Thanks and letters as programs and pages ask for them: who is answered what, and how little it costs."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session

from frontend.asking import document
from knowledge.community import appreciations, leaving
from knowledge.community.appreciations import Thanked
from knowledge.customers import Reference
from knowledge.database import Database
from knowledge.people import Act, Viewer
from knowledge.words import CultureValue, Role
from schema.documents import Unacceptable
from schema.nodes import id_of
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import SECRET, a_customer, a_group, a_viewer, an_entry, an_interaction

THANK = "mutation ($input: AppreciateInput!) { appreciate(input: $input) { appreciation { id text public } errors { field } } }"
BACK = "mutation ($input: WithdrawAppreciationInput!) { withdrawAppreciation(input: $input) { withdrawnId errors { code } } }"
HIDE = (
    "mutation ($input: HideAppreciationInput!) { hideAppreciation(input: $input) { hiddenId errors { code field } } }"
)
LIST = "query ($person: ID) { appreciations(person: $person) { totalCount nodes { id text giver { name } person { name } } } }"
PACE = "mutation ($input: SetDigestInput!) { setDigest(input: $input) { viewer { digest { pace nextAt sends } } } }"
STOP = "mutation ($input: LeaveDigestInput!) { leaveDigest(input: $input) { pace errors { code } } }"
COUNTS = "{ thanksByGroup { thanks { n } } thanksByValue { value } participation { tookPart { n } } viewer { lastContact { days } } }"


@ON_ONE_ENGINE
def test_thanks_are_given_and_taken_back_by_program_and_private_ones_stay_between_the_two(
    database: Database, ask: Ask
) -> None:
    ines, jonas, leader, rosa = database.write(
        lambda session: (
            a_viewer(session), a_viewer(session), a_viewer(session, role=Role.LEADER), a_viewer(session, role=Role.CUSTOMER)
        )
    )  # fmt: skip
    assert jonas.uid is not None
    to = {"person": id_of("Person", jonas.uid)}
    said = {"to": to, "text": "For the sketch.", "value": "UNLEASHED_CREATIVITY", "public": False}

    given = ask.data(THANK, ines, input=said)["appreciate"]["appreciation"]
    told = ask.data(THANK, rosa, input={**said, "public": True})["appreciate"]
    refused = ask.data(THANK, jonas, input={**said, "text": ""})["appreciate"]

    assert told["errors"] == []
    assert {error["field"] for error in refused["errors"]} == {"to", "text"}
    seen = {
        each.name: ask.data(LIST, each, **to)["appreciations"]["totalCount"] for each in (ines, jonas, leader, rosa)
    }
    assert seen == {ines.name: 2, jonas.name: 2, leader.name: 1, rosa.name: 1}
    assert ask.data("query ($id: ID!) { node(id: $id) { id } }", leader, id=given["id"])["node"] is None
    assert ask.data(BACK, leader, input={"id": given["id"]})["withdrawAppreciation"]["errors"] == [
        {"code": "NOT_FOUND"}
    ]
    assert ask.data(BACK, jonas, input={"id": given["id"]})["withdrawAppreciation"]["withdrawnId"] == given["id"]
    assert ask.data(LIST, ines, **to)["appreciations"]["totalCount"] == 1
    (public,) = ask.data(LIST, leader, **to)["appreciations"]["nodes"]
    hiding = {"id": public["id"], "reason": "It mocks somebody."}
    refusals = [ask.data(HIDE, each, input=more)["hideAppreciation"]["errors"] for each, more in (
        (jonas, hiding), (leader, {**hiding, "reason": ""}), (leader, {**hiding, "id": given["id"]})
    )]  # fmt: skip
    assert refusals == [
        [{"code": "NOT_ALLOWED", "field": "id"}],
        [{"code": "INVALID", "field": "reason"}],
        [{"code": "NOT_FOUND", "field": "id"}],
    ]
    assert ask.data(HIDE, leader, input=hiding)["hideAppreciation"] == {"hiddenId": public["id"], "errors": []}
    assert ask.data(LIST, ines, **to)["appreciations"]["totalCount"] == 0
    with pytest.raises(Unacceptable, match="community:write"):
        ask(LIST, replace(ines, scopes=frozenset({Act.FEEDS_READ})))
    assert ask.data(COUNTS, rosa) == {
        "thanksByGroup": [], "thanksByValue": [], "participation": [], "viewer": {"lastContact": None}
    }  # fmt: skip


@ON_ONE_ENGINE
def test_a_letter_is_chosen_by_oneself_and_left_by_whoever_has_the_link(database: Database, ask: Ask) -> None:
    ines = database.write(a_viewer)
    assert ines.uid is not None
    assert ask.data("{ viewer { digest { pace } } }", ines)["viewer"]["digest"] == {"pace": "NEVER"}

    chosen = ask.data(PACE, ines, input={"pace": "WEEKLY"})["setDigest"]["viewer"]["digest"]
    link = leaving.written(SECRET, ines.uid)
    opened = ask.data("query ($token: String!) { digestLink(token: $token) { pace } }", Viewer(), token=link)
    done = ask.data(STOP, Viewer(), input={"token": link})["leaveDigest"]
    forged = ask.data(STOP, Viewer(), input={"token": leaving.written(b"another", ines.uid)})["leaveDigest"]

    assert chosen == {"pace": "WEEKLY", "nextAt": None, "sends": False}
    assert (opened["digestLink"], done) == ({"pace": "WEEKLY"}, {"pace": "NEVER", "errors": []})
    assert forged == {"pace": None, "errors": [{"code": "NOT_FOUND"}]}
    assert ask.data("{ viewer { digest { pace } } }", ines)["viewer"]["digest"] == {"pace": "NEVER"}


def a_warm_house(session: Session) -> Viewer:
    group = a_group(session)
    people = [a_viewer(session, group=group) for _ in range(12)]
    pot = a_customer(session)
    for number, giver in enumerate(people):
        for to in (
            Thanked(person=people[number - 1].uid),
            Thanked(group=group.uid),
            Thanked(customer=Reference(uid=pot.uid)),
        ):
            appreciations.thank(session, giver, to, text="For asking.", value=CultureValue.EMOTIONAL_CONNECTIVITY)
        an_entry(session, giver)
    leader = a_viewer(session, role=Role.LEADER, group=group)
    an_interaction(session, leader, pot)
    return leader


PAGES: dict[str, dict[str, Any]] = {
    "culture/culture": {"value": None, "days": 90},
    "culture/tile": {},
    "community/community": {"filter": {"kinds": ["STORY"]}},
    "me/me": {},
}


@ON_ONE_ENGINE
@pytest.mark.parametrize("page", PAGES)
def test_pages_with_thanks_cost_at_most_twelve_statements(
    database: Database, ask: Ask, statements: list[str], page: str
) -> None:
    leader = database.write(a_warm_house)
    statements.clear()

    found = ask.data(document(page), leader, **PAGES[page])

    assert len(statements) <= 12
    if page.startswith("culture"):
        assert found["appreciations"]["nodes"][0]["giver"]["name"]
