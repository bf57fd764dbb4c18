"""Who is told of what: for each verb of the activity record a row that says whom it concerns, and as what they hear of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlmodel import Session

from knowledge.activity import Activity, ActivityValue
from knowledge.community.comments import Comment
from knowledge.community.flags import Flag
from knowledge.community.follows import Follow
from knowledge.community.questions import Addressee
from knowledge.community.readers import inside, with_act
from knowledge.community.searches import fitting
from knowledge.community.suggestions import Suggestion
from knowledge.database import table_of
from knowledge.entries import EntryRow
from knowledge.entries.entry import WRITES, Entry, Revision
from knowledge.entries.tags import RevisionTag
from knowledge.initiatives.issues import CriticalIssue
from knowledge.initiatives.planning import InitiativeBacking
from knowledge.listening import awaiting
from knowledge.people import Act, Person
from knowledge.words import Audience, CommentAudience, FollowState, Reason, Severity

_e, _r = table_of(Entry).c, table_of(Revision).c
_c, _f, _p = table_of(Comment).c, table_of(Follow).c, table_of(Person).c
_x = table_of(CriticalIssue).c


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
    naming: ColumnElement[bool] | None = None  # who of them may know who did it, where not all may


def _column(name: str) -> Whom:
    def whom(_: Session, event: Event) -> Select[Any]:
        return select(_p.id).where(_p.id == getattr(event.entry, name))

    return whom


author, owner = _column("author_id"), _column("owner_id")


def verifier(_: Session, event: Event) -> Select[Any]:
    """Who keeps the entry true: the person or the group that is named for it, else whoever vouched for it last."""
    entry = event.entry
    if entry.verifier_group_id is not None:
        return select(_p.id).where(_p.group_id == entry.verifier_group_id, inside())
    return select(_p.id).where(_p.id == (entry.verifier_person_id or entry.verified_by_id))


def speaker(_: Session, event: Event) -> Select[Any]:
    """Who wrote the comment."""
    return select(_c.author_id).where(_c.uid == event.uid, _c.author_id.is_not(None))


def reacted_to(session: Session, event: Event) -> Select[Any]:
    """Who wrote what somebody reacted to."""
    return speaker(session, event) if event.type == "Comment" else author(session, event)


def answered(_: Session, event: Event) -> Select[Any]:
    """Who wrote the comment to which this one is a reply."""
    reply = table_of(Comment).alias("reply")
    parent = select(_c.author_id).join(reply, reply.c.parent_id == _c.id)
    return parent.where(reply.c.uid == event.uid, _c.author_id.is_not(None))


def suggester(_: Session, event: Event) -> Select[Any]:
    """Who suggested the edit."""
    made = table_of(Suggestion).c
    return select(made.author_id).where(made.uid == event.uid, made.author_id.is_not(None))


def reporter(_: Session, event: Event) -> Select[Any]:
    """Who flagged it."""
    flag = table_of(Flag).c
    return select(flag.person_id).where(flag.uid == event.uid, flag.person_id.is_not(None))


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


def waiting(session: Session, event: Event) -> Select[Any]:
    """Those who asked to be told when what they look for is answered, and whom this answers."""
    return awaiting.whom(session, event.entry)


def asked(_: Session, event: Event) -> Select[Any]:
    """The colleague whom a question asks, or those in the group."""
    to = table_of(Addressee).c
    mine = select(to.entry_id).where(or_(to.person_id == _p.id, to.group_id == _p.group_id))
    return select(_p.id).where(inside(), mine.where(to.entry_id == event.entry.id).correlate(table_of(Person)).exists())


def newly_asked(session: Session, event: Event) -> Select[Any]:
    """The same where it has just come out for the first time."""
    return asked(session, event) if event.is_first else select(_p.id).where(_p.id.is_(None))


def mentioned(session: Session, event: Event) -> Select[Any]:
    """Those whom the act names, in the value `person` that was recorded with it."""
    uids = [UUID(text) for text in _recorded(session, event, "person")]
    return select(_p.id).where(_p.uid.in_(uids))


def _recorded(session: Session, event: Event, field: str) -> list[str]:
    """What was recorded with the act as the value of one field."""
    act, value = table_of(Activity).c, table_of(ActivityValue).c
    by = act.person_id.is_(None) if event.actor_id is None else act.person_id == event.actor_id
    named = (
        select(value.after)
        .join(table_of(Activity), act.id == value.activity_id)
        .where(act.uid == event.uid, act.verb == event.verb, act.at == event.at, by, value.field == field)
    )
    return [text for text in session.connection().execute(named).scalars() if text]


def _all(reason: Reason, *whom: Whom) -> list[Told]:
    return [Told(each, reason) for each in whom]


def colleagues(_: Event) -> ColumnElement[bool]:
    """Those who work here."""
    return inside()


def evidence_readers(_: Event) -> ColumnElement[bool]:
    """Those who may read what customers said."""
    return _p.role.in_(with_act(Act.FEEDBACK_READ))


def _hear(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Those for whom a comment is: colleagues, or everybody where it is for readers. What was taken away is for nobody."""
    audience = or_(inside(), _c.audience == CommentAudience.READERS)
    said = select(_c.id).where(which, _c.removed_at.is_(None), _c.hidden_at.is_(None), audience)
    return said.correlate(table_of(Person)).exists()


