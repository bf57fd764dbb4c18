from datetime import timedelta

import pytest
from sqlmodel import Session

from knowledge import clock
from knowledge.errors import Invalid, NotAllowed
from knowledge.people import OPERATOR
from knowledge.privacy import consents
from knowledge.privacy.consents import Consent
from knowledge.words import ConsentPurpose, Role
from tests.factories import a_customer, a_viewer

CONTACT, SURVEY = ConsentPurpose.CONTACT, ConsentPurpose.SURVEY


def test_g1_no_is_said_in_the_same_way_as_yes_by_the_customer_or_a_colleague(session: Session) -> None:
    moller, grand = a_customer(session, name="Café Møller"), a_customer(session)
    themselves, ann = a_viewer(session, role=Role.CUSTOMER, customer=moller), a_viewer(session)

    consents.say(session, themselves, moller, CONTACT, True)
    consents.say(session, ann, grand, CONTACT, True, note="On the phone.")
    consents.say(session, ann, grand, SURVEY, True)
    both = consents.given(session, [moller.id, grand.id], CONTACT)
    consents.say(session, themselves, moller, CONTACT, False)
    consents.say(session, ann, grand, SURVEY, False)

    assert both == {moller.id, grand.id}
    assert consents.given(session, [moller.id, grand.id], CONTACT) == {grand.id}
    assert consents.given(session, [moller.id, grand.id], SURVEY) == set()
    assert consents.given(session, [], CONTACT) == set()
    said = [(line.given, line.recorded_by_id) for line in consents.ledger_of(moller, ann)]
    assert said == [(False, themselves.id), (True, themselves.id)]
    assert [line.note for line in consents.of_customer(grand, ann)] == ["On the phone.", None]


def test_nothing_is_written_twice_and_nobody_speaks_for_another_customer(session: Session) -> None:
    moller, grand = a_customer(session), a_customer(session)
    themselves = a_viewer(session, role=Role.CUSTOMER, customer=moller)

    first = consents.say(session, themselves, moller, CONTACT, True)
    again = consents.say(session, themselves, moller, CONTACT, True)

    assert again.id == first.id
    with pytest.raises(NotAllowed):
        consents.say(session, themselves, grand, CONTACT, False)
    with pytest.raises(Invalid):
        consents.say(session, OPERATOR, moller, CONTACT, False, note="x" * 301)
    assert consents.ledger_of(grand, themselves) == []


def test_a_yes_of_long_ago_that_an_import_brings_does_not_undo_a_no(session: Session) -> None:
    moller = a_customer(session)
    consents.say(session, OPERATOR, moller, CONTACT, False)
    brought = Consent(customer_id=moller.id, purpose=CONTACT, given=True, at=clock.now() - timedelta(days=30))

    session.add(brought)
    session.flush()

    assert consents.given(session, [moller.id], CONTACT) == set()
    assert [line.given for line in consents.of_customer(moller, OPERATOR)] == [False]
    assert [line.given for line in consents.ledger_of(moller, OPERATOR)] == [False, True]
