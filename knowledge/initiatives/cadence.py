"""How long an initiative that is under way may stay silent, and what happens when it does [P3]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock, entries
from knowledge.database import neighbours, read, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.entries.entry import seen_by, shown_revision
from knowledge.initiatives.facts import Initiative, InitiativeRow
from knowledge.initiatives.progress import ProgressUpdate
from knowledge.people import Viewer
from knowledge.words import InitiativeStatus, Kind, Status

USUALLY = 30
"""Every how many days progress is due where nobody has said."""

_e, _i, _p = table_of(Entry).c, table_of(Initiative).c, table_of(ProgressUpdate).c


@dataclass(frozen=True, slots=True)
class Beat:
    """Since when an initiative that is under way has been silent, and from when on it is stale."""

    since: datetime
    due: datetime


def _said(session: Session, rows: list[EntryRow]) -> Mapping[int, datetime | None]:
    ids = [row.id for row in rows if row.kind is Kind.INITIATIVE]
    newest = select(_p.entry_id, func.max(_p.created_at)).where(_p.entry_id.in_(ids)).group_by(_p.entry_id)
    found = {row[0]: row[1] for row in session.connection().execute(newest)} if ids else {}
    return {row.id: found.get(row.id) for row in rows}


def cadence_of(initiative: EntryRow) -> int:
    """Every how many days its progress is due."""
    return entries.detail_of(initiative, InitiativeRow).cadence_days or USUALLY


def beat_of(initiative: EntryRow) -> Beat | None:
    """Since when it has been silent and until when it may be; None unless it is published and launched."""
    facts = entries.detail_of(initiative, InitiativeRow)
    if initiative.status is not Status.PUBLISHED or facts.status is not InitiativeStatus.LAUNCHED:
        return None
    begun = datetime.combine(facts.launched_on, time(), UTC) if facts.launched_on else None
    since = neighbours(initiative, _said) or begun or initiative.published_at or initiative.created_at
    return Beat(since, since + timedelta(days=cadence_of(initiative)))


def is_stale(initiative: EntryRow) -> bool:
    """Whether it is under way and has been silent for longer than its cadence [P3]."""
    beat = beat_of(initiative)
    return beat is not None and clock.now() > beat.due


def under_way(session: Session, viewer: Viewer) -> Sequence[EntryRow]:
    """The published initiatives that are launched and that the viewer may see."""
    wanted = seen_by(viewer).join(table_of(Initiative), _i.revision_id == shown_revision())
    wanted = wanted.where(_e.status == Status.PUBLISHED, _i.status == InitiativeStatus.LAUNCHED)
    return read(session, EntryRow, wanted.order_by(_e.id))


def silent(session: Session, viewer: Viewer) -> Sequence[EntryRow]:
    """The viewer's own initiatives whose progress is overdue, the longest silent first; in two statements and one for facts."""
    mine = [row for row in under_way(session, viewer) if viewer.id is not None and row.owner_id == viewer.id]
    return sorted((row for row in mine if is_stale(row)), key=lambda row: beat_of(row).due)  # type: ignore[union-attr]
