"""Triage: what was said is sorted, given to somebody, and moved on; its words never change [F1]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session

from knowledge import activity, clock, evidence, people
from knowledge.database import table_of
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.feedback import alarms, complaints, dues
from knowledge.feedback.complaints import Complained
from knowledge.feedback.items import OPEN, Feedback, FeedbackAttribute, FeedbackRow, attributes_of, by_uid, reread
from knowledge.feedback.receiving import Said, label_faults
from knowledge.loop import replies, responses
from knowledge.people import Act, GroupRow, PersonRow, Viewer, require, viewer_for
from knowledge.words import (
    Aspect,
    Audience,
    FeedbackKind,
    FeedbackStatus,
    QualityAttribute,
    Sentiment,
    SentimentSource,
    Severity,
)

F = FeedbackStatus

MOVES: Mapping[FeedbackStatus, tuple[FeedbackStatus, ...]] = {
    F.NEW: (F.TRIAGED, F.IN_PROGRESS, F.CLOSED),
    F.TRIAGED: (F.IN_PROGRESS, F.CLOSED),
    F.IN_PROGRESS: (F.TRIAGED, F.CLOSED),
    F.ANSWERED: (F.REOPENED, F.CLOSED),
    F.CLOSED: (F.REOPENED,),
    F.REOPENED: (F.TRIAGED, F.IN_PROGRESS, F.CLOSED),
}
"""Where somebody may move an item by hand; ANSWERED is what an answer makes of it."""

LABELS = ("kind", "severity", "sentiment", "sentiment_source", "aspect", "audience")
LONGEST_NOTE = 1_000

_a = table_of(FeedbackAttribute).c


def ways_of(row: FeedbackRow) -> Sequence[FeedbackStatus]:
    """Where somebody may move an item by hand; a complaint closes through its case."""
    if row.duplicate_of_id is not None:
        return ()
    is_complaint = row.kind is FeedbackKind.COMPLAINT
    return [each for each in MOVES[row.status] if not (is_complaint and each is F.CLOSED)]


class Triage(TypedDict, total=False):
    """What is said of an item: what is omitted stays, None clears."""

    kind: FeedbackKind | None
    severity: Severity | None
    sentiment: Sentiment | None
    sentiment_source: SentimentSource | None
    confirm_sentiment: bool
    aspect: Aspect | None
    audience: Audience | None
    attributes: Sequence[QualityAttribute]
    status: FeedbackStatus
    note: str


def triage(session: Session, viewer: Viewer, uid: UUID, wanted: Triage, *, version: int | None = None) -> FeedbackRow:
    """Sort an item. What becomes a complaint gets its case and reference at once, what speaks of danger alarms at once [F3 F5].

    Refuses NOT_FOUND, NOT_ALLOWED, CONFLICT where somebody changed it since `version`, and INVALID with all that is wrong.
    """
    row, item = _held(session, viewer, uid, version=version)
    if row.duplicate_of_id is not None:
        raise Invalid("This repeats something else: it is sorted there, or taken apart from it first.", "id")
    refuse(_faults(session, row, wanted))
    if wanted.get("status") is F.CLOSED:
        complaints.close_with(session, row)
    return relabel(session, viewer, row, item, wanted)


def relabel(session: Session, viewer: Viewer, row: FeedbackRow, item: Feedback, wanted: Triage) -> FeedbackRow:
    """Write labels that nothing is wrong with, and what follows of them."""
    attributes_before = set(attributes_of(row))
    attributes = set(wanted["attributes"]) if "attributes" in wanted else attributes_before
    before = {name: getattr(row, name) for name in (*LABELS, "status", "sentiment_confirmed", "due_at")}
    _label(item, wanted)
    set_attributes(session, row.id, attributes_before, attributes)
    item.status = wanted.get("status") or (F.TRIAGED if row.status is F.NEW else row.status)
    if _is_owed_a_decision(session, row, item):
        item.status = F.REOPENED
    item.closing_note = (wanted.get("note") or "").strip() or item.closing_note
    if item.status not in OPEN:
        item.due_at = None
    elif item.kind is not row.kind or row.status not in OPEN:
        since = row.received_at if row.status in OPEN else clock.now()
        item.due_at = dues.due_at(session, item.kind, since)
    if item.kind is FeedbackKind.COMPLAINT and row.kind is not FeedbackKind.COMPLAINT:
        complaints.open_cases(session, [Complained(row.id, item.status, item.received_at)], viewer.id)
    moved = {name: (old, getattr(item, name)) for name, old in before.items() if old != getattr(item, name)}
    if attributes != attributes_before:
        moved["attributes"] = (" ".join(sorted(attributes_before)), " ".join(sorted(attributes)))
    if moved:
        item.updated_at, item.version = clock.now(), item.version + 1
        activity.record(session, viewer.id, "feedback.triaged", "Feedback", row.uid, moved=moved)
    if alarms.is_alarming(item.kind, attributes) and not alarms.is_alarming(row.kind, attributes_before):
        session.flush()  # what is contested looks at the evidence as it stands
        alarms.raise_alarm(session, row.uid, item.status, viewer.id)
        evidence.contest(session, row)
    return reread(session, item)


def _is_owed_a_decision(session: Session, row: FeedbackRow, item: Feedback) -> bool:
    """Whether it was closed here with nobody told, and is a complaint after all [F4]."""
    turns = item.kind is FeedbackKind.COMPLAINT and row.kind is not FeedbackKind.COMPLAINT
    return turns and item.status is F.CLOSED and row.source is None and responses.told_at(session, row.id) is None


def _held(session: Session, viewer: Viewer, uid: UUID, *, version: int | None = None) -> tuple[FeedbackRow, Feedback]:
    """An item as it is read and as it is written; of two who change it at once the second waits for the first."""
    require(viewer, Act.FEEDBACK_WRITE, doing="sort feedback")
    found = by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such feedback.", "id")
    item = session.get_one(Feedback, found.id, with_for_update=True)
    session.refresh(item)
    row = by_uid(session, viewer, uid)
    assert row is not None
    if version is not None and version != item.version:
        raise Conflict("Somebody has sorted this meanwhile. Look at it as it is now.", "id", current=row)
    return row, item


def _label(item: Feedback, wanted: Triage) -> None:
    for name in LABELS:
        if name in wanted:
            setattr(item, name, wanted[name])  # type: ignore[literal-required]
    if "sentiment" in wanted:
        source = wanted.get("sentiment_source") or SentimentSource.HUMAN
        item.sentiment_source = source if item.sentiment is not None else None
        item.sentiment_confirmed = False
    if wanted.get("confirm_sentiment") and item.sentiment is not None:
        item.sentiment_confirmed = True


def set_attributes(session: Session, id: int, before: set[QualityAttribute], after: set[QualityAttribute]) -> None:
    """Write which qualities an item speaks of."""
    if gone := before - after:
        session.connection().execute(
            delete(table_of(FeedbackAttribute)).where(_a.feedback_id == id, _a.attribute.in_(gone))
        )
    session.add_all(FeedbackAttribute(feedback_id=id, attribute=each) for each in after - before)


def _faults(session: Session, row: FeedbackRow, wanted: Triage) -> Iterable[Problem]:
    yield from label_faults(_as_said(row, wanted))
    if row.kind is FeedbackKind.COMPLAINT and wanted.get("kind", row.kind) is not FeedbackKind.COMPLAINT:
        yield Problem("kind", "A complaint has a reference, and stays a complaint.")
    if len(wanted.get("note") or "") > LONGEST_NOTE:
        yield Problem("note", f"This has at most {LONGEST_NOTE:,} characters.")
    status = wanted.get("status")
    if status is None or status is row.status:
        return
    if status not in MOVES[row.status]:
        ways = " or ".join(each.replace("_", " ").lower() for each in MOVES[row.status])
        yield Problem("status", f"From here it goes to {ways}.")
    elif status is F.CLOSED and row.kind is not FeedbackKind.COMPLAINT and wanted.get("kind") is FeedbackKind.COMPLAINT:
        yield Problem("status", "A complaint is closed through its case, once the decision was communicated.")
    elif status is F.CLOSED and not (wanted.get("note") or "").strip() and _is_owed(session, row, wanted):
        yield Problem("note", "A reply is due. Say why this closes without one, or who was told what.")


def _as_said(row: FeedbackRow, wanted: Triage) -> Said:
    said: Any = dict(wanted)
    said.setdefault("sentiment", row.sentiment)
    return said  # type: ignore[no-any-return]


def _is_owed(session: Session, row: FeedbackRow, wanted: Triage) -> bool:
    kind = wanted.get("kind", row.kind)
    if row.status is F.ANSWERED or kind not in dues.REPLIED or kind is FeedbackKind.COMPLAINT:
        return False
    told, replied = responses.told_at(session, row.id), replies.latest(session, row.id)
    return told is None or (replied is not None and replied > told)


def assign(
    session: Session, viewer: Viewer, uid: UUID, *, person: UUID | None = None, group: UUID | None = None
) -> FeedbackRow:
    """Give an item to a colleague or to a group, who are told; to neither, and it is nobody's again.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for both at once or for somebody who may not read it.
    """
    row, item = _held(session, viewer, uid)
    colleague = people.person_by_uid(session, viewer, person) if person else None
    team = people.group_by_uid(session, viewer, group) if group else None
    refuse(_unassignable(person, colleague, group, team))
    before = (row.assignee_id, row.assigned_group_id)
    item.assignee_id, item.assigned_group_id = (colleague.id if colleague else None), (team.id if team else None)
    if before != (item.assignee_id, item.assigned_group_id):
        item.updated_at, item.version = clock.now(), item.version + 1
        moved = {"assignee": (before[0], item.assignee_id), "group": (before[1], item.assigned_group_id)}
        activity.record(session, viewer.id, "feedback.assigned", "Feedback", uid, moved=moved)
    return reread(session, item)


def _unassignable(
    person: UUID | None, colleague: PersonRow | None, group: UUID | None, team: GroupRow | None
) -> Iterable[Problem]:
    if person and group:
        yield Problem("group", "Name a colleague or a group, not both.")
    reader = viewer_for(colleague) if colleague is not None and colleague.disabled_at is None else None
    if person and (reader is None or not reader.may(Act.FEEDBACK_WRITE)):
        yield Problem("person", "There is no such colleague.")
    if group and team is None:
        yield Problem("group", "There is no such group.")
