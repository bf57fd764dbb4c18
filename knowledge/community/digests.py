"""The digest: a letter of what happened to what somebody follows, at the pace they chose; nobody has one who did not choose it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import UniqueConstraint, delete, func, or_, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Row, Table, columns_of, moment, one, read, table_of, word
from knowledge.database.upserts import insert_into
from knowledge.errors import NotFound
from knowledge.jobs import TRIES, Job
from knowledge.people import Act, Person, Viewer, require
from knowledge.words import DigestPace, MailState

MARGIN = timedelta(minutes=1)
"""What began before a digest's time is given so long to be written down, so that it is in this letter and not in none."""
LONGEST = timedelta(days=31)
"""A letter tells of no more than this, however long there was none."""
KEPT = timedelta(days=90)
AT_ONCE = 200
MONDAY = 0


class DigestChoice(Table, table=True):
    """How often somebody wants to be written to; whoever has no row is not."""

    __tablename__ = "digest_choice"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    pace: DigestPace = word(DigestPace)
    chosen_at: datetime = moment()
    next_at: datetime | None = moment(default=None, index=True)


class Digest(Table, table=True):
    """One letter: for whom, of which time, and how far it got. Its words are made when it goes."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "until"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    person_id: int = Field(foreign_key="person.id")
    since: datetime = moment()
    until: datetime = moment()
    mail: MailState = word(MailState, MailState.QUEUED)
    mail_tries: int = 0
    mail_due_at: datetime | None = moment(default=None, index=True)
    mailed_at: datetime | None = moment(default=None)
    mail_failure: str | None = Field(default=None, max_length=300)


class ChoiceRow(Row):
    """How often somebody wants to be written to, and when that is next."""

    person_id: int
    pace: DigestPace
    chosen_at: datetime
    next_at: datetime | None


_k, _d, _j = table_of(DigestChoice).c, table_of(Digest).c, table_of(Job).c


def choice_of(session: Session, person_id: int | None) -> ChoiceRow | None:
    """What somebody chose, or None where they never did."""
    columns = columns_of(DigestChoice, *ChoiceRow.__annotations__)
    return one(session, ChoiceRow, select(*columns, _k.person_id.label("id")).where(_k.person_id == (person_id or -1)))


def choose(session: Session, viewer: Viewer, pace: DigestPace) -> None:
    """Say how often one wants to be written to; from now on, and NEVER at once. Refuses NOT_ALLOWED."""
    require(viewer, Act.PROFILE_WRITE, doing="change your settings")
    if viewer.id is not None:
        set_pace(session, viewer.id, pace)


def set_pace(session: Session, person_id: int, pace: DigestPace) -> None:
    """The same for whoever is known by the link in a letter; refuses NOT_FOUND. Choosing the same again changes nothing."""
    person = session.get(Person, person_id, with_for_update=True)  # two forms at once take turns
    if person is None:
        raise NotFound("There is nobody who is written to by this link.")
    choice = session.get(DigestChoice, person_id)
    before = choice.pace if choice is not None else DigestPace.NEVER
    if pace is before:
        return
    if choice is None:
        choice = DigestChoice(person_id=person_id, pace=pace, chosen_at=clock.now())
        session.add(choice)
    elif before is DigestPace.NEVER:
        choice.chosen_at = clock.now()
    choice.pace, choice.next_at = pace, None
    session.flush()  # the answer is read back
    moved = {"digest": (before, pace)}
    activity.record(session, person_id, "person.chose_digest", "Person", person.uid, moved=moved)


def latest(pace: DigestPace, moment: datetime, hour: int) -> datetime:
    """The last time for a digest up to a moment: every day at an hour in UTC, or every Monday."""
    at = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    if pace is DigestPace.WEEKLY:
        at -= timedelta(days=(at.weekday() - MONDAY) % 7)
    return at if at <= moment else at - _step(pace)


def _step(pace: DigestPace) -> timedelta:
    return timedelta(days=7 if pace is DigestPace.WEEKLY else 1)


def make(session: Session, *, hour: int) -> bool:
    """Put a letter in the queue for everybody whose time has come; returns whether there are more of them. Run by a job.

    A time of somebody's has one letter, however often this runs. As long as it is not yet told who is to hear of what happened
    before, no letter is made.
    """
    limit = clock.now() - MARGIN
    untold = select(_j.id).where(_j.kind == "notify", _j.due_at <= limit, _j.tries < TRIES).limit(1)
    if session.connection().execute(untold).first() is not None:
        return False
    columns = columns_of(DigestChoice, *ChoiceRow.__annotations__)
    due = select(*columns, _k.person_id.label("id")).where(
        _k.pace != DigestPace.NEVER, or_(_k.next_at.is_(None), _k.next_at <= limit)
    )
    rows = read(session, ChoiceRow, due.order_by(_k.next_at, _k.person_id).limit(AT_ONCE))
    before = _last_sent(session, [row.person_id for row in rows])
    for row in rows:
        until = latest(row.pace, limit, hour)
        since = max(row.chosen_at, before.get(row.person_id, row.chosen_at), until - LONGEST)
        if row.next_at is not None and since < until:
            _queue(session, row.person_id, since, until)
        following = update(table_of(DigestChoice)).where(_k.person_id == row.person_id)
        session.connection().execute(following.values(next_at=until + _step(row.pace)))
    return len(rows) == AT_ONCE


def _last_sent(session: Session, ids: Collection[int]) -> Mapping[int, datetime]:
    sent = select(_d.person_id, func.max(_d.until)).where(_d.person_id.in_(ids), _d.mail == MailState.SENT)
    return {row[0]: row[1] for row in session.connection().execute(sent.group_by(_d.person_id))}


def _queue(session: Session, person_id: int, since: datetime, until: datetime) -> None:
    row = {
        "uid": clock.uid(),
        "person_id": person_id,
        "since": since,
        "until": until,
        "mail": MailState.QUEUED,
        "mail_tries": 0,
        "mail_due_at": clock.now(),
    }
    session.connection().execute(insert_into(session, table_of(Digest)).values(row).on_conflict_do_nothing())


def tidy(session: Session) -> None:
    """Remove the letters of former months; run by a job. What they said was never kept."""
    session.connection().execute(delete(table_of(Digest)).where(_d.until < clock.now() - KEPT))
