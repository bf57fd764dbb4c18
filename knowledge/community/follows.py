"""Following: whoever follows a thing hears of what happens to it.

One table for all targets, each with a nullable key of its own: the database then keeps every reference true, a unique pair for each
makes following twice the same as once, and all who are to hear of an event are found in one statement over one table.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Select, UniqueConstraint, delete, func, or_, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock, people
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
    sliced,
    table_of,
    word,
)
from knowledge.database.upserts import insert_into
from knowledge.entries.entry import Entry, EntryRow, published, shown_revision, visible_to
from knowledge.entries.entry import by_ids as entries_by_ids
from knowledge.entries.tags import RevisionTag, Tag, TagRow
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import Act, GroupRow, Person, PersonRow, Viewer, require
from knowledge.search.addresses import FEED, FILTERS, address
from knowledge.search.index import Sort
from knowledge.words import FollowState, FollowTarget, Kind

MOST = 2_000
MOST_SEARCHES = 50
LONGEST = 400

GOES_ALONG: Mapping[str, Any] = {"info": {"goes_along": True}}
"""Marks a key that may be null and without which the row means nothing: it goes when what it points to is removed."""


class Follow(Table, table=True):
    """One person and one thing that they follow, have left, or want to hear nothing of."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("person_id", "entry_id"),
        UniqueConstraint("person_id", "tag_id"),
        UniqueConstraint("person_id", "kind"),
        UniqueConstraint("person_id", "followed_id"),
        UniqueConstraint("person_id", "group_id"),
        UniqueConstraint("person_id", "search"),
        UniqueConstraint("person_id", "relay_id"),
        Index("ix_follow_kind", "kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    person_id: int = Field(foreign_key="person.id")
    target: FollowTarget = word(FollowTarget)
    state: FollowState = word(FollowState, FollowState.FOLLOWING)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True, sa_column_kwargs=GOES_ALONG)
    tag_id: int | None = Field(
        default=None, foreign_key="tag.id", ondelete="CASCADE", index=True, sa_column_kwargs=GOES_ALONG
    )
    kind: Kind | None = word(Kind, None)
    followed_id: int | None = Field(default=None, foreign_key="person.id", index=True, sa_column_kwargs=GOES_ALONG)
    group_id: int | None = Field(
        default=None, foreign_key="functional_group.id", index=True, sa_column_kwargs=GOES_ALONG
    )
    search: str | None = Field(default=None, max_length=64, index=True)
    query: str | None = Field(default=None, max_length=LONGEST)
    filters: str | None = Field(default=None, max_length=4_000)
    name: str | None = Field(default=None, max_length=80)
    sort: Sort | None = word(Sort, None)
    relay_id: int | None = Field(
        default=None, foreign_key="functional_group.id", index=True, sa_column_kwargs=GOES_ALONG
    )
    created_at: datetime = moment()


class FollowPreference(Table, table=True):
    """Whether somebody follows their own entries and what they comment on by themselves; those without a row do."""

    __tablename__ = "follow_preference"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    by_itself: bool = True


class FollowRow(Row):
    """Something that somebody follows, as it is read."""

    uid: UUID
    person_id: int
    target: FollowTarget
    state: FollowState
    entry_id: int | None
    tag_id: int | None
    kind: Kind | None
    followed_id: int | None
    group_id: int | None
    query: str | None
    filters: str | None
    name: str | None
    sort: Sort | None
    relay_id: int | None
    created_at: datetime

    @property
    def url(self) -> str:
        """Where what was searched for is found again; empty for what is no search."""
        return self._address(sort=self.sort)

    @property
    def feed(self) -> str:
        """Where a feed reader finds the same, the newest first."""
        return self._address(path=FEED)

    def _address(self, **more: Any) -> str:
        return address(self.query, json.loads(self.filters or "{}"), **more) if self.query is not None else ""


@dataclass(frozen=True, slots=True)
class Search:
    """A question with its filters, by the filter's names; the values in any order."""

    query: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    name: str = ""
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class Relay:
    """What a group hears: the customers' words that its people write down."""

    group: GroupRow


Target = EntryRow | TagRow | Kind | PersonRow | GroupRow | Search | Relay

_f, _e = table_of(Follow).c, table_of(Entry).c


