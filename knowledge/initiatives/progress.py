"""Progress: append-only updates whose honest colour costs nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, false, select
from sqlmodel import Field, Session

from knowledge import activity, changes, clock, entries, people
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    slices,
    table_of,
    word,
)
from knowledge.entries import EntryRow
from knowledge.errors import NotAllowed, Problem, refuse
from knowledge.people import PersonRow, Viewer
from knowledge.words import Audience, Health, Kind, Status


class ProgressUpdate(Table, table=True):
    """Where an initiative stands, as its owner or a leader said it at one time."""

    __tablename__ = "progress_update"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    health: Health = word(Health)
    percent: int | None = None
    summary: str = Field(max_length=1000)
    next: str | None = Field(default=None, max_length=1000)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment(index=True)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)
    audience: Audience = word(Audience, Audience.EMPLOYEES, server_default=Audience.EMPLOYEES)


class ProgressRow(Row):
    """An update as it is read."""

    uid: UUID
    entry_id: int
    health: Health
    percent: int | None
    summary: str
    next: str | None
    author_id: int | None
    created_at: datetime
    source: str | None
    external_id: str | None


_p = table_of(ProgressUpdate).c
_NEWEST = Order("newest", ((_p.created_at, True), (_p.id, True)))


def _updates() -> Select[Any]:
    return select(*columns_of(ProgressUpdate))


def _seen_by(viewer: Viewer) -> Select[Any]:
    # An update has no audience of its own yet, so that it is for colleagues even where its initiative is for customers.
    return _updates() if viewer.is_inside else _updates().where(false())


def _pages(
    session: Session, initiatives: list[EntryRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[ProgressRow]]:
    return slices(session, ProgressRow, _seen_by(viewer), _NEWEST, page, initiatives, _p.entry_id)


def log(initiative: EntryRow, viewer: Viewer, page: Page) -> Slice[ProgressRow]:
    """The updates of an initiative, the newest first, for colleagues; read for the whole list at once."""
    return neighbours(initiative, _pages, viewer, page)


def latest(initiative: EntryRow, viewer: Viewer) -> ProgressRow | None:
    """The newest update, or None where there is none that the viewer may read."""
    rows = log(initiative, viewer, Page(first=1)).rows
    return rows[0] if rows else None


def author_of(update: ProgressRow) -> PersonRow | None:
    """Who posted it."""
    return neighbours(update, people.loaded, "author_id")


def _initiatives(session: Session, rows: list[ProgressRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def initiative_of(update: ProgressRow, viewer: Viewer) -> EntryRow | None:
    """The initiative an update is about, if the viewer may see it."""
    return neighbours(update, _initiatives, viewer)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> ProgressRow | None:
    """One update of an initiative that the viewer may see, or None."""
    row = one(session, ProgressRow, _seen_by(viewer).where(_p.uid == uid))
    return row if row is not None and initiative_of(row, viewer) is not None else None


def post(
    session: Session,
    viewer: Viewer,
    initiative: EntryRow,
    health: Health,
    summary: str,
    *,
    percent: int | None = None,
    next: str | None = None,
    at: datetime | None = None,
    source: str | None = None,
    external_id: str | None = None,
) -> ProgressRow:
    """Say where an initiative stands; any colour publishes at once. Refuses NOT_ALLOWED, and INVALID with all that is wrong."""
    refuse(_faults(initiative, summary, percent, next))
    if not entries.acts.may_post(viewer, initiative):
        raise NotAllowed("Progress is posted by the initiative's owner and by leaders.", "initiative")
    update = ProgressUpdate(
        entry_id=initiative.id,
        health=health,
        percent=percent,
        summary=summary.strip(),
        next=(next or "").strip() or None,
        author_id=viewer.id,
        created_at=at or clock.now(),
        source=source,
        external_id=external_id,
    )
    session.add(update)
    entry = session.get_one(entries.Entry, initiative.id)
    entry.updated_at = max(entry.updated_at, update.created_at)
    session.flush()  # the answer is read back
    activity.record(
        session,
        viewer.id,
        "initiative.progressed",
        "Entry",
        initiative.uid,
        revision=initiative.revision,
        moved={"health": (None, health)},
    )
    changes.record(session, "ProgressUpdate", update.uid, verb="initiative.progressed")
    return read(session, ProgressRow, _updates().where(_p.id == update.id))[0]


def _faults(initiative: EntryRow, summary: str, percent: int | None, next: str | None) -> Iterable[Problem]:
    if initiative.kind is not Kind.INITIATIVE:
        yield Problem("initiative", "Progress is posted on initiatives.")
    elif initiative.status is not Status.PUBLISHED:
        yield Problem("initiative", "Progress is posted once an initiative is published.")
    if not 1 <= len(summary.strip()) <= 1000:
        yield Problem("summary", "Say where it stands, in 1 to 1,000 characters.")
    if percent is not None and not 0 <= percent <= 100:
        yield Problem("percent", "A share done is from 0 to 100.")
    if len(next or "") > 1000:
        yield Problem("next", "What comes next has at most 1,000 characters.")
