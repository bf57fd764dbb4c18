from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import Database, Table
from knowledge.entries import publishing, writing
from knowledge.entries.writing import Changes
from knowledge.people import OPERATOR
from knowledge.transfer import import_path
from knowledge.words import GroupKind, Kind, Stage
from tests.knowledge.transfer.files import an_entry_line, some_lines

R = TypeVar("R")

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
BODY = "See [[other]] and [[third|that]].\n\n## Head\n\n- [[other]]"
PARTS = {"problem": "It **fails**.", "do": "Replace, see [[fourth]]."}


def quietly(work: Callable[[Session], R]) -> Callable[[Session], R]:
    """As an import does it: nobody is told."""

    def hushed(session: Session) -> R:
        activity.hush(session)
        return work(session)

    return hushed


def every_row(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All tables but what is by chance: uids become the place where each was first seen."""
    uids: dict[Any, str] = {}
    found = {}
    with database.reading() as session:
        for table in Table.metadata.sorted_tables:
            if table.name == "change":
                continue
            rows = session.connection().execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = [
                tuple(
                    uids.setdefault(value, f"uid {len(uids)}") if name == "uid" else value
                    for name, value in row._mapping.items()
                )
                for row in rows
            ]
    return found


def test_many_at_once_leave_the_rows_that_one_at_a_time_leaves(
    sqlite: Database, sqlite_again: Database, tmp_path: Path
) -> None:
    changes = Changes(
        title="One", slug="one", summary="Short.", body=BODY, tags=["Refund", "call back"], source="Us", licence="CC0",
        functions=[GroupKind.SALES, GroupKind.SUPPORT], stages=[Stage.CLIENT], principles=[3, 1], detail=PARTS,
    )  # fmt: skip
    line = an_entry_line(
        "one", kind="best_practice", title="One", summary="Short.", body=BODY, tags=["Refund", "call back"], source="Us",
        licence="CC0", functions=["sales", "support"], stages=["client"], principles=[3, 1], practice=PARTS,
    )  # fmt: skip

    with clock.held(NOON):
        row = sqlite.write(quietly(lambda session: writing.create(session, OPERATOR, Kind.BEST_PRACTICE, changes)))
        sqlite.write(quietly(lambda session: publishing.publish(session, OPERATOR, row.uid)))
        two = Changes(title="Two", slug="two", detail={"number": 2})
        sqlite.write(quietly(lambda session: writing.create(session, OPERATOR, Kind.PRINCIPLE, two)))
        rows = (line, an_entry_line("two", kind="principle", status="draft", principle={"number": 2}))
        import_path(sqlite_again, OPERATOR, some_lines(tmp_path / "in.jsonl", *rows))

    one_at_a_time, at_once = every_row(sqlite), every_row(sqlite_again)
    for name in ("activity", "activity_value"):  # written in another order
        assert len(at_once.pop(name)) == len(one_at_a_time.pop(name))
    assert at_once == one_at_a_time
