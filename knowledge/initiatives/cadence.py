"""How long an initiative that is under way may stay silent, and what happens when it does [P3]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import activity, clock, entries
from knowledge.activity import Activity
from knowledge.database import read, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.entries.entry import seen_by, shown_revision
from knowledge.initiatives import progress
from knowledge.initiatives.facts import Initiative, InitiativeRow
from knowledge.people import OPERATOR, Viewer
from knowledge.words import InitiativeStatus, Status

USUALLY = 30
"""Every how many days progress is due where nobody has said."""

_e, _i, _a = table_of(Entry).c, table_of(Initiative).c, table_of(Activity).c


@dataclass(frozen=True, slots=True)
class Beat:
    """Since when an initiative that is under way has been silent, and from when on it is stale."""

    since: datetime
    due: datetime


def cadence_of(initiative: EntryRow) -> int:
    """Every how many days its progress is due."""
    return entries.detail_of(initiative, InitiativeRow).cadence_days or USUALLY


def beat_of(initiative: EntryRow) -> Beat | None:
    """Since when it has been silent and until when it may be; None unless it is published and launched."""
    facts = entries.detail_of(initiative, InitiativeRow)
    if initiative.status is not Status.PUBLISHED or facts.status is not InitiativeStatus.LAUNCHED:
        return None
    begun = datetime.combine(facts.launched_on, time(), UTC) if facts.launched_on else None
    latest = progress.latest(initiative, OPERATOR)
    since = (latest and latest.created_at) or begun or initiative.published_at or initiative.created_at
    return Beat(since, since + timedelta(days=cadence_of(initiative)))


def is_stale(initiative: EntryRow) -> bool:
    """Whether it is under way and has been silent for longer than its cadence [P3]."""
    beat = beat_of(initiative)
    return beat is not None and clock.has_come(beat.due)


def under_way(session: Session, viewer: Viewer) -> Sequence[EntryRow]:
    """The published initiatives that are launched and that the viewer may see."""
    wanted = seen_by(viewer).join(table_of(Initiative), _i.revision_id == shown_revision())
    wanted = wanted.where(_e.status == Status.PUBLISHED, _i.status == InitiativeStatus.LAUNCHED)
    return read(session, EntryRow, wanted.order_by(_e.id))


def silent(session: Session, viewer: Viewer) -> Sequence[EntryRow]:
    """The viewer's own initiatives whose progress is overdue, the longest silent first; in two statements and one for facts."""
    mine = [row for row in under_way(session, viewer) if viewer.id is not None and row.owner_id == viewer.id]
    return sorted((row for row in mine if is_stale(row)), key=lambda row: beat_of(row).due)  # type: ignore[union-attr]


SILENT = "initiative.silent"


def watch(session: Session) -> int:
    """Have the owner of every initiative told that has been silent for too long, once for each silence; answers how many."""
    stale = [row for row in under_way(session, OPERATOR) if is_stale(row)]
    told = select(_a.uid, func.max(_a.at)).where(_a.verb == SILENT, _a.uid.in_([row.uid for row in stale]))
    known = {row[0]: row[1] for row in session.connection().execute(told.group_by(_a.uid))} if stale else {}
    new = [row for row in stale if row.uid not in known or known[row.uid] < beat_of(row).due]  # type: ignore[union-attr]
    activity.record_each(session, None, SILENT, "Entry", [(row.uid, row.revision, {}) for row in new])
    return len(new)
