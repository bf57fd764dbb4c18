from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import clock, customers, entries, evidence, feedback
from knowledge.database import Page
from knowledge.entries import publishing
from knowledge.errors import Invalid, NotAllowed, Refusal
from knowledge.words import Audience, Channel, FeedbackStatus, Kind, Role, Stage, Stance
from tests.factories import a_customer, a_draft, a_viewer, an_entry, some_feedback


def test_words_and_channel_are_enough(session: Session) -> None:
    item = feedback.record(session, a_viewer(session), {"verbatim": " It leaks. ", "channel": Channel.PHONE})

    assert (item.verbatim, item.status, item.customer_id) == ("It leaks.", FeedbackStatus.NEW, None)


def test_f2_anonymous_feedback_keeps_neither_customer_nor_reporter(session: Session) -> None:
    item = some_feedback(session, a_viewer(session), anonymous=True)

    assert (item.customer_id, item.reporter_id) == (None, None)


def test_anonymous_feedback_that_names_a_customer_is_refused(session: Session) -> None:
    with pytest.raises(Refusal) as caught:
        some_feedback(session, a_viewer(session), customer=a_customer(session), anonymous=True)

    assert [problem.field for problem in caught.value.problems] == ["customer"]


def test_everything_wrong_is_said_at_once(session: Session) -> None:
    with pytest.raises(Refusal) as caught:
        some_feedback(
            session,
            a_viewer(session),
            verbatim=" ",
            occurred_at=clock.now() + timedelta(days=3),
            source="crm",
            customer_name="Nobody at all",
        )

    assert [problem.field for problem in caught.value.problems] == [
        "verbatim",
        "occurredAt",
        "externalId",
        "customerName",
    ]


def test_name_that_fits_exactly_one_customer_is_that_customer(session: Session) -> None:
    pot, _ = a_customer(session, name="The Copper Pot"), a_customer(session, name="The Copper Pot Too")

    exact = some_feedback(session, a_viewer(session), customer_name="the copper pot")

    assert exact.customer_id == pot.id
    with pytest.raises(Refusal) as caught:
        some_feedback(session, a_viewer(session), customer_name="Copper")
    assert "The Copper Pot, The Copper Pot Too" in caught.value.problems[0].message


def test_customer_reads_their_own_feedback_and_nobody_elses(session: Session) -> None:
    mine, other = a_customer(session), a_customer(session)
    ines, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=mine)
    own = some_feedback(session, ines, customer=mine)
    some_feedback(session, ines, customer=other)

    assert [row.id for row in feedback.listing(session, rosa, Page()).rows] == [own.id]
    assert [row.id for row in customers.listing(session, rosa, Page()).rows] == [mine.id]


def test_import_key_is_taken_once(session: Session) -> None:
    ines = a_viewer(session)
    some_feedback(session, ines, source="crm", external_id="7")

    with pytest.raises(Refusal):
        some_feedback(session, ines, source="crm", external_id="7")


def test_filters_narrow_by_kind_channel_rung_and_words(session: Session) -> None:
    ines = a_viewer(session)
    some_feedback(session, ines, verbatim="100 % better", customer=a_customer(session, stage=Stage.CLIENT))
    some_feedback(session, ines, verbatim="100 times worse", channel=Channel.EMAIL)

    def found(wanted: feedback.Filter) -> list[str]:
        return [row.verbatim for row in feedback.listing(session, ines, Page(), filter=wanted).rows]

    assert found(feedback.Filter(stages=(Stage.CLIENT,))) == ["100 % better"]
    assert found(feedback.Filter(channels=(Channel.EMAIL,))) == ["100 times worse"]
    assert found(feedback.Filter(words="100 %")) == ["100 % better"]


def test_evidence_counts_distinct_customers_however_often_they_spoke(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    loud, quiet = a_customer(session), a_customer(session)
    for customer in (loud, loud, loud, quiet):
        evidence.attach(session, ines, entry, some_feedback(session, ines, customer=customer), Stance.SUPPORTS)

    fresh = entries.by_uid(session, ines, entry.uid)

    assert fresh is not None
    assert evidence.tally_of(fresh, ines).voices() == evidence.Voices(items=4, customers=2)


def test_n2_quote_is_what_the_customer_said_word_for_word(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    item = some_feedback(session, ines, verbatim="Größe egal 🦓, but it leaks again.")

    piece = evidence.attach(session, ines, entry, item, Stance.CONTRADICTS, quote=" it leaks again ")

    assert (piece.quote, piece.stance) == ("it leaks again", Stance.CONTRADICTS)
    with pytest.raises(Invalid):
        evidence.attach(session, ines, entry, item, Stance.SUPPORTS, quote="it never leaks")


def test_attaching_the_same_words_again_changes_the_stance(session: Session) -> None:
    ines = a_viewer(session)
    entry, item = an_entry(session, ines), some_feedback(session, ines)
    first = evidence.attach(session, ines, entry, item, Stance.SUPPORTS)

    second = evidence.attach(session, ines, entry, item, Stance.CONTEXT)

    assert (second.id, second.stance) == (first.id, Stance.CONTEXT)


def test_published_insight_keeps_its_last_evidence(session: Session) -> None:
    ines = a_viewer(session)
    draft = a_draft(session, ines, kind=Kind.INSIGHT)
    piece = evidence.attach(session, ines, draft, some_feedback(session, ines), Stance.SUPPORTS)
    publishing.publish(session, ines, draft.uid)

    with pytest.raises(Invalid):
        evidence.detach(session, ines, piece.uid)


def test_colleague_takes_off_their_own_evidence_only(session: Session) -> None:
    author, jonas, other = a_viewer(session), a_viewer(session), a_viewer(session)
    entry = an_entry(session, author)
    piece = evidence.attach(session, jonas, entry, some_feedback(session, jonas), Stance.SUPPORTS)

    with pytest.raises(NotAllowed):
        evidence.detach(session, other, piece.uid)

    assert evidence.detach(session, jonas, piece.uid).uid == entry.uid


def test_customer_sees_no_quotes_of_others(session: Session) -> None:
    ines, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
    entry = an_entry(session, ines, audience=Audience.CUSTOMERS)
    evidence.attach(session, ines, entry, some_feedback(session, ines), Stance.SUPPORTS)

    seen = entries.by_uid(session, rosa, entry.uid)

    assert seen is not None
    assert evidence.of_entry(seen, rosa) == []


def test_f2_evidence_from_anonymous_feedback_names_nobody(session: Session) -> None:
    ines = a_viewer(session)
    entry, item = an_entry(session, ines), some_feedback(session, ines, anonymous=True)

    piece = evidence.attach(session, ines, entry, item, Stance.SUPPORTS)

    assert piece.author_id is None


@pytest.mark.parametrize("field", ["source", "external_id"])
def test_key_longer_than_its_column_is_refused(session: Session, field: str) -> None:
    key: dict[str, Any] = {"source": "crm", "external_id": "7", field: "x" * 121}

    with pytest.raises(Refusal):
        some_feedback(session, a_viewer(session), **key)
    with pytest.raises(Refusal):
        a_customer(session, **key)
