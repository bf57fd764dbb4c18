"""Best practices: the six parts that make one usable while the customer is on the phone."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Field

from knowledge.database import Row, Table
from knowledge.detail import Detail
from knowledge.errors import Problem

PARTS = ("problem", "when", "do", "say", "avoid", "measure")


class Practice(Table, table=True):
    """The six parts of one revision of a best practice, each with its HTML."""

    __tablename__ = "practice"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    problem: str = ""
    when: str = ""
    do: str = ""
    say: str = ""
    avoid: str = ""
    measure: str = ""
    problem_html: str = ""
    when_html: str = ""
    do_html: str = ""
    say_html: str = ""
    avoid_html: str = ""
    measure_html: str = ""


class PracticeRow(Row):
    """The six parts as they are read."""

    problem: str
    when: str
    do: str
    say: str
    avoid: str
    measure: str
    problem_html: str
    when_html: str
    do_html: str
    say_html: str
    avoid_html: str
    measure_html: str


def _gaps(values: Mapping[str, Any]) -> Iterable[Problem]:
    if not values["problem"].strip():
        yield Problem("practice.problem", "Say which problem this solves; people search for it.")
    if not values["do"].strip():
        yield Problem("practice.do", "Say what to do.")


DETAIL = Detail("practice", Practice, PracticeRow, dict.fromkeys(PARTS, ""), markdown=PARTS, gaps=_gaps)
