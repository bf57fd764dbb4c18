"""The review queue: who sees what of it, in which order, at what cost; and the forms of an entry's life in the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from frontend.asking import document
from knowledge import clock, people
from knowledge.database import Database
from knowledge.entries import Entry, approving, freshness, publishing, scheduling, writing
from knowledge.entries.freshness import Keeping
from knowledge.people import OPERATOR, FunctionalGroup, Viewer
from knowledge.words import Audience, Freshness, GroupKind, Kind, ReviewQueue, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE, Standing
from tests.factories import a_draft, a_group, a_viewer, an_entry

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VIEWERS = ("author", "mate", "keeper", "colleague", "steward", "leader", "customer", "stranger")
CURATORS = {"steward", "leader"}

# Which viewers find what in which queue. The author wrote and owns all of it; the keeper verifies what is kept by one person,
# the mate what is kept by a group.
SEEN = {
    ("APPROVAL", "new for customers"): CURATORS,
    ("APPROVAL", "newer for customers"): CURATORS,
    ("APPROVAL", "new vision"): set(),  # a leader wrote it, and a steward may not
    ("APPROVAL", "new for the group"): set(),  # no curator belongs to that group
    ("DUE", "due"): {"author", *CURATORS},
    ("EXPIRED", "expired"): {"author", "keeper", *CURATORS},
    ("CONTESTED", "contested"): {"author", "mate", *CURATORS},
    ("UNVERIFIED", "unverified"): {"author", *CURATORS},
    ("UNVERIFIED", "for the group"): {"author", "mate"},
    ("SCHEDULED", "scheduled"): {"author", *CURATORS},
}


def a_world(session: Session) -> dict[str, Viewer]:
    group = a_group(session)
    viewers = {
        "author": a_viewer(session, group=group),
        "mate": a_viewer(session, group=group),
        "keeper": a_viewer(session),
        "colleague": a_viewer(session),
        "steward": a_viewer(session, role=Role.STEWARD),
        "leader": a_viewer(session, role=Role.LEADER),
        "customer": a_viewer(session, role=Role.CUSTOMER),
        "stranger": Viewer(),
    }
    author, leader = viewers["author"], viewers["leader"]
    kept = {"expired": Keeping(person=viewers["keeper"].uid), "contested": Keeping(group=group.uid)}
    for name in ("due", "expired", "contested", "unverified", "newer for customers"):
        audience = Audience.CUSTOMERS if name == "newer for customers" else Audience.EMPLOYEES
        row = an_entry(session, author, title=name, audience=audience)
        entry = session.get_one(Entry, row.id)
        entry.freshness = Freshness(name.upper()) if name.upper() in Freshness.__members__ else Freshness.VERIFIED
        session.flush()
        if name in kept:
            freshness.set_verifier(session, author, row.uid, kept[name])
        if name == "newer for customers":
            writing.update(session, author, row.uid, 1, {"summary": "A newer text."})
            publishing.submit(session, author, row.uid)
    ours = an_entry(session, author, title="for the group", audience=Audience.GROUP, audience_groups=[group.uid])
    freshness.set_verifier(session, author, ours.uid, Keeping(group=group.uid))
    for viewer, kind, title, audience in (
        (author, Kind.BEST_PRACTICE, "new for customers", Audience.CUSTOMERS),
        (leader, Kind.VISION, "new vision", Audience.EMPLOYEES),
        (author, Kind.GUIDE, "new for the group", Audience.GROUP),
    ):
        groups = [group.uid] if audience is Audience.GROUP else []
        draft = a_draft(session, viewer, kind=kind, title=title, audience=audience, audience_groups=groups)
        publishing.submit(session, viewer, draft.uid)
    an_entry(session, author, kind=Kind.STORY, title="a story, which nobody verifies")
    a_draft(session, author, title="a draft")
    planned = a_draft(session, author, title="scheduled")
    scheduling.schedule(session, author, planned.uid, clock.now() + timedelta(days=3))
    return viewers


QUEUE = """query ($queue: ReviewQueue!, $mine: Boolean! = false) {
  reviews(queue: $queue, mine: $mine, first: 50) { totalCount nodes { title } } }"""


def found(ask: Ask, viewer: Viewer, **more: Any) -> dict[str, set[str]]:
    queues = {}
    for queue in ReviewQueue:
        listed = ask.data(QUEUE, viewer, queue=queue.value, **more)["reviews"]
        queues[queue.value] = {node["title"] for node in listed["nodes"]}
        assert listed["totalCount"] == len(queues[queue.value])
    return queues


@pytest.mark.parametrize("name", VIEWERS)
def test_every_role_finds_in_the_queue_what_is_theirs_to_review(standing: Standing, name: str) -> None:
    viewers, ask = standing(a_world)

    seen = found(ask, viewers[name])
    counted = ask.data("{ reviewCounts { queue count mine } }", viewers[name])["reviewCounts"]
    mine = found(ask, viewers[name], mine=True)

    expected: dict[str, set[str]] = {queue.value: set() for queue in ReviewQueue}
    for (queue, title), who in SEEN.items():
        if name in who:
            expected[queue].add(title)
    assert seen == expected
    assert {each["queue"]: each["count"] for each in counted} == {queue: len(all) for queue, all in expected.items()}
    assert {each["queue"]: each["mine"] for each in counted} == {queue: len(all) for queue, all in mine.items()}
    assert all(mine[queue] <= seen[queue] for queue in seen)


def test_what_is_mine_comes_first_and_then_what_waits_longest(database: Database, ask: Ask) -> None:
    def world(session: Session) -> Viewer:
        jonas, ines = a_viewer(session, role=Role.STEWARD), a_viewer(session)
        for days, owner, title in ((3, ines, "third"), (1, ines, "second"), (5, jonas, "first"), (4, ines, "fourth")):
            with clock.held(NOON + timedelta(days=days)):
                an_entry(session, owner, title=title)
        return jonas

    jonas = database.write(world)
    titles, after = [], None
    while True:
        query = """query ($after: String) { reviews(queue: UNVERIFIED, first: 1, after: $after) {
          pageInfo { hasNextPage endCursor } nodes { title } } }"""
        page = ask.data(query, jonas, after=after)["reviews"]
        titles += [node["title"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert titles == ["first", "second", "third", "fourth"]


def test_queue_and_counts_are_narrowed_by_kind_and_function(database: Database, ask: Ask) -> None:
    def world(session: Session) -> Viewer:
        ines = a_viewer(session)
        an_entry(session, ines, kind=Kind.GUIDE, title="guide", functions=[GroupKind.SALES])
        an_entry(session, ines, kind=Kind.STORY, title="story", functions=[GroupKind.SALES])
        an_entry(session, ines, title="practice", functions=[GroupKind.SUPPORT])
        return ines

    ines = database.write(world)

    def titles(narrowed: str) -> set[str]:
        data = ask.data(
            f"{{ reviews(queue: UNVERIFIED, {narrowed}) {{ nodes {{ title }} }} reviewCounts({narrowed}) {{ queue count }} }}",
            ines,
        )
        listed = {node["title"] for node in data["reviews"]["nodes"]}
        assert {"queue": "UNVERIFIED", "count": len(listed)} in data["reviewCounts"]
        return listed

    assert titles("functions: [SALES]") == {"guide"}
    assert titles("kinds: [STORY, BEST_PRACTICE]") == {"story", "practice"}
    assert titles("kinds: [GUIDE], functions: [SUPPORT]") == set()


def a_hundred(session: Session) -> Viewer:
    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=3)
    authors, jonas, karl = [a_viewer(session) for _ in range(5)], *(a_viewer(session, role=Role.STEWARD) for _ in "jk")
    kinds = (Kind.BEST_PRACTICE, Kind.GUIDE, Kind.LESSON, Kind.REQUIREMENTS, Kind.STORY)
    for number in range(100):
        author = authors[number % 5]
        draft = a_draft(session, author, kind=kinds[number % 5], audience=Audience.CUSTOMERS, body=f"Text {number}.")
        publishing.submit(session, author, draft.uid)
        publishing.approve(session, karl, draft.uid)
    return jonas


@ON_ONE_ENGINE
def test_a_hundred_in_the_queue_cost_few_statements(database: Database, ask: Ask, statements: list[str]) -> None:
    jonas = database.write(a_hundred)
    statements.clear()

    data = ask.data(
        """{ viewer { person { name } } trust { value } reviewCounts { queue count }
          reviews(queue: APPROVAL, first: 100) { nodes { slug title kind may owner { name }
            latest { number title excerpt submittedAt author { name } } approvals { needed given by { name } } } } }""",
        jonas,
    )

    nodes = data["reviews"]["nodes"]
    assert len(nodes) == 100
    assert {(node["approvals"]["needed"], node["approvals"]["given"]) for node in nodes} == {(3, 1)}
    assert all(node["latest"]["excerpt"] and "APPROVE" in node["may"] for node in nodes)
    assert len(statements) <= 10


@ON_ONE_ENGINE
def test_the_page_of_the_queue_costs_few_statements(database: Database, ask: Ask, statements: list[str]) -> None:
    jonas = database.write(a_hundred)
    group = database.write(a_group)
    keepers = [Keeping(person=jonas.uid), Keeping(group=group.uid)]

    def verifiable(session: Session) -> None:
        for number in range(40):
            entry = an_entry(session, a_viewer(session))
            freshness.set_verifier(session, OPERATOR, entry.uid, keepers[number % 2])

    database.write(verifiable)

    for queue in ("APPROVAL", "UNVERIFIED"):
        statements.clear()
        data = ask.data(document("reviews/reviews"), jonas, queue=queue, newest=queue == "APPROVAL", mine=False)

        assert len(data["reviews"]["nodes"]) == 20
        assert len(statements) <= 10


# Trust


def test_trust_is_the_share_whose_verification_holds_with_its_interval(database: Database, ask: Ask) -> None:
    def world(session: Session) -> Viewer:
        ines = a_viewer(session)
        for number in range(10):
            entry = an_entry(session, ines)
            if number < 8:
                freshness.verify(session, ines, entry.uid)
        due = session.get_one(Entry, an_entry(session, ines, kind=Kind.GUIDE).id)
        due.freshness = Freshness.DUE
        an_entry(session, ines, kind=Kind.STORY)
        a_draft(session, ines)
        return ines

    ines = database.write(world)
    fields = "{ n value low high basis distinctVoices }"

    data = ask.data(
        f"{{ all: trust {fields} practices: trust(kinds: [BEST_PRACTICE]) {fields} none: trust(kinds: [LESSON]) {fields} }}",
        ines,
    )

    practices = data["practices"]
    assert (practices["n"], practices["value"], practices["basis"]) == (10, 0.8, "CENSUS")
    assert (round(practices["low"], 4), round(practices["high"], 4)) == (0.4902, 0.9433)
    assert (data["all"]["n"], round(data["all"]["value"], 4)) == (11, round(9 / 11, 4))
    assert data["none"] == {
        "n": 0,
        "value": None,
        "low": None,
        "high": None,
        "basis": "CENSUS",
        "distinctVoices": None,
    }


def test_trust_counts_only_what_the_viewer_may_see(database: Database, ask: Ask) -> None:
    def world(session: Session) -> Viewer:
        ines, customer = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
        an_entry(session, ines)
        an_entry(session, ines, audience=Audience.PUBLIC)
        return customer

    assert ask.data("{ trust { n } }", database.write(world))["trust"]["n"] == 1


# An entry's life


def move(ask: Ask, viewer: Viewer, mutation: str, entry: Any, more: str = "") -> Any:
    query = f"""mutation ($id: ID!) {{ {mutation}(input: {{id: $id{more}}}) {{
      entry {{ status freshness scheduledFor approvals {{ needed given by {{ name }} }} latest {{ state scheduledFor }}
        successor {{ slug }} successorNote contested {{ why by {{ name }} }} verifierPerson {{ name }} verifierGroup {{ name }}
        verifyDays holdsFor may }} errors {{ field code }} }} }}"""
    return ask.data(query, viewer, id=global_id(entry))[mutation]


def group_id(database: Database, group: FunctionalGroup) -> str:
    with database.reading() as session:
        return global_id(people.groups_by_ids(session, [group.id])[group.id])


def test_two_of_two_approvals_are_told_as_they_come(database: Database, ask: Ask) -> None:
    tomas = database.write(lambda session: a_viewer(session, role=Role.ADMIN))
    ines = database.write(a_viewer)
    jonas, karl = (
        database.write(lambda session, name=name: a_viewer(session, role=Role.STEWARD, name=name))  # type: ignore[misc]
        for name in ("Jonas", "Karl")
    )
    rule = """mutation { setApprovalRule(input: {audience: PUBLIC, kind: GUIDE, needed: 2}) {
      rule { kind audience needed isOwn } errors { code } } }"""
    assert ask.data(rule, jonas)["setApprovalRule"] == {"rule": None, "errors": [{"code": "NOT_ALLOWED"}]}
    assert ask.data(rule, tomas)["setApprovalRule"]["rule"] == {
        "kind": "GUIDE",
        "audience": "PUBLIC",
        "needed": 2,
        "isOwn": True,
    }
    draft = database.write(lambda session: a_draft(session, ines, kind=Kind.GUIDE, audience=Audience.PUBLIC))

    submitted = move(ask, ines, "submitEntry", draft)["entry"]
    first = move(ask, jonas, "approveEntry", draft, ", revision: 1")["entry"]
    twice = move(ask, jonas, "approveEntry", draft)["errors"]
    second = move(ask, karl, "approveEntry", draft)["entry"]

    assert submitted["approvals"] == {"needed": 2, "given": 0, "by": []}
    assert (first["status"], first["approvals"]) == ("IN_REVIEW", {"needed": 2, "given": 1, "by": [{"name": "Jonas"}]})
    assert "APPROVE" not in first["may"]
    assert twice == [{"field": "id", "code": "INVALID"}]
    assert (second["status"], second["approvals"]) == ("PUBLISHED", None)


def test_schedule_verifier_and_successor_are_told_to_those_who_may_know(database: Database, ask: Ask) -> None:
    group = database.write(a_group)
    ines, customer = database.write(a_viewer), database.write(lambda session: a_viewer(session, role=Role.CUSTOMER))
    old = database.write(lambda session: an_entry(session, ines, audience=Audience.PUBLIC))
    new = database.write(lambda session: an_entry(session, ines, slug="the-new-way"))
    draft = database.write(lambda session: a_draft(session, ines))

    scheduled = move(ask, ines, "scheduleEntry", draft, ', at: "2100-01-01T00:00:00Z"')["errors"]
    soon = (clock.now() + timedelta(days=2)).isoformat()
    planned = move(ask, ines, "scheduleEntry", draft, f', at: "{soon}"')["entry"]
    draft_again = move(ask, ines, "unscheduleEntry", draft)["entry"]
    kept = move(ask, ines, "setVerifier", old, f', group: "{group_id(database, group)}", days: 30')
    gone = move(ask, ines, "obsoleteEntry", old, ', successor: {slug: "the-new-way"}, note: "Shorter."')["entry"]
    query = "query ($id: ID!) { entry(id: $id) { status successor { slug } successorNote verifierGroup { name } holdsFor } }"
    seen = ask.data(query, customer, id=global_id(old))["entry"]

    assert scheduled == [{"field": "at", "code": "INVALID"}]
    assert (planned["status"], planned["scheduledFor"]) == ("SCHEDULED", soon)
    assert "UNSCHEDULE" in planned["may"]
    assert (draft_again["status"], draft_again["scheduledFor"]) == ("DRAFT", None)
    assert (kept["entry"]["verifierGroup"], kept["entry"]["holdsFor"]) == ({"name": group.name}, 30)
    assert (gone["status"], gone["successor"], gone["successorNote"]) == ("OBSOLETE", {"slug": new.slug}, "Shorter.")
    assert seen == {
        "status": "OBSOLETE",
        "successor": None,
        "successorNote": "Shorter.",
        "verifierGroup": None,
        "holdsFor": 30,
    }


def test_what_speaks_against_an_entry_is_not_told_to_customers(database: Database, ask: Ask) -> None:
    ines, customer = database.write(a_viewer), database.write(lambda session: a_viewer(session, role=Role.CUSTOMER))

    def world(session: Session) -> Any:
        row = an_entry(session, ines, audience=Audience.CUSTOMERS)
        freshness.contest(session, session.get_one(Entry, row.id), ines.id, why="It harmed.")
        return row

    row = database.write(world)
    query = "query ($id: ID!) { entry(id: $id) { freshness contested { why at by { name } } } }"

    inside, outside = (ask.data(query, viewer, id=global_id(row))["entry"] for viewer in (ines, customer))
    cleared = move(ask, ines, "verifyEntry", row, ', note: "It was another product."')["entry"]

    assert (inside["contested"]["why"], inside["contested"]["by"]) == ("It harmed.", {"name": ines.name})
    assert outside == {"freshness": "CONTESTED", "contested": None}
    assert (cleared["freshness"], cleared["contested"]) == ("VERIFIED", None)


def test_many_are_verified_and_each_answers_for_itself(database: Database, ask: Ask) -> None:
    ines, jonas = database.write(a_viewer), database.write(a_viewer)
    mine = database.write(lambda session: an_entry(session, ines))
    theirs = database.write(lambda session: an_entry(session, jonas))
    query = """mutation ($ids: [ID!]!) { verifyEntries(input: {ids: $ids}) {
      results { id entry { freshness } errors { code } } errors { field code } } }"""

    ids = [global_id(mine), "nonsense", global_id(theirs)]
    answer = ask.data(query, ines, ids=ids)["verifyEntries"]
    too_many = ask.data(query, ines, ids=[global_id(mine)] * 101)["verifyEntries"]

    assert [row["id"] for row in answer["results"]] == ids
    assert [row["entry"] for row in answer["results"]] == [{"freshness": "VERIFIED"}, None, None]
    assert [[each["code"] for each in row["errors"]] for row in answer["results"]] == [
        [],
        ["NOT_FOUND"],
        ["NOT_ALLOWED"],
    ]
    assert too_many == {"results": [], "errors": [{"field": "ids", "code": "TOO_LARGE"}]}


def test_nobody_decides_about_what_they_have_not_read(database: Database, ask: Ask) -> None:
    ines, jonas = database.write(a_viewer), database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    entry = database.write(lambda session: an_entry(session, ines))
    database.write(lambda session: writing.update(session, ines, entry.uid, 1, {"body": "Newer."}))
    conflict = [{"field": "revision", "code": "CONFLICT"}]
    many = """mutation ($ids: [ID!]!, $revisions: [Int!]) { verifyEntries(input: {ids: $ids, revisions: $revisions}) {
      results { errors { field code } } errors { field code } } }"""

    def verified(*revisions: int) -> Any:
        return ask.data(many, jonas, ids=[global_id(entry)], revisions=list(revisions))["verifyEntries"]

    assert move(ask, ines, "publishEntry", entry, ", revision: 1")["errors"] == conflict
    assert move(ask, jonas, "verifyEntry", entry, ", revision: 2")["errors"] == conflict
    assert verified(2)["results"] == [{"errors": conflict}]
    assert verified(1, 2)["errors"] == [{"field": "revisions", "code": "INVALID"}]
    assert verified(1)["results"] == [{"errors": []}]
    assert move(ask, ines, "submitEntry", entry)["errors"] == []
    assert move(ask, jonas, "requestChanges", entry, ', note: "Why?", revision: 1')["errors"] == conflict
    assert move(ask, jonas, "requestChanges", entry, ', note: "Why?", revision: 2')["errors"] == []
    assert move(ask, ines, "publishEntry", entry, ", revision: 2")["errors"] == []
    assert move(ask, jonas, "verifyEntry", entry, ", revision: 2")["errors"] == []


@ON_ONE_ENGINE
def test_an_ordinary_entry_costs_no_statement_for_its_life(database: Database, ask: Ask, statements: list[str]) -> None:
    ines = database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, ines))
    query = "query ($id: ID!) { entry(id: $id) { title } }"
    life = """query ($id: ID!) { entry(id: $id) { title may scheduledFor successor { slug } contested { why }
      approvals { needed given } verifierPerson { name } verifierGroup { name } holdsFor } }"""
    costs = []

    for each in (query, life):
        statements.clear()
        ask.data(each, ines, id=global_id(entry))
        costs.append(len(statements))

    assert costs[1] == costs[0]
