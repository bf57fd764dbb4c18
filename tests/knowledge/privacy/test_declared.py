from sqlalchemy import Enum, LargeBinary, String

from knowledge import migrations
from knowledge.privacy import declared

METADATA = migrations.metadata()
POINTING = ("customer.id", "feedback.id", "complaint_case.id")


def texts() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.c
        if isinstance(getattr(column.type, "impl_instance", column.type), String) and not isinstance(column.type, Enum)
    }


def test_g3_every_text_of_every_table_is_declared_to_name_somebody_or_nobody() -> None:
    said = texts()

    assert not said - declared.FREE - declared.PLAIN.keys(), "say in knowledge/privacy/declared.py what these are"
    assert not (declared.FREE | declared.PLAIN.keys()) - said, "these columns are gone"
    assert not declared.FREE & declared.PLAIN.keys()
    bytes_kept = {
        table.name for table in METADATA.sorted_tables for each in table.c if isinstance(each.type, LargeBinary)
    }
    assert bytes_kept == {"attachment_content"}


def test_g3_everything_that_points_to_a_customer_or_to_what_they_said_is_declared_theirs_or_not() -> None:
    pointing = {
        f"{table.name}.{key.parent.name}"
        for table in METADATA.sorted_tables
        for key in table.foreign_keys
        if key.target_fullname in POINTING
    }
    owned = {f"{each.table}.{each.column}" for each in declared.OWNED}

    assert not pointing - owned - declared.NOT_THEIRS.keys(), (
        "say in knowledge/privacy/declared.py whose these rows are"
    )
    assert not declared.NOT_THEIRS.keys() - pointing
    for each in declared.OWNED:
        assert {*each.empties, each.column} <= set(METADATA.tables[each.table].c.keys())
        assert {f"{each.table}.{name}" for name in each.empties} <= declared.FREE
