"""Following, notifications and share links through the API: what each viewer is shown, and what it costs."""

from typing import Any

import pytest
from sqlmodel import Session

from knowledge import evidence
from knowledge.community import follows, shares
from knowledge.database import Database
from knowledge.entries import EntryRow, publishing
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.words import Audience, Kind, Role, Stance
from schema.nodes import global_id
from schema.root import SCHEMA
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE, Standing
from tests.factories import a_draft, a_group, a_viewer, an_entry, some_feedback, told
from tests.schema.test_visibility import LISTED, SEEN, VIEWERS, World, a_world

FOLLOW = """mutation ($input: FollowInput!) { follow(input: $input) { follow { target search { url } }
  entry { following muted } tag { following } errors { field code } } }"""
UNFOLLOW = "mutation ($input: UnfollowInput!) { unfollow(input: $input) { entry { following } errors { field code } } }"
FOLLOWS = """{ viewer { follows { totalCount nodes { id target kind entry { slug } tag { slug } person { name } group { name }
  search { query url } } } } }"""
TOLD = """{ viewer { unreadCount notifications(first: 50) { totalCount nodes { id about reason count others seen
  actor { name } entry { slug title author { name } } } } } }"""
MARK = "mutation ($input: MarkReadInput!) { markRead(input: $input) { viewer { unreadCount } errors { field code } } }"


def things(session: Session) -> dict[str, Any]:
    group = a_group(session)
    author = a_viewer(session, group=group)
    entry = an_entry(session, author, kind=Kind.STORY, tags=["valve"], audience=Audience.PUBLIC)
    return {"entry": entry, "author": author, "group": group, "viewer": a_viewer(session)}


def test_everything_that_can_be_followed_is_followed_and_left_by_its_name(database: Database, ask: Ask) -> None:
    world = database.write(things)
    viewer, author = world["viewer"], world["author"]
    person = ask.data("{ entries { nodes { author { id } } } }", viewer)["entries"]["nodes"][0]["author"]["id"]
    inputs: list[dict[str, Any]] = [
        {"entry": {"slug": world["entry"].slug}},
        {"tag": "valve"},
        {"kind": "STORY"},
        {"person": person},
        {"group": ask.data("{ groups { id } }", viewer)["groups"][0]["id"]},
        {"search": {"query": "leak", "filter": {"kinds": ["STORY"], "tags": ["valve"]}}},
    ]

    followed = [ask.data(FOLLOW, viewer, input=each)["follow"] for each in inputs]
    listed = ask.data(FOLLOWS, viewer)["viewer"]["follows"]
    left = [ask.data(UNFOLLOW, viewer, input=each)["unfollow"]["errors"] for each in inputs]

    assert [each["errors"] for each in followed] == [[]] * 6
    assert followed[0]["entry"] == {"following": True, "muted": False}
    assert followed[1]["tag"] == {"following": True}
    assert followed[5]["follow"]["search"] == {"url": "/search?q=leak&kind=story&tag=valve"}
    assert listed["totalCount"] == 6
    assert {node["target"] for node in listed["nodes"]} == {"ENTRY", "TAG", "KIND", "PERSON", "GROUP", "SEARCH"}
    assert next(node for node in listed["nodes"] if node["person"])["person"]["name"] == author.name
    assert left == [[]] * 6
    assert ask.data(FOLLOWS, viewer)["viewer"]["follows"]["nodes"] == []


def test_a_follow_is_left_by_its_id_and_only_by_whose_it_is(database: Database, ask: Ask) -> None:
    world = database.write(things)
    ask.data(FOLLOW, world["viewer"], input={"kind": "STORY"})
    id = ask.data(FOLLOWS, world["viewer"])["viewer"]["follows"]["nodes"][0]["id"]

    others = ask.data(UNFOLLOW, world["author"], input={"id": id})["unfollow"]["errors"]
    node = ask.data("query ($id: ID!) { node(id: $id) { id } }", world["author"], id=id)["node"]
    ask.data(UNFOLLOW, world["viewer"], input={"id": id})

    assert others == [{"field": "id", "code": "NOT_FOUND"}]
    assert node is None
    assert ask.data(FOLLOWS, world["viewer"])["viewer"]["follows"]["nodes"] == []


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"entry": {"slug": "none"}}, "entry"),
        ({"tag": "none"}, "tag"),
        ({"person": "none"}, "person"),
        ({"group": "none"}, "group"),
    ],
)
def test_what_is_not_there_cannot_be_followed(database: Database, ask: Ask, input: dict[str, Any], field: str) -> None:
    viewer = database.write(a_viewer)

    answer = ask.data(FOLLOW, viewer, input=input)["follow"]

    assert answer["errors"] == [{"field": field, "code": "NOT_FOUND"}]


