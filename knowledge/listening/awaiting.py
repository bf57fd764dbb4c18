"""Whoever wants to hear when something that they looked for is answered says so, and is told once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, delete, func, or_, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.community import searches as followed
from knowledge.database import Row, Table, columns_of, moment, one, read, table_of
from knowledge.database.upserts import insert_into
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.listening import wording
from knowledge.listening.searches import Sought, sought_ids
from knowledge.people import Act, Person, Viewer, require
from knowledge.search import documents
from knowledge.words import Kind

MOST = 50


class Awaited(Table, table=True):
    """One person waits for an answer to one thing. Nobody else is told that they do."""

    __tablename__ = "awaited"
    __table_args__ = (UniqueConstraint("person_id", "sought_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    person_id: int = Field(foreign_key="person.id")
    sought_id: int = Field(foreign_key="sought.id", index=True)
    query: str = Field(max_length=wording.LONGEST)
    created_at: datetime = moment()
    told_at: datetime | None = moment(default=None)


class AwaitedRow(Row):
    """What somebody waits for, as they read it."""

    uid: UUID
    query: str
    created_at: datetime


_a, _s, _p = table_of(Awaited).c, table_of(Sought).c, table_of(Person).c


def wait(session: Session, viewer: Viewer, query: str) -> AwaitedRow:
    """Be told once when there is an answer to a query; asking twice changes nothing. Refuses NOT_ALLOWED, and INVALID for what is no
    query, what names somebody, or one too many.
    """
    require(viewer, Act.COMMUNITY_WRITE, doing="wait for answers")
    if viewer.id is None:
        raise NotAllowed("Only people wait for answers.")
    if not (text := wording.kept(query)):
        raise Invalid("Say in words what you look for, without addresses or numbers of people.", "query")
    session.get_one(Person, viewer.id, with_for_update=True)  # of two at once the second is counted
    open_ones = select(func.count()).where(_a.person_id == viewer.id, _a.told_at.is_(None))
    if session.connection().execute(open_ones).scalar_one() >= MOST:
        raise Invalid(f"You wait for {MOST} answers already: take one back first.", "query")
    mine = {"person_id": viewer.id, "sought_id": sought_ids(session, [text])[text]}
    now = clock.now()
    statement = insert_into(session, table_of(Awaited)).values(uid=clock.uid(), query=text, created_at=now, **mine)
    again = statement.on_conflict_do_update(
        index_elements=["person_id", "sought_id"], set_={"told_at": None, "query": text}
    )
    session.connection().execute(again)
    row = one(session, AwaitedRow, _mine(viewer).where(_a.sought_id == mine["sought_id"]))
    assert row is not None
    activity.record(session, viewer.id, "person.awaited", "AwaitedAnswer", row.uid)
    return row


def let_be(session: Session, viewer: Viewer, uid: UUID) -> None:
    """Take it back. Refuses NOT_ALLOWED, and NOT_FOUND for anybody else's."""
    require(viewer, Act.COMMUNITY_WRITE, doing="wait for answers")
    mine = select(_a.id).where(_a.uid == uid, _a.person_id == (viewer.id or -1), _a.told_at.is_(None))
    if (found := session.connection().execute(mine).first()) is None:
        raise NotFound("You do not wait for this.", "id")
    session.connection().execute(delete(table_of(Awaited)).where(_a.id == found.id))
    activity.record(session, viewer.id, "person.awaited_no_more", "AwaitedAnswer", uid, deleted=True)


def _mine(viewer: Viewer) -> Select[Any]:
    columns = columns_of(Awaited, "id", "uid", "query", "created_at")
    return select(*columns).where(_a.person_id == (viewer.id or -1), _a.told_at.is_(None))


def mine(session: Session, viewer: Viewer) -> list[AwaitedRow]:
    """What the viewer still waits for, the latest first."""
    return read(session, AwaitedRow, _mine(viewer).order_by(_a.id.desc()))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> AwaitedRow | None:
    """Something that the viewer waits for, or None."""
    return one(session, AwaitedRow, _mine(viewer).where(_a.uid == uid))


def answered_by(session: Session, entry: EntryRow) -> Select[Any]:
    """What is waited for and an entry answers: because somebody says so, or because all its words are in there. A question does not."""
    ways = [_a.sought_id.in_(select(_s.id).where(_s.answer_id == entry.id, _s.answered_at.is_not(None)))]
    if entry.kind is not Kind.QUESTION and (queries := _fitting(session, entry)):
        ways.append(_a.query.in_(queries))
    return select(_a.id).where(_a.told_at.is_(None), or_(*ways))


def _fitting(session: Session, entry: EntryRow) -> Sequence[str]:
    waited_for = select(_a.query).where(_a.told_at.is_(None)).distinct()
    queries = list(session.connection().execute(waited_for).scalars())
    found = documents.by_uids(session, [entry.uid]) if queries else []
    return [query for document in found for query in queries if followed.fits(document, query, "{}")]


def whom(session: Session, entry: EntryRow) -> Select[Any]:
    """Those who wait for what an entry answers."""
    return select(_a.person_id).where(_a.id.in_(answered_by(session, entry)))


def fulfil(session: Session, entry: EntryRow, told: Select[Any]) -> None:
    """Those who were told of an entry wait no longer for what it answers. `told` are the keys of people."""
    done = update(table_of(Awaited)).where(_a.id.in_(answered_by(session, entry)), _a.person_id.in_(told))
    session.connection().execute(done.values(told_at=clock.now()))
