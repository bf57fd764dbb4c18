from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from knowledge import customers
from knowledge.customers import Reference, segments
from knowledge.database import Database, Page, Table
from knowledge.ladder import settling, telling, usable
from knowledge.ladder.offerings import OfferingReference
from knowledge.people import OPERATOR
from knowledge.privacy import erasing
from knowledge.transfer import Wishes, export_path, import_path
from knowledge.words import Stage
from tests.factories import a_customer, an_offering, bought, some_feedback
from tests.knowledge.transfer.files import a_file, some_lines

POT = {"source": "crm", "external_id": "7"}
MACHINE = {"source": "crm", "external_id": "m1"}
ROWS: list[dict[str, Any]] = [
    {"type": "customer", **POT, "name": "The Copper Pot", "need_confirmed": True},
    {"type": "offering", **MACHINE, "name": "Machine", "dormant_after": 3650},
    {"type": "applicability", "customer": POT, "offering": MACHINE, "applies": True},
    {"type": "transaction", "source": "crm", "external_id": "t1", "customer": POT, "offering": MACHINE, "kind": "purchase",
     "occurred_at": "2026-01-03"},
    {"type": "transaction", "source": "crm", "external_id": "t2", "customer": POT, "offering": "Machine",
     "occurred_at": "2026-01-04"},
    {"type": "transaction", "source": "crm", "external_id": "t3", "customer": {**POT, "external_id": "8"},
     "occurred_at": "2026-01-04"},
    {"type": "transaction", "source": "crm", "external_id": "t4", "customer": POT, "offering": "Nothing",
     "occurred_at": "2999-01-04"},
    {"type": "advocacy", "source": "crm", "external_id": "a1", "customer": POT, "kind": "referral",
     "occurred_at": "2020-01-03", "note": "Sent the bakery."},
]  # fmt: skip


def stage(database: Database, number: str) -> Stage:
    with database.reading() as session:
        found = customers.find(session, OPERATOR, Reference(source="crm", external_id=number))
        assert found is not None
        return found.stage


def test_lines_move_customers_and_twice_they_change_nothing(database: Database, tmp_path: Path) -> None:
    path = some_lines(tmp_path / "in.jsonl", *ROWS)

    first = import_path(database, OPERATOR, path)
    second = import_path(database, OPERATOR, path)
    third = import_path(
        database, OPERATOR, some_lines(path, {**ROWS[4], "kind": "renewal"}, {**ROWS[7], "note": "Two."})
    )

    assert (first.created, second.unchanged, third.updated) == (6, 6, 2)
    assert {(each.line, each.field) for each in first.problems} == {(6, "customer"), (7, "offering")}
    assert stage(database, "7") is Stage.CLIENT


def test_a_table_of_orders_is_read_however_its_columns_are_called(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(lambda session: a_customer(session, source="crm", external_id="7"))
    sqlite.write(lambda session: an_offering(session, source="crm", external_id="m1"))
    text = "Order number;Customer no;Order date;Product\n1;7;31.10.2026;m1\n2;7;01.11.2026;m1\n3;9;01.11.2026;m1\n"

    report = import_path(sqlite, OPERATOR, a_file(tmp_path / "orders.csv", text), wishes=Wishes(source="crm"))

    assert report.read_as == {"a table of transactions": 1}
    assert (report.created, [each.field for each in report.problems]) == (2, ["Customer no"])
    assert stage(sqlite, "7") is Stage.REPEAT


def test_what_is_exported_comes_back_as_it_was(sqlite: Database, tmp_path: Path) -> None:
    import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", *ROWS))
    sqlite.write(lambda session: bought(session, a_customer(session), days_ago=(3,), offering=an_offering(session)))
    export_path(sqlite, tmp_path / "out")

    report = import_path(sqlite, OPERATOR, tmp_path / "out")
    export_path(sqlite, tmp_path / "again")

    assert (report.created, report.updated, report.problems) == (0, 0, ())
    assert (tmp_path / "out" / "data.jsonl").read_bytes() == (tmp_path / "again" / "data.jsonl").read_bytes()


def test_where_customers_stand_by_their_segment_survives_a_move(
    sqlite: Database, sqlite_again: Database, tmp_path: Path
) -> None:
    def make(session: Session) -> None:
        machine, customer = an_offering(session), a_customer(session, source="crm", external_id="9")
        cafes = segments.create(session, OPERATOR, {"name": "Cafés", "description": "", "high_value": False})
        usable.mean(session, OPERATOR, cafes, [OfferingReference(uid=machine.uid)])
        telling.join(session, OPERATOR, cafes, customer)
        bought(session, customer, days_ago=(3, 4), offering=machine)

    sqlite.write(make)
    export_path(sqlite, tmp_path / "out")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "out")
    sqlite_again.write(lambda session: settling.round_from(session, 0))
    export_path(sqlite_again, tmp_path / "again")

    assert report.problems == ()
    assert stage(sqlite, "9") is stage(sqlite_again, "9") is Stage.CLIENT
    assert (tmp_path / "out" / "data.jsonl").read_bytes() == (tmp_path / "again" / "data.jsonl").read_bytes()


def test_g3_who_was_erased_where_the_lines_come_from_is_forgotten_where_they_were_read_before(
    sqlite: Database, sqlite_again: Database, tmp_path: Path
) -> None:
    def heard(session: Session) -> None:
        pot = a_customer(session, name="The Copper Pot", email="pot@copper.example")
        some_feedback(session, OPERATOR, customer=pot, verbatim="The zq7xk leaks.")
        some_feedback(session, OPERATOR, verbatim="At The Copper Pot it leaks, too.")

    def forget(session: Session) -> None:
        (pot,) = customers.listing(session, OPERATOR, Page(5)).rows
        erasing.erase(session, OPERATOR, pot)

    sqlite.write(heard)
    export_path(sqlite, tmp_path / "before")
    import_path(sqlite_again, OPERATOR, tmp_path / "before")
    sqlite.write(forget)
    export_path(sqlite, tmp_path / "after")

    import_path(sqlite_again, OPERATOR, tmp_path / "after")
    twice = import_path(sqlite_again, OPERATOR, tmp_path / "after")

    with sqlite_again.reading() as session:
        tables = Table.metadata.sorted_tables
        said = "\n".join(str(tuple(row)) for table in tables for row in session.connection().execute(select(table)))
    assert [token for token in ("Copper", "copper", "zq7xk") if token in said] == []
    assert (twice.created, twice.updated) == (0, 0)
