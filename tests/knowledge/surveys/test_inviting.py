from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, surveys
from knowledge.contacts import Contact
from knowledge.database import table_of
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.privacy import consents, erasing
from knowledge.surveys import inviting, reading, writing
from knowledge.surveys.response import Invitation
from knowledge.words import (
    Anonymity,
    ConsentPurpose,
    CustomerRelation,
    InvitationKind,
    Role,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
)
from tests.factories import (
    a_customer,
    a_link,
    a_response,
    a_survey,
    a_touchpoint,
    a_viewer,
    a_wave,
    agreed,
    an_interaction,
)

ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])
i = table_of(Invitation).c


def asked(session: Session, wave: surveys.WaveRow) -> list[int | None]:
    wanted = select(i.customer_id).where(i.wave_id == wave.id).order_by(i.customer_id)
    return list(session.connection().execute(wanted).scalars())


def test_nobody_is_asked_who_has_not_agreed_or_hears_from_us_too_often(session: Session) -> None:
    willing, silent, tired, gone = (a_customer(session) for _ in range(4))
    inside = a_customer(session, relation=CustomerRelation.INTERNAL)
    agreed(session, willing, tired, gone)
    consents.say(session, OPERATOR, gone, ConsentPurpose.SURVEY, False)
    for _ in range(3):
        surveys.invite(
            session, OPERATOR, a_wave(session, a_survey(session), kind=InvitationKind.EVENT).uid, customers=[tired]
        )
    wave = a_wave(session, a_survey(session))

    counted = inviting.counted(reading.named(session, OPERATOR, reading.survey_of(wave).uid), Contact())
    done = surveys.invite(session, OPERATOR, wave.uid)

    assert asked(session, wave) == [willing.id]
    assert (done.reach.withheld, done.reach.often) == ((silent.id, gone.id), (tired.id,))
    assert counted == {"able": 1, "withheld": 2, "often": 1}
    assert inside.id not in (*done.reach.able, *done.reach.withheld)
    assert surveys.invite(session, OPERATOR, wave.uid).count == 0


def test_a_lot_is_drawn_again_by_its_seed_and_leaves_out_whom_it_should(session: Session) -> None:
    customers = [a_customer(session) for _ in range(12)]
    agreed(session, *customers)
    first, again, other = (a_wave(session, a_survey(session), kind=InvitationKind.RANDOM, seed=n) for n in (7, 7, 8))
    patient = Contact(most=9)

    for wave in (first, again, other):
        surveys.invite(session, OPERATOR, wave.uid, size=4, without=[customers[0].id], contact=patient)

    assert asked(session, first) == asked(session, again) != asked(session, other)
    assert len(asked(session, first)) == 4
    assert customers[0].id not in {*asked(session, first), *asked(session, other)}


def test_who_met_us_where_the_survey_asks_is_asked_by_themselves(session: Session) -> None:
    met, elsewhere, reluctant = (a_customer(session) for _ in range(3))
    agreed(session, met, elsewhere)
    visit = a_touchpoint(session)
    wave = a_wave(session, a_survey(session, touchpoint=visit), kind=InvitationKind.EVENT)
    for customer, where in ((met, visit), (elsewhere, a_touchpoint(session)), (reluctant, visit)):
        an_interaction(session, OPERATOR, customer, at=where)

    assert inviting.after_meetings(session, Contact()) == 1
    assert inviting.after_meetings(session, Contact()) == 0
    assert asked(session, wave) == [met.id]


@ON_SQLITE
def test_colleagues_are_asked_as_persons(session: Session) -> None:
    ines, _customer = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    wave = a_wave(session, a_survey(session, audience=SurveyAudience.INTERNAL))

    surveys.invite(session, OPERATOR, wave.uid)

    whom = session.connection().execute(select(i.person_id, i.customer_id).where(i.wave_id == wave.id)).all()
    assert whom == [(ines.id, None)]


@ON_SQLITE
def test_leaders_define_surveys_and_everyone_may_ask_whether_others_feel_the_same(session: Session) -> None:
    ines, margit = a_viewer(session), a_viewer(session, role=Role.LEADER)
    said: writing.Said = {"title": "?", "questions": [{"metric": SurveyMetric.BOOL, "text": "You too?"}]}

    with pytest.raises(NotAllowed):
        surveys.create(session, ines, said)
    with pytest.raises(NotAllowed):
        surveys.create(session, Viewer(id=1, role=Role.LEADER, scopes=frozenset({Act.FEEDBACK_WRITE})), said)

    assert surveys.create(session, margit, said)
    assert surveys.create(session, ines, {**said, "purpose": SurveyPurpose.VERIFICATION})


@ON_SQLITE
def test_what_is_asked_stays_once_it_is_open(session: Session) -> None:
    survey = a_survey(session)
    asked: list[surveys.Asked] = [{"metric": SurveyMetric.BOOL, "text": "Yes?"}]

    with pytest.raises(Invalid) as refused:
        surveys.update(session, OPERATOR, survey.uid, {"questions": asked, "minimum_n": 3})
    renamed = surveys.update(session, OPERATOR, survey.uid, {"title": "Called otherwise"})

    assert {problem.field for problem in refused.value.problems} == {"questions", "minimumN"}
    assert (renamed.title, len(surveys.questions_of(renamed))) == ("Called otherwise", 1)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"title": " ", "questions": []}, ["title", "questions"]),
        ({"title": "T", "minimum_n": 2}, ["minimumN"]),
        ({"title": "T", "purpose": SurveyPurpose.PULSE, "anonymity": Anonymity.IDENTIFIED}, ["anonymity"]),
        ({"title": "T", "purpose": SurveyPurpose.PULSE, "minimum_n": 4}, ["minimumN"]),
        ({"title": "T", "population": 0}, ["population"]),
        (
            {"title": "T" * 121, "questions": [{"metric": SurveyMetric.SINGLE, "text": "?", "options": ["a", "A"]}]},
            ["title", "questions[0].options"],
        ),
        (
            {"title": "T", "questions": [{"metric": SurveyMetric.TEXT, "text": "", "options": ["a"]}]},
            ["questions[0].text", "questions[0].options"],
        ),
    ],
)
@ON_SQLITE
def test_all_that_is_wrong_with_a_survey_is_said_at_once(
    session: Session, said: dict[str, Any], fields: list[str]
) -> None:
    whole = {"questions": [{"metric": SurveyMetric.BOOL, "text": "Yes?"}], **said}

    with pytest.raises(Invalid) as refused:
        surveys.create(session, OPERATOR, whole)  # type: ignore[arg-type]

    assert [problem.field for problem in refused.value.problems] == fields


@ON_SQLITE
def test_nobody_stays_unnamed_who_is_asked_one_by_one(session: Session) -> None:
    survey = a_survey(session, anonymity=Anonymity.ANONYMOUS)

    with pytest.raises(Invalid, match="one by one"):
        a_wave(session, survey, kind=InvitationKind.EVENT)


@ON_SQLITE
def test_who_was_erased_or_is_too_late_opens_nothing(session: Session) -> None:
    customer, other = a_customer(session), a_customer(session)
    agreed(session, customer, other)
    wave = a_wave(session, a_survey(session), closes_at=clock.now() + timedelta(days=1))
    surveys.invite(session, OPERATOR, wave.uid)
    tokens = [a_link(session, wave, customer=each) for each in (customer, other)]

    erasing.erase(session, OPERATOR, customer)

    with pytest.raises(NotFound):
        a_response(session, tokens[0], 9)
    with clock.held(clock.now() + timedelta(days=2)), pytest.raises(Invalid, match="over"):
        a_response(session, tokens[1], 9)
