from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import clock
from knowledge.customers import Reference, characteristics, segments
from knowledge.customers import update as change
from knowledge.customers.characteristics import Value
from knowledge.customers.rules import Node
from knowledge.database import Database, Page
from knowledge.errors import Invalid
from knowledge.people import OPERATOR, Viewer
from knowledge.words import CustomerRelation, Predicate, Role, Stage, ValueKind
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_group, a_viewer, an_offering

DRAW = """mutation ($input: CreateSegmentInput!) { createSegment(input: $input) {
    segment { id size method rule { depth text } members { nodes { name } } } errors { field message } } }"""

MEAN = """mutation ($input: SetSegmentOfferingsInput!) { setSegmentOfferings(input: $input) {
    segment { offerings { name } } errors { field code } } }"""


def a_rule(predicate: str, **more: Any) -> dict[str, Any]:
    return {"predicate": predicate, **more}


def a_world(session: Session) -> tuple[Any, ...]:
    cups = characteristics.define(session, OPERATOR, {"name": "Cups", "kind": ValueKind.NUMBER})
    secret = characteristics.define(session, OPERATOR, {"name": "Health", "kind": ValueKind.TEXT, "personal": True})
    house = a_customer(session, name="House", joined_on=date(2020, 1, 1), stage=Stage.CLIENT)
    room = a_customer(session, name="Room", parent=house.uid)
    depot = a_customer(session, name="Depot", relation=CustomerRelation.INTERNAL, group=a_group(session).uid)
    for customer, number in ((house, 900.0), (room, 12.0)):
        characteristics.tell(session, OPERATOR, customer, cups, Value(number=number))
    characteristics.tell(session, OPERATOR, house, secret, Value(text="A planted secret"))
    return cups, secret, house, room, depot, a_viewer(session, role=Role.STEWARD), a_viewer(session)


def test_a_rule_of_every_predicate_chooses_whom_it_says(database: Database, ask: Ask) -> None:
    cups, secret, house, _, depot, steward, employee = database.write(a_world)
    of_cups = {"characteristic": global_id(cups)}
    many = a_rule("CHARACTERISTIC_AT_LEAST", **of_cups, value={"number": 100})
    rules = {
        "House": [
            many,
            a_rule("STAGE", stage="CLIENT"),
            a_rule("JOINED_BEFORE", day="2020-01-02"),
            a_rule("JOINED_FROM", day="2020-01-01"),
            a_rule("CHARACTERISTIC_IS", **of_cups, value={"number": 900}),
        ],
        "Room": [
            a_rule("PARENT", parent=global_id(house)),
            a_rule("CHARACTERISTIC_AT_MOST", **of_cups, value={"number": 12}),
        ],
        "Depot": [
            a_rule("RELATION", relation="INTERNAL"),
            a_rule("NONE", of=[a_rule("CHARACTERISTIC_KNOWN", **of_cups)]),
        ],
        "House Room": [
            a_rule(
                "ALL", of=[a_rule("RELATION", relation="EXTERNAL"), a_rule("NONE", of=[a_rule("KIND", kind="PERSON")])]
            ),
            a_rule("ANY", of=[many, a_rule("CHARACTERISTIC_AT_MOST", **of_cups, value={"number": 12})]),
        ],
    }

    for names, each in rules.items():
        for rule in each:
            done = ask.data(DRAW, steward, input={"name": str(rule)[:70], "rule": rule})["createSegment"]
            assert done["errors"] == []
            assert " ".join(node["name"] for node in done["segment"]["members"]["nodes"]) == names, rule
    told = [node["text"] for node in done["segment"]["rule"]]
    assert told == ["at least one of these holds", "Cups is 100 or more", "Cups is 12 or less"]

    # What is wrong is refused, and what is personal sorts nobody.
    deep: dict[str, Any] = a_rule("RELATION", relation="EXTERNAL")
    for _ in range(5):
        deep = a_rule("ALL", of=[deep])
    for wrong in (
        deep,
        a_rule("ALL", of=[a_rule("KIND", kind="PERSON")] * 50),
        a_rule("STAGE", kind="PERSON"),
        a_rule("ALL"),
        a_rule("CHARACTERISTIC_KNOWN", characteristic=global_id(secret)),
        a_rule("CHARACTERISTIC_IS", **of_cups, value={"text": "many"}),
        a_rule("PARENT", parent=global_id(cups)),
    ):
        assert ask.data(DRAW, steward, input={"name": "Wrong", "rule": wrong})["createSegment"]["errors"], wrong
    refused = ask.data(DRAW, employee, input={"name": "Mine"})["createSegment"]["errors"]
    assert [each["message"] for each in refused] == ["You may not draw segments."]
    told = ask.data(
        "query ($id: ID!) { customer(ref: {id: $id}) { characteristics { text number characteristic { name } } segments { name } } }",
        employee,
        id=global_id(house),
    )["customer"]
    assert told["characteristics"] == [{"text": None, "number": 900.0, "characteristic": {"name": "Cups"}}]
    assert len(told["segments"]) == 7
    assert depot.uid


