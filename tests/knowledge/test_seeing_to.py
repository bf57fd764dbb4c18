"""What customers said is sorted, given to somebody and settled: the invariants of feedback by their letters."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from knowledge import activity, clock, entries, evidence, feedback
from knowledge.database import Page, table_of
from knowledge.entries import EntryRow
from knowledge.errors import Conflict, Invalid, NotFound, Refusal
from knowledge.feedback import FeedbackRow, complaints, dues, triaging
from knowledge.feedback.complaints import STEPS, CaseRow
from knowledge.people import Viewer
from knowledge.words import (
    CaseStage,
    FeedbackKind,
    FeedbackStatus,
    Freshness,
    InboxQueue,
    QualityAttribute,
    Role,
    Sentiment,
    SentimentSource,
    Severity,
    Stance,
)
from tests.factories import a_customer, a_group, a_viewer, an_entry, some_feedback


def a_complaint(session: Session, viewer: Viewer, **said: object) -> FeedbackRow:
    return some_feedback(session, viewer, kind=FeedbackKind.COMPLAINT, **said)  # type: ignore[arg-type]


def case(item: FeedbackRow) -> CaseRow:
    found = complaints.case_of(item)
    assert found is not None
    return found


def brought_to(session: Session, viewer: Viewer, item: FeedbackRow, *stages: CaseStage) -> CaseRow:
    found = case(item)
    for stage in stages:
        found = complaints.move(session, viewer, found.uid, stage, {"decision": "You get a new valve."})
    return found


TOLD = (CaseStage.ACKNOWLEDGED, CaseStage.ASSESSED, CaseStage.RESPONSE_PROPOSED, CaseStage.DECISION_COMMUNICATED)


def test_f1_the_database_itself_refuses_other_words(session: Session) -> None:
    item = some_feedback(session, a_viewer(session))
    changed = text("UPDATE feedback SET verbatim = verbatim || '!' WHERE id = :id")

    with pytest.raises(IntegrityError), session.begin_nested():
        session.connection().execute(changed, {"id": item.id})

    session.connection().execute(text("UPDATE feedback SET verbatim = '' WHERE id = :id"), {"id": item.id})  # erasure


def test_f1_sorting_leaves_the_words_as_they_are(session: Session) -> None:
    ines = a_viewer(session)
    item = some_feedback(session, ines, verbatim="  It leaks.\n Again. ")

    triaging.triage(session, ines, item.uid, {"kind": FeedbackKind.COMPLAINT, "severity": Severity.LOW})

    found = feedback.by_uid(session, ines, item.uid)
    assert found is not None
    assert (found.verbatim, found.status, found.version) == ("It leaks.\n Again.", FeedbackStatus.TRIAGED, 2)


def test_f2_what_is_anonymous_leads_back_to_no_line_of_a_log(session: Session) -> None:
    token = activity.request_id.set("a request")
    item = a_complaint(session, a_viewer(session, group=a_group(session)), anonymous=True)
    activity.request_id.reset(token)

    act = table_of(activity.Activity).c
    acts = session.connection().execute(
        select(act.person_id, act.request_id).where(act.uid.in_([item.uid, case(item).uid]))
    )
    assert {tuple(row) for row in acts} == {(None, "")}
    assert (item.customer_id, item.reporter_id, item.group_id) == (None, None, None)


def test_f3_a_complaint_has_its_reference_when_it_is_recorded_or_becomes_one(session: Session) -> None:
    ines = a_viewer(session)
    other = some_feedback(session, ines)

    first = case(a_complaint(session, ines))
    second = case(triaging.triage(session, ines, other.uid, {"kind": FeedbackKind.COMPLAINT}))

    assert first.reference != second.reference
    assert complaints.by_reference(session, ines, f" {first.reference.lower()} ") is not None
    with pytest.raises(Invalid):
        triaging.triage(session, ines, other.uid, {"kind": FeedbackKind.LIKE})


def test_f4_only_the_steps_of_the_table_are_taken(session: Session) -> None:
    ines = a_viewer(session)
    item = a_complaint(session, ines)
    stored = session.get_one(complaints.ComplaintCase, case(item).id)

    for start, goal in product(CaseStage, CaseStage):
        stored.stage = start
        session.flush()
        with session.begin_nested() as savepoint:
            try:
                complaints.move(session, ines, stored.uid, goal, {"decision": "Yes."})
                taken = True
            except Refusal:
                taken = False
            savepoint.rollback()
        session.refresh(stored)
        assert taken == (goal in STEPS[start]), (start, goal)
    assert [start for start in CaseStage if CaseStage.CLOSED in STEPS[start]] == [CaseStage.DECISION_COMMUNICATED]


def test_f4_no_complaint_closes_before_the_decision_was_told(session: Session) -> None:
    ines = a_viewer(session)
    item = a_complaint(session, ines)
    found = brought_to(session, ines, item, *TOLD[:3])

    for wrong in ({"decision": None}, {"decision": "  "}):
        with pytest.raises(Invalid):
            complaints.move(session, ines, found.uid, CaseStage.DECISION_COMMUNICATED, wrong)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        triaging.triage(session, ines, item.uid, {"status": FeedbackStatus.CLOSED, "note": "Enough."})

    brought_to(session, ines, item, TOLD[3], CaseStage.CLOSED)
    settled = feedback.by_uid(session, ines, item.uid)
    assert settled is not None
    assert (settled.status, settled.due_at) == (FeedbackStatus.CLOSED, None)


def test_f4_what_turns_out_to_be_a_complaint_is_owed_its_decision_even_if_it_was_closed(session: Session) -> None:
    ines = a_viewer(session)
    fresh, closed = (some_feedback(session, ines, kind=FeedbackKind.QUESTION) for _ in range(2))
    triaging.triage(session, ines, closed.uid, {"status": FeedbackStatus.CLOSED, "note": "Said on the phone."})

    with pytest.raises(Invalid):
        triaging.triage(
            session, ines, fresh.uid, {"kind": FeedbackKind.COMPLAINT, "status": FeedbackStatus.CLOSED, "note": "No."}
        )
    turned = triaging.triage(session, ines, closed.uid, {"kind": FeedbackKind.COMPLAINT})

    assert (turned.status, turned.due_at is not None) == (FeedbackStatus.REOPENED, True)
    assert (case(turned).stage, case(turned).decision) == (CaseStage.RECEIVED, None)


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
def test_f4_a_grave_complaint_closes_with_cause_and_action_or_why_none_was_found(
    session: Session, severity: Severity
) -> None:
    ines = a_viewer(session)
    item = a_complaint(session, ines, severity=severity)
    found = brought_to(session, ines, item, *TOLD)

    with pytest.raises(Refusal) as caught:
        complaints.move(session, ines, found.uid, CaseStage.CLOSED, {"root_cause": "A seal."})
    assert [problem.field for problem in caught.value.problems] == ["actionTaken"]
    with session.begin_nested() as savepoint:
        explained = complaints.move(session, ines, found.uid, CaseStage.CLOSED, {"none_found": "It never came back."})
        savepoint.rollback()
    closed = complaints.move(
        session, ines, found.uid, CaseStage.CLOSED, {"root_cause": "A seal.", "action_taken": "New."}
    )

    assert explained.stage is closed.stage is CaseStage.CLOSED


def test_two_who_move_a_complaint_at_once_do_not_meet(session: Session) -> None:
    ines = a_viewer(session)
    found = case(a_complaint(session, ines))
    complaints.move(session, ines, found.uid, CaseStage.ACKNOWLEDGED, {}, version=found.version)

    with pytest.raises(Conflict):
        complaints.move(session, ines, found.uid, CaseStage.ESCALATED_EXTERNAL, {}, version=found.version)


def freshness_of(session: Session, viewer: Viewer, entry: EntryRow) -> Freshness:
    found = entries.by_uid(session, viewer, entry.uid)
    assert found is not None
    return found.freshness


def test_f5_the_first_word_of_danger_contests_what_it_speaks_against(session: Session) -> None:
    ines = a_viewer(session)
    against, context, support, later = (an_entry(session, ines) for _ in range(4))
    danger = some_feedback(session, ines, attributes=[QualityAttribute.SAFETY])
    unsorted = some_feedback(session, ines)

    evidence.attach(session, ines, against, danger, Stance.CONTRADICTS)
    evidence.attach(session, ines, context, danger, Stance.CONTEXT)
    evidence.attach(session, ines, support, danger, Stance.SUPPORTS)
    evidence.attach(session, ines, later, unsorted, Stance.CONTRADICTS)
    before = freshness_of(session, ines, later)
    triaging.triage(session, ines, unsorted.uid, {"attributes": [QualityAttribute.SAFETY]})

    assert before is Freshness.UNVERIFIED
    states = [freshness_of(session, ines, entry) for entry in (against, context, support, later)]
    assert states == [Freshness.CONTESTED, Freshness.CONTESTED, Freshness.UNVERIFIED, Freshness.CONTESTED]


def test_f7_what_a_program_says_counts_once_somebody_confirms_it(session: Session) -> None:
    ines = a_viewer(session)
    said, by = Sentiment.NEGATIVE, SentimentSource.MODEL
    item = some_feedback(session, ines, sentiment=said, sentiment_source=by)

    confirmed = triaging.triage(session, ines, item.uid, {"confirm_sentiment": True})
    again = triaging.triage(session, ines, item.uid, {"sentiment": Sentiment.MIXED, "sentiment_source": by})
    own = triaging.triage(session, ines, item.uid, {"sentiment": Sentiment.MIXED})

    assert [row.is_counted for row in (item, confirmed, again, own)] == [False, True, False, True]
    assert (confirmed.sentiment_source, own.sentiment_source) == (by, SentimentSource.HUMAN)


def test_each_kind_has_its_hours_and_the_queues_follow(session: Session) -> None:
    ines, now = a_viewer(session, group=a_group(session)), clock.now()
    kinds = (FeedbackKind.COMPLAINT, FeedbackKind.QUESTION, FeedbackKind.PRAISE, None)
    with clock.held(now):
        late = {kind: some_feedback(session, ines, kind=kind) for kind in kinds}

    def waiting(queue: InboxQueue) -> set[FeedbackKind | None]:
        return {row.kind for row in feedback.inbox(session, ines, queue, Page()).rows}

    due = [row.due_at - now if row.due_at else None for row in late.values()]
    assert due == [timedelta(hours=24), timedelta(hours=48), None, timedelta(hours=48)]
    assert waiting(InboxQueue.NEW) == set(kinds)
    with clock.held(now + timedelta(hours=25)):
        assert waiting(InboxQueue.OVERDUE) == {FeedbackKind.COMPLAINT}
        complaints.move(session, ines, case(late[FeedbackKind.COMPLAINT]).uid, CaseStage.ACKNOWLEDGED, {})
        assert waiting(InboxQueue.OVERDUE) == set()
    with clock.held(now + timedelta(hours=49)):
        assert waiting(InboxQueue.OVERDUE) == {FeedbackKind.COMPLAINT, FeedbackKind.QUESTION, None}
    triaging.assign(session, ines, late[FeedbackKind.PRAISE].uid, person=ines.uid)
    assert waiting(InboxQueue.MINE) == {FeedbackKind.PRAISE}


def test_the_company_says_how_soon_it_replies(session: Session) -> None:
    jonas = a_viewer(session, role=Role.STEWARD)

    dues.set_time(session, jonas, FeedbackKind.QUESTION, 4)
    item = some_feedback(session, jonas, kind=FeedbackKind.QUESTION)

    assert item.due_at is not None
    assert item.due_at - item.received_at == timedelta(hours=4)
    assert not dues.set_time(session, jonas, FeedbackKind.QUESTION, None).is_own
    with pytest.raises(Invalid):
        dues.set_time(session, jonas, FeedbackKind.LIKE, 4)


def test_what_a_reply_is_due_to_closes_with_a_reason_and_reopens(session: Session) -> None:
    ines = a_viewer(session)
    item = some_feedback(session, ines, kind=FeedbackKind.QUESTION)

    with pytest.raises(Refusal) as caught:
        triaging.triage(session, ines, item.uid, {"status": FeedbackStatus.CLOSED})
    closed = triaging.triage(session, ines, item.uid, {"status": FeedbackStatus.CLOSED, "note": "Told by telephone."})
    opened = triaging.triage(session, ines, item.uid, {"status": FeedbackStatus.REOPENED})

    assert [problem.field for problem in caught.value.problems] == ["note"]
    assert (closed.due_at, closed.closing_note) == (None, "Told by telephone.")
    assert opened.due_at is not None
    with pytest.raises(Conflict):
        triaging.triage(session, ines, item.uid, {"severity": Severity.LOW}, version=closed.version)


def test_only_colleagues_sort_and_are_given_what_customers_said(session: Session) -> None:
    mine = a_customer(session)
    ines, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=mine)
    item = a_complaint(session, ines, customer=mine)

    for act in (
        lambda: triaging.triage(session, rosa, item.uid, {"severity": Severity.LOW}),
        lambda: triaging.assign(session, rosa, item.uid),
        lambda: complaints.move(session, rosa, case(item).uid, CaseStage.ACKNOWLEDGED, {}),
        lambda: triaging.assign(session, ines, item.uid, person=rosa.uid),
    ):
        with pytest.raises(Refusal):
            act()
    assert complaints.by_reference(session, rosa, case(item).reference) is not None  # it is theirs to ask after
    with pytest.raises(NotFound):
        triaging.triage(session, ines, clock.uid(), {})