def all_told(session: Session) -> World:
    """Everybody follows everything, and something happens to all of it."""
    world = a_world(session)
    for viewer in world.viewers.values():
        for row in world.entries.values():
            if viewer.id is not None:
                follows.by_itself(session, row.id, [viewer.id])
    return world


def tell_all(session: Session, world: World) -> None:
    for row in world.entries.values():
        told(session, row, "entry.verified")


def all_of_it_told(session: Session) -> World:
    world = all_told(session)
    tell_all(session, world)
    return world


def names_of(world: World, nodes: list[dict[str, Any]]) -> list[str]:
    by_slug = {row.slug: name for name, row in world.entries.items()}
    return sorted(by_slug[node["entry"]["slug"]] for node in nodes)


@pytest.mark.parametrize("name", [name for name in VIEWERS if name != "stranger"])
def test_viewer_is_told_of_what_they_may_see(standing: Standing, name: str) -> None:
    world, ask = standing(all_of_it_told)
    viewer = world.viewers[name]

    heard = ask.data(TOLD, viewer)["viewer"]
    followed = ask.data(FOLLOWS, viewer)["viewer"]["follows"]

    expected = sorted(entry for entry, seen in SEEN.items() if name in seen)
    assert names_of(world, heard["notifications"]["nodes"]) == expected
    about = [node["about"] for node in heard["notifications"]["nodes"]]
    assert sorted(about) == sorted(global_id(world.entries[each]) for each in expected)
    assert heard["unreadCount"] == heard["notifications"]["totalCount"] == len(expected)
    assert names_of(world, followed["nodes"]) == expected
    assert followed["totalCount"] == len(expected)


def test_strangers_have_nothing(database: Database, ask: Ask) -> None:
    database.write(things)

    viewer = ask.data(TOLD, Viewer())["viewer"]

    assert viewer == {"unreadCount": 0, "notifications": {"totalCount": 0, "nodes": []}}


def test_a_token_that_may_not_read_entries_hears_of_none(database: Database, ask: Ask) -> None:
    world = database.write(things)
    database.write(lambda session: told(session, world["entry"]))
    author = world["author"]
    token = Viewer(id=author.id, uid=author.uid, role=author.role, scopes=frozenset({Act.PROFILE_WRITE}))

    assert ask.data(TOLD, token)["viewer"]["notifications"]["nodes"] == []
    assert ask.data(TOLD, author)["viewer"]["unreadCount"] == 1


def test_notifications_are_marked_by_id_all_or_up_to_one(database: Database, ask: Ask) -> None:
    world = database.write(things)
    author, entry = world["author"], world["entry"]
    database.write(lambda session: told(session, entry, "entry.verified"))
    database.write(lambda session: told(session, entry, "entry.contested"))
    database.write(lambda session: told(session, entry, "entry.due"))
    ids = [node["id"] for node in ask.data(TOLD, author)["viewer"]["notifications"]["nodes"]]

    counts = [
        ask.data(MARK, author, input=each)["markRead"]["viewer"]["unreadCount"]
        for each in ({"ids": [ids[0]]}, {"upTo": ids[2]}, {"all": True})
    ]

    assert counts == [2, 1, 0]
    answer = ask.data(MARK, world["viewer"], input={"ids": ids})["markRead"]
    assert answer["errors"] == [{"field": "ids", "code": "NOT_FOUND"}]


def test_settings_say_what_is_on_and_change_only_what_is_named(database: Database, ask: Ask) -> None:
    viewer = database.write(a_viewer)
    change = """mutation ($input: NotificationSettingsInput!) { setNotifications(input: $input) {
      viewer { followsByItself notificationSettings { reason on } } errors { code } } }"""

    one = ask.data(change, viewer, input={"reasons": ["MENTION", "REPLY"]})["setNotifications"]["viewer"]
    other = ask.data(change, viewer, input={"followsByItself": False})["setNotifications"]["viewer"]

    assert {each["reason"] for each in one["notificationSettings"] if each["on"]} == {"MENTION", "REPLY"}
    assert (one["followsByItself"], other["followsByItself"]) == (True, False)
    assert one["notificationSettings"] == other["notificationSettings"]


def fifty_told(session: Session) -> Viewer:
    owner = a_viewer(session)
    for _ in range(50):
        entry = an_entry(session, owner)
        told(session, entry, by=a_viewer(session))
    return owner


