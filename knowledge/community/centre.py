"""What somebody hears of: their notifications, coalesced, and how they want them.

Rows of one reason on one entry that are unread, or were read at one stroke, are shown as one: its newest row stands for all. Whoever
may not see the entry any more is not shown its notifications, nor are they counted.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, false, func, or_, select, update
from sqlmodel import Session

from knowledge import activity, clock, feedback, people
from knowledge.community import appreciations, comments
from knowledge.community.appreciations import AppreciationRow
from knowledge.community.notifications import Notification, NotificationOff
from knowledge.community.recipes import AMONG_COLLEAGUES
from knowledge.database import Order, Page, Row, Slice, neighbours, one, read, sliced, table_of
from knowledge.entries import EntryRow, visible_to
from knowledge.entries import by_ids as entries_by_ids
from knowledge.entries.entry import Entry
from knowledge.errors import NotFound
from knowledge.feedback import FeedbackRow
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import Reason

MOST_COUNTED = 100
"""Beyond this many nobody counts, and the database need not either."""


class NotificationRow(Row):
    """What happened of one sort to one entry: the newest event of several, and how many they are."""

    uid: UUID
    person_id: int
    reason: Reason
    actor_id: int | None
    entry_id: int | None
    feedback_id: int | None
    about_type: str
    about_uid: UUID
    at: datetime
    read_at: datetime | None
    count: int
    actors: int

    @property
    def seen(self) -> bool:
        """Whether it was read."""
        return self.read_at is not None


_AROUND = ("entry_id", "feedback_id")
_n = table_of(Notification).c
_e = table_of(Entry).c


ABOUT: Mapping[str, Callable[[Viewer], Select[Any]]] = {
    "Comment": lambda viewer: select(comments.table.uid).where(comments.live_for(viewer)),
    "Appreciation": appreciations.uids_for,
}
"""What has an audience of its own, within an entry or without one, by type: the uids of those that a viewer may see."""


def _shown_to(viewer: Viewer) -> ColumnElement[bool]:
    """What is told of an entry that the viewer may see, and of something on it that they may see; of feedback to those who read it."""
    own = [or_(_n.about_type != type, _is_among(uids(viewer))) for type, uids in ABOUT.items()]
    if not viewer.is_inside:
        own.append(_n.reason.not_in(AMONG_COLLEAGUES))
    of_entry = _n.entry_id.is_not(None) & visible_to(viewer)
    of_words = _n.feedback_id.is_not(None) if viewer.may(Act.FEEDBACK_READ) else _own_words(viewer)
    of_thanks = _n.about_type == "Appreciation"
    return and_(_n.person_id == (viewer.id or -1), or_(of_entry, of_words, of_thanks), *own)


def _own_words(viewer: Viewer) -> ColumnElement[bool]:
    """A customer hears of answers to their own words."""
    if viewer.customer_id is None or viewer.scopes is not None:
        return false()
    table = table_of(feedback.Feedback).c
    return _n.feedback_id.in_(select(table.id).where(feedback.visible_to(viewer)))


def _around(columns: Any, row: Any) -> list[ColumnElement[bool]]:
    """That something happened around the same thing."""
    return [columns[name].is_not_distinct_from(getattr(row, name)) for name in _AROUND]


def _is_among(uids: Select[Any]) -> ColumnElement[bool]:
    """Looked up one by one: what a person is told of is less than all that was ever said."""
    (uid,) = uids.selected_columns
    return uids.where(uid == _n.about_uid).correlate(table_of(Notification)).exists()


def _seen_by(viewer: Viewer, *which: ColumnElement[bool]) -> Select[Any]:
    """What the viewer is told of, each group of rows by its newest; of them all, or only of those that are wanted."""
    head = table_of(Notification).alias("head")
    group = (
        select(
            func.max(_n.id).label("id"),
            func.count().label("count"),
            func.count(_n.actor_id.distinct()).label("actors"),
        )
        .join_from(table_of(Notification), table_of(Entry), _e.id == _n.entry_id, isouter=True)
        .where(_shown_to(viewer), *which)
        .group_by(_n.reason, _n.entry_id, _n.feedback_id, _n.read_at)
        .subquery("notifications")
    )
    names = ("uid", "person_id", "reason", "actor_id", *_AROUND, "about_type", "about_uid", "at", "read_at")
    return select(
        head.c.id,
        *(head.c[name] for name in names),
        group.c.count,
        group.c.actors,
        case((head.c.read_at.is_(None), 0), else_=1).label("place"),
    ).join_from(group, head, head.c.id == group.c.id)


def listing(session: Session, viewer: Viewer, page: Page, *, unread: bool | None = None) -> Slice[NotificationRow]:
    """What the viewer is told of, the unread first and then the latest; only the one or the other where `unread` says so."""
    whole = _seen_by(viewer).subquery("told")
    statement = select(whole)
    if unread is not None:
        statement = statement.where(whole.c.read_at.is_(None) if unread else whole.c.read_at.is_not(None))
    order = Order("told", ((whole.c.place, False), (whole.c.id, True)))
    return sliced(session, NotificationRow, statement, order, page)


def unread_between(
    session: Session, viewer: Viewer, since: datetime, until: datetime, *, most: int
) -> list[NotificationRow]:
    """What happened after one moment and up to another that the viewer may see and has not read, the latest first."""
    window = (_n.at > since, _n.at <= until, _n.read_at.is_(None))
    whole = _seen_by(viewer, *window).subquery("told")
    return read(session, NotificationRow, select(whole).order_by(whole.c.id.desc()).limit(most))


def unread_count(session: Session, viewer: Viewer) -> int:
    """How many unread notifications the viewer has, 100 at most: one statement, and none for strangers."""
    if viewer.id is None:
        return 0
    unread = (
        select(_n.reason, _n.entry_id, _n.feedback_id)
        .join_from(table_of(Notification), table_of(Entry), _e.id == _n.entry_id, isouter=True)
        .where(_shown_to(viewer), _n.read_at.is_(None))
        .distinct()
        .limit(MOST_COUNTED)
    )
    return people.counted_with(session, viewer, select(func.count()).select_from(unread.subquery()).scalar_subquery())


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> NotificationRow | None:
    """One of the viewer's notifications, or None; it may stand for several by now."""
    found = session.connection().execute(
        select(_n.reason, _n.entry_id, _n.feedback_id, _n.read_at).where(_n.uid == uid, _n.person_id == (viewer.id or -1))
    ).first()  # fmt: skip
    if found is None:
        return None
    whole = _seen_by(viewer).subquery("told")
    read_at = whole.c.read_at.is_(None) if found.read_at is None else whole.c.read_at == found.read_at
    same = select(whole).where(whole.c.reason == found.reason, *_around(whole.c, found), read_at)
    return one(session, NotificationRow, same)


