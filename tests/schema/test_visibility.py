"""Who sees what, over every way in: nothing that a viewer may not see is returned, counted, suggested or linked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from sqlmodel import Session

from knowledge import evidence
from knowledge.database import Database
from knowledge.entries import EntryRow, links, publishing, writing
from knowledge.entries.writing import Changes
from knowledge.feedback import FeedbackRow
from knowledge.people import OPERATOR, FunctionalGroup, Viewer
from knowledge.words import Audience, Kind, LinkKind, Role, Stance
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import Standing
from tests.factories import a_draft, a_group, a_viewer, an_entry, some_feedback

VIEWERS = ("author", "groupmate", "colleague", "steward", "leader", "admin", "customer", "stranger")
INSIDE = {"author", "groupmate", "colleague", "steward", "leader", "admin"}
CURATORS = {"steward", "leader", "admin"}

# Which viewers see an entry when they name it; the author sees their own in any state.
SEEN = {
    "draft": {"author"},
    "submitted": {"author", *CURATORS},
    "group": {"author", "groupmate"},
    "employees": INSIDE,
    "customers": INSIDE | {"customer"},
    "public": INSIDE | {"customer", "stranger"},
    "archived": {"author", *CURATORS},
}
# Which of them appear in lists, search and facets: what is published.
LISTED = {name: seen if name not in {"draft", "submitted", "archived"} else set() for name, seen in SEEN.items()}


@dataclass
class World:
    viewers: dict[str, Viewer]
    entries: dict[str, EntryRow]
    hub: EntryRow
    item: FeedbackRow


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
    hub = an_entry(session, author, kind=Kind.GUIDE, title="Hub", audience=Audience.PUBLIC)

    def named(name: str, audience: Audience = Audience.EMPLOYEES, **more: Any) -> dict[str, Any]:
        return {"title": f"Zebra {name}", "tags": [f"only {name}"], "body": "Quagga.", "audience": audience, **more}

    entries = {
        "draft": a_draft(session, author, **named("draft")),
        "submitted": a_draft(session, author, **named("submitted")),
        "group": an_entry(session, author, **named("group", Audience.GROUP, audience_groups=[group.uid])),
        "employees": an_entry(session, author, **named("employees")),
        "customers": an_entry(session, author, **named("customers", Audience.CUSTOMERS)),
        "public": an_entry(session, author, **named("public", Audience.PUBLIC)),
        "archived": an_entry(session, author, **named("archived")),
    }
    item = some_feedback(session, author)
    for row in entries.values():
        links.link(session, OPERATOR, hub, row, LinkKind.RELATED)
        links.link(session, OPERATOR, row, hub, LinkKind.EXAMPLE_OF)
        evidence.attach(session, OPERATOR if row.author_id is None else author, row, item, Stance.SUPPORTS)
    publishing.submit(session, author, entries["submitted"].uid)
    publishing.archive(session, author, entries["archived"].uid)
    # A newer revision of what is out must not shine through to readers.
    draft = writing.update(
        session, author, entries["public"].uid, 1, {"title": "Okapi in preparation", "body": "Okapi."}
    )
    assert draft.title == "Zebra public"
    return World(viewers, entries, hub, item)


Way = Callable[[Ask, Viewer, World], Any]


def by_name(query: str, key: Callable[[EntryRow], str]) -> Callable[[Ask, Viewer, World], set[str]]:
    def way(ask: Ask, viewer: Viewer, world: World) -> set[str]:
        return {
            name for name, row in world.entries.items() if ask.data(query, viewer, key=key(row))["found"] is not None
        }

    return way


def slugs(
    ask: Ask, viewer: Viewer, query: str, dig: Callable[[Any], Iterator[Any]], world: World, **variables: Any
) -> set[str]:
    by_slug = {row.slug: name for name, row in world.entries.items()}
    found = {node["slug"] for node in dig(ask.data(query, viewer, **variables)) if node is not None}
    return {by_slug[slug] for slug in found if slug in by_slug}


def listed(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    found = ask.data("{ entries(first: 100) { totalCount nodes { slug title } } }", viewer)["entries"]
    assert found["totalCount"] == len(found["nodes"])
    assert all("Okapi" not in node["title"] for node in found["nodes"])
    return slugs(
        ask, viewer, "{ entries(first: 100) { nodes { slug } } }", lambda data: data["entries"]["nodes"], world
    )


def searched(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    query = """query ($q: String!) { search(query: $q, first: 50) {
        totalCount facets { field values { value count } } nodes { ... on Entry { slug } } } }"""
    found = ask.data(query, viewer, q="zebra quagga")["search"]
    assert found["totalCount"] == len(found["nodes"])
    names = {
        value["value"].removeprefix("only-")
        for facet in found["facets"]
        if facet["field"] == "tag"
        for value in facet["values"]
    }
    shown = slugs(ask, viewer, query, lambda data: data["search"]["nodes"], world, q="zebra quagga")
    assert names == shown
    assert ask.data(query, viewer, q="okapi")["search"]["totalCount"] == 0
    return shown


def suggested(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    titles = [each["text"] for each in ask.data('{ suggest(prefix: "zeb") { text } }', viewer)["suggest"]]
    tags = [each["text"] for each in ask.data('{ suggest(prefix: "only") { text } }', viewer)["suggest"]]
    assert {title.removeprefix("Zebra ") for title in titles} == {tag.removeprefix("only ") for tag in tags}
    return {title.removeprefix("Zebra ") for title in titles}


def tagged(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    found = ask.data("{ tags(first: 100) { totalCount nodes { name entryCount entries { totalCount } } } }", viewer)[
        "tags"
    ]
    assert found["totalCount"] == len(found["nodes"])
    assert all(node["entryCount"] == node["entries"]["totalCount"] == 1 for node in found["nodes"])
    one = {
        name
        for name in world.entries
        if ask.data("query ($slug: String!) { tag(slug: $slug) { name } }", viewer, slug=f"only-{name}")["tag"]
    }
    assert one == {node["name"].removeprefix("only ") for node in found["nodes"]}
    return one


HUB = "query ($slug: String!) { entry(slug: $slug) { links { entry { slug } } backlinks(first: 50) { totalCount nodes { slug } } } }"


def linked(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    return slugs(
        ask, viewer, HUB, lambda data: (link["entry"] for link in data["entry"]["links"]), world, slug=world.hub.slug
    )


def linked_back(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    found = ask.data(HUB, viewer, slug=world.hub.slug)["entry"]["backlinks"]
    assert found["totalCount"] == len(found["nodes"])
    return slugs(ask, viewer, HUB, lambda data: data["entry"]["backlinks"]["nodes"], world, slug=world.hub.slug)


def evidenced(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    query = "{ feedback { nodes { evidence { entry { slug } } } } }"
    return slugs(
        ask,
        viewer,
        query,
        lambda data: (piece["entry"] for node in data["feedback"]["nodes"] for piece in node["evidence"]),
        world,
    )


def in_any_state(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    states = "DRAFT IN_REVIEW CHANGES_REQUESTED SCHEDULED PUBLISHED ARCHIVED OBSOLETE"
    query = f"{{ entries(first: 100, filter: {{status: [{states}]}}) {{ nodes {{ slug }} }} }}"
    return slugs(ask, viewer, query, lambda data: data["entries"]["nodes"], world)


def many(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    ids = [global_id(row) for row in world.entries.values()]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Entry { slug } } }"
    return slugs(ask, viewer, query, lambda data: data["nodes"], world, ids=ids)


def written(ask: Ask, viewer: Viewer, world: World) -> set[str]:
    query = "query ($slug: String!) { entry(slug: $slug) { revisions { totalCount nodes { title body } } latest { title } } }"
    found = set()
    for name, row in world.entries.items():
        entry = ask.data(query, viewer, slug=row.slug)["entry"]
        if entry is not None:
            found.add(name)
            newer = any("Okapi" in node["title"] for node in entry["revisions"]["nodes"])
            assert entry["revisions"]["totalCount"] == len(entry["revisions"]["nodes"])
            own = viewer == world.viewers["author"]
            assert newer == (own and name == "public")
            seen = own or (name == "submitted" and viewer.role in {Role.STEWARD, Role.LEADER, Role.ADMIN})
            assert (entry["latest"] is not None) == (seen and name in {"draft", "submitted", "public"})
    return found


BY_NAME: dict[str, Way] = {
    "entry by slug": by_name("query ($key: String!) { found: entry(slug: $key) { id } }", lambda row: row.slug),
    "entry by id": by_name("query ($key: ID!) { found: entry(id: $key) { id } }", global_id),
    "node": by_name("query ($key: ID!) { found: node(id: $key) { id } }", global_id),
    "nodes": many,
    "revisions": written,
    "entries in any state": in_any_state,
    "links": linked,
    "backlinks": linked_back,
}
IN_LISTS: dict[str, Way] = {"entries": listed, "search": searched, "suggest": suggested, "tags": tagged}


@pytest.mark.parametrize("name", VIEWERS)
def test_viewer_sees_by_name_what_is_theirs_to_see(standing: Standing, name: str) -> None:
    world, ask = standing(a_world)

    seen = {way: find(ask, world.viewers[name], world) for way, find in BY_NAME.items()}

    expected = {entry for entry, viewers in SEEN.items() if name in viewers}
    assert seen == dict.fromkeys(BY_NAME, expected)


@pytest.mark.parametrize("name", VIEWERS)
def test_viewer_finds_in_lists_what_is_published_for_them(standing: Standing, name: str) -> None:
    world, ask = standing(a_world)

    found = {way: find(ask, world.viewers[name], world) for way, find in IN_LISTS.items()}

    expected = {entry for entry, viewers in LISTED.items() if name in viewers}
    assert found == dict.fromkeys(IN_LISTS, expected)


@pytest.mark.parametrize("name", VIEWERS)
def test_evidence_names_no_entry_that_the_viewer_may_not_see(standing: Standing, name: str) -> None:
    world, ask = standing(a_world)

    seen = evidenced(ask, world.viewers[name], world)

    assert seen == ({entry for entry, viewers in SEEN.items() if name in viewers} if name in INSIDE else set())


def regrouped(session: Session, world: World, group: FunctionalGroup) -> EntryRow:
    changes = {"audience_groups": [group.uid], "body": "For the others."}
    return writing.update(session, world.viewers["author"], world.entries["group"].uid, 1, cast(Changes, changes))


def test_draft_for_another_group_changes_nobodys_sight_until_it_is_published(database: Database, ask: Ask) -> None:
    world = database.write(a_world)
    other = database.write(a_group)
    mate, stranger = world.viewers["groupmate"], database.write(lambda session: a_viewer(session, group=other))
    author, uid = world.viewers["author"], world.entries["group"].uid

    database.write(lambda session: regrouped(session, world, other))
    ask.follow()
    before = [listed(ask, viewer, world) & {"group"} for viewer in (mate, stranger)]
    database.write(lambda session: publishing.publish(session, author, uid))
    ask.follow()
    after = [searched(ask, viewer, world) & listed(ask, viewer, world) & {"group"} for viewer in (mate, stranger)]

    assert (before, after) == ([{"group"}, set()], [set(), {"group"}])
    query = "query ($slug: String!) { entry(slug: $slug) { revisions { nodes { number } } } }"
    read = ask.data(query, stranger, slug=world.entries["group"].slug)["entry"]["revisions"]["nodes"]
    assert read == [{"number": 2}]


def test_steward_neither_sees_nor_overwrites_what_an_author_has_not_submitted(database: Database, ask: Ask) -> None:
    world = database.write(a_world)
    steward = world.viewers["steward"]
    update = """mutation ($id: ID!) { updateEntry(input: {id: $id, baseRevision: 1, body: "Mine."}) {
      entry { id } current { title } errors { code } } }"""

    answer = ask.data(update, steward, id=global_id(world.entries["public"]))["updateEntry"]

    assert answer == {"entry": None, "current": None, "errors": [{"code": "CONFLICT"}]}
