"""Complaints, each with a reference and a case that goes through the stages of ISO 10002 by legal steps only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.feedback import dues
from knowledge.feedback.items import Feedback, FeedbackRow, by_ids
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import CaseStage, FeedbackStatus, Severity

S = CaseStage

STEPS: Mapping[CaseStage, tuple[CaseStage, ...]] = {
    S.RECEIVED: (S.ACKNOWLEDGED, S.ESCALATED_EXTERNAL),
    S.ACKNOWLEDGED: (S.ASSESSED, S.ESCALATED_EXTERNAL),
    S.ASSESSED: (S.INVESTIGATING, S.RESPONSE_PROPOSED, S.ESCALATED_EXTERNAL),
    S.INVESTIGATING: (S.RESPONSE_PROPOSED, S.ESCALATED_EXTERNAL),
    S.RESPONSE_PROPOSED: (S.DECISION_COMMUNICATED, S.INVESTIGATING, S.ESCALATED_EXTERNAL),
    S.DECISION_COMMUNICATED: (S.CLOSED, S.REOPENED, S.ESCALATED_EXTERNAL),
    S.CLOSED: (S.REOPENED, S.ESCALATED_EXTERNAL),
    S.REOPENED: (S.ASSESSED, S.INVESTIGATING, S.RESPONSE_PROPOSED, S.ESCALATED_EXTERNAL),
    S.ESCALATED_EXTERNAL: (S.INVESTIGATING, S.RESPONSE_PROPOSED),
}
"""The steps that a case may take. CLOSED is reached from DECISION_COMMUNICATED alone [F4]."""

TOLD = (S.DECISION_COMMUNICATED, S.CLOSED)
"""The stages at which whoever complained may read what was decided."""

GRAVE = (Severity.HIGH, Severity.CRITICAL)
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LONGEST = 4_000
TEXTS = ("decision", "root_cause", "action_taken", "none_found")

_OF_ITEM = {
    S.RECEIVED: FeedbackStatus.NEW,
    S.DECISION_COMMUNICATED: FeedbackStatus.ANSWERED,
    S.CLOSED: FeedbackStatus.CLOSED,
    S.REOPENED: FeedbackStatus.REOPENED,
}
"""What a stage makes of the item; at every other somebody is at work on it."""


class ComplaintCase(Table, table=True):
    """The case of one complaint: where it is, what was found, what was decided and told."""

    __tablename__ = "complaint_case"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    feedback_id: int = Field(foreign_key="feedback.id", unique=True)
    reference: str = Field(max_length=20, unique=True)
    stage: CaseStage = word(CaseStage, CaseStage.RECEIVED, index=True)
    decision: str | None = Field(default=None, max_length=LONGEST)
    root_cause: str | None = Field(default=None, max_length=LONGEST)
    action_taken: str | None = Field(default=None, max_length=LONGEST)
    none_found: str | None = Field(default=None, max_length=LONGEST)
    opened_at: datetime = moment()
    acknowledged_at: datetime | None = moment(default=None)
    communicated_at: datetime | None = moment(default=None)
    closed_at: datetime | None = moment(default=None)
    updated_at: datetime = moment()
    version: int = 1


class ComplaintStep(Table, table=True):
    """One step of a case since it was opened; append-only."""

    __tablename__ = "complaint_step"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    case_id: int = Field(foreign_key="complaint_case.id", index=True)
    from_stage: CaseStage = word(CaseStage)
    to_stage: CaseStage = word(CaseStage)
    note: str | None = Field(default=None, max_length=LONGEST)
    actor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    at: datetime = moment()


class CaseRow(Row):
    """A case as it is read."""

    uid: UUID
    feedback_id: int
    reference: str
    stage: CaseStage
    decision: str | None
    root_cause: str | None
    action_taken: str | None
    none_found: str | None
    opened_at: datetime
    acknowledged_at: datetime | None
    communicated_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    version: int


class StepRow(Row):
    """A step as it is read."""

    case_id: int
    from_stage: CaseStage
    to_stage: CaseStage
    note: str | None
    actor_id: int | None
    at: datetime


class Found(TypedDict, total=False):
    """What is written about a case: what is omitted stays, None clears."""

    decision: str | None
    root_cause: str | None
    action_taken: str | None
    none_found: str | None


_c, _s = table_of(ComplaintCase).c, table_of(ComplaintStep).c


def reference_of(uid: UUID) -> str:
    """What the customer is told to name: ten letters and digits that are not mistaken for one another, of 50 random bits."""
    bits = uid.int
    letters = [LETTERS[(bits >> (5 * place)) & 31] for place in range(10)]
    return f"C-{''.join(letters[:5])}-{''.join(letters[5:])}"


@dataclass(frozen=True, slots=True)
class Complained:
    """An item that is a complaint: its key, what became of it elsewhere, and since when we know of it."""

    feedback_id: int
    status: FeedbackStatus
    received_at: datetime


def open_cases(session: Session, items: Sequence[Complained], actor_id: int | None) -> None:
    """Open the cases of complaints, each with its reference [F3]. What another system has answered was told there."""
    if not items:
        return
    rows = [_case(each, clock.uid()) for each in items]
    session.connection().execute(insert(table_of(ComplaintCase)), rows)
    opened: list[activity.Subject] = [(row["uid"], 0, {}) for row in rows]
    activity.record_each(session, actor_id, "complaint.received", "ComplaintCase", opened)


def _case(item: Complained, uid: UUID) -> dict[str, Any]:
    told, now = item.status in (FeedbackStatus.ANSWERED, FeedbackStatus.CLOSED), clock.now()
    return {
        "uid": uid,
        "feedback_id": item.feedback_id,
        "reference": reference_of(uid),
        "stage": CaseStage.DECISION_COMMUNICATED if told else CaseStage.RECEIVED,
        "opened_at": item.received_at,
        "updated_at": now,
        "decision": "Told before it came here." if told else None,
        "communicated_at": now if told else None,
        "version": 1,
    }


def _of_items(session: Session, rows: list[FeedbackRow]) -> Mapping[int, CaseRow | None]:
    cases = select(*columns_of(ComplaintCase)).where(_c.feedback_id.in_([row.id for row in rows]))
    found = {case.feedback_id: case for case in read(session, CaseRow, cases)}
    return {row.id: found.get(row.id) for row in rows}


def case_of(item: FeedbackRow) -> CaseRow | None:
    """The case of a complaint, read for the whole list at once."""
    return neighbours(item, _of_items)


def _items(session: Session, rows: list[CaseRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    found = by_ids(session, viewer, (row.feedback_id for row in rows))
    return {row.id: found.get(row.feedback_id) for row in rows}


def item_of(case: CaseRow, viewer: Viewer) -> FeedbackRow | None:
    """What was complained of."""
    return neighbours(case, _items, viewer)


def _steps(session: Session, rows: list[CaseRow]) -> Mapping[int, list[StepRow]]:
    taken = select(*columns_of(ComplaintStep)).where(_s.case_id.in_([row.id for row in rows])).order_by(_s.id)
    return grouped(rows, read(session, StepRow, taken), lambda step: step.case_id)


def steps_of(case: CaseRow) -> Sequence[StepRow]:
    """The way of a case since it was opened, the first step first."""
    return neighbours(case, _steps)


def actor_of(step: StepRow) -> PersonRow | None:
    """Who took it."""
    return neighbours(step, people.loaded, "actor_id")


def by_case(session: Session, viewer: Viewer, uid: UUID) -> CaseRow | None:
    """One case of a complaint that the viewer may read, or None."""
    case = one(session, CaseRow, select(*columns_of(ComplaintCase)).where(_c.uid == uid))
    return case if case is not None and item_of(case, viewer) is not None else None


def by_reference(session: Session, viewer: Viewer, reference: str) -> CaseRow | None:
    """The same by its reference, however it is typed."""
    wanted = reference.strip().upper().replace(" ", "")
    case = one(session, CaseRow, select(*columns_of(ComplaintCase)).where(_c.reference == wanted))
    return case if case is not None and item_of(case, viewer) is not None else None


def move(
    session: Session,
    viewer: Viewer,
    uid: UUID,
    stage: CaseStage | None,
    found: Found,
    *,
    note: str = "",
    version: int | None = None,
) -> CaseRow:
    """Write what was found about a complaint and, with a `stage`, take that step. Refuses NOT_FOUND, NOT_ALLOWED, CONFLICT where
    somebody moved it since `version`, and INVALID with everything that stands in the way [F4].
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="see to complaints")
    row = by_case(session, viewer, uid)
    item = item_of(row, viewer) if row is not None else None
    if row is None or item is None:
        raise NotFound("There is no such complaint.", "id")
    case = session.get_one(ComplaintCase, row.id, with_for_update=True)  # of two at once the second sees the first
    session.refresh(case)
    if version is not None and version != case.version:
        raise Conflict("Somebody has worked on this complaint meanwhile. Look at it as it is now.", "id", current=row)
    refuse(_obstacles(case, item, stage, found, note))
    before = case.stage
    for field in TEXTS:
        if field in found:
            setattr(case, field, (found[field] or "").strip() or None)  # type: ignore[literal-required]
    case.version, case.updated_at = case.version + 1, clock.now()
    if stage is not None:
        _take(session, viewer, case, item, stage, note)
    moved = {"stage": (before, case.stage)}
    activity.record(session, viewer.id, "complaint.moved", "ComplaintCase", uid, moved=moved)
    session.flush()  # the answer is read back
    fresh = by_case(session, viewer, uid)
    assert fresh is not None
    return fresh


