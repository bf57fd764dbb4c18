import base64
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock, surveys
from knowledge.activity import Activity
from knowledge.database import table_of
from knowledge.errors import Conflict, Invalid, NotFound
from knowledge.feedback.items import Feedback
from knowledge.people import OPERATOR
from knowledge.privacy import erasing
from knowledge.surveys import links
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.words import Anonymity, Channel, InvitationKind, Role, SurveyAudience, SurveyMetric
from tests.factories import (
    SECRET,
    STRANGER,
    a_customer,
    a_group,
    a_link,
    a_response,
    a_survey,
    a_viewer,
    a_wave,
    agreed,
)

SCORE: surveys.Asked = {"metric": SurveyMetric.RECOMMENDATION_0_10, "text": "Would you recommend us?"}
WHY: surveys.Asked = {"metric": SurveyMetric.TEXT, "text": "Why?"}
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])
activity = table_of(Activity)
r, a, f, i = (table_of(table).c for table in (SurveyResponse, SurveyAnswer, Feedback, Invitation))


def midnight() -> datetime:
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def test_who_was_asked_answers_by_their_link_and_their_words_are_heard(session: Session) -> None:
    customer = a_customer(session)
    agreed(session, customer)
    wave = a_wave(session, a_survey(session, SCORE, WHY, anonymity=Anonymity.IDENTIFIED))
    surveys.invite(session, OPERATOR, wave.uid)
    token = a_link(session, wave, customer=customer)

    a_response(session, token, 9, "The valve is at the front now.")

    rows = session.connection().execute(select(r.customer_id, r.stage)).all()
    heard = session.connection().execute(select(f.customer_id, f.channel, f.verbatim)).all()
    assert rows == [(customer.id, customer.stage)]
    assert heard == [(customer.id, Channel.CUSTOMER_SURVEY, "The valve is at the front now.")]


def test_q2_one_response_a_wave_which_changes_for_a_day(session: Session) -> None:
    customer = a_customer(session)
    agreed(session, customer)
    wave = a_wave(session, a_survey(session, SCORE, WHY))
    surveys.invite(session, OPERATOR, wave.uid)
    token = a_link(session, wave, customer=customer)
    a_response(session, token, 3)

    a_response(session, token, 8, "It was mended.")

    assert len(session.connection().execute(select(r.id)).all()) == 1
    assert [row[0] for row in session.connection().execute(select(a.number).order_by(a.id))] == [8, None]
    with clock.held(clock.now() + timedelta(hours=24)), pytest.raises(Conflict):
        a_response(session, token, 10)


@ON_SQLITE
def test_what_does_not_fit_is_refused_with_its_place_named(session: Session) -> None:
    wave = a_wave(session, a_survey(session, SCORE, WHY), kind=InvitationKind.SELF)
    token = a_link(session, wave)

    with pytest.raises(Invalid) as refused:
        a_response(session, token, 11, 3)

    assert [problem.field for problem in refused.value.problems] == ["answers[0].number", "answers[1].number"]


@ON_SQLITE
def test_q5_what_is_passed_over_does_not_keep_the_rest_from_counting(session: Session) -> None:
    needed: surveys.Asked = {"metric": SurveyMetric.BOOL, "text": "Still open?", "required": True}
    wave = a_wave(session, a_survey(session, SCORE, WHY, needed), kind=InvitationKind.SELF)
    token = a_link(session, wave)

    a_response(session, token, None, "Only words.", 1)
    with pytest.raises(Invalid) as refused:
        a_response(session, token, 9, None, None)
    with pytest.raises(Invalid, match="at least one"):
        a_response(session, a_link(session, a_wave(session, a_survey(session), kind=InvitationKind.SELF)), None)

    assert [problem.field for problem in refused.value.problems] == ["answers[2].number"]
    assert [tuple(row) for row in session.connection().execute(select(a.number, a.text).order_by(a.id))] == [
        (None, "Only words."),
        (1, None),
    ]