def follow(session: Session, viewer: Viewer, target: Target) -> FollowRow:
    """Follow a thing that the viewer sees; doing so twice changes nothing. It ends what was left or muted.

    Refuses NOT_ALLOWED, and INVALID for a search without words, or for one too many.
    """
    _checked(session, viewer, target)
    return _stand(session, viewer, target, FollowState.FOLLOWING, "person.followed")


def unfollow(session: Session, viewer: Viewer, target: Target) -> None:
    """Stop following; an entry that was left is not followed again by itself. Refuses NOT_ALLOWED."""
    require(viewer, Act.COMMUNITY_WRITE, doing="follow things")
    column, value = _place(target)
    known = select(_f.id).where(_f.person_id == (viewer.id or -1), _f[column] == value)
    if isinstance(target, EntryRow) or session.connection().execute(known).first() is not None:
        _stand(session, viewer, target, FollowState.LEFT, "person.unfollowed")


def leave(session: Session, viewer: Viewer, uid: UUID) -> None:
    """Stop following, by the uid of the follow; refuses NOT_ALLOWED, and NOT_FOUND for anybody else's."""
    require(viewer, Act.COMMUNITY_WRITE, doing="follow things")
    row = session.connection().execute(select(_f.id).where(_f.uid == uid, _f.person_id == (viewer.id or -1))).first()
    if row is None:
        raise NotFound("You do not follow this.", "id")
    stored = session.get_one(Follow, row.id)
    if stored.state is FollowState.FOLLOWING:
        stored.state = FollowState.LEFT
        activity.record(session, viewer.id, "person.unfollowed", "Follow", uid)


def mute(session: Session, viewer: Viewer, entry: EntryRow) -> FollowRow:
    """Hear nothing of an entry any more, whatever happens to it, until it is followed or unfollowed. Refuses NOT_ALLOWED."""
    require(viewer, Act.PROFILE_WRITE, doing="mute entries")
    return _stand(session, viewer, entry, FollowState.MUTED, "person.muted")


def by_itself(session: Session, entry_id: int, person_ids: Sequence[int | None]) -> None:
    """Have those whom an entry concerns follow it, unless they do not want that or have left it before."""
    person, preference = table_of(Person).c, table_of(FollowPreference).c
    unwilling = select(preference.person_id).where(preference.by_itself.is_(False))
    wanted = select(person.id).where(person.id.in_(set(person_ids) - {None}), person.id.not_in(unwilling))
    rows = [_values(id, "entry_id", entry_id) for id in session.connection().execute(wanted).scalars()]
    if rows:
        session.connection().execute(insert_into(session, table_of(Follow)).values(rows).on_conflict_do_nothing())


def retag(session: Session, from_id: int, to_id: int) -> None:
    """Have those who follow one tag follow another, before the first is merged into it."""
    already = select(_f.person_id).where(_f.tag_id == to_id)
    theirs = (_f.tag_id == from_id) & _f.person_id.not_in(already)
    session.connection().execute(update(table_of(Follow)).where(theirs).values(tag_id=to_id))
    session.connection().execute(delete(table_of(Follow)).where(_f.tag_id == from_id))


def prefer(session: Session, viewer: Viewer, *, by_itself: bool) -> None:
    """Say whether one's own entries and what one comments on are followed without asking. Refuses NOT_ALLOWED."""
    require(viewer, Act.PROFILE_WRITE, doing="change your settings")
    table = table_of(FollowPreference)
    statement = insert_into(session, table).values(person_id=viewer.id, by_itself=by_itself)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=[table.c.person_id], set_={"by_itself": by_itself})
    )


def _checked(session: Session, viewer: Viewer, target: Target) -> None:
    require(viewer, Act.COMMUNITY_WRITE, doing="follow things")
    if viewer.id is None:
        raise NotAllowed("Only people follow things.")
    if isinstance(target, Relay):
        require(viewer, Act.FEEDBACK_READ, doing="listen to what a group hears")
    if isinstance(target, PersonRow | GroupRow | Relay) and not viewer.may(Act.PEOPLE_READ):
        raise NotAllowed("Colleagues and groups are followed by colleagues.")
    if isinstance(target, PersonRow) and target.id == viewer.id:
        raise Invalid("Nobody follows themselves.", "person")
    if isinstance(target, Search):
        session.get_one(Person, viewer.id, with_for_update=True)  # of two searches at once the second is counted
        refuse(_search_faults(session, viewer, target))
    elif _count(session, viewer, _f.target != FollowTarget.SEARCH) >= MOST:
        raise Invalid(f"You follow {MOST:,} things already: unfollow some first.")


