"""What waits for somebody: each sort as one select of (entry, since when), so that all of it is counted in one statement.

Whoever adds a sort writes where it waits beside its own rules, and names it here.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, func, null, or_, select, type_coerce

from knowledge import clock
from knowledge.community import flags, questions, suggestions
from knowledge.database import Moment, table_of
from knowledge.entries import Entry, listing, reviewing, visible_to
from knowledge.entries.entry import Revision
from knowledge.feedback import items
from knowledge.initiatives import Initiative, cadence, issues
from knowledge.initiatives.issues import CriticalIssue
from knowledge.initiatives.planning import InitiativeBacking
from knowledge.initiatives.progress import ProgressUpdate
from knowledge.loop import deliveries
from knowledge.people import Act, Viewer
from knowledge.privacy import requests
from knowledge.surveys import due
from knowledge.vision.assumptions import Assumption
from knowledge.vision.meanings import PersonalMeaning
from knowledge.vision.public_part import VisionPart
from knowledge.words import AssumptionState, InboxQueue, InitiativeStatus, Kind, ReviewQueue, Status, WaitingKind

Source: TypeAlias = Callable[[Viewer], Select[Any] | None]
"""Answers a select of an entry's key, or null where it is no entry, and since when it waits; None where the viewer has no such duty."""

_e, _r = table_of(Entry).c, table_of(Revision).c


def _reviews(which: ReviewQueue, act: Act) -> Source:
    def found(viewer: Viewer) -> Select[Any] | None:
        if not viewer.may(act):
            return None
        return reviewing.waiting(viewer, which, mine=which is not ReviewQueue.APPROVAL)

    return found


def _inbox(queue: InboxQueue) -> Source:
    return lambda viewer: items.waiting(viewer, queue) if viewer.may(Act.FEEDBACK_READ) else None


def _drafts(viewer: Viewer) -> Select[Any] | None:
    if not viewer.may(Act.ENTRIES_WRITE) or viewer.id is None:
        return None
    newest = select(_r.created_at).where(_r.id == _e.latest_revision_id).scalar_subquery()
    return select(_e.id, newest).where(visible_to(viewer), listing.begun(viewer))


def _questions(viewer: Viewer) -> Select[Any] | None:
    if not viewer.is_inside or viewer.id is None:
        return None
    asked = and_(visible_to(viewer), _e.status == Status.PUBLISHED, questions.asked_of(viewer), questions.waits(viewer))
    return select(_e.id, func.coalesce(_e.published_at, _e.created_at)).where(asked)


def _issues(viewer: Viewer) -> Select[Any] | None:
    if not viewer.is_inside or viewer.id is None:
        return None
    issue = table_of(CriticalIssue).c
    backing = table_of(InitiativeBacking).c
    sponsored = select(backing.entry_id).where(backing.sponsor_id == viewer.id)
    answers_for = or_(_e.owner_id == viewer.id, _e.id.in_(sponsored))
    mine = or_(issue.owner_id == viewer.id, and_(issue.owner_id.is_(None), answers_for))
    return (
        select(_e.id, issue.created_at)
        .join_from(table_of(CriticalIssue), table_of(Entry), _e.id == issue.entry_id)
        .where(visible_to(viewer), _e.status == Status.PUBLISHED, mine, issue.state.in_(issues.UNSETTLED))
    )


def carried(viewer: Viewer) -> Select[Any] | None:
    """The launched initiatives that the viewer owns, as (entry, every how many days they report, since when they are silent)."""
    if not viewer.is_inside or viewer.id is None:
        return None
    facts, update = table_of(Initiative).c, table_of(ProgressUpdate).c
    latest = select(func.max(update.created_at)).where(update.entry_id == _e.id).scalar_subquery()
    begun = type_coerce(facts.launched_on, Moment)
    return (
        select(
            _e.id,
            func.coalesce(facts.cadence_days, cadence.USUALLY),
            func.coalesce(latest, begun, _e.published_at, _e.created_at, type_=Moment),
        )
        .join_from(table_of(Entry), table_of(Initiative), facts.revision_id == _e.published_revision_id)
        .where(visible_to(viewer), _e.status == Status.PUBLISHED, _e.owner_id == viewer.id)
        .where(facts.status == InitiativeStatus.LAUNCHED)
    )


