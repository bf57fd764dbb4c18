"""Who hears what: nothing that is said inside reaches customers or strangers, whichever way they come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import clock
from knowledge.community import flags, reactions, speaking, suggesting
from knowledge.community.comments import CommentRow
from knowledge.database import Database
from knowledge.entries import EntryRow, publishing
from knowledge.people import Viewer
from knowledge.words import Audience, CommentAudience, FlagReason, ReactionKind, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import Standing
from tests.factories import a_draft, a_group, a_viewer, an_entry

VIEWERS = ("author", "groupmate", "colleague", "steward", "leader", "admin", "customer", "stranger")
INSIDE = {"author", "groupmate", "colleague", "steward", "leader", "admin"}
CURATORS = {"steward", "leader", "admin"}
SEES = {
    "draft": {"author"},
    "group": {"author", "groupmate"},
    "employees": INSIDE,
    "customers": INSIDE | {"customer"},
    "public": INSIDE | {"customer", "stranger"},
    "archived": {"author", *CURATORS},
}


@dataclass
class World:
    viewers: dict[str, Viewer]
    entries: dict[str, EntryRow]
    said: dict[str, CommentRow]
    suggestion: Any
    flag: Any


def a_world(session: Session) -> World:
    group = a_group(session)
    viewers = {
        "author": a_viewer(session, group=group),
        "groupmate": a_viewer(session, group=group),
        "colleague": a_viewer(session, group=a_group(session)),
        "steward": a_viewer(session, role=Role.STEWARD),
        "leader": a_viewer(session, role=Role.LEADER),
        "admin": a_viewer(session, role=Role.ADMIN),
        "customer": a_viewer(session, role=Role.CUSTOMER),
        "stranger": Viewer(),
    }
    author = viewers["author"]
    entries = {
        "draft": a_draft(session, author),
        "group": an_entry(session, author, audience=Audience.GROUP, audience_groups=[group.uid]),
        "employees": an_entry(session, author),
        "customers": an_entry(session, author, audience=Audience.CUSTOMERS),
        "public": an_entry(session, author, audience=Audience.PUBLIC),
        "archived": an_entry(session, author),
    }
    said: dict[str, CommentRow] = {}
    for hours, (name, entry) in enumerate(entries.items()):
        with clock.held(clock.now() - timedelta(hours=len(entries) - hours)):  # nobody says so much in ten minutes
            said |= {f"{name} {way}": row for way, row in talk(session, author, entry).items()}
    publishing.archive(session, author, entries["archived"].uid)
    speaking.hide(session, viewers["steward"], said["public hidden"].uid, "Rude.")
    speaking.remove(session, author, said["public removed"].uid)
    suggestion = suggesting.suggest(session, viewers["colleague"], entries["public"], 1, {"body": "Suggested."})
    flag = flags.flag(session, viewers["colleague"], entries["public"], FlagReason.WRONG)
    return World(viewers, entries, said, suggestion, flag)


def talk(session: Session, author: Viewer, entry: EntryRow) -> dict[str, CommentRow]:
    """A conversation among colleagues and one with readers, a whisper in it, and what will be taken away."""
    open_, inside = CommentAudience.READERS, CommentAudience.INSIDE
    readers = speaking.comment(session, author, entry, body="For readers", audience=open_)
    found = {
        "inside": speaking.comment(session, author, entry, body="Inside"),
        "readers": readers,
        "whisper": speaking.reply(session, author, readers, body="Whisper", audience=inside),
        "reply": speaking.reply(session, author, readers, body="Reply", audience=open_),
        "hidden": speaking.comment(session, author, entry, body="Hidden", audience=open_),
        "removed": speaking.comment(session, author, entry, body="Removed", audience=open_),
    }
    for row in found.values():
        reactions.react_to_comment(session, author, row, ReactionKind.LIKE)
    return found


def expected(name: str) -> set[str]:
    """What this viewer hears, by entry and comment."""
    ways = {"readers", "reply", "hidden", "removed"} | ({"inside", "whisper"} if name in INSIDE else set())
    heard = {f"{entry} {way}" for entry, seen in SEES.items() if name in seen for way in ways}
    heard.discard("public removed")
    return heard if name in CURATORS | {"author"} else heard - {"public hidden"}


Way = Callable[[Ask, Viewer, World], set[str]]


def named(ids: set[str], world: World) -> set[str]:
    return {name for name, row in world.said.items() if global_id(row) in ids}


def by_node(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    return {name for name, row in world.said.items() if ask.data(query, viewer, id=global_id(row))["node"]}


def by_item(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    query = "query ($id: ID!) { commentItem(id: $id) { id thread { id } } }"
    return {name for name, row in world.said.items() if ask.data(query, viewer, id=global_id(row))["commentItem"]}


def by_entry(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    query = """query ($id: ID!) { entry(id: $id) { commentCount
      comments(first: 50) { totalCount nodes { id replies { id replies { id } } } } } }"""
    ids = set()
    for row in world.entries.values():
        if (entry := ask.data(query, viewer, id=global_id(row))["entry"]) is not None:
            threads = entry["comments"]["nodes"]
            here = {each["id"] for each in threads} | {each["id"] for one in threads for each in one["replies"]}
            assert entry["commentCount"] == len(here)
            assert entry["comments"]["totalCount"] == len(threads)
            ids |= here
    return named(ids, world)


BY_NAME: dict[str, Way] = {"node": by_node, "comment": by_item, "entry": by_entry}


@pytest.mark.parametrize("way", BY_NAME)
def test_everybody_hears_what_is_for_them_whichever_way_they_come(standing: Standing, way: str) -> None:
    world, ask = standing(a_world)

    heard = {name: BY_NAME[way](ask, world.viewers[name], world) for name in VIEWERS}

    assert heard == {name: expected(name) for name in VIEWERS}


def test_what_was_last_said_is_of_published_entries(standing: Standing) -> None:
    world, ask = standing(a_world)

    for name in VIEWERS:
        last_said(ask, world, name)


def last_said(ask: Ask, world: World, name: str) -> None:
    found = ask.data("{ comments(first: 100) { totalCount nodes { id body entry { slug } } } }", world.viewers[name])

    nodes = found["comments"]["nodes"]
    assert found["comments"]["totalCount"] == len(nodes)
    assert all(node["body"] and node["entry"] for node in nodes)
    out = {each for each in expected(name) if not each.startswith(("draft", "archived"))}
    assert named({node["id"] for node in nodes}, world) == out


def test_suggestions_and_flags_are_for_those_who_keep_the_entry_and_who_made_them(standing: Standing) -> None:
    world, ask = standing(a_world)

    for name in VIEWERS:
        kept(ask, world, name)


def kept(ask: Ask, world: World, name: str) -> None:
    viewer, entry = world.viewers[name], global_id(world.entries["public"])
    query = """query ($entry: ID!, $suggestion: ID!, $flag: ID!) {
      entry(id: $entry) { suggestionCount flagCount suggestions { totalCount nodes { id } } flags { totalCount nodes { id } } }
      suggestion: node(id: $suggestion) { id } flag: node(id: $flag) { ... on Flag { id reporter { id } } }
      flags { totalCount } }"""

    found = ask.data(query, viewer, entry=entry, suggestion=global_id(world.suggestion), flag=global_id(world.flag))

    keeps = name in CURATORS | {"author"}
    sees = keeps or name == "colleague"
    assert (found["entry"]["suggestionCount"], found["entry"]["flagCount"]) == ((1, 1) if keeps else (None, None))
    assert found["entry"]["suggestions"]["totalCount"] == found["entry"]["flags"]["totalCount"] == int(sees)
    assert (found["suggestion"] is not None) == (found["flag"] is not None) == sees
    assert found["flags"]["totalCount"] == int(sees)
    if sees:
        assert (found["flag"]["reporter"] is not None) == (name in CURATORS | {"colleague"})


ACTS = {
    "comment": 'comment(input: {parent: $id, body: "Hm."})',
    "update": 'updateComment(input: {id: $id, body: "Hm."})',
    "remove": "removeComment(input: {id: $id})",
    "resolve": "resolveComment(input: {id: $id})",
    "reopen": "reopenComment(input: {id: $id})",
    "hide": 'hideComment(input: {id: $id, reason: "Hm."})',
    "unhide": "unhideComment(input: {id: $id})",
    "react": "react(input: {comment: $id, kind: LIKE})",
    "unreact": "unreact(input: {comment: $id, kind: LIKE})",
    "flag": "flag(input: {comment: $id, reason: WRONG})",
}


def test_what_is_said_inside_is_not_there_for_a_customer_to_act_on(database: Database, ask: Ask) -> None:
    world = database.write(a_world)
    document = "mutation ($id: ID!) { done: %s { errors { code } } }"

    refused = {
        (act, name): ask.data(document % words, world.viewers["customer"], id=global_id(world.said[name]))["done"]
        for act, words in ACTS.items()
        for name in ("public inside", "public whisper", "employees readers")
    }

    assert {key for key, done in refused.items() if done["errors"] != [{"code": "NOT_FOUND"}]} == set()


def test_a_handle_is_for_those_who_may_list_people(standing: Standing) -> None:
    world, ask = standing(a_world)
    query = "query ($id: ID!) { entry(id: $id) { author { name handle } } }"

    seen = {
        name: ask.data(query, world.viewers[name], id=global_id(world.entries["public"]))["entry"]["author"]["handle"]
        for name in ("colleague", "customer", "stranger")
    }

    assert seen["colleague"]
    assert (seen["customer"], seen["stranger"]) == (None, None)
