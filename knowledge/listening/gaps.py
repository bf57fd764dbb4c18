"""Gaps: what at least three people looked for and did not find, until somebody answers it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, select, update
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import Order, Page, Row, Slice, columns_of, neighbours, one, sliced, table_of
from knowledge.entries import EntryRow, writing
from knowledge.entries import by_ids as entries_by_ids
from knowledge.entries.entry import Entry
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.listening.people import FEWEST
from knowledge.listening.searches import Sought
from knowledge.people import Act, Viewer, require
from knowledge.words import Kind, Status

TAKEN = timedelta(days=30)
"""For how long a draft keeps others from taking the same gap."""
WRITTEN = (Kind.QUESTION, Kind.BEST_PRACTICE)
"""What becomes of a gap: somebody asks those who may know, or writes down what works."""


class GapRow(Row):
    """Something that people look for in vain, as it is read: no fewer than three people, and none of them named."""

    uid: UUID
    wording: str
    people: int
    last_on: date
    draft_id: int | None
    taken_at: datetime | None
    answer_id: int | None
    answered_at: datetime | None


_s, _e = table_of(Sought).c, table_of(Entry).c
_COLUMNS = ("id", "uid", "wording", "people", "last_on", "draft_id", "taken_at", "answer_id", "answered_at")


def _visible_to(viewer: Viewer) -> Select[Any]:
    seen = _s.people >= FEWEST if viewer.is_inside and viewer.may(Act.FEEDBACK_READ) else false()
    return select(*columns_of(Sought, *_COLUMNS)).where(seen)


def listing(session: Session, viewer: Viewer, page: Page, *, answered: bool = False) -> Slice[GapRow]:
    """What is looked for in vain, by most people first; or what was and has been answered, the latest first."""
    statement = _visible_to(viewer)
    if answered:
        order = Order("answered", ((_s.answered_at, True), (_s.id, True)))
        return sliced(session, GapRow, statement.where(_s.answered_at.is_not(None)), order, page)
    order = Order("gaps", ((_s.people, True), (_s.last_on, True), (_s.id, True)))
    return sliced(session, GapRow, statement.where(_s.answered_at.is_(None)), order, page)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> GapRow | None:
    """One gap, or None."""
    return one(session, GapRow, _visible_to(viewer).where(_s.uid == uid))


def _locked(session: Session, viewer: Viewer, uid: UUID) -> Sought:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such gap.", "id")
    gap = session.get_one(Sought, row.id, with_for_update=True)
    if gap.answered_at is not None:
        raise Invalid("This has been answered meanwhile.", "id")
    return gap


def take(session: Session, viewer: Viewer, uid: UUID, kind: Kind) -> tuple[GapRow, EntryRow]:
    """Make a draft of a gap, with what was looked for as its title. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for a gap that has
    been answered, that somebody is writing about already, or that is to become another kind of entry. A second click of whoever
    took it gives the draft of the first.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="write entries")
    gap = _locked(session, viewer, uid)
    if kind not in WRITTEN:
        raise Invalid("A gap becomes a question or a practice.", "kind")
    if gap.draft_id is not None and _is_being_written(session, gap):
        begun = entries_by_ids(session, viewer, [gap.draft_id]).get(gap.draft_id)
        if begun is not None and (begun.author_id, begun.kind) == (viewer.id, kind):
            return _reread(session, viewer, uid), begun
        raise Invalid("Somebody is writing about this already.", "id")
    entry = writing.create(session, viewer, kind, {"title": gap.wording[:1].upper() + gap.wording[1:]})
    gap.draft_id, gap.taken_at = entry.id, clock.now()
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "gap.taken", "Gap", uid, moved={"draft": (None, entry.uid)})
    return _reread(session, viewer, uid), entry


def _is_being_written(session: Session, gap: Sought) -> bool:
    recent = gap.taken_at is not None and gap.taken_at > clock.now() - TAKEN
    status = session.connection().execute(select(_e.status).where(_e.id == gap.draft_id)).scalar()
    return status not in (None, Status.ARCHIVED) and (recent or status != Status.DRAFT)


def answer(session: Session, viewer: Viewer, uid: UUID, entry: EntryRow) -> GapRow:
    """Say that a published entry answers a gap: it closes, and those who wait for it and may read the entry are told.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for an entry that is not published, a question, or a gap that has been answered.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="answer gaps")
    if viewer.id is None:
        raise NotAllowed("Only people answer gaps.")
    gap = _locked(session, viewer, uid)
    if entry.status is not Status.PUBLISHED or entry.kind is Kind.QUESTION:
        raise Invalid("What answers a gap is published, and is not itself a question.", "entry")
    gap.answer_id, gap.answered_at = entry.id, clock.now()
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "gap.answered", "Gap", uid, moved={"answer": (None, entry.uid)})
    return _reread(session, viewer, uid)


def published(session: Session, entry: EntryRow, at: datetime) -> None:
    """Close what a published entry was written for. A question that was asked leaves it open: nobody has answered yet."""
    if entry.kind is Kind.QUESTION or entry.status is not Status.PUBLISHED:
        return
    written = (_s.draft_id == entry.id) & _s.answered_at.is_(None)
    session.connection().execute(update(table_of(Sought)).where(written).values(answer_id=entry.id, answered_at=at))


def _reread(session: Session, viewer: Viewer, uid: UUID) -> GapRow:
    row = by_uid(session, viewer, uid)
    assert row is not None
    return row


def _entries(session: Session, rows: list[GapRow], viewer: Viewer, column: str) -> Mapping[int, EntryRow | None]:
    keys = {row.id: getattr(row, column) for row in rows}
    found = entries_by_ids(session, viewer, (key for key in keys.values() if key is not None))
    return {id: found.get(key or -1) for id, key in keys.items()}


def draft_of(gap: GapRow, viewer: Viewer) -> EntryRow | None:
    """What is being written about it, if the viewer may see it; read for the whole list at once."""
    return neighbours(gap, _entries, viewer, "draft_id")


def answer_of(gap: GapRow, viewer: Viewer) -> EntryRow | None:
    """What answers it, if the viewer may see it."""
    return neighbours(gap, _entries, viewer, "answer_id")
