from typing import Any

import pytest

from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.words import Role
from schema.documents import Unacceptable
from tests.asking import Ask
from tests.factories import a_customer, a_viewer

UPSERT = """mutation ($rows: [UpsertCustomerInput!]!) { upsertCustomers(input: {rows: $rows}) {
    results { index id created errors { field code } } errors { code } } }"""


def upserted(ask: Ask, viewer: Viewer, rows: list[dict[str, Any]]) -> list[Any]:
    answer = ask.data(UPSERT, viewer, rows=rows)["upsertCustomers"]
    assert answer["errors"] == []
    return list(answer["results"])


def a_row(number: int, **more: Any) -> dict[str, Any]:
    return {"source": "crm", "externalId": str(number), **more}


def test_each_row_answers_by_itself_and_the_same_rows_again_change_nothing(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(a_viewer)
    house = {"external": {"source": "crm", "externalId": "1"}}
    rows = [
        a_row(1, name="The house", stage="CLIENT"),
        a_row(2, name="A room in it", parent=house, email=" Room@Example.com "),
        a_row(3),
        a_row(4, name="x" * 201, email="nowhere"),
        a_row(5, name="Lost", parent={"external": {"source": "crm", "externalId": "99"}}),
        a_row(6, name="Lost as well", group="bm90aGluZw"),
        a_row(1, name="The great house"),
    ]

    first = upserted(ask, viewer, rows)
    again = upserted(ask, viewer, [rows[1], rows[6], a_row(1, stage="SUSPECT"), a_row(1, parent=house)])

    assert [each["created"] for each in first] == [True, True, False, False, False, False, False]
    assert [sorted(error["field"] for error in each["errors"]) for each in first] == [
        [], [], ["name"], ["email", "name"], ["parent"], ["group"], [],
    ]  # fmt: skip
    assert first[0]["id"] == first[6]["id"] == again[1]["id"] == again[2]["id"]
    assert [error["field"] for error in again[3]["errors"]] == ["parent"]
    assert again[0] == {"index": 0, "id": first[1]["id"], "created": False, "errors": []}
    found = ask.data("{ customers { nodes { name stage version parent { name } } } }", viewer)["customers"]["nodes"]
    assert found == [
        {"name": "A room in it", "stage": "SUSPECT", "version": 1, "parent": {"name": "The great house"}},
        {"name": "The great house", "stage": "CLIENT", "version": 2, "parent": None},
    ]
    statements.clear()
    upserted(ask, viewer, [a_row(1, name="The great house") for _ in range(100)])
    assert not [each for each in statements if not each.startswith("SELECT")]


def test_more_rows_than_may_be_and_viewers_who_may_not_are_refused_as_a_whole(database: Database, ask: Ask) -> None:
    def world(session: Any) -> tuple[Viewer, Viewer]:
        return a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))

    viewer, customer = database.write(world)

    with pytest.raises(Unacceptable):
        ask(UPSERT, viewer, rows=[a_row(number) for number in range(251)])
    refused = ask.data(UPSERT, customer, rows=[a_row(1, name="Me")])["upsertCustomers"]
    assert (refused["results"], [each["code"] for each in refused["errors"]]) == ([], ["NOT_ALLOWED"])
