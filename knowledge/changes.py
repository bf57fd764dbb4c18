"""The change log: what moved, in an order that every follower can trust.

On PostgreSQL a row carries the number of its transaction, and a follower reads only below the oldest transaction still running:
ids are handed out before a commit, so that following ids alone misses whatever commits late. On SQLite writers are serial and
that number is zero.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Index, Integer, and_, func, insert, literal_column, or_, select, text
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Row, Table, columns_of, moment, read, remembered, table_of
from knowledge.errors import Invalid

CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})")


class Change(Table, table=True):
    """One thing that moved in one commit."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_xid_id", "xid", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    xid: int = Field(default=0, sa_type=BigInteger)
    type: str
    uid: UUID
    revision: int = 0
    deleted: bool = False
    at: datetime = moment()
    verb: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})  # by which act it moved


class Place(NamedTuple):
    """A place in the log; what lies later compares as greater."""

    xid: int
    id: int

    @property
    def cursor(self) -> str:
        """The same as a follower keeps it."""
        return f"{self.xid}.{self.id}"


class ChangeRow(Row):
    """One change, as a follower reads it."""

    xid: int
    type: str
    uid: UUID
    revision: int
    deleted: bool
    at: datetime
    verb: str

    @property
    def place(self) -> Place:
        """Where it lies in the log."""
        return Place(self.xid, self.id)

    @property
    def cursor(self) -> str:
        """The follower's place in the log after this change."""
        return self.place.cursor


def record(session: Session, type: str, uid: UUID, *, revision: int = 0, deleted: bool = False, verb: str = "") -> None:
    """Append one change to the commit under way; `type` is the GraphQL type's name, `verb` the act by which it moved."""
    record_all(session, type, [uid], revision=revision, deleted=deleted, verb=verb)


def record_all(
    session: Session, type: str, uids: Sequence[UUID], *, revision: int = 0, deleted: bool = False, verb: str = ""
) -> None:
    """Append many changes of one kind to the commit under way, in one statement."""
    if not uids:
        return
    connection = session.connection()
    at = session.info.setdefault("moved_at", clock.now())  # one moment for all of a commit, by which it is known as one
    moved = {"type": type, "revision": revision, "deleted": deleted, "at": at, "verb": verb, "xid": 0}
    statement = _MOVED
    if connection.dialect.name == "postgresql":
        statement = _MOVED_IN
        del moved["xid"]
    connection.execute(statement, [{"uid": uid, **moved} for uid in uids])


_MOVED = insert(table_of(Change))
_MOVED_IN = _MOVED.values(xid=text("pg_current_xact_id()::text::bigint"))


def place(cursor: str) -> Place:
    """The place that a cursor names ("" is the beginning); refuses INVALID for what never was one."""
    if not cursor:
        return Place(0, 0)
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise Invalid("This is not a place in the log of changes; begin again without it.", "after")
    return Place(int(found[1]), int(found[2]))


def latest(session: Session) -> ColumnElement[int]:
    """The number of which `head` is made, for a statement that reads it beside something else; what it read is handed to `note`."""
    if session.connection().dialect.name == "sqlite":
        return select(func.coalesce(func.max(table_of(Change).c.id), 0)).scalar_subquery()
    return literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger)


def _place(session: Session, number: int) -> Place:
    return Place(0, number) if session.connection().dialect.name == "sqlite" else Place(number, 0)


def note(session: Session, number: int) -> None:
    """Keep for this operation what `latest` was: its cursor then needs no statement of its own."""
    remembered(session, Change).setdefault(0, _place(session, number))


def head(session: Session) -> Place:
    """The place after all that this session's snapshot shows.

    On PostgreSQL what a slower commit may still add lies after it, and so does a little that the snapshot shows already.
    """
    return _place(session, session.connection().execute(select(latest(session))).scalar_one())


def head_of_answer(session: Session) -> Place:
    """The same, or an earlier one that this operation has read beside something else: whoever goes on after it misses nothing."""
    return remembered(session, Change).get(0) or head(session)


def since(session: Session, cursor: str, *, types: tuple[str, ...] = (), most: int = 100) -> list[ChangeRow]:
    """At most `most` changes after a cursor ("" is the beginning), oldest first, none that a slower commit could still precede."""
    table = table_of(Change).c
    statement = select(*columns_of(Change)).limit(most)
    xid, id = place(cursor)
    is_sqlite = session.connection().dialect.name == "sqlite"
    if is_sqlite:
        statement = statement.where(table.id > id).order_by(table.id)  # writers are serial: ids are in order
    else:
        later = or_(table.xid > xid, and_(table.xid == xid, table.id > id))
        statement = statement.where(table.xid >= xid, later).order_by(table.xid, table.id)
    if types:
        statement = statement.where(table.type.in_(types))
    if not is_sqlite:
        statement = statement.where(table.xid < text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
    return read(session, ChangeRow, statement)
