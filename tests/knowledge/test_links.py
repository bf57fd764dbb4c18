from typing import Any

import pytest
from sqlmodel import Session

from knowledge import entries
from knowledge.database import Database, Page
from knowledge.entries import EntryRow, links, mentions, publishing, writing
from knowledge.errors import Invalid, NotAllowed
from knowledge.people import OPERATOR, Viewer
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.related import Reason, related
from knowledge.words import Audience, Kind, LinkKind, Role
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_draft, a_group, a_viewer, an_entry, titles


def again(session: Session, viewer: Viewer, row: EntryRow) -> EntryRow:
    found = entries.by_uid(session, viewer, row.uid)
    assert found is not None
    return found


def html(session: Session, viewer: Viewer, row: EntryRow) -> str:
    found = again(session, viewer, row)
    return mentions.told(found, found.body_html, viewer)


def test_link_to_itself_or_the_same_link_twice_is_refused(session: Session) -> None:
    ines = a_viewer(session)
    near, far = an_entry(session, ines), an_entry(session, ines)
    links.link(session, ines, near, far, LinkKind.SUPPORTS)

    with pytest.raises(Invalid):
        links.link(session, ines, near, near, LinkKind.SUPPORTS)
    with pytest.raises(Invalid):
        links.link(session, ines, near, far, LinkKind.SUPPORTS)
    links.link(session, ines, near, far, LinkKind.EXAMPLE_OF)

    assert [kind for kind, _ in links.links_of(again(session, ines, near), ines)] == [
        LinkKind.SUPPORTS,
        LinkKind.EXAMPLE_OF,
    ]


def test_links_are_set_and_taken_back_by_those_who_may_edit_the_entry(session: Session) -> None:
    ines, other = a_viewer(session), a_viewer(session)
    near, far = an_entry(session, ines), an_entry(session, ines)
    links.link(session, ines, near, far, LinkKind.SUPPORTS)

    for act in (links.link, links.unlink):
        with pytest.raises(NotAllowed):
            act(session, other, near, far, LinkKind.SUPPORTS)
    links.unlink(session, a_viewer(session, role=Role.STEWARD), near, far, LinkKind.SUPPORTS)

    assert links.links_of(again(session, ines, near), ines) == []


def test_backlinks_say_how_each_entry_links(session: Session) -> None:
    ines = a_viewer(session)
    far = an_entry(session, ines, slug="far")
    first, second = an_entry(session, ines), an_entry(session, ines, body="See [[far]].")
    links.link(session, ines, first, far, LinkKind.SUPERSEDES)

    found = links.backlinks_of(again(session, ines, far), ines, Page())

    assert {(row.uid, row.link_kind) for row in found.rows} == {
        (first.uid, LinkKind.SUPERSEDES),
        (second.uid, LinkKind.RELATED),
    }


def test_mention_without_a_label_says_the_title_and_leads_to_the_slug_of_today(session: Session) -> None:
    ines = a_viewer(session)
    far = an_entry(session, ines, slug="before", title="How to say <sorry>")
    near = an_entry(session, ines, body="[[before]], [[before|our words]], [here](/entries/before#do)")
    writing.update(session, ines, far.uid, 1, {"slug": "after"})

    assert html(session, ines, near) == (
        '<p><a class="entry" href="/entries/after">How to say &lt;sorry&gt;</a>, '
        '<a class="entry" href="/entries/after">our words</a>, <a href="/entries/after#do">here</a></p>'
    )


def test_mention_that_a_reader_may_not_follow_is_plain_text_and_to_writers_looks_unwritten(session: Session) -> None:
    ines, colleague = a_viewer(session), a_viewer(session)
    customer = a_viewer(session, role=Role.CUSTOMER)
    a_draft(session, ines, slug="hidden", title="The secret")
    near = an_entry(session, ines, body="[[hidden]] and [[nowhere|nothing yet]]", audience=Audience.PUBLIC)

    assert html(session, customer, near) == html(session, Viewer(), near) == "<p>hidden and nothing yet</p>"
    told = html(session, colleague, near)
    assert told.count('class="missing"') == 2
    assert "The secret" not in told
    assert "The secret" in html(session, ines, near)


def test_address_of_a_page_is_no_mention(session: Session) -> None:
    ines = a_viewer(session)
    near = an_entry(session, ines, body="[Write](/entries/new) it.")

    assert html(session, ines, near) == '<p><a href="/entries/new">Write</a> it.</p>'


def test_draft_of_a_published_text_has_its_own_mentions(session: Session) -> None:
    ines = a_viewer(session)
    an_entry(session, ines, slug="far", title="Far away")
    near = an_entry(session, ines, body="Nothing.")
    writing.update(session, ines, near.uid, 1, {"body": "[[far]]"})

    latest = entries.listing.latest_of(again(session, ines, near), ines)

    assert latest is not None
    assert "Far away" in mentions.told(latest, latest.body_html, ines)


@ON_ONE_ENGINE
def test_links_and_mentions_of_a_list_are_one_statement(session: Session, statements: list[str]) -> None:
    ines = a_viewer(session)
    rows = [an_entry(session, ines, slug=f"e-{n}", body=f"[[e-{n + 1}]] [[e-{n + 2}]]") for n in range(10)]
    links.link(session, ines, rows[0], rows[5], LinkKind.SUPPORTS)
    found = entries.by_uids(session, ines, [row.uid for row in rows])
    statements.clear()

    counts = [len(links.links_of(row, ines)) for row in found]
    texts = [mentions.told(row, row.body_html, ines) for row in found]

    assert counts == [3, 2, 2, 2, 2, 2, 2, 2, 1, 0]
    assert len(statements) == 1
    assert "missing" in texts[-1]


