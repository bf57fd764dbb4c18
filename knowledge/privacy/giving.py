"""All that is kept of somebody, to be handed to them: every row that is theirs, and every row that names them [G2]."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import or_, select
from sqlmodel import Session

from knowledge import clock
from knowledge.customers import Customer, CustomerRow
from knowledge.database import Table, table_of
from knowledge.errors import NotAllowed
from knowledge.people import Act, Viewer
from knowledge.privacy import declared, erasing, looks
from knowledge.privacy.consents import is_oneself
from knowledge.privacy.erasing import Subject
from knowledge.privacy.looks import Looked
from knowledge.words import LookPurpose

SECRET = frozenset({"digest", "hint", "password", "request_id", "xid", "person"})
"""Columns that are given to nobody: what proves who somebody is, and numbers of this installation."""


def look(viewer: Viewer, customer: CustomerRow) -> Looked | None:
    """The look that giving it out is, unless one gives it to oneself."""
    if is_oneself(viewer, customer):
        return None
    return Looked(
        customer.id, viewer.id, viewer.scopes is not None, LookPurpose.DATA_REQUEST, f"everything, {looks.EMAIL}"
    )


def everything(session: Session, viewer: Viewer, customer: CustomerRow) -> str:
    """All of it as JSON, table by table. Refuses NOT_ALLOWED to all but administrators and themselves.

    To themselves at once what is theirs; what others wrote and only names them an administrator looks at first, as it may be about
    those others as well.
    """
    if not (viewer.may(Act.ADMIN) or is_oneself(viewer, customer)):
        raise NotAllowed("You may not take out what is kept of this customer.")
    whom = erasing.subject(session, customer.id, "")
    if (
        is_oneself(viewer, customer) and viewer.id is not None
    ):  # of several who sign in for one customer each is given their own
        whom = replace(whom, persons=(viewer.id,))
    owned = dict(_owned(session, whom))
    tables = {name: [_given(table, row) for row in rows] for name, (table, rows) in owned.items()}
    told: dict[str, Any] = {"about": customer.name, "made_at": clock.now(), "yours": tables}
    if viewer.may(Act.ADMIN):
        told["naming_you"] = dict(_naming(session, whom, owned))
    else:
        told["naming_you"] = "What others wrote and names you is given on request: ask for access."
    return json.dumps(told, ensure_ascii=False, indent=1, default=_said)


Found = tuple[SqlTable, list[Mapping[str, Any]]]


def _owned(session: Session, whom: Subject) -> Iterator[tuple[str, Found]]:
    """The rows that are theirs, by table."""
    customers = table_of(Customer)
    yield "customer", (customers, _rows(session, customers, customers.c.id.in_(whom.ids)))
    which: dict[str, list[Any]] = {}
    for owned in declared.OWNED:
        which.setdefault(owned.table, []).append(erasing.theirs(owned, whom))
    for name, conditions in which.items():
        table = Table.metadata.tables[name]
        if rows := _rows(session, table, or_(*conditions)):
            yield name, (table, rows)
    values = Table.metadata.tables["activity_value"]
    acts = erasing.acts_on(session, whom)
    if rows := [row for some in acts for row in _rows(session, values, values.c.activity_id.in_(some))]:
        yield "activity_value", (values, rows)


def _rows(session: Session, table: SqlTable, which: Any) -> list[Mapping[str, Any]]:
    order = table.primary_key.columns
    return [dict(row) for row in session.connection().execute(select(table).where(which).order_by(*order)).mappings()]


def _naming(
    session: Session, whom: Subject, owned: Mapping[str, Found]
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The rows of others that name them, by table."""
    for table, free in erasing.free_columns():
        _, known = owned.get(table.name, (table, []))
        keys = {_key(table, row) for row in known}
        named = [dict(row) for row in erasing.named(session, table, free, whom.names)]
        found = [row for row in named if _key(table, row) not in keys]
        if found:
            yield table.name, [_given(table, row) for row in found]


def _key(table: SqlTable, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _given(table: SqlTable, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row without the keys that say something here alone, and without what is empty."""
    hidden = {each.parent.name for each in table.foreign_keys} | SECRET
    if not isinstance(row.get("id"), str):
        hidden = hidden | {"id"}
    return {name: value for name, value in row.items() if name not in hidden and value is not None}


def _said(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
