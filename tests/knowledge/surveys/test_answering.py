from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, surveys
from knowledge.database import table_of
from knowledge.errors import Conflict, Invalid
from knowledge.feedback.items import Feedback
from knowledge.people import OPERATOR
from knowledge.surveys.response import SurveyAnswer, SurveyResponse
from knowledge.words import Anonymity, Channel, InvitationKind, SurveyMetric
from tests.factories import a_customer, a_link, a_response, a_survey, a_wave, agreed

SCORE: surveys.Asked = {"metric": SurveyMetric.RECOMMENDATION_0_10, "text": "Would you recommend us?"}
WHY: surveys.Asked = {"metric": SurveyMetric.TEXT, "text": "Why?"}
r, a, f = table_of(SurveyResponse).c, table_of(SurveyAnswer).c, table_of(Feedback).c


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


def test_what_does_not_fit_is_refused_with_its_place_named(session: Session) -> None:
    wave = a_wave(session, a_survey(session, SCORE, WHY), kind=InvitationKind.SELF)
    token = a_link(session, wave)

    with pytest.raises(Invalid) as refused:
        a_response(session, token, 11, 3)

    assert [problem.field for problem in refused.value.problems] == ["answers[0].number", "answers[1].number"]