def _take(
    session: Session, viewer: Viewer, case: ComplaintCase, item: FeedbackRow, stage: CaseStage, note: str
) -> None:
    assert case.id is not None
    now = clock.now()
    session.add(
        ComplaintStep(
            case_id=case.id,
            from_stage=case.stage,
            to_stage=stage,
            note=note.strip() or None,
            actor_id=viewer.id,
            at=now,
        )
    )
    case.stage = stage
    case.acknowledged_at = case.acknowledged_at or (now if stage is not S.RECEIVED else None)
    if stage is S.DECISION_COMMUNICATED:
        case.communicated_at = now
    case.closed_at = now if stage is S.CLOSED else None
    stored = session.get_one(Feedback, item.id, with_for_update=True)
    stored.status = _OF_ITEM.get(stage, FeedbackStatus.IN_PROGRESS)
    since = now if stage in (S.REOPENED, S.ESCALATED_EXTERNAL) else item.received_at
    settled = stage in (S.DECISION_COMMUNICATED, S.CLOSED)
    stored.due_at = None if settled else dues.due_at(session, item.kind, since, acknowledged=True)
    stored.updated_at, stored.version = now, stored.version + 1
    moved = {"status": (item.status, stored.status)}
    activity.record(session, viewer.id, "feedback.moved", "Feedback", item.uid, moved=moved)