def test_nothing_leads_from_who_was_asked_to_an_anonymous_answer(session: Session) -> None:
    customers = [a_customer(session) for _ in range(6)]
    agreed(session, *customers)
    choice: surveys.Asked = {"metric": SurveyMetric.MULTI, "text": "Which?", "options": ["A", "B", "C"]}
    wave = a_wave(session, a_survey(session, SCORE, choice, WHY, anonymity=Anonymity.ANONYMOUS))
    surveys.invite(session, OPERATOR, wave.uid)
    acts = session.connection().execute(select(func.count()).select_from(activity)).scalar()

    for number, customer in enumerate(customers):
        taken = a_response(session, a_link(session, wave, customer=customer), number, (1, 3), f"Words {number}.")
        a_response(session, taken.token, number, (2,), f"Other words {number}.")

    rows = session.connection().execute(select(table_of(SurveyResponse)).order_by(r.id)).mappings().all()
    asked = session.connection().execute(select(table_of(Invitation)).order_by(i.id)).mappings().all()
    assert {row["customer_id"] for row in rows} | {row["person_id"] for row in rows} == {None}
    assert {(row["answered_at"], row["changed_at"]) for row in rows} == {(midnight(), midnight())}
    assert {row["uid"].version for row in rows} == {4}
    for table in (r, a, table_of(SurveyChoice).c):  # keys that are drawn, and not counted on
        keys = session.connection().execute(select(table.id)).scalars().all()
        assert min(keys) >= 2**29
        assert max(keys) - min(keys) > 10 * len(keys)
    assert {row["answered"] for row in asked} == {True}
    assert len({(row["created_at"], row["mail"], row["mail_due_at"]) for row in asked}) == 1
    assert session.connection().execute(select(func.count()).select_from(activity)).scalar() == acts
    assert session.connection().execute(select(f.id)).all() == []
    with pytest.raises(Conflict):
        a_response(session, a_link(session, wave, customer=customers[0]), 5)


@ON_SQLITE
def test_an_anonymous_answer_keeps_a_group_only_where_many_are_alike(session: Session) -> None:
    many, few = a_group(session), a_group(session)
    people = [a_viewer(session, group=many) for _ in range(5)] + [a_viewer(session, group=few)]
    survey = a_survey(session, audience=SurveyAudience.INTERNAL, anonymity=Anonymity.ANONYMOUS)
    wave = a_wave(session, survey)
    surveys.invite(session, OPERATOR, wave.uid)

    for person in people:
        a_response(session, a_link(session, wave, person=person), 7)

    groups = session.connection().execute(select(r.group_id)).scalars().all()
    assert (groups.count(many.id), groups.count(None)) == (5, 1)


@ON_SQLITE
def test_an_open_link_takes_strangers_and_knows_who_signed_in(session: Session) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    wave = a_wave(session, a_survey(session), kind=InvitationKind.SELF)
    token = a_link(session, wave)

    for viewer in (STRANGER, STRANGER, rosa, rosa):
        a_response(session, token, 8, viewer=viewer)

    whose = session.connection().execute(select(r.customer_id).order_by(r.id)).scalars().all()
    assert whose == [None, None, rosa.customer_id]


@ON_SQLITE
def test_a_survey_among_colleagues_is_closed_to_strangers(session: Session) -> None:
    wave = a_wave(session, a_survey(session, audience=SurveyAudience.INTERNAL), kind=InvitationKind.SELF)
    token = a_link(session, wave)

    with pytest.raises(NotFound):
        surveys.form(session, STRANGER, SECRET, token)
    a_response(session, token, 8, viewer=a_viewer(session))

    assert len(session.connection().execute(select(r.person_id)).all()) == 1


def test_what_erasing_leaves_of_an_answer_is_its_number(session: Session) -> None:
    customer = a_customer(session, name="Maria Zweig")
    agreed(session, customer)
    wave = a_wave(session, a_survey(session, SCORE, WHY, anonymity=Anonymity.IDENTIFIED))
    surveys.invite(session, OPERATOR, wave.uid)
    a_response(session, a_link(session, wave, customer=customer), 9, "Maria Zweig says so.")

    erasing.erase(session, OPERATOR, customer)

    left = session.connection().execute(select(a.number, a.text).order_by(a.id)).all()
    assert left == [(9, None), (None, None)]


@given(st.text(max_size=90) | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_token_opens_anything_that_was_not_made_here(token: str) -> None:
    assert links.read(SECRET, token) is None


@given(st.uuids(), st.sampled_from(links.Opens), st.integers(0, 43))
def test_a_token_opens_what_it_was_made_for_and_not_one_letter_otherwise(
    uid: UUID, opens: links.Opens, at: int
) -> None:
    token = links.written(SECRET, opens, uid)
    other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]

    found = links.read(SECRET, token)

    assert found is not None
    assert (found.opens, found.uid) == (opens, uid)
    assert links.read(SECRET, other) is None
    assert links.read(b"another secret", token) is None
