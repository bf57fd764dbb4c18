"""The open ear, and many items at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, feedback
from knowledge.database import table_of
from knowledge.errors import Invalid, NotAllowed, NotFound, RateLimited, Refusal
from knowledge.feedback import complaints, spam, telling, upserting
from knowledge.feedback.receiving import Said
from knowledge.feedback.telling import ClaimCode
from knowledge.people import Viewer
from knowledge.words import (
    CaseStage,
    Channel,
    FeedbackKind,
    QualityAttribute,
    Role,
    Sentiment,
    SentimentSource,
    Severity,
)
from tests.factories import a_customer, a_viewer

STRANGER = Viewer(tells=True)


def test_f2_who_stays_unnamed_leaves_nothing_but_words_and_a_digest(session: Session) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    token = activity.request_id.set("a request")

    told = telling.tell(session, rosa, {"verbatim": "It bites.", "kind": FeedbackKind.COMPLAINT, "anonymous": True})
    activity.request_id.reset(token)

    assert told.code is not None
    assert told.case is not None
    assert (told.item.customer_id, told.item.reporter_id, told.item.group_id) == (None, None, None)
    act, kept = table_of(activity.Activity).c, table_of(ClaimCode).c
    by = select(act.person_id, act.request_id).where(act.uid.in_([told.item.uid, told.case.uid]))
    assert {tuple(row) for row in session.connection().execute(by)} == {(None, "")}
    assert told.code.replace("-", "") not in session.connection().execute(select(kept.digest)).scalar_one()


def test_r3_the_code_alone_opens_what_came_of_it(session: Session) -> None:
    ines = a_viewer(session)
    told = telling.tell(session, STRANGER, {"verbatim": "It bites.", "kind": FeedbackKind.COMPLAINT})
    assert told.code is not None
    assert told.case is not None
    assert re.fullmatch(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}", told.code)
    case = told.case

    def seen() -> str | None:
        return telling.claimed(session, STRANGER, f" {told.code} ".lower().replace("-", " ")).decision

    for stage in (CaseStage.ACKNOWLEDGED, CaseStage.ASSESSED, CaseStage.RESPONSE_PROPOSED):
        case = complaints.move(session, ines, case.uid, stage, {"decision": "You get a muzzle."})
        assert seen() is None
    complaints.move(session, ines, case.uid, CaseStage.DECISION_COMMUNICATED, {})

    assert seen() == "You get a muzzle."
    with pytest.raises(NotFound):
        telling.claimed(session, STRANGER, "2222-2222-2222-2222")


def test_strangers_tell_something_only_where_that_is_allowed(session: Session) -> None:
    with pytest.raises(NotAllowed):
        telling.tell(session, Viewer(), {"verbatim": "Hello."})
    with pytest.raises(Refusal):
        telling.tell(session, STRANGER, {"verbatim": "  "})


def test_a_customer_tells_it_by_name_and_says_how_they_feel(session: Session) -> None:
    pot = a_customer(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=pot)

    told = telling.tell(session, rosa, {"verbatim": "It sparks.", "sentiment": Sentiment.NEGATIVE, "safety": True})

    assert (told.item.customer_id, told.item.reporter_id, told.code) == (pot.id, None, None)
    assert (told.item.channel, told.item.sentiment_source) == (Channel.SUGGESTION_BOX, SentimentSource.CUSTOMER)
    assert feedback.attributes_of(told.item) == [QualityAttribute.SAFETY]
    assert feedback.by_uid(session, rosa, told.item.uid) is not None


def test_a_machine_is_turned_away() -> None:
    secret, now = b"secret", clock.now()
    with clock.held(now):
        token = spam.issued(secret)

    for later, sent, honeypot in (
        (timedelta(seconds=10), token, "http://pills.example"),
        (timedelta(seconds=1), token, ""),
        (timedelta(hours=25), token, ""),
        (timedelta(seconds=10), token.replace(".", "1."), ""),
        (timedelta(seconds=10), spam.issued(b"another"), ""),
        (timedelta(seconds=10), "", ""),
    ):
        with clock.held(now + later), pytest.raises(Invalid):
            spam.check(secret, sent, honeypot)
    with clock.held(now + timedelta(seconds=10)):
        spam.check(secret, token, " ")


def test_one_caller_writes_five_times_in_ten_minutes_and_all_together_sixty_times() -> None:
    throttle, now = spam.Throttle(), clock.now()
    with clock.held(now):
        for _ in range(5):
            throttle.pass_through("one")
        with pytest.raises(RateLimited):
            throttle.pass_through("one")
        for number in range(55):
            throttle.pass_through(str(number))
        with pytest.raises(RateLimited):
            throttle.pass_through("somebody else")
    with clock.held(now + timedelta(minutes=11)):
        throttle.pass_through("one")


def a_row(external_id: str, **said: object) -> Said:
    return {"verbatim": "It leaks.", "channel": Channel.EMAIL, "source": "crm", "external_id": external_id, **said}  # type: ignore[typeddict-item]


def test_many_items_are_kept_each_by_itself_and_twice_is_once(session: Session) -> None:
    ines = a_viewer(session)
    rows = [
        a_row("1", kind=FeedbackKind.COMPLAINT),
        a_row("2", verbatim=" "),
        a_row("3"),
        a_row("3", severity=Severity.LOW),
    ]

    first = upserting.upsert(session, ines, rows)
    again = upserting.upsert(session, ines, [rows[0], rows[3], a_row("1", verbatim="It does not.")])

    assert [kept.is_new for kept in first] == [True, False, True, False]
    assert [len(kept.problems) for kept in first] == [0, 1, 0, 0]
    assert [kept.item.version if kept.item else 0 for kept in (*first, *again)] == [1, 0, 1, 2, 1, 2, 0]
    assert [problem.field for problem in again[2].problems] == ["verbatim"]
    assert first[0].item is not None
    assert complaints.case_of(first[0].item) is not None
    with pytest.raises(Refusal):
        upserting.upsert(session, ines, [a_row(str(number)) for number in range(251)])
