"""Differences, history and conflicts over GraphQL: what they cost, and that no draft shines through them."""

from typing import Any

import pytest
from sqlmodel import Session

from frontend.asking import document
from knowledge.database import Database
from knowledge.entries import EntryRow, publishing, snapshots, writing
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, Kind, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE, Standing
from tests.factories import a_group, a_viewer, an_entry

VIEWERS = ("author", "colleague", "steward", "leader", "admin", "customer", "stranger")
SECRET = "Okapi"
# What was published once and is no more, what is published, a draft, and what is submitted and waits; of an entry for everyone.
READS = {
    "author": {1, 2, 3, 4},
    **{name: {1, 2, 4} for name in ("steward", "leader", "admin")},
    "colleague": {1, 2},
    **{name: {2} for name in ("customer", "stranger")},
}
DIFFERENCE = """query ($slug: String!, $from: Int, $to: Int!) { entry(slug: $slug) {
  difference(from: $from, to: $to) { from { number title body } to { number title body }
    fields { field label shape parts { kind text lines } } }
} }"""
EACH = """query ($slug: String!, $since: Int) { entry(slug: $slug) { revisions { nodes { number
  difference(since: $since) { from { number } fields { parts { text } } } } } } }"""


def viewers_of(session: Session) -> dict[str, Viewer]:
    return {
        "author": a_viewer(session),
        "colleague": a_viewer(session, group=a_group(session)),
        **{
            role.lower(): a_viewer(session, role=role)
            for role in (Role.STEWARD, Role.LEADER, Role.ADMIN, Role.CUSTOMER)
        },
        "stranger": Viewer(),
    }


def a_world(session: Session) -> tuple[dict[str, Viewer], EntryRow]:
    viewers = viewers_of(session)
    author = viewers["author"]
    entry = an_entry(session, author, kind=Kind.GUIDE, title="Zebra", body="Zebra 1.", audience=Audience.PUBLIC)
    for number, body in ((1, "Zebra 2."), (2, f"{SECRET}, a draft."), (3, "Zebra 4, submitted.")):
        writing.update(session, author, entry.uid, number, {"body": body})
        if number == 1:
            publishing.publish(session, OPERATOR, entry.uid)
    publishing.submit(session, author, entry.uid)
    return viewers, entry


@pytest.mark.parametrize("name", VIEWERS)
def test_a_difference_is_between_what_the_viewer_may_read_or_is_not_there(standing: Standing, name: str) -> None:
    (viewers, entry), ask = standing(a_world)

    def read(before: int | None, after: int) -> Any:
        variables = {"slug": entry.slug, "from": before, "to": after}
        answer = ask.data(DIFFERENCE, viewers[name], **variables)
        assert SECRET not in str(answer) or name == "author"
        return answer["entry"]["difference"]

    found = {(before, after) for before in (None, 0, 1, 2, 3, 4, 9) for after in range(6) if read(before, after)}

    assert {after for before, after in found if before is None} == READS[name]
    assert {pair for pair in found if pair[0] is not None} == {
        (before, after) for before in (*READS[name], 0) for after in READS[name]
    }


@pytest.mark.parametrize("name", VIEWERS)
def test_no_draft_shines_through_the_difference_of_a_revision(standing: Standing, name: str) -> None:
    (viewers, entry), ask = standing(a_world)

    answers = [ask.data(EACH, viewers[name], slug=entry.slug, since=since) for since in (None, 0, 1, 2, 3, 4)]

    assert all(SECRET not in str(answer) for answer in answers) or name == "author"
    assert {each["number"] for each in answers[0]["entry"]["revisions"]["nodes"]} == READS[name]
    bases = {
        each["difference"]["from"]["number"]
        for answer in answers
        for each in answer["entry"]["revisions"]["nodes"]
        if each["difference"] and each["difference"]["from"]
    }
    assert bases <= READS[name]


def a_vision(session: Session) -> tuple[dict[str, Viewer], EntryRow]:
    viewers = viewers_of(session)
    author = viewers["author"] = a_viewer(session, role=Role.LEADER)
    vision = an_entry(session, author, kind=Kind.VISION, audience=Audience.PUBLIC)
    writing.update(session, author, vision.uid, 1, {"body": "Out."})
    publishing.publish(session, OPERATOR, vision.uid)
    writing.update(session, author, vision.uid, 2, {"body": SECRET})
    for number in (1, 2, 3):
        snapshots.name(session, author, vision.uid, number, called=f"Snap {number}")
    return viewers, vision


@pytest.mark.parametrize("name", VIEWERS)
def test_a_snapshot_is_seen_by_those_who_read_its_revision(standing: Standing, name: str) -> None:
    (viewers, vision), ask = standing(a_vision)
    reads = {"author": {1, 2, 3}, "customer": {2}, "stranger": {2}}.get(name, {1, 2})
    query = """query ($slug: String!) { entry(slug: $slug) { ... on Vision { snapshots { id number name }
      differenceByName(from: "Snap 2", to: "Snap 3") { to { number } } } } }"""

    found = ask.data(query, viewers[name], slug=vision.slug)["entry"]

    assert {each["number"] for each in found["snapshots"]} == reads
    assert (found["differenceByName"] is not None) == (name == "author")
    owned = ask.data(query, viewers["author"], slug=vision.slug)["entry"]["snapshots"]
    node = "query ($id: ID!) { node(id: $id) { ... on Snapshot { name } } }"
    assert {each["number"] for each in owned if ask.data(node, viewers[name], id=each["id"])["node"]} == reads


