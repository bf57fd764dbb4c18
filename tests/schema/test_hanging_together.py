"""Tags, links, near entries and series through the API: nothing hidden shines through, and few statements do."""

from typing import Any

import pytest
from sqlmodel import Session

from knowledge import series
from knowledge.database import Database
from knowledge.entries import EntryRow, links, publishing, writing
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Kind, LinkKind, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE, Standing
from tests.factories import a_viewer, an_entry
from tests.schema.test_visibility import SEEN, VIEWERS, World, a_world

PUBLISHED = {"group", "employees", "customers", "public"}
ALL = """query ($slug: String!) { entry(slug: $slug) { bodyHtml
  related(first: 20) { entry { title } why tags steps }
  backlinks(first: 50) { totalCount edges { kind node { title } } }
  links { kind removable entry { title } }
  series { position count previous { title } next { title } series { chapters { position entry { title } } } }
  tags { name related(first: 20) { shared tag { name } } kinds { kind count } entryCount } } }"""


def told(session: Session) -> World:
    """The world with a hub that mentions all entries, and a series that has them all as chapters."""
    world = a_world(session)
    author = world.viewers["author"]
    mentioned = " ".join(f"[[{row.slug}]]" for row in world.entries.values())
    writing.update(session, author, world.hub.uid, 1, {"body": mentioned, "tags": ["hub", "only public"]})
    publishing.publish(session, OPERATOR, world.hub.uid)
    row = series.create(session, author, {"title": "Zebras"})
    for entry in (world.hub, *world.entries.values()):
        series.add(session, author, row.uid, entry)
    return world


@pytest.mark.parametrize("name", VIEWERS)
def test_what_hangs_together_with_an_entry_is_what_the_viewer_may_see(standing: Standing, name: str) -> None:
    world, ask = standing(told)
    seen = {entry for entry, viewers in SEEN.items() if name in viewers}

    found = ask.data(ALL, world.viewers[name], slug=world.hub.slug)["entry"]

    def named(items: list[Any]) -> set[str]:
        return {item["title"].removeprefix("Zebra ") for item in items}

    assert named([item["entry"] for item in found["related"]]) == seen & PUBLISHED
    assert named([edge["node"] for edge in found["backlinks"]["edges"]]) == seen
    assert {edge["kind"] for edge in found["backlinks"]["edges"]} == {"EXAMPLE_OF"}
    assert found["backlinks"]["totalCount"] == len(seen)
    assert all(link["removable"] == (name in {"author", "steward", "leader", "admin"}) for link in found["links"])
    for entry, row in world.entries.items():
        assert (f'href="/entries/{row.slug}">Zebra {entry}</a>' in found["bodyHtml"]) == (entry in seen)
        assert (f"Zebra {entry}" in found["bodyHtml"]) == (entry in seen)
    assert ("missing" in found["bodyHtml"]) == (name not in {"customer", "stranger"} and seen != SEEN.keys())
    (place,) = found["series"]
    chapters = place["series"]["chapters"]
    assert named([chapter["entry"] for chapter in chapters]) == seen | {"Hub"}
    assert [chapter["position"] for chapter in chapters] == list(range(1, len(seen) + 2))
    assert (place["position"], place["count"], place["previous"]) == (1, len(seen) + 1, None)
    assert place["next"] == chapters[1]["entry"]
    tags = {tag["name"]: tag for tag in found["tags"]}
    assert tags["only public"]["related"] == [{"shared": 1, "tag": {"name": "hub"}}]
    assert (tags["only public"]["entryCount"], tags["hub"]["kinds"]) == (2, [{"kind": "GUIDE", "count": 1}])


def linked(session: Session) -> tuple[Viewer, EntryRow]:
    jonas = a_viewer(session, role=Role.STEWARD)
    rows = [an_entry(session, jonas, tags=["one", f"tag {n % 5}"], body="[[hub]]", kind=Kind.STORY) for n in range(40)]
    hub = an_entry(
        session, jonas, slug="hub", tags=["one", "two"], body=" ".join(f"[[{row.slug}]]" for row in rows[:20])
    )
    for row in rows:
        links.link(session, jonas, hub, row, LinkKind.SUPPORTS)
    told = series.create(session, jonas, {"title": "All of it"})
    for row in (*rows[:5], hub, *rows[5:10]):
        series.add(session, jonas, told.uid, row)
    return jonas, hub


@ON_ONE_ENGINE
def test_what_hangs_together_with_an_entry_costs_five_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    jonas, hub = database.write(linked)
    ask.follow()
    query = """query ($slug: String!) { entry(slug: $slug) { bodyHtml tags { name slug } stages
      ... on BestPractice { problemHtml doHtml }
      links { kind removable entry { slug title } } backlinks(first: 40) { edges { kind node { slug title } } }
      related(first: 12) { why tags steps entry { slug title } }
      series { position count series { slug title } previous { slug title } next { slug title } } } }"""
    statements.clear()

    found = ask.data(query, jonas, slug=hub.slug)["entry"]

    assert len(found["links"]) == len(found["backlinks"]["edges"]) == 40
    assert (found["series"][0]["position"], found["series"][0]["count"]) == (6, 11)
    # The entry, its tags, its rungs, its parts and how it stands, which a page shows as well; then one each for links with
    # mentions, backlinks and series, and two for what is near.
    assert len(statements) == 5 + 3 + 2


