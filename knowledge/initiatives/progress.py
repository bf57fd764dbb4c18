"""Progress: append-only updates whose honest colour costs nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, select
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
from knowledge.entries.entry import audiences
from knowledge.errors import NotAllowed, Problem, refuse
from knowledge.people import OPERATOR, Act, PersonRow, Viewer
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
    audience: Audience


_p = table_of(ProgressUpdate).c
_NEWEST = Order("newest", ((_p.created_at, True), (_p.id, True)))


def _updates() -> Select[Any]:
    return select(*columns_of(ProgressUpdate))


def _readable(viewer: Viewer) -> frozenset[Audience]:
    return audiences(viewer) if viewer.may(Act.ENTRIES_READ) else frozenset()


def _pages(
    session: Session, initiatives: list[EntryRow], readable: frozenset[Audience], page: Page
) -> Mapping[int, Slice[ProgressRow]]:
    mine = _updates().where(_p.audience.in_(readable))
    return slices(session, ProgressRow, mine, _NEWEST, page, initiatives, _p.entry_id)


def log(initiative: EntryRow, viewer: Viewer, page: Page) -> Slice[ProgressRow]:
    """The updates of an initiative that are for the viewer, the newest first; read for the whole list at once."""
    return neighbours(initiative, _pages, _readable(viewer), page)


def latest(initiative: EntryRow, viewer: Viewer) -> ProgressRow | None:
    """The newest update, or None where there is none that the viewer may read."""
    rows = log(initiative, viewer, Page(first=1)).rows
    return rows[0] if rows else None


def health_of(initiative: EntryRow, viewer: Viewer) -> Health | None:
    """The colour of the newest update of all, where the viewer may read that one: the colour of an older one holds no longer."""
    newest = latest(initiative, viewer)
    if newest is None or viewer.is_inside:
        return newest.health if newest else None
    whole = latest(initiative, OPERATOR)
    return newest.health if whole is not None and whole.id == newest.id else None


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
    row = one(session, ProgressRow, _updates().where(_p.audience.in_(_readable(viewer)), _p.uid == uid))
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
    audience: Audience = Audience.EMPLOYEES,
) -> ProgressRow:
    """Say where an initiative stands; any colour publishes at once [P2]. It is for colleagues, or for as many more as the initiative
    itself is for. Refuses NOT_ALLOWED, and INVALID with all that is wrong.
    """
    refuse([*_faults(initiative, summary, percent, next), *_audience_faults(initiative, audience)])
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
        audience=audience,
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
        moved={"health": (None, health), "audience": (None, audience)},
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


REACHES: Mapping[Audience, tuple[Audience, ...]] = {
    Audience.PUBLIC: (Audience.EMPLOYEES, Audience.CUSTOMERS, Audience.PUBLIC),
    Audience.CUSTOMERS: (Audience.EMPLOYEES, Audience.CUSTOMERS),
}
"""For whom an update may be, by whom the initiative is for; of others it is for colleagues who see the initiative."""


def audiences_of(initiative: EntryRow) -> tuple[Audience, ...]:
    """For whom an update of it may be."""
    return REACHES.get(initiative.audience, (Audience.EMPLOYEES,))


def _audience_faults(initiative: EntryRow, audience: Audience) -> Iterable[Problem]:
    if audience not in audiences_of(initiative):
        yield Problem("audience", "An update is for nobody for whom the initiative is not.")


def calls_for_help(health: Health) -> bool:
    """Whether somebody who posts this is offered to ask for help at once [P2]."""
    return health in (Health.AT_RISK, Health.OFF_TRACK)