def _search_faults(session: Session, viewer: Viewer, target: Search) -> list[Problem]:
    if not target.query.strip() and not any(target.filters.values()):
        return [Problem("search.query", "Say what to search for.")]
    if len(target.query.strip()) > LONGEST:
        return [Problem("search.query", f"A search that is followed has at most {LONGEST} characters.")]
    if len(target.name.strip()) > 80:
        return [Problem("search.name", f"A name has at most {80} characters.")]
    if len(_canonical(target)) > 4_000:
        return [Problem("search.filter", "That is narrowed down in too many ways to be kept.")]
    others = _f.search != _place(target)[1]
    if _count(session, viewer, _f.target == FollowTarget.SEARCH, others) >= MOST_SEARCHES:
        return [Problem("search", f"You follow {MOST_SEARCHES} searches already: unfollow one first.")]
    return []


def _count(session: Session, viewer: Viewer, *which: ColumnElement[bool]) -> int:
    mine = select(func.count()).where(_f.person_id == viewer.id, _f.state == FollowState.FOLLOWING, *which)
    return int(session.connection().execute(mine).scalar_one())


def _canonical(target: Search) -> str:
    kept = {name: sorted(set(target.filters[name])) for name in FILTERS if target.filters.get(name)}
    return json.dumps(kept, separators=(",", ":"))


_ROWS = ((EntryRow, "entry_id"), (TagRow, "tag_id"), (PersonRow, "followed_id"), (GroupRow, "group_id"))


def _place(target: Target) -> tuple[str, Any]:
    """The column that holds a target, and what stands in it."""
    if isinstance(target, Search):
        words = f"{target.query.strip()}\n{_canonical(target)}"
        return "search", hashlib.sha256(words.encode()).hexdigest()
    if isinstance(target, Relay):
        return "relay_id", target.group.id
    if isinstance(target, Row):
        return next(column for sort, column in _ROWS if isinstance(target, sort)), target.id
    return "kind", target


TARGETS = {
    "entry_id": FollowTarget.ENTRY,
    "tag_id": FollowTarget.TAG,
    "kind": FollowTarget.KIND,
    "followed_id": FollowTarget.PERSON,
    "group_id": FollowTarget.GROUP,
    "search": FollowTarget.SEARCH,
    "relay_id": FollowTarget.RELAY,
}
"""What is followed, by the column that holds it."""


def _values(person_id: int, column: str, value: Any, state: FollowState = FollowState.FOLLOWING) -> dict[str, Any]:
    named = {"person_id": person_id, "target": TARGETS[column], "state": state, column: value}
    return {"uid": clock.uid(), "created_at": clock.now(), **named}


def _stand(session: Session, viewer: Viewer, target: Target, state: FollowState, verb: str) -> FollowRow:
    """Write how the viewer stands to a target in one statement, so that two at once do not meet; record it if it changed."""
    if viewer.id is None:
        raise NotAllowed("Only people follow things.")
    column, value = _place(target)
    mine = select(*columns_of(Follow)).where(_f.person_id == viewer.id, _f[column] == value)
    before = one(session, FollowRow, mine)
    called = {"name": target.name.strip() or None, "sort": target.sort} if isinstance(target, Search) else {}
    renamed = before is not None and any(new and getattr(before, name) != new for name, new in called.items())
    if before is None or before.state is not state or renamed:
        values = _values(viewer.id, column, value, state)
        if isinstance(target, Search):
            values |= {"query": target.query.strip(), "filters": _canonical(target), **called}
        statement = insert_into(session, table_of(Follow)).values(values)
        since = values["created_at"] if before is None or before.state is not state else before.created_at
        changed = {"state": state, "created_at": since, **called}
        session.connection().execute(
            statement.on_conflict_do_update(index_elements=[_f.person_id, _f[column]], set_=changed)
        )
    row = one(session, FollowRow, mine)
    assert row is not None
    if before is None or before.state is not state:
        activity.record(session, viewer.id, verb, "Follow", row.uid)
    return row