def test_what_a_segment_can_use_is_said_for_all_of_it(database: Database, ask: Ask) -> None:
    *_, steward, employee = database.write(a_world)
    grinder = database.write(lambda session: an_offering(session, name="Grinder"))
    drawn = ask.data(DRAW, steward, input={"name": "Cafés"})["createSegment"]["segment"]
    wanted = {"segment": drawn["id"], "offerings": [{"id": global_id(grinder)}, {"name": "Grinder"}]}

    refused = ask.data(MEAN, steward, input={**wanted, "offerings": [{"name": "Grinder"}, {"name": "Boat"}]})
    forbidden = ask.data(MEAN, employee, input=wanted)
    meant = ask.data(MEAN, steward, input=wanted)

    assert refused["setSegmentOfferings"]["errors"] == [{"field": "offerings.1", "code": "NOT_FOUND"}]
    assert [each["code"] for each in forbidden["setSegmentOfferings"]["errors"]] == ["NOT_ALLOWED"]
    assert meant["setSegmentOfferings"] == {"segment": {"offerings": [{"name": "Grinder"}]}, "errors": []}


def test_s1_who_was_in_a_segment_on_a_past_day_stays_so(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    start, now = datetime(2026, 1, 1, 12, tzinfo=UTC), [0]
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=now[0]))
    customer = a_customer(session, name="Climber", stage=Stage.CLIENT)
    other = a_customer(session, name="Insider", relation=CustomerRelation.INTERNAL)
    inside = Node(Predicate.RELATION, relation=CustomerRelation.INTERNAL)
    ruled = segments.create(session, OPERATOR, {"name": "Inside", "rule": inside})
    by_hand = segments.create(session, OPERATOR, {"name": "By hand"})

    def told() -> list[list[str]]:
        rows = segments.listing(session, OPERATOR, Page()).rows
        days = [start + timedelta(days=day, hours=1) for day in range(5)]
        return [
            [
                " ".join(sorted(row.name for row in segments.members_of(each, OPERATOR, Page(), day).rows))
                for day in days
            ]
            for each in sorted(rows, key=lambda row: row.name)
        ]

    now[0] = 1
    segments.add(session, OPERATOR, by_hand, customer)
    segments.add(session, OPERATOR, by_hand, customer)
    change(session, OPERATOR, Reference(uid=customer.uid), {"relation": CustomerRelation.INTERNAL})
    segments.sort(session)
    now[0] = 2
    segments.remove(session, OPERATOR, by_hand, customer)
    change(session, OPERATOR, Reference(uid=other.uid), {"relation": CustomerRelation.EXTERNAL})
    segments.sort(session)
    past = [row[:3] for row in told()]
    now[0] = 3
    segments.add(session, OPERATOR, by_hand, other)
    outside = Node(Predicate.RELATION, relation=CustomerRelation.EXTERNAL)
    segments.update(session, OPERATOR, ruled.uid, {"rule": outside})
    segments.sort(session)

    assert past == [["", "Climber", ""], ["Insider", "Climber Insider", "Climber"]]
    assert [row[:3] for row in told()] == past
    assert [row[3] for row in told()] == ["Insider", "Insider"]
    assert segments.size_of(segments.named(session, OPERATOR, by_hand.uid), start + timedelta(days=1, hours=1)) == 1
    with pytest.raises(Invalid):
        segments.add(session, OPERATOR, ruled, other)


def test_nothing_of_customers_is_for_those_who_may_not_read_them(database: Database, ask: Ask) -> None:
    *_, steward, _ = database.write(a_world)
    drawn = ask.data(DRAW, steward, input={"name": "All", "rule": a_rule("RELATION", relation="EXTERNAL")})
    id = drawn["createSegment"]["segment"]["id"]
    customer = database.write(lambda session: a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session)))

    for viewer in (customer, Viewer()):
        for source in (
            "{ segments { totalCount nodes { name } } }",
            "{ needs { totalCount nodes { statement } } }",
            "{ characteristics { name } }",
            "{ touchpoints { name } }",
            "{ stageNeeds { action } }",
        ):
            answer = ask(source, viewer)
            assert answer.data is None or not str(answer.data).count("name")
            found = next(iter((answer.data or {"": []}).values()))
            assert not found or found == {"totalCount": 0, "nodes": []}
        assert ask.data("query ($id: ID!) { node(id: $id) { id } }", viewer, id=id)["node"] is None
