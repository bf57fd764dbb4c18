"""The notice: one thing that a leader pins to every colleague's home page, until it is taken down or its last day is over."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, people
from knowledge.database import Row, Table, columns_of, moment, neighbours, one, table_of
from knowledge.entries import EntryRow
from knowledge.errors import NotFound, Problem, refuse
from knowledge.people import Act, PersonRow, Viewer, require

LONGEST = 300


class Notice(Table, table=True):
    """What is pinned, in a sentence, and the entry it points to; the newest that is not taken down counts."""

    __tablename__ = "notice"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    text: str = Field(max_length=LONGEST)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    pinned_at: datetime = moment(index=True)
    until: date | None = None
    taken_down_at: datetime | None = moment(default=None)
    sample: bool = False


class NoticeRow(Row):
    """A notice as it is read."""

    uid: UUID
    text: str
    entry_id: int | None
    author_id: int | None
    pinned_at: datetime
    until: date | None


_n = table_of(Notice).c


def _reads(viewer: Viewer) -> bool:
    return viewer.is_inside and viewer.may(Act.ENTRIES_READ)


def _hanging() -> Select[tuple[object, ...]]:
    """What is pinned, the newest first."""
    statement = select(*columns_of(Notice)).where(_n.taken_down_at.is_(None))
    return statement.where(or_(_n.until.is_(None), _n.until >= clock.today())).order_by(
        _n.pinned_at.desc(), _n.id.desc()
    )


def pinned(session: Session, viewer: Viewer) -> NoticeRow | None:
    """The one notice there is, for colleagues."""
    return one(session, NoticeRow, _hanging()) if _reads(viewer) else None


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> NoticeRow | None:
    """The notice that hangs, by its uid, for colleagues; what was taken down is gone."""
    return one(session, NoticeRow, _hanging().where(_n.uid == uid)) if _reads(viewer) else None


def _entries(session: Session, rows: list[NoticeRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows if row.entry_id is not None))
    return {row.id: found.get(row.entry_id or 0) for row in rows}


def entry_of(notice: NoticeRow, viewer: Viewer) -> EntryRow | None:
    """The entry it points to, if the viewer may see it."""
    return neighbours(notice, _entries, viewer)


def author_of(notice: NoticeRow) -> PersonRow | None:
    """Who pinned it."""
    return neighbours(notice, people.loaded, "author_id")


def may_pin(viewer: Viewer) -> bool:
    """Whether the viewer may pin a notice and take it down: leaders."""
    return viewer.may(Act.VISION_WRITE)


def pin(
    session: Session,
    viewer: Viewer,
    text: str,
    *,
    entry: EntryRow | None = None,
    until: date | None = None,
    sample: bool = False,
) -> NoticeRow:
    """Pin a notice in the place of the one that hangs there. Refuses NOT_ALLOWED, and INVALID with all that is wrong."""
    require(viewer, Act.VISION_WRITE, doing="pin a notice")
    refuse(_faults(text, until))
    _take_down(session)
    row = Notice(
        text=text.strip(),
        entry_id=entry.id if entry else None,
        author_id=viewer.id,
        pinned_at=clock.now(),
        until=until,
        sample=sample,
    )
    session.add(row)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "notice.pinned", "Notice", row.uid)
    found = one(session, NoticeRow, _hanging().where(_n.uid == row.uid))
    assert found is not None
    return found


def take_down(session: Session, viewer: Viewer, uid: UUID) -> None:
    """Take the notice down. Refuses NOT_ALLOWED, and NOT_FOUND where it hangs there no more."""
    require(viewer, Act.VISION_WRITE, doing="take a notice down")
    if not _take_down(session, uid):
        raise NotFound("There is no such notice.", "id")
    activity.record(session, viewer.id, "notice.taken_down", "Notice", uid, deleted=True)


def _take_down(session: Session, uid: UUID | None = None) -> bool:
    hanging = [_n.taken_down_at.is_(None), *([] if uid is None else [_n.uid == uid])]
    done = session.connection().execute(update(table_of(Notice)).where(*hanging).values(taken_down_at=clock.now()))
    return bool(done.rowcount)


def _faults(text: str, until: date | None) -> Iterable[Problem]:
    if not 1 <= len(text.strip()) <= LONGEST:
        yield Problem("text", f"Say it in 1 to {LONGEST} characters.")
    if until is not None and until < clock.now().date():
        yield Problem("until", "Its last day is over.")
