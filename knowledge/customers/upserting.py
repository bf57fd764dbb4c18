"""Customers of other systems, taken in by the hundred: each row answers by itself, and the same row twice changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import Session

from knowledge.customers import recording
from knowledge.customers.customer import Customer, CustomerRow, Reference, find
from knowledge.customers.recording import Changes
from knowledge.database import Row, columns_of, forget_neighbours, read, table_of, whole
from knowledge.errors import Problem, Refusal, TooLarge, refuse
from knowledge.people import Act, Viewer, require
from knowledge.words import CustomerStatus, TransitionCause

MOST = 250
"""Rows at once."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row of another system; `changes` has its source and external id, and `parent` names whom it belongs to."""

    changes: Changes
    parent: Reference | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row: the customer, or all that is wrong with the row."""

    index: int
    uid: UUID | None = None
    created: bool = False
    problems: tuple[Problem, ...] = ()


class _Known(Row):
    """A customer by what another system calls it, with everything that a row can say of it."""

    uid: UUID
    source: str
    external_id: str
    status: CustomerStatus


_c = table_of(Customer).c
_SAID = ("name", "kind", "relation", "email", "joined_on")
_READ = ("id", "uid", "source", "external_id", "parent_id", "group_id", "status", *_SAID)


def upsert(session: Session, viewer: Viewer, rows: Sequence[Incoming | Problem]) -> list[Result]:
    """Create those that are not there and change those that differ, each in a savepoint of its own.

    A row that could not be read is a `Problem` already, and answered as one. The stage is that of a new customer: who is there
    already is moved on the ladder. Refuses NOT_ALLOWED and TOO_LARGE as a
    whole, and everything else row by row.
    """
    require(viewer, Act.CUSTOMERS_WRITE, doing="record customers")
    if len(rows) > MOST:
        raise TooLarge(f"At most {MOST} rows at once.", "rows")
    known = _known(session, [row for row in rows if isinstance(row, Incoming)])
    return [
        Result(index, problems=(row,)) if isinstance(row, Problem) else _one(session, viewer, index, row, known)
        for index, row in enumerate(rows)
    ]


def _key(row: Incoming) -> tuple[str, str]:
    return row.changes.get("source") or "", row.changes.get("external_id") or ""


def _known(session: Session, rows: Sequence[Incoming]) -> dict[tuple[str, str], _Known]:
    same = tuple_(_c.source, _c.external_id).in_([_key(row) for row in rows])
    found = read(session, _Known, select(*columns_of(Customer, *_READ)).where(same)) if rows else []
    return {(each.source, each.external_id): each for each in found}


def _one(session: Session, viewer: Viewer, index: int, row: Incoming, known: dict[tuple[str, str], _Known]) -> Result:
    try:
        with session.begin_nested():
            customer, created = _kept(session, viewer, row, known.get(_key(row)))
    except Refusal as refusal:
        return Result(index, problems=refusal.problems)
    if customer is not None:
        known.update(_known(session, [row]))
    forget_neighbours(session)
    return Result(index, customer.uid if customer is not None else known[_key(row)].uid, created)


def _kept(session: Session, viewer: Viewer, row: Incoming, there: _Known | None) -> tuple[CustomerRow | None, bool]:
    """The customer as written, or None where the row says nothing new; and whether it is new."""
    changes: Any = dict(row.changes)
    refuse(_nameless(row))
    if row.parent is not None:
        parent = find(session, viewer, row.parent)
        if parent is None:
            refuse([Problem("parent", "There is no such customer.")])
        changes["parent"] = parent.uid if parent is not None else None
    if there is None:
        changes.setdefault("name", "")
        return recording.create(session, viewer, changes, cause=TransitionCause.IMPORT), True
    changes.pop("stage", None)
    if there.status is CustomerStatus.MERGED:  # what its system says of it is not said of the one it was merged into
        return find(session, viewer, Reference(uid=there.uid)), False
    if not _differs(session, there, changes):
        return None, False
    reference = Reference(source=there.source, external_id=there.external_id)
    return recording.update(session, viewer, reference, changes), False


def _nameless(row: Incoming) -> Sequence[Problem]:
    source, external_id = _key(row)
    missing = (("source", source), ("externalId", external_id))
    return [
        Problem(field, "A row says which system it is from, and its identifier there.")
        for field, said in missing
        if not said
    ]


def _differs(session: Session, there: _Known, changes: Mapping[str, Any]) -> bool:
    stored = whole(there)
    if any(name in changes and recording.plain(name, changes[name]) != stored[name] for name in _SAID):
        return True
    for name, column in (("parent", "parent_id"), ("group", "group_id")):
        if name in changes and recording.pointed(session, name, changes[name]) != stored[column]:
            return True
    return False
