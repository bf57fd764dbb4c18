"""What customers say through the API: what the lists cost, and that nothing of it leaks."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import clock, evidence, feedback
from knowledge.database import Database
from knowledge.feedback import complaints, merging, themes
from knowledge.feedback.complaints import CaseRow, Found
from knowledge.people import Viewer
from knowledge.words import CaseStage, Channel, FeedbackKind, GroupKind, Role, Stage, Stance
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_group, a_viewer, agreed, an_entry, some_feedback

INBOX = """{ inbox(queue: NEW, first: 50) { nodes { verbatim dueAt overdue attributes voices { n distinctVoices }
  customer { name } reporter { name } group { name } assignee { name } assignedGroup { name } themes { name }
  complaint { reference stage nextStages } duplicateOf { verbatim } duplicates(first: 3) { nodes { verbatim } } } } }"""


class World:
    def __init__(self, session: Session) -> None:
        group = a_group(session, kind=GroupKind.SALES)
        self.ines = a_viewer(session, group=group)
        self.mine = a_customer(session, stage=Stage.CLIENT)
        self.rosa = a_viewer(session, role=Role.CUSTOMER, customer=self.mine)
        self.stranger = Viewer(tells=True)
        self.entry = an_entry(session, self.ines, functions=[GroupKind.SALES], stages=[Stage.CLIENT])
        self.items = [
            some_feedback(session, self.ines, customer=self.mine if number == 0 else a_customer(session), kind=kind)
            for number, kind in enumerate([FeedbackKind.COMPLAINT, FeedbackKind.QUESTION] * 10)
        ]
        themes.assign(session, self.ines, self.items[0].uid, ["valves"])
        merging.merge(session, self.ines, self.items[1].uid, self.items[2].uid)
        evidence.attach(session, self.ines, self.entry, self.items[0], Stance.SUPPORTS)


def test_the_inbox_costs_as_many_statements_however_long_it_is(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    world = database.write(World)
    statements.clear()

    nodes = ask.data(INBOX, world.ines)["inbox"]["nodes"]

    assert len(nodes) == 19  # what is joined waits with the other
    assert nodes[0]["complaint"]["nextStages"] == ["ACKNOWLEDGED", "ESCALATED_EXTERNAL"]
    assert len(statements) <= 10


NOTHING: dict[str, list[Any]] = {"nodes": []}
LEAKS: dict[str, tuple[str, Any]] = {
    "inbox": ("{ inbox(queue: NEW) { nodes { id } } }", None),
    "channels": ("{ channelsHeard { channel } }", []),
    "map": ("{ rightToKnow(function: SALES) { cells { channel } rungs { stage } } }", {"cells": [], "rungs": []}),
    "themes": ("{ themes { nodes { name } } }", NOTHING),
    "raised": ("{ raisedThemes { name } }", []),
    "ranking": (
        "{ themeRanking { heard { n } unsorted { n } themes { byCustomers } } }",
        {"heard": {"n": 0}, "unsorted": {"n": 0}, "themes": []},
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_customers_and_strangers_learn_nothing_of_what_others_say(sqlite: Database, index: Any, name: str) -> None:
    world, ask = sqlite.write(World), Ask(sqlite, index)
    query, nothing = LEAKS[name]

    for viewer in (world.rosa, world.stranger):
        found = next(iter(ask.data(query, viewer).values()))
        own = [global_id(world.items[0])] if viewer is world.rosa else []
        assert found == (nothing if nothing is not None else {"nodes": [{"id": id} for id in own]})


def worked_on(session: Session, world: World) -> CaseRow:
    item = feedback.by_uid(session, world.ines, world.items[0].uid)
    case = complaints.case_of(item) if item is not None else None
    assert case is not None
    found: Found = {"decision": "Perhaps a new valve.", "root_cause": "We forgot."}
    return complaints.move(session, world.ines, case.uid, CaseStage.ACKNOWLEDGED, found, note="He shouts.")


def test_a_customer_sees_of_their_own_complaint_what_is_theirs(sqlite: Database, index: Any) -> None:
    world, ask = sqlite.write(World), Ask(sqlite, index)
    query = """query ($id: ID!, $other: ID!) { other: node(id: $other) { id } node(id: $id) { ... on Feedback { voices { n } themes { name }
      similar { id } closingNote complaint { reference decision rootCause steps { note } } duplicates { nodes { id } } } } }"""

    case = sqlite.write(lambda session: worked_on(session, world))
    found = ask.data(query, world.rosa, id=global_id(world.items[0]), other=global_id(world.items[2]))

    assert found["other"] is None
    hidden: dict[str, Any] = {"decision": None, "rootCause": None, "steps": []}
    assert found["node"]["complaint"] == {"reference": case.reference, **hidden}
    assert {**found["node"], "complaint": None} == {
        "closingNote": None, "voices": {"n": 1}, "themes": [], "similar": [], "complaint": None, "duplicates": NOTHING,
    }  # fmt: skip


def test_the_map_says_what_reaches_a_function_and_names_nobody(database: Database, ask: Ask) -> None:
    world = database.write(World)
    query = """query ($function: GroupKind!) { rightToKnow(function: $function) {
      cells { stage channel reach said { n } used { n } } rungs { stage practices { n } } } }"""

    sales, support = (ask.data(query, world.ines, function=each)["rightToKnow"] for each in ("SALES", "SUPPORT"))

    cell = {"stage": "CLIENT", "channel": "PHONE", "said": {"n": 1}}
    assert {**cell, "reach": "FEW", "used": {"n": 1}} in sales["cells"]
    assert {**cell, "reach": "NOBODY", "used": {"n": 0}} in support["cells"]
    assert {"stage": "CLIENT", "practices": {"n": 1}} in sales["rungs"]
    assert {"stage": "CLIENT", "practices": {"n": 0}} in support["rungs"]


def test_channels_are_heard_lately_silent_or_never(database: Database, ask: Ask) -> None:
    world = database.write(World)
    with clock.held(clock.now() - timedelta(days=31)):
        database.write(lambda session: some_feedback(session, world.ines, channel=Channel.EMAIL) and None)

    found = ask.data("{ channelsHeard { channel silent lastAt said { n } } }", world.ines)["channelsHeard"]

    assert len(found) == len(Channel)
    first, second, third = [(each["channel"], each["silent"], each["said"]["n"]) for each in found[:3]]
    assert (first, second, third[1:]) == (("PHONE", False, 20), ("EMAIL", True, 1), (True, 0))


PAGE = """query($theme: ID!) { themeRanking { heard { n } themes { theme { name } prevalence { n } verdict } }
  node(id: $theme) { ... on Theme { lately { byMessages } checks { words asked { n } survey { title } } } } }"""
ASK = """mutation($theme: ID!) { askOthers(input: {theme: $theme, question: "Is it so for you?", size: 3, seed: 1})
  { survey { title waves { seed } } current { title } errors { code field } } }"""


def test_others_are_asked_in_one_mutation_and_the_page_of_themes_takes_eight_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    world = database.write(World)
    database.write(lambda session: agreed(session, *(a_customer(session) for _ in range(4))))
    with database.reading() as session:
        (theme,) = themes.raised(session, world.ines, count=1)

    first = ask.data(ASK, world.ines, theme=global_id(theme))["askOthers"]
    again = ask.data(ASK, world.ines, theme=global_id(theme))["askOthers"]
    statements.clear()
    page = ask.data(PAGE, world.ines, theme=global_id(theme))

    assert len(statements) <= 8, statements
    assert (first["errors"], first["survey"]["waves"]) == ([], [{"seed": 1}])
    assert (again["errors"], again["current"]) == (
        [{"code": "CONFLICT", "field": "id"}],
        {"title": first["survey"]["title"]},
    )
    assert page["node"]["checks"][0]["words"] == "Told when everybody has had time to answer."
    assert page["node"]["checks"][0]["asked"] == {"n": 3}
    assert page["themeRanking"]["themes"][0]["theme"] == {"name": "valves"}