def hearers(event: Event) -> ColumnElement[bool]:
    """Those who may read the comment."""
    return _hear(_c.uid == event.uid)


def hearers_if_said(event: Event) -> ColumnElement[bool]:
    """Those who may read it where it is a comment; all who see the entry where it is that."""
    return hearers(event) if event.type == "Comment" else true()


def keepers(event: Event) -> ColumnElement[bool]:
    """Colleagues who may read what is flagged."""
    flag = table_of(Flag).c
    flagged = select(flag.comment_id).where(flag.uid == event.uid)
    on_entry = flagged.where(flag.comment_id.is_(None)).correlate(None).exists()
    return and_(inside(), or_(on_entry, _hear(_c.id.in_(flagged.correlate(None)))))


def addressed(event: Event) -> ColumnElement[bool]:
    """Colleagues; and everybody, where what was posted is for customers."""
    act, value = table_of(Activity).c, table_of(ActivityValue).c
    wide = select(act.id).join(table_of(ActivityValue), value.activity_id == act.id)
    wide = wide.where(act.uid == event.uid, act.verb == event.verb, act.at == event.at, value.field == "audience")
    return or_(inside(), wide.where(value.after.in_([Audience.CUSTOMERS, Audience.PUBLIC])).exists())


def sponsor(_: Session, event: Event) -> Select[Any]:
    """Who clears the way for the initiative."""
    backing = table_of(InitiativeBacking).c
    return select(backing.sponsor_id).where(backing.entry_id == event.entry.id, backing.sponsor_id.is_not(None))


def leaders(session: Session, event: Event) -> Select[Any]:
    """Those who lead, where something critical is in the way; nobody else need be called."""
    grave = [Severity.HIGH, Severity.CRITICAL]
    standing = select(_x.id).where(_x.uid.in_(_issues(session, event)), _x.severity.in_(grave))
    return select(_p.id).where(_p.role.in_(with_act(Act.INITIATIVES_WRITE)), standing.exists())


def raiser(session: Session, event: Event) -> Select[Any]:
    """Who asked for help."""
    return select(_x.raised_by_id).where(_x.uid.in_(_issues(session, event)), _x.raised_by_id.is_not(None))


def issue_owner(session: Session, event: Event) -> Select[Any]:
    """Who sees to it."""
    return select(_x.owner_id).where(_x.uid.in_(_issues(session, event)), _x.owner_id.is_not(None))


def _issues(session: Session, event: Event) -> list[UUID]:
    return [UUID(text) for text in _recorded(session, event, "issue")]


