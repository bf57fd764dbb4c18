from sqlmodel import Session

from knowledge import evidence
from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.words import Stance
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_viewer, an_entry, some_feedback


def fifty_entries(session: Session) -> Viewer:
    authors = [a_viewer(session) for _ in range(5)]
    for number in range(50):
        an_entry(session, authors[number % 5], tags=[f"tag {number % 7}", "all", "of", "them"])
    return authors[0]


@ON_ONE_ENGINE
def test_fifty_entries_with_authors_and_tags_cost_three_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(fifty_entries)
    statements.clear()

    found = ask.data("{ entries(first: 50) { nodes { id title slug author { name } tags { name } } } }", viewer)

    assert len(found["entries"]["nodes"]) == 50
    assert len(found["entries"]["nodes"][0]["tags"]) == 4
    assert len(statements) == 3


@ON_ONE_ENGINE
def test_totals_cost_one_statement_more_and_only_when_asked(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(fifty_entries)
    statements.clear()

    found = ask.data("{ entries(first: 50) { totalCount nodes { author { name } tags { name } } } }", viewer)

    assert found["entries"]["totalCount"] == 50
    assert len(statements) == 4


def fifty_items(session: Session) -> Viewer:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)
    for _ in range(50):
        item = some_feedback(session, viewer, customer=a_customer(session))
        evidence.attach(session, viewer, entry, item, Stance.SUPPORTS)
    return viewer


@ON_ONE_ENGINE
def test_fifty_items_of_feedback_with_customers_and_entries_cost_four_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(fifty_items)
    statements.clear()

    found = ask.data(
        "{ feedback(first: 50) { nodes { verbatim customer { name stage } evidence { stance entry { title } } } } }",
        viewer,
    )

    assert all(node["customer"] and node["evidence"][0]["entry"] for node in found["feedback"]["nodes"])
    assert len(statements) == 4


@ON_ONE_ENGINE
def test_five_levels_deep_costs_a_statement_a_level(database: Database, ask: Ask, statements: list[str]) -> None:
    viewer = database.write(fifty_items)
    statements.clear()

    found = ask.data(
        """{ entries { nodes { evidence { items { feedback { customer { name
             feedback(first: 3) { nodes { evidence { entry { title } } } } } } } } } } }""",
        viewer,
    )

    assert len(found["entries"]["nodes"][0]["evidence"]["items"]) == 50
    assert len(statements) == 7


@ON_ONE_ENGINE
def test_many_nodes_cost_a_statement_a_type(database: Database, ask: Ask, statements: list[str]) -> None:
    viewer = database.write(fifty_items)
    found = ask.data("{ entries { nodes { id } } feedback(first: 50) { nodes { id customer { id } } } }", viewer)
    items = found["feedback"]["nodes"]
    ids = [
        found["entries"]["nodes"][0]["id"],
        *(each["id"] for each in items),
        *(each["customer"]["id"] for each in items),
    ]
    statements.clear()

    nodes = ask.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", viewer, ids=ids[:100])["nodes"]

    assert [node["id"] for node in nodes] == ids[:100]
    assert len(statements) == 3


@ON_ONE_ENGINE
def test_tags_of_a_list_with_their_entries_cost_a_statement_a_level(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(fifty_entries)
    statements.clear()

    ask.data(
        "{ entries(first: 50) { nodes { tags { name entryCount entries(first: 3) { nodes { title } } } } } }", viewer
    )

    assert len(statements) == 4