def _assumptions(viewer: Viewer) -> Select[Any] | None:
    if not viewer.is_inside or viewer.id is None:
        return None
    taken = table_of(Assumption).c
    mine = or_(taken.owner_id == viewer.id, and_(taken.owner_id.is_(None), _e.owner_id == viewer.id))
    return (
        select(_e.id, taken.updated_at)
        .join_from(table_of(Assumption), table_of(Entry), _e.id == taken.entry_id)
        .where(visible_to(viewer), _e.status == Status.PUBLISHED, mine)
        .where(taken.review_by < clock.today(), taken.state != AssumptionState.REFUTED)
    )


def newest_vision(viewer: Viewer) -> Select[Any]:
    """The vision that was published last of those that the viewer may see, as (entry, since when): for colleagues never a public part."""
    parts = select(table_of(VisionPart).c.part_id)
    statement = select(_e.id, func.coalesce(_e.published_at, _e.created_at).label("at"))
    statement = statement.where(visible_to(viewer), _e.kind == Kind.VISION, _e.status == Status.PUBLISHED)
    if viewer.is_inside:
        statement = statement.where(_e.id.not_in(parts))
    return statement.order_by(_e.published_at.desc(), _e.id.desc()).limit(1)


def _meaning(viewer: Viewer) -> Select[Any] | None:
    if not viewer.is_inside or viewer.id is None:
        return None
    said, newest = table_of(PersonalMeaning).c, newest_vision(viewer).subquery()
    version = select(func.count()).where(_r.entry_id == newest.c.id, _r.published_at.is_not(None)).scalar_subquery()
    is_said = (
        select(said.id)
        .where(said.entry_id == newest.c.id, said.person_id == viewer.id, said.version == version)
        .exists()
    )
    return select(newest.c.id, newest.c.at).where(~is_said)


def _suggestions(viewer: Viewer) -> Select[Any] | None:
    return suggestions.waiting(viewer) if viewer.may(Act.ENTRIES_WRITE) else None


def _flags(viewer: Viewer) -> Select[Any] | None:
    return flags.waiting(viewer) if viewer.is_inside and viewer.may(Act.COMMUNITY_WRITE) else None


def _data_requests(viewer: Viewer) -> Select[Any] | None:
    return requests.waiting() if viewer.may(Act.ADMIN) else None


def _answers(viewer: Viewer) -> Select[Any] | None:
    return deliveries.unopened(viewer) if viewer.customer_id is not None else None


def _surveys(viewer: Viewer) -> Select[Any] | None:
    running = due.running(viewer)
    return None if running is None else running.with_only_columns(null(), due.ASKED_AT)


SOURCES: Mapping[WaitingKind, Source] = {
    WaitingKind.ANSWERS: _answers,
    WaitingKind.SURVEYS: _surveys,
    WaitingKind.QUESTIONS: _questions,
    WaitingKind.FEEDBACK: _inbox(InboxQueue.MINE),
    WaitingKind.OVERDUE: _inbox(InboxQueue.OVERDUE),
    WaitingKind.ISSUES: _issues,
    WaitingKind.CONTESTED: _reviews(ReviewQueue.CONTESTED, Act.ENTRIES_WRITE),
    WaitingKind.EXPIRED: _reviews(ReviewQueue.EXPIRED, Act.ENTRIES_WRITE),
    WaitingKind.DUE: _reviews(ReviewQueue.DUE, Act.ENTRIES_WRITE),
    WaitingKind.APPROVALS: _reviews(ReviewQueue.APPROVAL, Act.ENTRIES_CURATE),
    WaitingKind.SUGGESTIONS: _suggestions,
    WaitingKind.FLAGS: _flags,
    WaitingKind.ASSUMPTIONS: _assumptions,
    WaitingKind.DATA_REQUESTS: _data_requests,
    WaitingKind.MEANING: _meaning,
    WaitingKind.DRAFTS: _drafts,
}
"""In the order in which they are told: first what somebody else waits for."""
