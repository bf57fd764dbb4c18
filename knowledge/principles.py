"""The twelve principles, and what puts each into practice."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Field

from knowledge.database import Row, Table
from knowledge.detail import Detail
from knowledge.errors import Problem

TWELVE = range(1, 13)


class Principle(Table, table=True):
    """Which of the twelve one revision of a principle is."""

    __tablename__ = "principle"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    number: int = 0


class PrincipleRow(Row):
    """A principle's number as it is read."""

    number: int


def _faults(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values["number"] not in TWELVE:
        yield Problem("principle.number", "The principles are numbered from 1 to 12.")


DETAIL = Detail("principle", Principle, PrincipleRow, {"number": 0}, faults=_faults)