def test_tag_is_renamed_found_by_its_former_slug_and_merged(database: Database, ask: Ask) -> None:
    jonas = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    database.write(lambda session: [an_entry(session, jonas, tags=["complaint", name]) for name in ("one", "two")])
    by_slug = """query ($slug: String!) { tag(slug: $slug) { id name slug synonyms entryCount
      merging(into: "two") { moved both after into { name } } entries(kinds: [BEST_PRACTICE]) { totalCount } } }"""
    before = ask.data(by_slug, jonas, slug="complaint")["tag"]

    updated = ask.data(
        """mutation ($id: ID!) { updateTag(input: {id: $id, name: "Complaints", synonyms: ["grievance"]}) {
             tag { name slug synonyms } errors { code } } }""",
        jonas,
        id=before["id"],
    )["updateTag"]
    moved = ask.data(by_slug, jonas, slug="complaint")["tag"]
    merged = ask.data(
        """mutation { mergeTags(input: {from: {name: "grievance"}, into: {slug: "two"}}) {
             tag { name synonyms entryCount } errors { field code } } }""",
        jonas,
    )["mergeTags"]
    itself = ask.data(
        """mutation { mergeTags(input: {from: {slug: "complaint"}, into: {slug: "two"}}) {
             tag { name } errors { field code } } }""",
        jonas,
    )["mergeTags"]

    assert before["merging"] == {"moved": 1, "both": 1, "after": 2, "into": {"name": "two"}}
    assert updated == {
        "tag": {"name": "complaints", "slug": "complaints", "synonyms": ["complaint", "grievance"]},
        "errors": [],
    }
    assert (moved["slug"], moved["entries"]["totalCount"]) == ("complaints", 2)
    assert merged["tag"] == {"name": "two", "synonyms": ["complaint", "complaints", "grievance"], "entryCount": 2}
    assert itself == {"tag": None, "errors": [{"field": "into", "code": "INVALID"}]}
    assert ask.data("query ($id: ID!) { node(id: $id) { id } }", jonas, id=before["id"])["node"] is None


def test_links_are_refused_for_a_duplicate_for_itself_and_for_what_is_hidden(database: Database, ask: Ask) -> None:
    world = database.write(a_world)
    author, colleague = world.viewers["author"], world.viewers["colleague"]
    own = database.write(lambda session: an_entry(session, colleague))
    link = """mutation ($from: String!, $to: String!) {
      linkEntries(input: {from: {slug: $from}, to: {slug: $to}, kind: RELATED}) { entry { slug } errors { field code } } }"""

    def linking(viewer: Viewer, near: EntryRow, far: EntryRow) -> Any:
        return ask.data(link, viewer, **{"from": near.slug, "to": far.slug})["linkEntries"]["errors"]

    assert linking(author, world.hub, world.entries["public"]) == [{"field": "kind", "code": "INVALID"}]
    assert linking(author, world.hub, world.hub) == [{"field": "to", "code": "INVALID"}]
    assert linking(colleague, own, world.entries["draft"]) == [{"field": "to", "code": "NOT_FOUND"}]
    assert linking(colleague, world.hub, own) == [{"field": "from", "code": "NOT_ALLOWED"}]


def test_series_is_told_through_the_api(database: Database, ask: Ask) -> None:
    ines = database.write(a_viewer)
    a, b = database.write(lambda session: [an_entry(session, ines, title=title) for title in "ab"])
    made = ask.data(
        'mutation { createSeries(input: {title: "How it went"}) { series { id slug } errors { code } } }', ines
    )["createSeries"]["series"]
    change = """mutation ($series: ID!, $first: EntryRef!, $second: EntryRef!) {
      one: addChapter(input: {series: $series, entry: $first}) { errors { code } }
      two: addChapter(input: {series: $series, entry: $second}) { errors { code } }
      three: moveChapter(input: {series: $series, entry: $second, position: 1}) { errors { code } }
      four: updateSeries(input: {id: $series, slug: "as-it-went"}) { series { slug } errors { code } }
      five: removeChapter(input: {series: $series, entry: $first}) {
        series { chapters { position entry { title } } editable owner { name } } errors { code } } }"""

    done = ask.data(change, ines, series=made["id"], first={"slug": a.slug}, second={"id": global_id(b)})

    assert [payload["errors"] for payload in done.values()] == [[]] * 5
    assert done["five"]["series"] == {
        "chapters": [{"position": 1, "entry": {"title": "b"}}],
        "editable": True,
        "owner": {"name": ines.name},
    }
    asked = "query ($slug: String!, $id: ID!) { series(slug: $slug) { slug } node(id: $id) { id } allSeries { totalCount } }"
    found = ask.data(asked, ines, slug=made["slug"], id=made["id"])
    assert found == {"series": {"slug": "as-it-went"}, "node": {"id": made["id"]}, "allSeries": {"totalCount": 1}}


def test_template_is_saved_and_reset_through_the_api(database: Database, ask: Ask) -> None:
    jonas = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    save = """mutation { saveTemplate(input: {kind: STORY, parts: [{field: "title", text: "Who?"}, {field: "x", text: ""}]}) {
      template { intro } errors { field code } } }"""
    asked = "{ template(kind: STORY) { intro changedAt changedBy { name } parts { field text } } }"
    before = ask.data(asked, jonas)["template"]

    refused = ask.data(save, jonas)["saveTemplate"]
    ask.data(save.replace(', {field: "x", text: ""}', ""), jonas)
    changed = ask.data(asked, jonas)["template"]
    ask.data("mutation { resetTemplate(input: {kind: STORY}) { errors { code } } }", jonas)

    assert refused == {"template": None, "errors": [{"field": "parts.1.field", "code": "INVALID"}]}
    assert changed["parts"][0] == {"field": "title", "text": "Who?"}
    assert changed["changedBy"] == {"name": jonas.name}
    assert ask.data(asked, jonas)["template"] == before
