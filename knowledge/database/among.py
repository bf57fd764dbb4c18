"""Statements that ask for rows by many keys, kept by how many: the keys are filled up to a power of two, so that there are few."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam
from sqlmodel import Session

from knowledge.database.rows import Row, read

R = TypeVar("R", bound=Row)

FILLED = 4_096
"""Up to how many; what asks for more is rare, and is not the slower for being compiled."""


def among(column: ColumnElement[Any], count: int) -> ColumnElement[bool]:
    """Whether a column is one of so many keys, which `read_among` hands to the statement."""
    return column.in_([bindparam(f"key{place}", type_=column.type) for place in range(count)])


def read_among(
    session: Session, row_class: type[R], statement: Callable[[int], Select[Any]], keys: Collection[Any]
) -> list[R]:
    """The rows of the statement for these keys; `statement` is a builder that keeps what it made for a count."""
    if not keys:
        return []
    given = sorted(keys)
    count = 1 << (len(given) - 1).bit_length() if len(given) <= FILLED else len(given)
    given += given[-1:] * (count - len(given))
    return read(session, row_class, statement(count), **{f"key{place}": key for place, key in enumerate(given)})
