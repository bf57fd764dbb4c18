"""The loop is closed: the invariants of answers by their letters."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock, customers, evidence, feedback, jobs
from knowledge.community import centre, notifications
from knowledge.contacts import Contact
from knowledge.customers import Reference, merging
from knowledge.customers.customer import CustomerRow
from knowledge.database import Page, table_of
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound
from knowledge.feedback import FeedbackRow, complaints, telling, themes, triaging
from knowledge.feedback import merging as duplicates
from knowledge.loop import answering, closure, deliveries, replies, responses, rewards
from knowledge.loop.answering import Published, Said, Subject
from knowledge.loop.responses import Delivery, ResponseRow
from knowledge.people import OPERATOR, Viewer
from knowledge.privacy import consents
from knowledge.words import (
    Audience,
    CaseStage,
    ConsentPurpose,
    Decision,
    Direction,
    FeedbackKind,
    FeedbackStatus,
    InboxQueue,
    Kind,
    LoopKind,
    Reason,
    Role,
    Sentiment,
    Stance,
)
from tests.factories import a_customer, a_draft, a_group, a_viewer, an_entry, an_interaction, some_feedback

CONTACT = Contact()
DONE: Said = {"heard": "The valve is hard to reach.", "decision": Decision.DONE, "why": "It is at the front now."}
K, S = FeedbackKind, FeedbackStatus


def answered(session: Session, viewer: Viewer, subject: Subject, said: Said = DONE) -> Published:
    return answering.publish(session, viewer, answering.draft(session, viewer, subject, said).uid, CONTACT)


def of(*items: FeedbackRow) -> Subject:
    return Subject(feedback=items)


def again(session: Session, item: FeedbackRow) -> FeedbackRow:
    found = feedback.by_uid(session, OPERATOR, item.uid)
    assert found is not None
    return found


def told(session: Session, response: ResponseRow) -> list[int]:
    table = table_of(Delivery).c
    rows = select(table.customer_id).where(table.response_id == response.id).order_by(table.customer_id)
    return list(session.connection().execute(rows).scalars())


def agree(session: Session, *them: CustomerRow) -> None:
    for each in them:
        consents.say(session, OPERATOR, each, ConsentPurpose.CONTACT, True)


def hear_of_it(session: Session) -> None:
    session.flush()
    for job in session.connection().execute(table_of(jobs.Job).select()).all():
        if job.kind == "notify":
            notifications.notify(session, job.subject)


def heard(session: Session, viewer: Viewer) -> list[Reason]:
    rows = centre.listing(session, viewer, Page()).rows
    assert all(centre.feedback_of(row, viewer) for row in rows)
    return [row.reason for row in rows]


def about_a_theme(session: Session, viewer: Viewer, said: Sequence[FeedbackRow]) -> Subject:
    for item in said:
        themes.assign(session, viewer, item.uid, ["Valves"])
    theme = themes.listing(session, viewer, Page()).rows[0]
    return Subject(theme=theme)


def test_r1_what_will_not_be_done_needs_a_reason(session: Session) -> None:
    ines = a_viewer(session)
    item = some_feedback(session, ines, kind=K.SUGGESTION)
    bare: Said = {"heard": "You want it in red.", "decision": Decision.WILL_NOT}

    with pytest.raises(Invalid) as refused:
        answering.draft(session, ines, of(item), bare)

    assert [each.field for each in refused.value.problems] == ["why"]
    draft = answering.draft(session, ines, of(item), {**bare, "decision": Decision.WILL_DO})
    with pytest.raises(Invalid):
        answering.update_draft(session, ines, draft.uid, {"decision": Decision.WILL_NOT})
    answering.update_draft(session, ines, draft.uid, {"decision": Decision.WILL_NOT, "why": "Red fades."}, version=1)
    with pytest.raises(Conflict):
        answering.update_draft(session, ines, draft.uid, {"heard": "Red?"}, version=1)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_written(session: Session) -> None:
    ines = a_viewer(session)
    item, guide = some_feedback(session, ines), an_entry(session, ines, kind=Kind.GUIDE)

    with pytest.raises(Invalid) as refused:
        answering.draft(
            session,
            ines,
            Subject([item], None, guide),
            {"heard": " ", "decision": Decision.WILL_NOT, "audience": Audience.GROUP, "practice": guide},
        )

    fields = {each.field for each in refused.value.problems}
    assert fields == {"feedback", "insight", "heard", "why", "audience", "practice"}
    with pytest.raises(NotAllowed):
        answering.draft(session, a_viewer(session, role=Role.CUSTOMER), of(item), DONE)
    assert not responses.listing(session, ines, Page()).rows


def test_a_draft_is_told_to_nobody_and_what_was_told_is_not_unsaid(session: Session) -> None:
    ines, pot = a_viewer(session), a_customer(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=pot)
    item = some_feedback(session, ines, customer=pot, kind=K.QUESTION)

    draft = answering.draft(session, ines, of(item), DONE)
    assert responses.by_uid(session, rosa, draft.uid) is None
    assert (told(session, draft), again(session, item).status) == ([], S.NEW)
    done = answering.publish(session, ines, draft.uid, CONTACT)

    seen = responses.of_item(again(session, item), rosa)
    assert [row.uid for row in seen] == [draft.uid]
    assert (told(session, done.response), again(session, item).status) == ([pot.id], S.ANSWERED)
    assert again(session, item).due_at is None
    with pytest.raises(Invalid):
        answering.update_draft(session, ines, draft.uid, {"heard": "Nothing."})


def test_r2_one_delivery_for_each_distinct_customer_however_often_it_is_told(session: Session) -> None:
    ines = a_viewer(session)
    one, two, three = (a_customer(session) for _ in range(3))
    said = [some_feedback(session, ines, customer=each, kind=K.SUGGESTION) for each in (one, one, two)]
    repeated = some_feedback(session, ines, customer=three, kind=K.SUGGESTION)
    duplicates.merge(session, ines, repeated.uid, said[0].uid)

    first = answered(session, ines, of(*said))
    second = answering.publish(session, ines, first.response.uid, CONTACT)

    assert told(session, first.response) == sorted([one.id, two.id, three.id])
    assert (first.reach.to_tell, second.reach.to_tell) == (tuple(told(session, first.response)), ())
    assert again(session, repeated).status is S.ANSWERED
    assert second.response.published_at == first.response.published_at


def test_r2_customers_who_are_merged_and_come_apart_are_told_once(session: Session) -> None:
    ines, steward = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    one, two = a_customer(session), a_customer(session)
    said = [some_feedback(session, ines, customer=each, kind=K.SUGGESTION) for each in (one, two)]
    before = answered(session, ines, of(*said[:1])).response

    merged = merging.merge(session, steward, Reference(uid=one.uid), Reference(uid=two.uid))
    assert told(session, before) == [two.id]
    assert not answering.publish(session, ines, before.uid, CONTACT).reach.to_tell
    both = answered(session, ines, of(*said)).response
    assert told(session, both) == [two.id]
    merging.unmerge(session, steward, merged.merge.uid)

    assert told(session, before) == [one.id]
    assert answering.publish(session, ines, both.uid, CONTACT).reach.to_tell == (one.id,)


def test_r2_who_asked_needs_no_consent_and_who_did_not_does(session: Session) -> None:
    ines = a_viewer(session)
    asked, agreed, silent = (a_customer(session) for _ in range(3))
    agree(session, agreed)
    said = [
        some_feedback(session, ines, customer=asked, kind=K.COMPLAINT),
        some_feedback(session, ines, customer=agreed, kind=K.LIKE),
        some_feedback(session, ines, customer=silent, kind=K.DISLIKE),
        some_feedback(session, ines, anonymous=True, kind=K.LIKE),
    ]

    done = answered(session, ines, about_a_theme(session, ines, said))

    assert done.response.loop is LoopKind.OUTER
    assert told(session, done.response) == [asked.id, agreed.id]
    assert (done.reach.withheld, done.reach.unnamed) == ((silent.id,), 1)
    assert {again(session, each).status for each in said} == {S.NEW}
    complaint = complaints.case_of(again(session, said[0]))
    assert complaint is not None
    assert complaint.stage is CaseStage.RECEIVED  # each complaint has its own answer
    agree(session, silent)
    assert answering.publish(session, ines, done.response.uid, CONTACT).reach.to_tell == (silent.id,)


def test_an_insight_tells_those_whose_words_it_rests_on(session: Session) -> None:
    ines, pot = a_viewer(session), a_customer(session)
    insight = a_draft(session, ines, kind=Kind.INSIGHT)
    item = some_feedback(session, ines, customer=pot, kind=K.SUGGESTION)
    evidence.attach(session, ines, insight, item, Stance.SUPPORTS)

    done = answered(session, ines, Subject(insight=insight))

    assert (told(session, done.response), done.response.audience) == ([pot.id], Audience.CUSTOMERS)
    assert triaging.triage(session, ines, item.uid, {"status": S.CLOSED}).status is S.CLOSED


def test_closing_is_refused_until_the_customer_was_told_or_a_reason_is_recorded(session: Session) -> None:
    ines, pot = a_viewer(session), a_customer(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=pot)
    item = some_feedback(session, ines, customer=pot, kind=K.SUGGESTION)

    with pytest.raises(Invalid):
        triaging.triage(session, ines, item.uid, {"status": S.CLOSED})
    answered(session, ines, of(item), {"heard": "Red.", "decision": Decision.INVESTIGATING})
    with pytest.raises(Invalid):
        triaging.triage(session, ines, item.uid, {"status": S.CLOSED})
    assert again(session, item).status is S.IN_PROGRESS
    answered(session, ines, of(item))
    triaging.triage(session, ines, item.uid, {"status": S.CLOSED})
    replies.reply(session, rosa, item.uid, "Still leaks.")
    with pytest.raises(Invalid):
        triaging.triage(session, ines, item.uid, {"status": S.CLOSED})

    closed = triaging.triage(session, ines, item.uid, {"status": S.CLOSED, "note": "Spoke to her."})
    assert closed.status is S.CLOSED


def test_the_answer_to_a_complaint_takes_its_case_along_and_r4_a_reply_reopens_both(session: Session) -> None:
    ines, pot = a_viewer(session), a_customer(session)
    rosa, other = (a_viewer(session, role=Role.CUSTOMER, customer=each) for each in (pot, a_customer(session)))
    item = some_feedback(session, ines, customer=pot, kind=K.COMPLAINT)

    answered(session, ines, of(item), {"heard": "It leaks.", "decision": Decision.INVESTIGATING})
    first = complaints.case_of(again(session, item))
    answered(session, ines, of(item))
    second = complaints.case_of(again(session, item))
    for viewer in (ines, other):
        with pytest.raises((NotAllowed, NotFound)):
            replies.reply(session, viewer, item.uid, "Still leaks.")
    replies.reply(session, rosa, item.uid, " Still leaks. ")
    third = complaints.case_of(again(session, item))

    assert first is not None
    assert second is not None
    assert third is not None
    assert [each.stage for each in (first, second, third)] == [
        CaseStage.ACKNOWLEDGED, CaseStage.DECISION_COMMUNICATED, CaseStage.REOPENED,
    ]  # fmt: skip
    assert second.decision == "It is done. It is at the front now."
    assert len(complaints.steps_of(second)) == 5
    now = again(session, item)
    assert (now.status, [each.text for each in replies.of_item(now)]) == (S.REOPENED, ["Still leaks."])
    assert now.due_at is not None
    assert now.id in {row.id for row in feedback.inbox(session, ines, InboxQueue.NEW, Page()).rows}
    answered(session, ines, of(item))
    assert again(session, item).status is S.ANSWERED


def test_r4_a_reply_to_what_repeats_something_reopens_that_too(session: Session) -> None:
    ines, pot = a_viewer(session), a_customer(session)
    head, item = (
        some_feedback(session, ines, kind=K.QUESTION),
        some_feedback(session, ines, customer=pot, kind=K.PRAISE),
    )
    duplicates.merge(session, ines, item.uid, head.uid)
    answered(session, ines, of(head))

    replies.reply(session, a_viewer(session, role=Role.CUSTOMER, customer=pot), item.uid, "And yet.")

    assert again(session, head).status is S.REOPENED
    assert again(session, item).status is S.REOPENED


def test_r4_what_came_back_is_not_settled_by_telling_the_same_again(session: Session) -> None:
    ines, pot = a_viewer(session, group=a_group(session)), a_customer(session)
    rosa, jonas = a_viewer(session, role=Role.CUSTOMER, customer=pot), a_viewer(session)
    item = some_feedback(session, jonas, customer=pot, kind=K.QUESTION)
    first = answered(session, ines, of(item)).response

    replies.reply(session, rosa, item.uid, "And yet.")
    answering.publish(session, ines, first.uid, CONTACT)
    hear_of_it(session)

    assert again(session, item).status is S.REOPENED
    assert [heard(session, each) for each in (ines, jonas, rosa)] == [
        [Reason.REPLIED], [Reason.LOOP_CLOSED], [Reason.LOOP_CLOSED],
    ]  # fmt: skip
    assert heard(session, a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))) == []


def test_r3_r4_an_unnamed_author_reads_the_answer_and_replies_by_their_code(session: Session) -> None:
    ines, stranger = a_viewer(session), Viewer(tells=True)
    said = telling.tell(session, stranger, {"verbatim": "It bites.", "kind": K.QUESTION})
    assert said.code is not None
    answered(session, ines, of(said.item))

    claimed = telling.claimed_item(session, stranger, said.code)
    seen = responses.to_author(claimed)
    replies.reply_by_code(session, stranger, said.code, "It still bites.")

    assert [row.why for row in seen] == ["It is at the front now."]
    assert again(session, said.item).status is S.REOPENED
    (reply,) = replies.of_item(again(session, said.item))
    assert (reply.customer_id, reply.person_id, reply.text) == (None, None, "It still bites.")
    with pytest.raises(NotFound):
        replies.reply_by_code(session, stranger, "2222-2222-2222-2222", "Hello.")


def test_r5_closure_looks_at_what_is_over_and_waits_that_have_not_ended_last_longer(session: Session) -> None:
    ines, now = a_viewer(session), clock.now()
    for hours in (10, 20, 60, None, None, None, None):
        with clock.held(now - timedelta(days=20)):
            item = some_feedback(session, ines, customer=a_customer(session), kind=K.SUGGESTION)
        if hours is not None:
            with clock.held(now - timedelta(days=20) + timedelta(hours=hours)):
                answered(session, ines, of(item))
    some_feedback(session, ines, kind=K.SUGGESTION)  # still within its time
    some_feedback(session, ines, kind=K.LIKE)  # nobody waits for a reply

    found = closure.closure(session, ines)

    assert found is not None
    assert (found.told.n, found.told.distinct_voices) == (7, 7)
    assert found.told.value == pytest.approx(3 / 7)
    assert found.in_time.value == pytest.approx(2 / 7)
    assert (found.hours.n, found.hours.value, found.hours.high) == (7, None, None)
    assert found.hours.low == pytest.approx(10)
    assert closure.closure(session, a_viewer(session, role=Role.CUSTOMER)) is None


def test_r6_what_was_promised_is_late_after_ninety_days_and_kept_by_what_follows(session: Session) -> None:
    ines, now = a_viewer(session), clock.now()
    item = some_feedback(session, ines, kind=K.SUGGESTION)
    with clock.held(now - timedelta(days=91)):
        promised = answered(session, ines, of(item), {"heard": "Red.", "decision": Decision.WILL_DO}).response

    late = responses.listing(session, ines, Page(), filter=responses.Filter(is_late=True)).rows
    answered(session, ines, of(item))

    assert [row.uid for row in late] == [promised.uid]
    assert not responses.listing(session, ines, Page(), filter=responses.Filter(is_late=True)).rows


def test_a_cap_warns_of_who_has_heard_from_us_unasked_as_often_as_is_meant_to_be(session: Session) -> None:
    ines, pot = a_viewer(session), a_customer(session)
    agree(session, pot)
    item = some_feedback(session, ines, customer=pot, kind=K.LIKE)
    draft = answering.draft(session, ines, about_a_theme(session, ines, [item]), DONE)
    an_interaction(session, ines, pot, direction=Direction.TO_CUSTOMER)
    an_interaction(session, ines, pot, direction=Direction.FROM_CUSTOMER)

    def warned(most: int) -> tuple[int, ...]:
        return answering.reach_of(session, ines, draft, Contact(most=most)).often

    assert (warned(2), warned(1)) == ((), (pot.id,))
    answering.publish(session, ines, draft.uid, CONTACT)
    other = answering.draft(session, ines, Subject(theme=responses.theme_of(draft, ines)), DONE)
    assert answering.reach_of(session, ines, other, Contact(most=2)).often == (pot.id,)
    with clock.held(clock.now() + timedelta(days=31)):
        assert answering.reach_of(session, ines, other, Contact(most=2)).often == ()


@pytest.mark.parametrize("kind", [None, *FeedbackKind])
def test_rewards_depend_on_nothing_that_was_said(session: Session, kind: FeedbackKind | None) -> None:
    ines = a_viewer(session)
    for sentiment in (None, *Sentiment):
        item = some_feedback(session, ines, customer=a_customer(session), kind=kind, sentiment=sentiment)

        given = rewards.give(session, ines, item.uid, "A bag of beans")

        assert (given.what, given.customer_id) == ("A bag of beans", item.customer_id)
        with pytest.raises(Invalid):
            rewards.give(session, ines, item.uid, "Another")
    assert not {"kind", "sentiment", "severity", "stance"} & set(rewards.give.__code__.co_names)


def test_w1_colleagues_of_every_function_answer(session: Session) -> None:
    item = some_feedback(session, a_viewer(session), kind=K.QUESTION)

    for _ in range(3):
        answered(session, a_viewer(session, group=a_group(session)), of(item))

    counted = select(func.count()).select_from(table_of(responses.LoopResponse))
    assert session.connection().execute(counted).scalar_one() == 3
    assert deliveries.by_uid(session, OPERATOR, clock.uid()) is None
    assert customers.by_ids(session, OPERATOR, []) == {}
