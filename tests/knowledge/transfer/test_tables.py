from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import customers
from knowledge.customers import CustomerRow, Reference
from knowledge.database import Database, Page
from knowledge.errors import Invalid
from knowledge.feedback import listing as feedback_listing
from knowledge.people import OPERATOR
from knowledge.transfer import Wishes, dates, import_path, tables, template
from knowledge.transfer.dates import Order
from knowledge.words import Channel, CustomerKind, Stage
from tests.knowledge.transfer.files import a_file

CRM = Wishes(source="crm")


def customer(database: Database, number: str) -> CustomerRow:
    with database.reading() as session:
        found = customers.find(session, OPERATOR, Reference(source="crm", external_id=number))
    assert found is not None
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_list_of_customers_is_read_however_it_was_written(
    sqlite: Database, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    lines = ["Kundennummer|Firma|Stage|Customer since", "7|Café “Zimt”|repeat|31/01/2024", "8|Bär|client|01/02/2024"]
    text = "\r\n".join(line.replace("|", delimiter) for line in lines)

    report = import_path(sqlite, OPERATOR, a_file(tmp_path / "x.csv", text.encode(encoding)), wishes=CRM)

    assert (report.created, report.problems) == (2, ())
    assert report.read_as == {"a table of customers": 1}
    row = customer(sqlite, "7")
    assert (row.name, row.stage, row.joined_on) == ("Café “Zimt”", Stage.REPEAT, date(2024, 1, 31))
    assert customer(sqlite, "8").joined_on == date(2024, 2, 1)


def test_a_table_twice_changes_nothing_and_a_changed_one_changes_that(sqlite: Database, tmp_path: Path) -> None:
    path = a_file(tmp_path / "x.csv", "id,name,source,kind\n1,One,crm,person\n2,Two,crm,\n")

    first, second = (import_path(sqlite, OPERATOR, path) for _ in range(2))
    a_file(path, "id,name,source,kind\n1,Uno,crm,person\n2,Two,crm,\n")
    third = import_path(sqlite, OPERATOR, path)

    assert (first.created, second.unchanged, third.updated, third.unchanged) == (2, 2, 1, 1)
    assert (customer(sqlite, "1").name, customer(sqlite, "1").kind) == ("Uno", CustomerKind.PERSON)


def test_nothing_was_received_in_the_future(sqlite: Database, tmp_path: Path) -> None:
    text = "id,comment,channel,received,system\n1,Hm,email,2999-01-01,crm\n2,Hm,email,2026-01-01,crm\n"

    report = import_path(sqlite, OPERATOR, a_file(tmp_path / "x.csv", text))

    assert (report.created, [(each.line, each.field) for each in report.problems]) == (1, [(2, "received")])


def test_what_customers_said_may_run_over_lines(sqlite: Database, tmp_path: Path) -> None:
    a_file(tmp_path / "in" / "a.csv", "id;name;system\n7;Pot;crm\n")
    text = (
        "Ticket;Comment;Channel;Date;Customer ID;Anonymous;System\n"
        '1;"First; ""so"".\nSecond.";phone;3.2.2026 14:30;7;;crm\n'
        "2;Hm;email;;;x;crm\n"
    )
    a_file(tmp_path / "in" / "b.csv", text)

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert (report.created, report.problems, report.warnings) == (3, (), ())
    with sqlite.reading() as session:
        said = {row.external_id: row for row in feedback_listing(session, OPERATOR, Page(10)).rows}
    assert said["1"].verbatim == 'First; "so".\nSecond.'
    assert (said["1"].channel, said["1"].occurred_at) == (Channel.PHONE, datetime(2026, 2, 3, 14, 30, tzinfo=UTC))
    assert said["1"].customer_id is not None
    assert said["2"].anonymous


def test_everything_wrong_is_reported_with_its_line_and_its_column(sqlite: Database, tmp_path: Path) -> None:
    text = (
        "Ticket,Comment,Channel,When,Customer ID,Colour\n"
        '1,"Two\nlines",telegraph,31.02.2026,,red\n'
        "2,,phone,,,\n"
        "3,Fine,phone,yesterday,,\n"
        "4,Fine,phone,,nobody,\n"
        "5,a,b,c,d,e,f,g\n"
        '6,"Fine"x,phone,,,\n'
        "\n"
        "7,Fine,phone,03/04/2026,,\n"
        "8,Fine,phone,,,\n"
    )

    report = import_path(sqlite, OPERATOR, a_file(tmp_path / "x.csv", text), wishes=CRM)

    assert {(each.line, each.field) for each in report.problems} == {
        (3, "When"),
        (4, "Comment"),
        (5, "When"),
        (6, "Customer ID"),
        (7, ""),
        (8, ""),
        (10, "When"),
    }
    assert [(each.line, each.field) for each in report.warnings] == [(1, "Colour")]
    assert report.created == 1


@pytest.mark.parametrize(
    ("text", "wishes", "word"),
    [
        ("a,b\n1,2\n", Wishes(), "customers or feedback"),
        ("id,company,stage,comment,channel\n", CRM, "say which"),
        ("source,id,customer,sentence,date,channel\n", Wishes(), "feedback without verbatim"),
        ("id,name\n1,x\n", Wishes(), "--source"),
        ("id,colour\n1,x\n", Wishes("", "customers", "crm"), "no column name"),
        ("id,name\n1,x\n", Wishes("", "orders", "crm"), "customers, feedback"),
        ("", CRM, "customers or feedback"),
    ],
)
def test_a_table_that_is_no_list_of_ours_is_refused_with_what_to_do(
    sqlite: Database, tmp_path: Path, text: str, wishes: Wishes, word: str
) -> None:
    with pytest.raises(Invalid, match=word):
        import_path(sqlite, OPERATOR, a_file(tmp_path / "x.csv", text), wishes=wishes)


def test_a_table_among_other_files_is_left_alone_unless_it_nearly_fits(sqlite: Database, tmp_path: Path) -> None:
    a_file(tmp_path / "in" / "measured.csv", "x,y\n1,2\n")
    a_file(tmp_path / "in" / "people.csv", "id,name\n1,x\n")
    a_file(tmp_path / "in" / "a.md", "# A")

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert (report.created, report.refused) == (1, 0)
    assert [each.file for each in report.warnings] == ["people.csv"]


def test_a_line_that_is_too_long_is_skipped_and_its_row_refused(sqlite: Database, tmp_path: Path) -> None:
    long = "word " * (tables.LONGEST // 2)
    text = f'external_id,name\n1,A\n2,{long}\n3,C\n4,"D\n{long}"\n5,E\n'

    report = import_path(sqlite, OPERATOR, a_file(tmp_path / "x.csv", text), wishes=CRM)

    assert report.created == 3
    assert [(each.line, each.message) for each in report.problems] == [
        (line, "This row is longer than 1,048,576 characters.") for line in (3, 5)
    ]


@pytest.mark.parametrize("name", ["customers", "feedback"])
def test_a_template_is_read_back(sqlite: Database, tmp_path: Path, name: str) -> None:
    report = import_path(sqlite, OPERATOR, a_file(tmp_path / "x.csv", template(name)))

    assert (report.rows, report.warnings) == (0, ())
    assert len(report.read_as) == 1


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("2026-01-10", Order.UNKNOWN, "2026-01-10"),
        ("2026/1/9", Order.UNKNOWN, "2026-01-09"),
        ("9.1.2026", Order.UNKNOWN, "2026-01-09"),
        ("13/01/2026", Order.UNKNOWN, "2026-01-13"),
        ("01/13/2026", Order.UNKNOWN, "2026-01-13"),
        ("05/05/2026", Order.UNKNOWN, "2026-05-05"),
        ("03/04/2026", Order.DAY_FIRST, "2026-04-03"),
        ("03/04/2026", Order.MONTH_FIRST, "2026-03-04"),
        ("10 Jan 2026", Order.UNKNOWN, "2026-01-10"),
        ("10-January-2026", Order.UNKNOWN, "2026-01-10"),
        ("Jan 10, 2026", Order.UNKNOWN, "2026-01-10"),
        ("01/13/2026 9:05 PM", Order.UNKNOWN, "2026-01-13T21:05:00"),
        ("13.1.2026 12:00 AM", Order.UNKNOWN, "2026-01-13T00:00:00"),
        ("2026/01/13 09:05:07Z", Order.UNKNOWN, "2026-01-13T09:05:07Z"),
        ("soon", Order.UNKNOWN, "soon"),
    ],
)
def test_dates_are_read_as_people_write_them(cell: str, order: Order, expected: str) -> None:
    assert dates.written(cell, order) == expected


@pytest.mark.parametrize("cell", ["03/04/2026", "31.02.2026", "2026/13/01", "13.1.2026 noon"])
def test_what_can_be_read_two_ways_or_is_no_day_is_not_guessed(cell: str) -> None:
    with pytest.raises(ValueError, match=cell.partition(" ")[0]):
        dates.written(cell, Order.UNKNOWN)


@given(st.text(max_size=30))
def test_any_cell_is_a_date_or_stays_or_is_refused(cell: str) -> None:
    with suppress(ValueError):
        assert isinstance(dates.written(cell, Order.UNKNOWN), str)
