"""Rows that were read together and therefore load their neighbours together, without being asked.

A list of fifty entries whose authors and tags are wanted costs three statements at any depth: the first row that is asked for
its tags has those of all fifty read. Reads take these Core rows; objects of the table classes are for writing.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Select
from sqlmodel import Session

P = ParamSpec("P")
V = TypeVar("V")
K = TypeVar("K", bound=Hashable)


class _Together:
    """Rows of one statement, and what has been read beside them so far."""

    __slots__ = ("alone", "known", "rows", "session")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rows: list[Any] = []
        self.alone = False
        self.known: dict[Hashable, Mapping[int, Any]] = {}


class Row:
    """One row of a read. A subclass names the columns it was read with."""

    id: int
    _together: _Together

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.__dict__.get('id')})"


R = TypeVar("R", bound=Row)


def read(
    session: Session, row_class: type[R], statement: Select[Any], named: Mapping[str, Any] | None = None
) -> list[R]:
    """All rows of a Core select as `row_class`, aware of one another; the select's labels become their attributes.

    `named` are the values of a statement that was written with names for them, once for all.
    """
    result = session.connection().execute(statement, named)
    keys = tuple(result.keys())
    together = _Together(session)
    rows = []
    for values in result:
        row = row_class.__new__(row_class)
        row.__dict__ = dict(zip(keys, values, strict=True))
        row._together = together
        rows.append(row)
    together.rows = rows
    return rows


def formed(session: Session, row_class: type[R], found: Iterable[Mapping[str, Any]]) -> list[R]:
    """Rows of values that came along with others, aware of one another as if they had been read by a statement of their own."""
    together = _Together(session)
    for values in found:
        row = row_class.__new__(row_class)
        row.__dict__ = dict(values)
        row._together = together
        together.rows.append(row)
    return together.rows


def one(
    session: Session, row_class: type[R], statement: Select[Any], named: Mapping[str, Any] | None = None
) -> R | None:
    """The first row of a select, or None; a statement with `named` values says itself that one is enough."""
    rows = read(session, row_class, statement.limit(1) if named is None else statement, named)
    for row in rows:
        row._together.alone = True
    return rows[0] if rows else None


def neighbours(
    row: R, relation: Callable[Concatenate[Session, list[R], P], Mapping[int, V]], *args: P.args, **arguments: P.kwargs
) -> V:
    """What `relation` finds for `row`, read for all rows of its statement the first time any of them asks.

    `relation(session, rows, ...)` answers a mapping with an item for the id of every row. Arguments must be hashable; different
    arguments are read apart. What was read is forgotten after each root mutation.
    """
    together = row._together
    key = (
        relation,
        args,
        tuple(sorted(arguments.items())) if arguments else (),
        together.session.info.get("generation", 0),
    )
    found = together.known.get(key)
    if found is None:
        found = relation(together.session, together.rows, *args, **arguments)
        together.known[key] = found
    return cast(V, found[row.id])


def is_alone(row: Row) -> bool:
    """Whether the row was asked for by itself, so that nothing is read for others along with it."""
    return row._together.alone


def forget_neighbours(session: Session) -> None:
    """Called after a root mutation: whatever was read beside rows before may have changed."""
    session.info["generation"] = session.info.get("generation", 0) + 1
    session.info.pop("remembered", None)


def remembered(session: Session, what: Hashable) -> dict[int, Any]:
    """What an operation has read of one kind so far, by key, wherever it was named; forgotten as neighbours are."""
    known: dict[Hashable, dict[int, Any]] = session.info.setdefault("remembered", {})
    return known.setdefault(what, {})


def grouped(parents: Iterable[Row], children: Sequence[V], key: Callable[[V], int]) -> dict[int, list[V]]:
    """The children of each parent in their order; parents without any have an empty list."""
    groups: dict[int, list[V]] = {parent.id: [] for parent in parents}
    for child in children:
        groups[key(child)].append(child)
    return groups
