"""API tokens: shown once, stored hashed, acting for a person within their scopes."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Row, Table, columns_of, moment, neighbours, one, read, table_of, word
from knowledge.errors import NotFound, Problem, refuse
from knowledge.people.permissions import ACTS, Act, Viewer, require_oneself
from knowledge.people.persons import Person, by_ids, came_along, person_columns, viewer_for
from knowledge.people.signing import digest
from knowledge.words import LookPurpose

PREFIX = "loyalty_"


class ApiToken(Table, table=True):
    """A secret that a program shows instead of a person's password."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    digest: str = Field(unique=True, max_length=64)
    hint: str = Field(max_length=8)
    name: str = Field(max_length=120)
    person_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime = moment()
    purpose: LookPurpose | None = word(LookPurpose, None)  # why its program looks at what is personal
    expires_at: datetime | None = moment(default=None)
    used_at: datetime | None = moment(default=None)
    revoked_at: datetime | None = moment(default=None)


class ApiTokenScope(Table, table=True):
    """One thing that a token may do."""

    __tablename__ = "api_token_scope"

    token_id: int = Field(foreign_key="api_token.id", primary_key=True)
    scope: str = Field(primary_key=True, max_length=40)


class TokenRow(Row):
    """A token as its owner sees it: all but the secret."""

    uid: UUID
    hint: str
    name: str
    person_id: int
    created_at: datetime
    purpose: LookPurpose | None
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


def create(
    session: Session,
    viewer: Viewer,
    name: str,
    scopes: Iterable[Act],
    *,
    expires_at: datetime | None = None,
    purpose: LookPurpose | None = None,
) -> tuple[str, TokenRow]:
    """A new token and its secret, which is stored nowhere. Refuses INVALID, and scopes that the viewer's role does not have."""
    require_oneself(viewer, doing="create tokens")
    wanted = frozenset(scopes)
    refuse(_faults(viewer, name, wanted, expires_at))
    secret = PREFIX + secrets.token_urlsafe(32)
    assert viewer.id is not None
    token = ApiToken(
        digest=digest(secret),
        hint=secret[-4:],
        name=name.strip(),
        person_id=viewer.id,
        created_at=clock.now(),
        purpose=purpose,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()  # the scopes need its id
    assert token.id is not None
    session.add_all(ApiTokenScope(token_id=token.id, scope=scope.value) for scope in sorted(wanted))
    session.flush()  # the answer is read back
    activity.record(
        session, viewer.id, "token.created", "ApiToken", token.uid, moved={"scopes": (None, " ".join(sorted(wanted)))}
    )
    return secret, mine(session, viewer, uid=token.uid)[0]


def _faults(viewer: Viewer, name: str, scopes: frozenset[Act], expires_at: datetime | None) -> Iterable[Problem]:
    if not 1 <= len(name.strip()) <= 120:
        yield Problem("name", "Name the program that will use the token, in 1 to 120 characters.")
    if not scopes:
        yield Problem("scopes", "Choose at least one scope.")
    if viewer.role is not None and (beyond := scopes - ACTS[viewer.role]):
        yield Problem("scopes", f"Your role does not have {', '.join(sorted(beyond))}.")
    if expires_at is not None and expires_at <= clock.now():
        yield Problem("expiresAt", "This moment has passed.")


def mine(session: Session, viewer: Viewer, *, uid: UUID | None = None) -> list[TokenRow]:
    """The viewer's tokens that are not revoked, the newest first."""
    table = table_of(ApiToken).c
    statement = select(*columns_of(ApiToken)).where(table.person_id == (viewer.id or -1), table.revoked_at.is_(None))
    if uid is not None:
        statement = statement.where(table.uid == uid)
    return read(session, TokenRow, statement.order_by(table.id.desc()))


def _scopes(session: Session, tokens: list[TokenRow]) -> Mapping[int, list[Act]]:
    table = table_of(ApiTokenScope).c
    found: dict[int, list[Act]] = {token.id: [] for token in tokens}
    for row in session.connection().execute(
        select(table.token_id, table.scope).where(table.token_id.in_(found)).order_by(table.scope)
    ):
        if row.scope in Act._value2member_map_:
            found[row.token_id].append(Act(row.scope))
    return found


def scopes_of(token: TokenRow) -> list[Act]:
    """What a token may do, read for all tokens of the list at once."""
    return neighbours(token, _scopes)


def revoke(session: Session, viewer: Viewer, uid: UUID) -> None:
    """Make a token useless at once; refuses NOT_FOUND for anybody else's unless the viewer is an administrator."""
    require_oneself(viewer, doing="revoke tokens")
    table = table_of(ApiToken).c
    row = one(session, TokenRow, select(*columns_of(ApiToken)).where(table.uid == uid, table.revoked_at.is_(None)))
    if row is None or (row.person_id != viewer.id and not viewer.may(Act.ADMIN)):
        raise NotFound("There is no such token.", "id")
    session.get_one(ApiToken, row.id).revoked_at = clock.now()
    activity.record(session, viewer.id, "token.revoked", "ApiToken", uid, deleted=True)


@lru_cache(maxsize=64)
def _acts(scopes: str) -> frozenset[Act]:
    return frozenset(Act(each) for each in scopes.split() if each in Act._value2member_map_)


class _UsedRow(TokenRow):
    scopes: str | None


_GIVEN = (
    select(func.aggregate_strings(table_of(ApiTokenScope).c.scope, " "))
    .where(table_of(ApiTokenScope).c.token_id == table_of(ApiToken).c.id)
    .correlate(table_of(ApiToken))
    .scalar_subquery()
)
_BY_DIGEST = (
    select(*columns_of(ApiToken), _GIVEN.label("scopes"), *person_columns())
    .join_from(table_of(ApiToken), table_of(Person), table_of(ApiToken).c.person_id == table_of(Person).c.id)
    .where(table_of(ApiToken).c.digest == bindparam("digest"), table_of(ApiToken).c.revoked_at.is_(None))
)


def viewer(session: Session, secret: str) -> tuple[Viewer, bool] | None:
    """Who acts with this token and whether its use is worth noting (once a minute), or None if it is unknown, expired or revoked."""
    row = one(session, _UsedRow, _BY_DIGEST, digest=digest(secret))
    if row is None or (row.expires_at is not None and clock.has_come(row.expires_at)):
        return None
    person = came_along(session, row)
    if person.disabled_at is not None:
        return None
    noted = row.used_at is None or clock.has_come(row.used_at + timedelta(minutes=1))
    scopes = _acts(row.scopes or "")
    return viewer_for(person, scopes=scopes, credential=row.id, purpose=row.purpose), noted


def feed_reader(session: Session, secret: str) -> tuple[Viewer, bool] | None:
    """Who reads feeds with this key, as `viewer` says it. A token that may do anything else is no key: keys stand in addresses."""
    found = viewer(session, secret)
    if found is None or found[0].scopes != frozenset({Act.FEEDS_READ}):
        return None
    return replace(found[0], scopes=frozenset({Act.ENTRIES_READ})), found[1]


def used(session: Session, token_id: int) -> None:
    """Note that a token is in use."""
    if (row := session.get(ApiToken, token_id)) is not None:
        row.used_at = clock.now()


def owner(session: Session, email: str) -> Viewer | None:
    """The viewer for whom the command line creates a token."""
    table = table_of(Person).c
    row = session.connection().execute(select(table.id).where(table.email == email.strip().lower())).first()
    person = by_ids(session, [row.id]).get(row.id) if row else None
    return viewer_for(person) if person else None
