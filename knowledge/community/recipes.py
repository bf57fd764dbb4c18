"""Who is told of what: for each verb of the activity record a row that says whom it concerns, and as what they hear of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlmodel import Session

from knowledge.activity import Activity, ActivityValue
from knowledge.community.follows import Follow
from knowledge.community.readers import inside, with_act
from knowledge.community.searches import fitting
from knowledge.database import table_of
from knowledge.entries import EntryRow
from knowledge.entries.entry import WRITES, Entry, Revision
from knowledge.entries.tags import RevisionTag
from knowledge.people import Act, Person
from knowledge.words import FollowState, Reason

_e, _r = table_of(Entry).c, table_of(Revision).c
_f, _p = table_of(Follow).c, table_of(Person).c


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: the act as it was recorded, and the entry that it happened to or around."""

    verb: str
    type: str
    uid: UUID
    actor_id: int | None
    at: datetime
    entry: EntryRow
    is_first: bool  # whether it is the entry's first publication, if it is one


Whom = Callable[[Session, Event], Select[Any]]
"""Answers a select of the keys of people."""


@dataclass(frozen=True, slots=True)
class Told:
    """Some of those who are told, and as what."""

    whom: Whom
    reason: Reason


@dataclass(frozen=True, slots=True)
class Recipe:
    """Whom a verb concerns, the most directly concerned first; and who of them may know of such a thing at all."""

    told: Sequence[Told]
    knowing: Callable[[Event], ColumnElement[bool]] = lambda _: true()


def _column(name: str) -> Whom:
    def whom(_: Session, event: Event) -> Select[Any]:
        return select(_p.id).where(_p.id == getattr(event.entry, name))

    return whom


author, owner, verifier = _column("author_id"), _column("owner_id"), _column("verified_by_id")


def writer(_: Session, event: Event) -> Select[Any]:
    """Who wrote the latest revision, and is waiting for what comes of it."""
    return select(_r.author_id).where(_r.id == event.entry.latest_revision_id, _r.author_id.is_not(None))


def approvers(_: Session, event: Event) -> Select[Any]:
    """Those who may approve what was submitted: who curate entries of its kind, and did not write it."""
    roles = with_act(Act.ENTRIES_CURATE, WRITES.get(event.entry.kind, Act.ENTRIES_WRITE))
    wrote = select(_r.author_id).where(_r.id == event.entry.latest_revision_id, _r.author_id.is_not(None))
    return select(_p.id).where(_p.role.in_(roles), _p.id.not_in(wrote))


def curators(_: Session, event: Event) -> Select[Any]:  # noqa: ARG001  # as every other
    """Those who look after what others write."""
    return select(_p.id).where(_p.role.in_(with_act(Act.ENTRIES_CURATE)))


def followers(_: Session, event: Event) -> Select[Any]:
    """Those who follow the entry."""
    return select(_f.person_id).where(_f.entry_id == event.entry.id, *_following(event))


def _following(event: Event) -> Sequence[ColumnElement[bool]]:
    """Whoever follows, and did so when it happened."""
    return _f.state == FollowState.FOLLOWING, _f.created_at <= event.at


def newly_concerned(session: Session, event: Event) -> Select[Any]:
    """At its first publication: who follows its kind, a tag of it, its author or their group, or a search that it fits."""
    if not event.is_first:
        return select(_p.id).where(_p.id.is_(None))
    worn = select(table_of(RevisionTag).c.tag_id).where(table_of(RevisionTag).c.revision_id == event.entry.revision_id)
    group = select(_p.group_id).where(_p.id == event.entry.author_id, _p.group_id.is_not(None))
    ways = [
        _f.kind == event.entry.kind,
        _f.tag_id.in_(worn),
        and_(_f.followed_id.is_not(None), _f.followed_id == event.entry.author_id),
        _f.group_id.in_(group),
    ]
    if fit := fitting(session, event.entry.uid):
        ways.append(_f.search.in_(fit))
    return select(_f.person_id).where(or_(*ways), *_following(event))


def mentioned(session: Session, event: Event) -> Select[Any]:
    """Those whom the act names, in the value `person` that was recorded with it."""
    act, value = table_of(Activity).c, table_of(ActivityValue).c
    by = act.person_id.is_(None) if event.actor_id is None else act.person_id == event.actor_id
    named = (
        select(value.after)
        .join(table_of(Activity), act.id == value.activity_id)
        .where(act.uid == event.uid, act.verb == event.verb, act.at == event.at, by, value.field == "person")
    )
    uids = [UUID(text) for text in session.connection().execute(named).scalars() if text]
    return select(_p.id).where(_p.uid.in_(uids))


def _all(reason: Reason, *whom: Whom) -> list[Told]:
    return [Told(each, reason) for each in whom]


def colleagues(_: Event) -> ColumnElement[bool]:
    """Those who work here."""
    return inside()


def evidence_readers(_: Event) -> ColumnElement[bool]:
    """Those who may read what customers said."""
    return _p.role.in_(with_act(Act.FEEDBACK_READ))


RECIPES: Mapping[str, Recipe] = {
    "entry.submitted": Recipe(_all(Reason.REVIEW_WANTED, approvers)),
    "entry.approved": Recipe(_all(Reason.APPROVED, writer, author, owner), colleagues),
    "entry.changes_requested": Recipe(_all(Reason.CHANGES_REQUESTED, writer, author, owner)),
    "entry.scheduled": Recipe(_all(Reason.SCHEDULED, writer, author, owner)),
    "entry.published": Recipe(
        [*_all(Reason.PUBLISHED, writer, author, owner, followers), *_all(Reason.NEW, newly_concerned)]
    ),
    "entry.updated": Recipe(_all(Reason.UPDATED, author, owner)),  # a draft is not its followers' business
    "entry.obsoleted": Recipe(_all(Reason.OBSOLETED, author, owner, followers)),
    "entry.archived": Recipe(_all(Reason.ARCHIVED, author, owner, followers)),
    "entry.verified": Recipe(_all(Reason.VERIFIED, author, owner, followers)),
    "entry.contested": Recipe(_all(Reason.CONTESTED, owner, verifier, author, followers)),
    "entry.due": Recipe(_all(Reason.DUE, verifier, owner)),
    "entry.expired": Recipe(_all(Reason.EXPIRED, verifier, owner)),
    "evidence.attached": Recipe(_all(Reason.EVIDENCE, owner, author, verifier, followers), evidence_readers),
    "initiative.progressed": Recipe(_all(Reason.PROGRESS, owner, author, followers), colleagues),
    "mention.made": Recipe(_all(Reason.MENTION, mentioned)),
    "reaction.added": Recipe(_all(Reason.REACTION, author)),
    "use.recorded": Recipe(_all(Reason.USE, owner, author), colleagues),
    "outcome.recorded": Recipe(_all(Reason.OUTCOME, owner, author, followers), colleagues),
}
"""Those verbs of `activity.TOLD` of which somebody is told, and who."""