RECIPES: Mapping[str, Recipe] = {
    "entry.submitted": Recipe(_all(Reason.REVIEW_WANTED, approvers)),
    "entry.approved": Recipe(_all(Reason.APPROVED, writer, author, owner), colleagues),
    "entry.changes_requested": Recipe(_all(Reason.CHANGES_REQUESTED, writer, author, owner)),
    "entry.scheduled": Recipe(_all(Reason.SCHEDULED, writer, author, owner)),
    "entry.recalled": Recipe([*_all(Reason.RECALLED, writer, author, owner), *_all(Reason.REVIEW_WANTED, approvers)]),
    "entry.published": Recipe(
        [
            *_all(Reason.ANSWERED, waiting),
            *_all(Reason.ASKED, newly_asked),
            *_all(Reason.PUBLISHED, writer, author, owner, followers),
            *_all(Reason.NEW, newly_concerned),
        ]
    ),
    "entry.updated": Recipe(_all(Reason.UPDATED, author, owner)),  # a draft is not its followers' business
    "entry.obsoleted": Recipe(_all(Reason.OBSOLETED, author, owner, followers)),
    "entry.archived": Recipe(_all(Reason.ARCHIVED, author, owner, followers)),
    "entry.verified": Recipe(_all(Reason.VERIFIED, author, owner, followers)),
    "entry.doubted": Recipe(_all(Reason.CONTESTED, owner, verifier), evidence_readers),
    "entry.contested": Recipe(_all(Reason.CONTESTED, owner, verifier, author, followers), naming=inside()),
    "entry.due": Recipe(_all(Reason.DUE, verifier, owner), colleagues),
    "entry.expired": Recipe(_all(Reason.EXPIRED, verifier, owner), colleagues),
    "evidence.attached": Recipe(_all(Reason.EVIDENCE, owner, author, verifier, followers), evidence_readers),
    "initiative.progressed": Recipe(_all(Reason.PROGRESS, owner, author, followers), addressed),
    "initiative.moved": Recipe(_all(Reason.MOVED, owner, sponsor, author, followers), colleagues),
    "initiative.issue_raised": Recipe(
        [*_all(Reason.HELP_WANTED, owner, sponsor, leaders), *_all(Reason.HELP_WANTED, followers)], colleagues
    ),
    "initiative.issue_taken_on": Recipe(_all(Reason.HELP_GIVEN, raiser, issue_owner, owner, sponsor), colleagues),
    "initiative.issue_settled": Recipe(_all(Reason.HELP_GIVEN, raiser, issue_owner, owner, sponsor), colleagues),
    "initiative.silent": Recipe(_all(Reason.SILENT, owner), colleagues),
    "comment.created": Recipe(
        [*_all(Reason.REPLY, answered), *_all(Reason.COMMENT, owner, author, followers)], hearers
    ),
    "comment.resolved": Recipe(_all(Reason.RESOLVED, speaker), hearers),
    "mention.made": Recipe(_all(Reason.MENTION, mentioned), hearers_if_said),
    "reaction.added": Recipe(_all(Reason.REACTION, reacted_to), hearers_if_said),
    "suggestion.made": Recipe(_all(Reason.SUGGESTION, owner, author), colleagues),
    "suggestion.taken": Recipe(_all(Reason.SUGGESTION_SETTLED, suggester)),
    "suggestion.declined": Recipe(_all(Reason.SUGGESTION_SETTLED, suggester)),
    "flag.raised": Recipe(_all(Reason.FLAG, owner, curators), keepers, _p.role.in_(with_act(Act.ENTRIES_CURATE))),
    "flag.settled": Recipe(_all(Reason.FLAG_SETTLED, reporter)),
    "use.recorded": Recipe(_all(Reason.USE, owner, author), colleagues),
    "gap.answered": Recipe(_all(Reason.ANSWERED, waiting), naming=inside()),
    "outcome.recorded": Recipe(_all(Reason.OUTCOME, owner, author, followers), colleagues),
    "question.addressed": Recipe(_all(Reason.ASKED, asked), colleagues),
    "answer.accepted": Recipe(_all(Reason.ACCEPTED, speaker), hearers),
    "post.hidden": Recipe(_all(Reason.HIDDEN, author), naming=inside()),
    "post.promoted": Recipe(_all(Reason.PROMOTED, reacted_to), hearers_if_said, inside()),
}
"""Those verbs of `activity.TOLD` of which somebody is told, and who."""

_INSIDE = (colleagues, evidence_readers, keepers)
AMONG_COLLEAGUES = (
    frozenset(Reason)
    - {Reason.LOOP_CLOSED, Reason.THANKED}
    - {told.reason for recipe in RECIPES.values() if recipe.knowing not in _INSIDE for told in recipe.told}
)
"""What customers never hear of; whoever has become one is not shown it any more."""
