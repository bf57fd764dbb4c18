"""Answering: a draft that colleagues see, then told to everyone behind it, and what that makes of what they said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.contacts import Contact
from knowledge.database import one, table_of
from knowledge.entries import EntryRow
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.feedback import complaints, dues, items
from knowledge.feedback.complaints import CaseRow
from knowledge.feedback.items import OPEN, Feedback, FeedbackRow
from knowledge.feedback.themes import ThemeRow
from knowledge.loop import deliveries, responses
from knowledge.loop.deliveries import Reach
from knowledge.loop.responses import LONGEST, LoopResponse, ResponseItem, ResponseRow
from knowledge.people import Act, Viewer, require
from knowledge.words import Audience, CaseStage, Decision, FeedbackStatus, Kind, LoopKind, ResponseState

OUTER = timedelta(days=90)
"""Within so many days what was promised is done, or another word is due [R6]."""

PROMISES = (Decision.WILL_DO, Decision.INVESTIGATING)
"""Decisions after which something is still to come."""

READERS = (Audience.EMPLOYEES, Audience.CUSTOMERS, Audience.PUBLIC)
MOST = 50
"""How many items one answer may name."""

ON = {
    CaseStage.RECEIVED: CaseStage.ACKNOWLEDGED,
    CaseStage.ACKNOWLEDGED: CaseStage.ASSESSED,
    CaseStage.ASSESSED: CaseStage.RESPONSE_PROPOSED,
    CaseStage.INVESTIGATING: CaseStage.RESPONSE_PROPOSED,
    CaseStage.REOPENED: CaseStage.RESPONSE_PROPOSED,
    CaseStage.ESCALATED_EXTERNAL: CaseStage.RESPONSE_PROPOSED,
    CaseStage.RESPONSE_PROPOSED: CaseStage.DECISION_COMMUNICATED,
}
"""The steps by which a decision that is told takes the case of a complaint along."""

IN_WORDS = {
    Decision.WILL_DO: "We will do it.",
    Decision.DONE: "It is done.",
    Decision.WILL_NOT: "We will not do it.",
    Decision.INVESTIGATING: "We are finding out.",
    Decision.NO_CHANGE_NEEDED: "It stays as it is.",
}
"""What was decided, as a customer reads it."""

_d, _f, _i, _r = (table_of(each).c for each in (responses.Delivery, Feedback, ResponseItem, LoopResponse))


@dataclass(frozen=True, slots=True)
class Subject:
    """What is answered: items of feedback, a theme, or an insight; one of the three."""

    feedback: Sequence[FeedbackRow] = ()
    theme: ThemeRow | None = None
    insight: EntryRow | None = None


class Said(TypedDict, total=False):
    """What an answer says; to begin with, what was heard and what was decided are needed. What is omitted stays, None clears."""

    heard: str
    decision: Decision
    why: str | None
    loop: LoopKind
    audience: Audience
    practice: EntryRow | None
    initiative: EntryRow | None


@dataclass(frozen=True, slots=True)
class Published:
    """An answer that was told, and whom that reached."""

    response: ResponseRow
    reach: Reach


def draft(session: Session, viewer: Viewer, subject: Subject, said: Said, *, sample: bool = False) -> ResponseRow:
    """Begin an answer that nobody is told of yet. Refuses NOT_ALLOWED, and INVALID with everything that is wrong [R1]."""
    require(viewer, Act.FEEDBACK_WRITE, doing="answer customers")
    refuse([*_misdirected(subject), *_faults(said)])
    loop = said.get("loop") or (LoopKind.INNER if subject.feedback else LoopKind.OUTER)
    usual = Audience.EMPLOYEES if loop is LoopKind.INNER else Audience.CUSTOMERS
    now = clock.now()
    response = LoopResponse(
        loop=loop,
        heard=said["heard"].strip(),
        decision=said["decision"],
        why=(said.get("why") or "").strip(),
        audience=said.get("audience") or usual,
        theme_id=subject.theme.id if subject.theme else None,
        insight_id=subject.insight.id if subject.insight else None,
        author_id=viewer.id,
        group_id=viewer.group_id,
        created_at=now,
        updated_at=now,
        sample=sample,
    )
    _lead_on(response, said)
    session.add(response)
    session.flush()  # what it answers points at it
    assert response.id is not None
    named = {item.id: None for item in subject.feedback}
    session.add_all(ResponseItem(response_id=response.id, feedback_id=id, named=True) for id in named)
    activity.record(session, viewer.id, "response.drafted", "LoopResponse", response.uid)
    return _reread(session, response)


def update_draft(session: Session, viewer: Viewer, uid: UUID, said: Said, *, version: int | None = None) -> ResponseRow:
    """Write a draft anew. Refuses NOT_FOUND, NOT_ALLOWED, CONFLICT where somebody changed it since `version`, and INVALID; what was
    told is not unsaid: then another answer follows it.
    """
    row, response = _held(session, viewer, uid)
    if version is not None and version != response.version:
        raise Conflict("Somebody has changed this answer meanwhile. Look at it as it is now.", "id", current=row)
    if response.state is ResponseState.PUBLISHED:
        raise Invalid("They have been told. Write another answer that says what is new.", "id")
    whole: Said = {"heard": row.heard, "decision": row.decision, "why": row.why, **said}
    refuse(_faults(whole))
    before = {"heard": row.heard, "decision": row.decision, "why": row.why}
    response.heard, response.decision = whole["heard"].strip(), whole["decision"]
    response.why = (whole.get("why") or "").strip()
    response.audience = said.get("audience") or response.audience
    _lead_on(response, said)
    response.version, response.updated_at = response.version + 1, clock.now()
    moved = {name: (old, getattr(response, name)) for name, old in before.items() if old != getattr(response, name)}
    activity.record(session, viewer.id, "response.updated", "LoopResponse", uid, moved=moved)
    return _reread(session, response)


def _lead_on(response: LoopResponse, said: Said) -> None:
    if "practice" in said:
        response.practice_id = said["practice"].id if said["practice"] else None
    if "initiative" in said:
        response.initiative_id = said["initiative"].id if said["initiative"] else None


def _misdirected(subject: Subject) -> Iterable[Problem]:
    given = [bool(subject.feedback), subject.theme is not None, subject.insight is not None]
    if sum(given) != 1:
        yield Problem("feedback", "Name what is answered: what customers said, a theme, or an insight.")
    if len(subject.feedback) > MOST:
        yield Problem("feedback", f"One answer names at most {MOST} things that were said; a theme takes in more.")
    if subject.insight is not None and subject.insight.kind is not Kind.INSIGHT:
        yield Problem("insight", "This is no insight.")


def _faults(said: Said) -> Iterable[Problem]:
    if not said.get("heard", "").strip():
        yield Problem("heard", "Say what you heard, so that they see that you did.")
    for field in ("heard", "why"):
        if len(str(said.get(field) or "")) > LONGEST:
            yield Problem(field, f"This has at most {LONGEST:,} characters.")
    if said["decision"] is Decision.WILL_NOT and not (said.get("why") or "").strip():
        yield Problem("why", "Say why not: they are owed the reason.")
    if said.get("audience") not in (None, *READERS):
        yield Problem("audience", "An answer is for everyone inside, for customers, or for everyone.")
    for field, kind in (("practice", Kind.BEST_PRACTICE), ("initiative", Kind.INITIATIVE)):
        entry = said.get(field)
        if isinstance(entry, EntryRow) and entry.kind is not kind:
            yield Problem(field, f"This is no {kind.replace('_', ' ').lower()}.")


def reach_of(session: Session, viewer: Viewer, response: ResponseRow, contact: Contact) -> Reach:
    """Whom telling it would reach as things stand, for colleagues."""
    return deliveries.reach(session, response, contact) if viewer.may(Act.FEEDBACK_READ) else Reach()


def publish(session: Session, viewer: Viewer, uid: UUID, contact: Contact) -> Published:
    """Tell everyone behind an answer, each once: told again, it reaches only those who have come since. Refuses NOT_FOUND and
    NOT_ALLOWED.
    """
    row, response = _held(session, viewer, uid)
    reach = deliveries.reach(session, row, contact)
    now = clock.now()
    fresh = _keep_items(session, row)
    deliveries.deliver(session, row, reach, contact)
    if response.state is ResponseState.DRAFT:
        fresh += [item.id for item in responses.items_of(row, viewer)]
        response.state, response.published_at = ResponseState.PUBLISHED, now
        response.version, response.updated_at = response.version + 1, now
        if response.decision in PROMISES:
            response.promised_by = now + OUTER
        moved = {"state": (ResponseState.DRAFT, ResponseState.PUBLISHED), "told": (0, len(reach.to_tell))}
        activity.record(session, viewer.id, "response.published", "LoopResponse", uid, moved=moved)
        _keep_promises(session, response)
    elif reach.to_tell:
        moved = {"told": (len(reach.told), len(reach.told) + len(reach.to_tell))}
        activity.record(session, viewer.id, "response.told", "LoopResponse", uid, moved=moved)
    if response.loop is LoopKind.INNER:
        _settle(session, viewer, _reread(session, response), fresh)
    return Published(_reread(session, response), reach)


def _keep_items(session: Session, row: ResponseRow) -> list[int]:
    """Write down what it answers as it stands now, so that each who said something finds it with their own words; what is new of it."""
    have = set(session.connection().execute(select(_i.feedback_id).where(_i.response_id == row.id)).scalars())
    fresh = [id for id in deliveries.items_behind(session, row) if id not in have]
    if fresh:
        rows = [{"response_id": row.id, "feedback_id": id, "named": False} for id in fresh]
        session.connection().execute(insert(table_of(ResponseItem)), rows)
    return fresh


def _keep_promises(session: Session, response: LoopResponse) -> None:
    """What was promised of the same is kept, or taken back, by an answer that promises nothing."""
    session.flush()  # the statement below looks at it
    if response.decision is Decision.INVESTIGATING:
        return
    mine = select(_i.feedback_id).where(_i.response_id == response.id, _i.named)
    same: ColumnElement[bool] = _r.id.in_(select(_i.response_id).where(_i.feedback_id.in_(mine), _i.named))
    if response.theme_id is not None:
        same |= _r.theme_id == response.theme_id
    if response.insight_id is not None:
        same |= _r.insight_id == response.insight_id
    earlier = same & (_r.id != response.id) & (_r.published_at <= response.published_at)
    promised = earlier & _r.promised_by.is_not(None) & _r.kept_at.is_(None)
    done = update(table_of(LoopResponse)).where(promised).values(kept_at=response.published_at)
    session.connection().execute(done)
    session.expire_all()  # rows were written behind the objects' back


def _settle(session: Session, viewer: Viewer, response: ResponseRow, those: Sequence[int]) -> None:
    """What is answered by name, and all that is joined to it, has been told; or another word is due, where somebody is finding out."""
    reached = select(_f.id).join_from(table_of(Feedback), table_of(ResponseItem), _i.feedback_id == _f.id)
    mine = reached.where(_i.response_id == response.id, _f.id.in_(those), responses.reaches())
    ids = session.connection().execute(mine.join(table_of(LoopResponse), _r.id == _i.response_id)).scalars().all()
    for id in sorted(ids):
        row = one(session, FeedbackRow, items.everything().where(_f.id == id))
        assert row is not None
        case = complaints.case_of(row)
        if case is not None:
            _take_along(session, viewer, response, case)
        elif row.status in OPEN:
            _answer(session, row, response)
        fresh = one(session, FeedbackRow, items.everything().where(_f.id == id))
        assert fresh is not None
        moved = {"status": (row.status, fresh.status)} if fresh.status is not row.status else None
        activity.record(session, viewer.id, "feedback.answered", "Feedback", row.uid, moved=moved)


def _answer(session: Session, row: FeedbackRow, response: ResponseRow) -> None:
    item = session.get_one(Feedback, row.id, with_for_update=True)
    if response.decision is Decision.INVESTIGATING:
        item.status = FeedbackStatus.IN_PROGRESS
        item.due_at = dues.due_at(session, item.kind, clock.now(), acknowledged=True)
    else:
        item.status, item.due_at = FeedbackStatus.ANSWERED, None
    item.updated_at, item.version = clock.now(), item.version + 1
    session.flush()  # it is read back for the record


def _take_along(session: Session, viewer: Viewer, response: ResponseRow, case: CaseRow) -> None:
    """The case of a complaint goes the steps that lie before the decision that was told, each on record."""
    uid, stage = case.uid, case.stage
    if response.decision is Decision.INVESTIGATING:
        if stage is CaseStage.RECEIVED:
            complaints.move(session, viewer, uid, CaseStage.ACKNOWLEDGED, {}, note="With a word to the customer.")
        return
    decision = in_words(response)
    while stage in ON:
        stage = ON[stage]
        found: complaints.Found = {"decision": decision} if stage is CaseStage.DECISION_COMMUNICATED else {}
        complaints.move(session, viewer, uid, stage, found, note="With the answer to the customer.")


def in_words(response: ResponseRow) -> str:
    """What was decided and why, as a customer reads it."""
    return f"{IN_WORDS[response.decision]} {response.why}".strip()


def _held(session: Session, viewer: Viewer, uid: UUID) -> tuple[ResponseRow, LoopResponse]:
    """An answer as it is read and as it is written; of two who tell it at once the second waits for the first."""
    require(viewer, Act.FEEDBACK_WRITE, doing="answer customers")
    found = responses.by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such answer.", "id")
    response = session.get_one(LoopResponse, found.id, with_for_update=True)
    session.refresh(response)
    return found, response


def _reread(session: Session, response: LoopResponse) -> ResponseRow:
    session.flush()  # the answer is read back
    row = one(session, ResponseRow, responses.everything().where(_r.id == response.id))
    assert row is not None
    return row