def why(session: Session, index: EmbeddedIndex, viewer: Viewer, row: EntryRow) -> dict[str, tuple[Reason, ...]]:
    return {each.entry.title: each.why for each in related(again(session, viewer, row), viewer, index, 6)}


def related_world(session: Session) -> tuple[Viewer, EntryRow]:
    ines = a_viewer(session)
    words = "The descaling valve sits behind the boiler."
    near = an_entry(session, ines, title="Near", tags=["valves", "all"], stages=["REPEAT"], body=words, kind=Kind.STORY)
    tagged = an_entry(session, ines, title="Tagged", tags=["valves", "all"], stages=["REPEAT"])
    said = an_entry(session, ines, title="Said", body=f"Again: {words}", tags=["other"], kind=Kind.STORY)
    linked = an_entry(session, ines, title="Linked", kind=Kind.GUIDE, body="Nothing in common.")
    beyond = an_entry(session, ines, title="Beyond", kind=Kind.GUIDE, body="Far away from it.")
    for number in range(6):
        an_entry(session, ines, title=f"Other {number}", tags=["all"], kind=Kind.IDEA, body="Quite something else.")
    links.link(session, ines, near, linked, LinkKind.RELATED)
    links.link(session, ines, beyond, linked, LinkKind.EXAMPLE_OF)
    assert tagged.kind is not said.kind
    return ines, near


def test_related_entries_come_with_their_reasons(database: Database, index: EmbeddedIndex) -> None:
    ines, near = database.write(related_world)
    following.follow(database, index)

    with database.reading() as session:
        found = why(session, index, ines, near)

    assert list(found)[:2] == ["Tagged", "Linked"]  # as near as each other, and practices come first
    assert found["Linked"] == (Reason.LINKS,)
    assert found["Tagged"] == (Reason.TAGS, Reason.STAGES)
    assert found["Said"] == (Reason.WORDS,)
    assert found["Beyond"] == (Reason.LINKS,)
    assert "Near" not in found


@ON_ONE_ENGINE
def test_related_entries_of_a_list_cost_two_statements(
    database: Database, index: EmbeddedIndex, statements: list[str]
) -> None:
    ines, _ = database.write(related_world)
    following.follow(database, index)

    with database.reading() as session:
        rows = entries.listing.listing(session, ines, Page()).rows
        for row in rows:
            entries.tags.of_entry(row)
            entries.listing.stages_of(row)
        statements.clear()
        for row in rows:
            related(row, ines, index, 6)

    assert len(statements) == 3  # and one for the parts of practices, which are compared as well


def hidden_world(session: Session) -> tuple[dict[str, Viewer], EntryRow]:
    group = a_group(session)
    author = a_viewer(session, group=group)
    text: dict[str, Any] = {
        "tags": ["valves"],
        "body": "The descaling valve sits behind the boiler.",
        "kind": Kind.STORY,
    }
    near = an_entry(session, author, title="Near", audience=Audience.PUBLIC, **text)
    only: dict[str, Any] = {"audience": Audience.GROUP, "audience_groups": [group.uid]}
    rows = {
        "draft": a_draft(session, author, title="draft", **text),
        "group": an_entry(session, author, title="group", **only, **text),
        "inside": an_entry(session, author, title="inside", **text),
        "customers": an_entry(session, author, title="customers", audience=Audience.CUSTOMERS, **text),
        "public": an_entry(session, author, title="public", audience=Audience.PUBLIC, **text),
        "archived": an_entry(session, author, title="archived", **text),
    }
    between = an_entry(session, author, title="between", kind=Kind.IDEA, **only)
    behind = an_entry(session, author, title="behind", kind=Kind.IDEA, audience=Audience.PUBLIC)
    for row in (*rows.values(), between):
        links.link(session, OPERATOR, near, row, LinkKind.SUPPORTS)
    links.link(session, OPERATOR, between, behind, LinkKind.SUPPORTS)
    publishing.archive(session, author, rows["archived"].uid)
    viewers = {
        "author": author,
        "mate": a_viewer(session, group=group),
        "colleague": a_viewer(session),
        "steward": a_viewer(session, role=Role.STEWARD),
        "customer": a_viewer(session, role=Role.CUSTOMER),
        "stranger": Viewer(),
    }
    return viewers, near


def test_related_entries_are_those_that_the_viewer_may_see_reached_over_what_they_may_see(
    database: Database, index: EmbeddedIndex
) -> None:
    viewers, near = database.write(hidden_world)
    following.follow(database, index)
    own = {"group", "inside", "customers", "public", "between", "behind"}

    with database.reading() as session:
        found = {name: {*why(session, index, viewer, near)} for name, viewer in viewers.items()}

    inside = {"inside", "customers", "public"}
    assert found == {
        "author": own,
        "mate": own,
        "colleague": inside,
        "steward": inside,
        "customer": {"customers", "public"},
        "stranger": {"public"},
    }


def test_what_was_withdrawn_just_now_is_not_related_any_more(database: Database, index: EmbeddedIndex) -> None:
    viewers, near = database.write(hidden_world)
    following.follow(database, index)
    ines = viewers["author"]

    def archived(session: Session) -> None:
        rows = entries.listing.listing(session, ines, Page()).rows
        for row in rows:
            if row.title == "public":
                publishing.archive(session, ines, row.uid)

    database.write(archived)

    with database.reading() as session:
        assert "public" not in why(session, index, ines, near)
        assert titles([again(session, ines, near)]) == ["Near"]