def _obstacles(
    case: ComplaintCase, item: FeedbackRow, stage: CaseStage | None, found: Found, note: str
) -> Iterable[Problem]:
    for field in TEXTS:
        if len(found.get(field) or "") > LONGEST:  # type: ignore[arg-type]
            yield Problem(_spelt(field), f"This has at most {LONGEST:,} characters.")
    if len(note) > LONGEST:
        yield Problem("note", f"This has at most {LONGEST:,} characters.")
    if stage is None:
        return
    if stage not in STEPS[case.stage]:
        ways = " or ".join(each.replace("_", " ").lower() for each in STEPS[case.stage])
        yield Problem("stage", f"From here a complaint goes to {ways}.")
    told = {field: found.get(field, getattr(case, field)) for field in TEXTS}
    if stage in (S.DECISION_COMMUNICATED, S.CLOSED) and not _said(told["decision"]):
        yield Problem("decision", "Write down what was decided, as the customer was told.")
    if stage is S.CLOSED and item.severity in GRAVE:
        yield from _unexplained(told)


def _unexplained(told: Mapping[str, object]) -> Iterable[Problem]:
    """A grave complaint closes with its cause and what was done about it, or with why none was found."""
    if _said(told["none_found"]):
        return
    for field, message in (
        ("root_cause", "Say what caused it, or why no cause was found."),
        ("action_taken", "Say what was done, so that it does not happen again."),
    ):
        if not _said(told[field]):
            yield Problem(_spelt(field), message)


def _said(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _spelt(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(part.capitalize() for part in rest)


def reopen(session: Session, viewer: Viewer, item: FeedbackRow, *, note: str) -> bool:
    """Whoever complained is not content with what they were told: the case is open again. Whether there is such a case."""
    id = session.connection().execute(select(_c.id).where(_c.feedback_id == item.id)).scalar()
    case = session.get(ComplaintCase, id, with_for_update=True) if id is not None else None
    if case is None or case.stage not in TOLD:
        return False
    before = case.stage
    case.version, case.updated_at = case.version + 1, clock.now()
    _take(session, viewer, case, item, S.REOPENED, note)
    moved = {"stage": (before, case.stage)}
    activity.record(session, viewer.id, "complaint.moved", "ComplaintCase", case.uid, moved=moved)
    return True


def close_with(session: Session, item: FeedbackRow) -> None:
    """Refuse to close the item of a complaint before its case is closed [F4]."""
    stage = session.connection().execute(select(_c.stage).where(_c.feedback_id == item.id)).scalar()
    if stage is not None and stage is not CaseStage.CLOSED:
        raise Invalid("A complaint is closed through its case, once the decision was communicated.", "status")