def listing(session: Session, viewer: Viewer, page: Page, *, targets: Sequence[FollowTarget] = ()) -> Slice[FollowRow]:
    """What the viewer follows, the latest first; what they may not see any more is not named."""
    statement = _readable(viewer).where(_f.state == FollowState.FOLLOWING)
    if targets:
        statement = statement.where(_f.target.in_(targets))
    return sliced(session, FollowRow, statement, Order("follows", ((_f.created_at, True), (_f.id, True))), page)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> FollowRow | None:
    """Something that the viewer follows, or None."""
    return one(session, FollowRow, _readable(viewer).where(_f.uid == uid))


def _readable(viewer: Viewer) -> Select[Any]:
    seen = select(_e.id).where(visible_to(viewer))
    tag = table_of(RevisionTag).c
    worn = (
        select(tag.tag_id)
        .join(table_of(Entry), shown_revision() == tag.revision_id)
        .where(visible_to(viewer), published())
    )
    readable = select(*columns_of(Follow)).where(
        _f.person_id == (viewer.id or -1),
        or_(_f.entry_id.is_(None), _f.entry_id.in_(seen)),
        or_(_f.tag_id.is_(None), _f.tag_id.in_(worn)),
    )
    if viewer.may(Act.PEOPLE_READ):
        return readable
    return readable.where(_f.followed_id.is_(None), _f.group_id.is_(None), _f.relay_id.is_(None))


def _states(session: Session, rows: list[Any], viewer: Viewer, column: str) -> Mapping[int, FollowState | None]:
    if viewer.id is None:
        return {row.id: None for row in rows}
    statement = select(_f[column], _f.state).where(_f.person_id == viewer.id, _f[column].in_([row.id for row in rows]))
    found = {row[0]: FollowState(row[1]) for row in session.connection().execute(statement)}
    return {row.id: found.get(row.id) for row in rows}


def state_of(row: EntryRow | TagRow | PersonRow | GroupRow, viewer: Viewer) -> FollowState | None:
    """How the viewer stands to a thing, read for the whole list at once; None where they never said."""
    column = _place(row)[0]
    return neighbours(row, _states, viewer, column)


def is_followed(row: EntryRow | TagRow | PersonRow | GroupRow, viewer: Viewer) -> bool:
    """Whether the viewer follows a thing."""
    return state_of(row, viewer) is FollowState.FOLLOWING


def kinds(session: Session, viewer: Viewer) -> list[Kind]:
    """The kinds of entries that the viewer follows."""
    mine = select(_f.kind).where(
        _f.person_id == (viewer.id or -1), _f.target == FollowTarget.KIND, _f.state == FollowState.FOLLOWING
    )
    return [Kind(each) for each in session.connection().execute(mine.order_by(_f.kind)).scalars()]


def _entries(session: Session, rows: list[FollowRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries_by_ids(session, viewer, (row.entry_id for row in rows if row.entry_id is not None))
    return {row.id: found.get(row.entry_id or -1) for row in rows}


def _tags(session: Session, rows: list[FollowRow]) -> Mapping[int, TagRow | None]:
    wanted = {row.tag_id for row in rows} - {None}
    table = table_of(Tag).c
    named = select(*columns_of(Tag, "id", "uid", "name", "slug", "description"))
    found = {row.id: row for row in read(session, TagRow, named.where(table.id.in_(wanted)))} if wanted else {}
    return {row.id: found.get(row.tag_id or -1) for row in rows}


def _groups(session: Session, rows: list[FollowRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.group_id or row.relay_id for row in rows))
    return {row.id: found.get(row.group_id or row.relay_id) for row in rows}


def entry_of(row: FollowRow, viewer: Viewer) -> EntryRow | None:
    """The entry that is followed."""
    return neighbours(row, _entries, viewer)


def tag_of(row: FollowRow) -> TagRow | None:
    """The tag that is followed."""
    return neighbours(row, _tags)


def person_of(row: FollowRow) -> PersonRow | None:
    """The person who is followed."""
    return neighbours(row, people.loaded, "followed_id")


def group_of(row: FollowRow) -> GroupRow | None:
    """The group that is followed, or listened to."""
    return neighbours(row, _groups)
