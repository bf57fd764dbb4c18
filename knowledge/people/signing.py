"""Sign-in sessions as rows, and the slowing down of those who guess."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlmodel import Field, Session

from knowledge import activity, changes, clock
from knowledge.database import Row, Table, columns_of, moment, one, read, table_of
from knowledge.errors import NotFound, RateLimited
from knowledge.people import visits
from knowledge.people.permissions import Viewer, require_oneself
from knowledge.people.persons import Person, came_along, person_columns, viewer_for

IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
NOTED = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)
FAILURES = 10


class SignIn(Table, table=True):
    """A browser that is signed in; its secret is kept as SHA-256 only."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    digest: str = Field(unique=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    device: str = Field(default="", max_length=200)
    created_at: datetime = moment()
    seen_at: datetime = moment(index=True)


class SignInFailure(Table, table=True):
    """A wrong password, kept as long as it slows the next one down."""

    __tablename__ = "sign_in_failure"

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(index=True, max_length=64)
    at: datetime = moment(index=True)


class SignInRow(Row):
    """A signed-in browser as its owner sees it."""

    uid: UUID
    person_id: int
    device: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a password has to fit; unknown accounts have one too, that nothing fits."""

    person_id: int | None
    stored: str | None


def digest(secret: str) -> str:
    """How a secret of 256 random bits is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _account(email: str, address: str) -> str:
    return digest(f"{email.strip().lower()}\n{address}")


def challenge(session: Session, email: str, address: str) -> Challenge:
    """What the password for this account must fit; refuses RATE_LIMITED after too many failures from this address."""
    failures = table_of(SignInFailure).c
    recent = select(func.count(), func.max(failures.at)).where(
        failures.account == _account(email, address), failures.at > clock.now() - WINDOW
    )
    count, last = session.connection().execute(recent).one()
    if count >= FAILURES:
        wait = min(2 ** (count - FAILURES), 60)  # doubles with each failure, and never locks for good
        left = (last + timedelta(seconds=wait) - clock.now()).total_seconds()
        if left > 0:
            raise RateLimited(f"Too many attempts. Try again in {ceil(left)} seconds.", seconds=ceil(left))
    person = table_of(Person).c
    found = select(person.id, person.password).where(
        person.email == email.strip().lower(), person.disabled_at.is_(None)
    )
    row = session.connection().execute(found).first()
    return Challenge(row.id, row.password) if row else Challenge(None, None)


def fail(session: Session, email: str, address: str) -> None:
    """Remember a wrong password for a while."""
    session.add(SignInFailure(account=_account(email, address), at=clock.now()))


def open(session: Session, person_id: int, device: str, *, rehashed: str | None = None) -> str:
    """Sign a person in; returns the cookie's secret, which is stored nowhere."""
    secret = secrets.token_urlsafe(32)
    now = clock.now()
    session.add(SignIn(digest=digest(secret), person_id=person_id, device=device[:200], created_at=now, seen_at=now))
    person = session.get_one(Person, person_id)
    if rehashed:
        person.password = rehashed
    visits.seen(session, person_id)
    activity.record(session, person_id, "person.signed_in", "Person", person.uid)
    return secret


_BY_DIGEST = (
    select(*columns_of(SignIn), *person_columns())
    .join_from(table_of(SignIn), table_of(Person), table_of(SignIn).c.person_id == table_of(Person).c.id)
    .where(table_of(SignIn).c.digest == bindparam("digest"))
)


def viewer(session: Session, secret: str) -> tuple[Viewer, bool] | None:
    """Who holds this cookie and whether the visit is worth noting (once in ten minutes), or None."""
    row = one(session, SignInRow, _BY_DIGEST, digest=digest(secret))
    if row is None or clock.has_come(row.seen_at + IDLE) or clock.has_come(row.created_at + ABSOLUTE):
        return None
    person = came_along(session, row)
    if person.disabled_at is not None:
        return None
    return viewer_for(person, credential=row.id), clock.has_come(row.seen_at + NOTED)


def seen(session: Session, sign_in_id: int) -> None:
    """Note that a browser is still in use, and that whoever uses it is here."""
    if (row := session.get(SignIn, sign_in_id)) is not None:
        row.seen_at = clock.now()
        visits.seen(session, row.person_id)


def close(session: Session, secret: str) -> None:
    """Sign a browser out."""
    _end(session, table_of(SignIn).c.digest == digest(secret))


def _end(session: Session, which: ColumnElement[bool]) -> bool:
    """Have browsers signed in no more; what is open for them hears of it by the log of changes."""
    connection, table, person = session.connection(), table_of(SignIn), table_of(Person).c
    theirs = select(person.uid).join_from(table, table_of(Person), table.c.person_id == person.id).where(which)
    uids = sorted(set(connection.execute(theirs).scalars()))
    changes.record_all(session, "Person", uids, verb="person.signed_out")
    return bool(connection.execute(delete(table).where(which)).rowcount)


def mine(session: Session, viewer: Viewer) -> list[SignInRow]:
    """The viewer's signed-in browsers, the latest used first."""
    table = table_of(SignIn).c
    return read(
        session,
        SignInRow,
        select(*columns_of(SignIn)).where(table.person_id == (viewer.id or -1)).order_by(table.seen_at.desc()),
    )


def revoke(session: Session, viewer: Viewer, uid: UUID) -> None:
    """Sign one of the viewer's browsers out; refuses NOT_FOUND for anybody else's."""
    require_oneself(viewer, doing="sign browsers out")
    table = table_of(SignIn).c
    if not _end(session, (table.uid == uid) & (table.person_id == viewer.id)):
        raise NotFound("You have no such sign-in.", "id")


def set_password(session: Session, viewer: Viewer, stored: str) -> None:
    """Replace the viewer's password by another's hash; every other browser of theirs is signed out.

    The edge has seen the old password and hashed the new one, away from the writer.
    """
    require_oneself(viewer, doing="change your password")
    person = session.get(Person, viewer.id)
    if person is None:
        raise NotFound("You are not in the list of people.")
    person.password = stored
    person.updated_at = clock.now()
    table = table_of(SignIn).c
    _end(session, (table.person_id == viewer.id) & (table.id != (viewer.credential or -1)))
    activity.record(session, viewer.id, "person.changed_password", "Person", person.uid)


def tidy(session: Session) -> None:
    """Remove sessions and failures whose time has passed; run by a job."""
    now = clock.now()
    sessions, failures = table_of(SignIn), table_of(SignInFailure)
    session.connection().execute(
        delete(sessions).where((sessions.c.seen_at < now - IDLE) | (sessions.c.created_at < now - ABSOLUTE))
    )
    session.connection().execute(delete(failures).where(failures.c.at < now - WINDOW))
