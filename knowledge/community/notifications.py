"""Notifications: what somebody is to hear of, a row to a person and an event; and the job that writes them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Index,
    Select,
    UniqueConstraint,
    case,
    delete,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.community import follows, relaying, thanking
from knowledge.community.comments import Comment
from knowledge.community.flags import Flag
from knowledge.community.follows import GOES_ALONG, Follow
from knowledge.community.readers import may_see
from knowledge.community.recipes import RECIPES, Event, Recipe, Told
from knowledge.community.suggestions import Suggestion
from knowledge.database import Table, moment, one, table_of, word
from knowledge.database.upserts import chance_uid, insert_into
from knowledge.entries import EntryRow, listing
from knowledge.entries.entry import Entry, everything
from knowledge.listening import awaiting, gaps
from knowledge.listening.searches import Sought
from knowledge.people import Person
from knowledge.words import FollowState, Reason

KEPT_READ = timedelta(days=90)
KEPT_UNREAD = timedelta(days=365)


class Notification(Table, table=True):
    """One event as one person hears of it, around an entry or something that a customer said.

    It holds no word of either: that is read when it is shown, if it may be.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("person_id", "event"),
        Index("ix_notification_person_id_read_at", "person_id", "read_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    person_id: int = Field(foreign_key="person.id")
    event: UUID
    reason: Reason = word(Reason)
    actor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True, sa_column_kwargs=GOES_ALONG)
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id", index=True, sa_column_kwargs=GOES_ALONG)
    about_type: str = Field(max_length=40)
    about_uid: UUID
    at: datetime = moment()
    read_at: datetime | None = moment(index=True, default=None)


class NotificationOff(Table, table=True):
    """A reason for which somebody does not want to be told; whoever has no row is told."""

    __tablename__ = "notification_off"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    reason: Reason = word(Reason, primary_key=True)


_n = table_of(Notification).c
_e, _f, _p = table_of(Entry).c, table_of(Follow).c, table_of(Person).c


def _on(table: type[Table]) -> Callable[[UUID], Select[Any]]:
    columns = table_of(table).c
    return lambda uid: select(columns.entry_id).where(columns.uid == uid)


PLACES: Mapping[str, Callable[[UUID], Select[Any]]] = {
    "Entry": lambda uid: select(_e.id).where(_e.uid == uid),
    "Comment": _on(Comment),
    "Suggestion": _on(Suggestion),
    "Flag": _on(Flag),
    "Gap": lambda uid: select(table_of(Sought).c.answer_id).where(table_of(Sought).c.uid == uid),
}
"""How the entry is found around which something happened, by the type of what it happened to."""

FOLLOWED = frozenset({"entry.created", "entry.published"})
"""The verbs after which author and owner follow the entry by themselves."""


def notify(session: Session, subject: str) -> None:
    """Tell those whom an act concerns, in one insert however many they are: never who did it, nor who may not see the entry.

    `subject` is what `activity.record` wrote. Running it twice tells nobody twice.
    """
    if subject.split(" ")[1] == "Feedback":
        relaying.relay(session, subject, into=Notification, off=NotificationOff)
        return
    if subject.split(" ")[1] == "Appreciation":
        thanking.tell(session, subject, into=Notification, off=NotificationOff)
        return
    event = _event(session, subject)
    if event is None:
        return
    if event.verb in FOLLOWED:
        follows.by_itself(session, event.entry.id, [event.entry.author_id, event.entry.owner_id])
    if event.verb == "entry.published":
        gaps.published(session, event.entry, event.at)
    recipe = RECIPES.get(event.verb)
    if recipe is not None:
        _write(session, subject, event, recipe)


def _write(session: Session, subject: str, event: Event, recipe: Recipe) -> None:
    told = _told(session, event, recipe.told).cte("told")
    reasons = [(told.c.place == place, literal(each.reason, _n.reason.type)) for place, each in enumerate(recipe.told)]
    values = {
        "uid": chance_uid(session),
        "person_id": told.c.person_id,
        "event": literal(uuid5(NAMESPACE_OID, subject), _n.event.type),
        "reason": case(*reasons),
        "actor_id": _actor(event, recipe, told.c.person_id),
        "entry_id": literal(event.entry.id, _n.entry_id.type),
        "about_type": literal(event.type, _n.about_type.type),
        "about_uid": literal(event.uid, _n.about_uid.type),
        "at": literal(event.at, _n.at.type),
    }
    whole = select(*values.values()).where(
        told.c.person_id.in_(select(_p.id).where(_p.id == told.c.person_id, recipe.knowing(event)))
    )
    statement = insert_into(session, table_of(Notification)).from_select([*values], whole)
    session.connection().execute(statement.on_conflict_do_nothing())
    if any(each.reason is Reason.ANSWERED for each in recipe.told):
        heard = select(_n.person_id).where(_n.event == uuid5(NAMESPACE_OID, subject))
        awaiting.fulfil(session, event.entry, heard)


def _actor(event: Event, recipe: Recipe, person_id: ColumnElement[int]) -> ColumnElement[Any]:
    """Who did it, for those who may know that."""
    actor = literal(event.actor_id, _n.actor_id.type)
    if recipe.naming is None:
        return actor
    return case((person_id.in_(select(_p.id).where(recipe.naming)), actor), else_=null())


def _event(session: Session, subject: str) -> Event | None:
    """The event that a subject names; None where what it happened to is gone."""
    verb, type, uid, person, at = subject.split(" ")
    if type not in PLACES:
        return None
    entry = one(session, EntryRow, everything().where(_e.id.in_(PLACES[type](UUID(uid)))))
    if entry is None:
        return None
    actor = None if person == "-" else int(person)
    is_first = verb == "entry.published" and listing.version_of(entry) == 1
    return Event(verb, type, UUID(uid), actor, datetime.fromisoformat(at), entry, is_first)


def _told(session: Session, event: Event, told: Sequence[Told]) -> Any:
    """Each person once with the place in the recipe that concerns them most, of those that they want to hear of."""
    concerned = _concerned(session, event, told).subquery("concerned")
    off, muted = table_of(NotificationOff).c, FollowState.MUTED
    unwanted = select(off.person_id).where(off.person_id == concerned.c.person_id, off.reason == concerned.c.reason)
    unheard = select(_f.id).where(
        _f.person_id == concerned.c.person_id, _f.entry_id == event.entry.id, _f.state == muted
    )
    return (
        select(concerned.c.person_id, func.min(concerned.c.place).label("place"))
        .join(table_of(Person), _p.id == concerned.c.person_id)
        .join(table_of(Entry), _e.id == event.entry.id)
        .where(may_see(), ~unwanted.exists(), ~unheard.exists(), _p.id != (event.actor_id or -1))
        .group_by(concerned.c.person_id)
    )


def _concerned(session: Session, event: Event, told: Sequence[Told]) -> CompoundSelect[Any]:
    parts = []
    for place, each in enumerate(told):
        keys = each.whom(session, event).subquery().c
        reason = literal(each.reason, _n.reason.type).label("reason")
        parts.append(select(next(iter(keys)).label("person_id"), literal(place).label("place"), reason))
    return union_all(*parts)


def tidy(session: Session) -> None:
    """Remove what was read 90 days ago, and what nobody has read for a year; run by a job."""
    now = clock.now()
    old = (_n.read_at < now - KEPT_READ) | (_n.read_at.is_(None) & (_n.at < now - KEPT_UNREAD))
    session.connection().execute(delete(table_of(Notification)).where(old))