def thirty_revisions(kind: Kind) -> Any:
    def work(session: Session) -> tuple[Viewer, EntryRow]:
        viewer = a_viewer(session, role=Role.LEADER)
        entry = an_entry(session, viewer, kind=kind, tags=["kept"], body="0.")
        others = [a_viewer(session, role=Role.LEADER) for _ in range(3)]
        for number in range(1, 30):
            changes: writing.Changes = {"body": f"{number}.", "tags": [f"tag {number}"], "note": f"Change {number}."}
            entry = writing.update(session, others[number % 3], entry.uid, number, changes)
            entry = publishing.publish(session, OPERATOR, entry.uid)
        if kind is Kind.VISION:
            snapshots.name(session, viewer, entry.uid, 10, called="As agreed")
        return viewer, entry

    return work


@ON_ONE_ENGINE
@pytest.mark.parametrize("kind", [Kind.BEST_PRACTICE, Kind.VISION])
def test_the_history_of_thirty_revisions_costs_at_most_eight_statements_and_one_for_answers(
    database: Database, ask: Ask, statements: list[str], kind: Kind
) -> None:
    viewer, entry = database.write(thirty_revisions(kind))
    variables = {"after": None, "from": 1, "to": 30, "fromName": "1", "toName": "30", "numbered": True, "named": False}
    statements.clear()

    found = ask.data(document("revisions/history"), viewer, slug=entry.slug, **variables)["entry"]

    assert len(found["revisions"]["nodes"]) == 30
    assert len(found["difference"]["fields"]) == 2
    assert len(statements) <= 8 + (kind is Kind.VISION), statements


@ON_ONE_ENGINE
def test_the_differences_of_thirty_revisions_cost_no_more_statements_than_one(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer, entry = database.write(thirty_revisions(Kind.BEST_PRACTICE))
    statements.clear()

    found = ask.data(EACH.replace("revisions {", "revisions(first: 30) {"), viewer, slug=entry.slug, since=None)

    assert all(each["difference"]["fields"] for each in found["entry"]["revisions"]["nodes"])
    assert len(statements) <= 7, statements


def test_a_conflict_answers_what_the_two_come_to(database: Database, ask: Ask) -> None:
    viewer, entry = database.write(a_group_entry)
    update = """mutation ($input: UpdateEntryInput!) { updateEntry(input: $input) { entry { revision } current { number }
      merge { clean fields { name shape base yours theirs merged clashes { yours theirs } yourChanges { kind text } } }
      errors { field code } } }"""
    input = {
        "id": global_id(entry),
        "baseRevision": 1,
        "body": "One.\n\nTwo, mine.",
        "tags": ["visits"],
        "summary": "Mine.",
    }

    answer = ask.data(update, viewer, input=input)["updateEntry"]

    fields = {each["name"]: each for each in answer["merge"]["fields"]}
    assert answer["errors"] == [{"field": "baseRevision", "code": "CONFLICT"}]
    assert (answer["entry"], answer["current"]["number"], answer["merge"]["clean"]) == (None, 2, False)
    assert fields["body"]["merged"] == "One, theirs.\n\nTwo, mine."
    assert fields["tags"]["merged"] == "phone\nvisits"
    assert fields["summary"]["clashes"] == [{"yours": "Mine.", "theirs": "Theirs."}]
    groups = ask.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }",
        viewer,
        ids=fields["audienceGroups"]["merged"].split("\n"),
    )
    assert groups == {"nodes": [{"__typename": "FunctionalGroup"}]}


def a_group_entry(session: Session) -> tuple[Viewer, EntryRow]:
    group = a_group(session)
    viewer = a_viewer(session, group=group)
    entry = an_entry(session, viewer, body="One.\n\nTwo.", tags=[])
    changes: writing.Changes = {
        "body": "One, theirs.\n\nTwo.", "tags": ["phone"], "summary": "Theirs.",
        "audience": Audience.GROUP, "audience_groups": [group.uid],
    }  # fmt: skip
    writing.update(session, viewer, entry.uid, 1, changes)
    return viewer, entry


def test_a_revision_is_restored_and_published_in_one_go(database: Database, ask: Ask) -> None:
    viewer, entry = database.write(a_group_entry)
    restore = """mutation ($input: RestoreRevisionInput!) { restoreRevision(input: $input) {
      entry { revision body status } current { number } errors { field code } } }"""
    input = {"id": global_id(entry), "revision": 1, "baseRevision": 2, "publish": True}

    answer = ask.data(restore, viewer, input=input)["restoreRevision"]
    late = ask.data(restore, viewer, input=input)["restoreRevision"]

    assert answer == {
        "entry": {"revision": 3, "body": "One.\n\nTwo.", "status": "PUBLISHED"},
        "current": None,
        "errors": [],
    }
    assert late == {"entry": None, "current": {"number": 3}, "errors": [{"field": "baseRevision", "code": "CONFLICT"}]}


def test_the_note_of_a_change_is_for_those_inside(database: Database, ask: Ask) -> None:
    viewers, entry = database.write(a_world)
    query = "query ($slug: String!) { entry(slug: $slug) { note } }"

    said = {name: ask.data(query, viewers[name], slug=entry.slug)["entry"]["note"] for name in VIEWERS}

    assert {name for name, note in said.items() if note is None} == {"customer", "stranger"}