def mark(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> None:
    """Mark notifications as read, each with those that it stood for when it was shown and none that came since. Marking twice
    changes nothing. Refuses NOT_FOUND for anybody else's.
    """
    require(viewer, Act.PROFILE_WRITE, doing="mark notifications")
    mine = select(_n.uid, _n.id, _n.reason, _n.entry_id, _n.feedback_id).where(
        _n.person_id == (viewer.id or -1), _n.uid.in_(uids)
    )
    rows = session.connection().execute(mine).all()
    if len(rows) < len(set(uids)):
        raise NotFound("There is no such notification.", "ids")
    now = clock.now()
    for row in rows:
        same = and_(_n.reason == row.reason, *_around(_n, row), _n.id <= row.id)
        _mark(session, viewer, now, same)
    _record(session, viewer)


def mark_all(session: Session, viewer: Viewer, *, up_to: UUID | None = None) -> None:
    """Mark all as read; with `up_to` only what was there when that one was the newest. Refuses NOT_FOUND for anybody else's."""
    require(viewer, Act.PROFILE_WRITE, doing="mark notifications")
    newest = None
    if up_to is not None:
        mine = select(_n.id).where(_n.person_id == (viewer.id or -1), _n.uid == up_to)
        newest = session.connection().execute(mine).scalar()
        if newest is None:
            raise NotFound("There is no such notification.", "upTo")
    _mark(session, viewer, clock.now(), _n.id <= newest if newest is not None else _n.id > 0)
    _record(session, viewer)


def _mark(session: Session, viewer: Viewer, now: datetime, which: Any) -> None:
    unread = (_n.person_id == (viewer.id or -1)) & _n.read_at.is_(None)
    session.connection().execute(update(table_of(Notification)).where(unread, which).values(read_at=now))


def _record(session: Session, viewer: Viewer) -> None:
    if viewer.uid is not None:
        activity.record(session, viewer.id, "person.read_notifications", "Person", viewer.uid)


def unwanted(session: Session, viewer: Viewer) -> frozenset[Reason]:
    """The reasons for which the viewer does not want to be told."""
    off = table_of(NotificationOff).c
    found = session.connection().execute(select(off.reason).where(off.person_id == (viewer.id or -1)))
    return frozenset(Reason(row.reason) for row in found)


def choose(session: Session, viewer: Viewer, wanted: frozenset[Reason]) -> None:
    """Say for which reasons one wants to be told; for no others from now on. Refuses NOT_ALLOWED."""
    require(viewer, Act.PROFILE_WRITE, doing="change your settings")
    if viewer.id is None:
        return
    session.get_one(people.Person, viewer.id, with_for_update=True)  # two forms at once take turns
    table = table_of(NotificationOff)
    session.connection().execute(delete(table).where(table.c.person_id == viewer.id))
    session.add_all(NotificationOff(person_id=viewer.id, reason=reason) for reason in Reason if reason not in wanted)
    session.flush()  # the answer is read back
    assert viewer.uid is not None
    activity.record(session, viewer.id, "person.chose_notifications", "Person", viewer.uid)


def actor_of(row: NotificationRow) -> PersonRow | None:
    """Whoever did the latest of it; None where nobody did, or nobody is named."""
    return neighbours(row, people.loaded, "actor_id")


def _entries(session: Session, rows: list[NotificationRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries_by_ids(session, viewer, (row.entry_id for row in rows if row.entry_id is not None))
    return {row.id: found.get(row.entry_id or 0) for row in rows}


def _feedback(session: Session, rows: list[NotificationRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    found = feedback.by_ids(session, viewer, (row.feedback_id for row in rows if row.feedback_id is not None))
    return {row.id: found.get(row.feedback_id or 0) for row in rows}


def feedback_of(row: NotificationRow, viewer: Viewer) -> FeedbackRow | None:
    """What a customer said, if it happened around that."""
    return neighbours(row, _feedback, viewer)


def entry_of(row: NotificationRow, viewer: Viewer) -> EntryRow | None:
    """The entry around which it happened."""
    return neighbours(row, _entries, viewer)


def _thanks(session: Session, rows: list[NotificationRow], viewer: Viewer) -> Mapping[int, AppreciationRow | None]:
    wanted = [row.about_uid for row in rows if row.about_type == "Appreciation"]
    found = appreciations.by_uids(session, viewer, wanted)
    return {row.id: found.get(row.about_uid) for row in rows}


def thanks_of(row: NotificationRow, viewer: Viewer) -> AppreciationRow | None:
    """The thanks, if it is of those that they are told."""
    return neighbours(row, _thanks, viewer)