@ON_ONE_ENGINE
def test_fifty_notifications_cost_four_statements(database: Database, ask: Ask, statements: list[str]) -> None:
    owner = database.write(fifty_told)
    statements.clear()

    found = ask.data(
        "{ viewer { unreadCount notifications(first: 50) { nodes { reason actor { name } entry { title author { name } } } } } }",
        owner,
    )

    assert found["viewer"]["unreadCount"] == len(found["viewer"]["notifications"]["nodes"]) == 50
    assert len(statements) == 4


def fifty_entries(session: Session) -> Viewer:
    author = a_viewer(session)
    for _ in range(50):
        an_entry(session, author, audience=Audience.PUBLIC, tags=["valve"])
    return author


@ON_ONE_ENGINE
def test_how_one_stands_to_fifty_entries_costs_one_statement_and_their_links_another(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    author = database.write(fifty_entries)
    counts = []

    for fields in ("following muted shareable urn", "shareLinks { expiresAt }", "tags { following }"):
        statements.clear()
        ask.data(f"{{ entries(first: 50) {{ nodes {{ {fields} }} }} }}", author)
        counts.append(len(statements))
    statements.clear()
    ask.data("{ entries(first: 50) { nodes { following muted shareLinks { id } } } }", Viewer())

    assert counts == [2, 2, 3]
    assert len(statements) == 1


@ON_ONE_ENGINE
def test_what_cannot_be_shared_costs_nothing(database: Database, ask: Ask, statements: list[str]) -> None:
    author = database.write(a_viewer)
    database.write(lambda session: an_entry(session, author))
    statements.clear()

    ask.data("{ entries { nodes { shareable shareLinks { id } } } }", author)

    assert len(statements) == 1


SHARE = """mutation ($input: CreateShareLinkInput!) { createShareLink(input: $input) {
  path shareLink { id expiresAt } errors { field code } } }"""
SHARED = """query ($token: String!) { shared(token: $token) { kind title summary bodyHtml language expiresAt publishedAt
  practice { problemHtml } insight { claim } vision { statement } } }"""


@pytest.mark.parametrize("kind", Kind)
def test_a_shared_entry_of_every_kind_is_read_without_an_account(database: Database, ask: Ask, kind: Kind) -> None:
    author = database.write(lambda session: a_viewer(session, role=Role.LEADER))
    entry = database.write(lambda session: shareable(session, author, kind))

    path = ask.data(SHARE, author, input={"entry": {"slug": entry.slug}})["createShareLink"]["path"]
    found = ask.data(SHARED, Viewer(reads_public=False), token=path.removeprefix("/shared/"))["shared"]

    assert (found["kind"], found["title"]) == (kind.value, entry.title)
    assert (found["practice"] is not None) == (kind is Kind.BEST_PRACTICE)


def shareable(session: Session, author: Viewer, kind: Kind) -> EntryRow:
    if kind is Kind.INSIGHT:
        draft = a_draft(session, author, kind=kind, audience=Audience.CUSTOMERS)
        evidence.attach(session, author, draft, some_feedback(session, author), Stance.SUPPORTS)
        return publishing.publish(session, OPERATOR, draft.uid)
    return an_entry(session, author, kind=kind, audience=Audience.CUSTOMERS)


@pytest.mark.parametrize("name", VIEWERS)
def test_only_what_has_been_approved_to_leave_is_shared(standing: Standing, name: str) -> None:
    world, ask = standing(a_world)
    viewer = world.viewers[name]

    made = set()
    for entry, row in world.entries.items():
        answer = ask(SHARE, viewer, input={"entry": {"id": global_id(row)}})
        if answer.data and answer.data["createShareLink"]["path"]:
            made.add(entry)

    inside = name not in {"customer", "stranger"}
    assert made == (
        {"customers", "public"} & {each for each, seen in LISTED.items() if name in seen} if inside else set()
    )


def test_the_schema_of_what_is_shared_names_nobody_and_no_evidence() -> None:
    shared = SCHEMA.type_map["SharedEntry"].fields  # type: ignore[attr-defined]
    assert not {"author", "owner", "verifiedBy", "evidence", "comments", "revisions", "latest"} & set(shared)


def test_a_wrong_token_and_an_ended_link_show_nothing(database: Database, ask: Ask) -> None:
    author = database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, author, audience=Audience.PUBLIC))
    secret, row = database.write(lambda session: shares.create(session, author, entry))
    revoke = "mutation ($id: ID!) { revokeShareLink(input: {id: $id}) { entry { slug } errors { code } } }"

    before = ask.data(SHARED, Viewer(), token=secret)["shared"]
    ended = ask.data(revoke, author, id=global_id(row))["revokeShareLink"]

    assert before is not None
    assert ended == {"entry": {"slug": entry.slug}, "errors": []}
    for token in (secret, "", "x" * 5_000, secret[:-1]):
        assert ask.data(SHARED, author, token=token)["shared"] is None
