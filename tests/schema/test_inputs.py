import pytest

from knowledge.database import Database
from tests.asking import Ask
from tests.factories import a_viewer

EXPIRING = """mutation ($at: DateTime) { createToken(input: {name: "crm", scopes: [ENTRIES_READ], expiresAt: $at}) {
  apiToken { expiresAt } errors { field } } }"""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2130-01-01", "2130-01-01T00:00:00+00:00"),
        ("2130-01-01T12:00:00", "2130-01-01T12:00:00+00:00"),
        ("2130-01-01T12:00:00+02:00", "2130-01-01T10:00:00+00:00"),
        ("2130-01-01T12:00:00Z", "2130-01-01T12:00:00+00:00"),
    ],
)
def test_time_without_a_zone_is_in_utc(database: Database, ask: Ask, written: str, read: str) -> None:
    ines = database.write(a_viewer)

    made = ask.data(EXPIRING, ines, at=written)["createToken"]

    assert made == {"apiToken": {"expiresAt": read}, "errors": []}


@pytest.mark.parametrize("written", ["tomorrow", "", 7, "0001-01-01T00:00:00+14:00", "2026-13-01"])
def test_what_is_no_time_is_told_and_no_bug(database: Database, ask: Ask, written: object) -> None:
    ines = database.write(a_viewer)

    answer = ask(EXPIRING, ines, at=written)

    assert answer.bug is None
    assert "2026-03-01T12:00:00Z" in answer.errors[0]["message"]


@pytest.mark.parametrize(
    "source",
    [
        '{ entries(after: "zzz") { nodes { id } } }',
        "{ entries(first: 0) { nodes { id } } }",
        "{ entries(first: 1, last: 1) { nodes { id } } }",
        '{ search(query: "x", after: "zzz") { totalCount } }',
        '{ entries(filter: {author: "nobody"}) { totalCount } }',
        '{ node(id: "x") { id } nodes(ids: ["x", "RW50cnk6", ""]) { id } entry(id: "🦓") { id } }',
        '{ tag(slug: "\\u0000") { name } search(query: "\\u0000 \\" (") { totalCount } }',
    ],
)
def test_odd_arguments_are_answered_or_told(database: Database, ask: Ask, source: str) -> None:
    ines = database.write(a_viewer)

    answer = ask(source, ines)

    assert answer.bug is None
    assert all(error["extensions"]["code"] == "BAD_INPUT" for error in answer.errors)
